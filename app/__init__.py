"""Xianjie: criminal cases handed from agency to agency. Start reading at main.py."""
