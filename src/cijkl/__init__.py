"""cijkl: the elastic tensor of any crystal, and everything that follows from it."""

__version__ = "0.1.0"
