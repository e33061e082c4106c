"""Crystals in: reading files, checking what was read, symmetry, cells and molecules."""

from cijkl.structures.cells import conventional, primitive, symmetrise
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.properties import density, formula, reduced_formula
from cijkl.structures.reading import read
from cijkl.structures.symmetry import Symmetry, symmetry

__all__ = [
    "Crystal",
    "Symmetry",
    "Unreadable",
    "conventional",
    "density",
    "formula",
    "primitive",
    "read",
    "reduced_formula",
    "symmetrise",
    "symmetry",
]
