"""Rules and values in plain Python: no input or output, no clock."""
