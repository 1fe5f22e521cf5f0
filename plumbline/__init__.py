"""The front door: the command line that puts the floors of the house together."""

__version__ = "0.1.0"
