"""Labelled crystals: reading them, and splitting them for honest tests.

An `Example` is a crystal with its moduli (GPa) or its stiffness, or both. `load_dataset` reads the
files of a user.
"""

from cijkl.datasets.example import MODULI, Example, known_moduli
from cijkl.datasets.files import load_dataset

__all__ = ["MODULI", "Example", "known_moduli", "load_dataset"]
