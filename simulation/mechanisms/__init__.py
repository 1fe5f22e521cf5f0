"""How disputes come about: one mechanism a file. A new one is a file with a function of the same shape, and a line in catalog.py."""
