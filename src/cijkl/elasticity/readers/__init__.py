"""Elastic tensors in: one file for each format, and one function that finds which it is."""

from cijkl.elasticity.readers.detect import read_each, read_tensor

__all__ = ["read_each", "read_tensor"]
