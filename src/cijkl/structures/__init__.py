"""Crystals in: reading files, checking what was read, symmetry, cells and molecules."""

from cijkl.structures.cells import conventional, primitive, symmetrise
from cijkl.structures.checking import check
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.given import given
from cijkl.structures.layers import Layer, layer
from cijkl.structures.molecules import components, dimensionality, is_molecular, molecules
from cijkl.structures.properties import density, formula, reduced_formula
from cijkl.structures.reading import read
from cijkl.structures.spacegroup import Symmetry, symmetry

__all__ = [
    "Crystal",
    "Layer",
    "Symmetry",
    "Unreadable",
    "check",
    "components",
    "conventional",
    "density",
    "dimensionality",
    "formula",
    "given",
    "is_molecular",
    "layer",
    "molecules",
    "primitive",
    "read",
    "reduced_formula",
    "symmetrise",
    "symmetry",
]
