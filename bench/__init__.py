"""Figures that issues ask for, each a ratio measured in one run: `python -m bench`."""
