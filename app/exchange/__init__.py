"""How a package reaches the receiving agency."""
