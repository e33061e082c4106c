"""Crystals in: reading files, checking what was read, symmetry, cells and molecules."""

from cijkl.structures.cell_change import CellChange, compare_cells
from cijkl.structures.cells import conventional, primitive, symmetrise
from cijkl.structures.checking import check
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.given import given
from cijkl.structures.hydrogen_bonds import HydrogenBond, hydrogen_bonds
from cijkl.structures.hydrogens import add_hydrogens
from cijkl.structures.layers import Layer, layer
from cijkl.structures.molecules import components, dimensionality, is_molecular, molecules
from cijkl.structures.packing import PackingSimilarity, packing_similarity
from cijkl.structures.properties import density, formula, reduced_formula
from cijkl.structures.reading import read
from cijkl.structures.spacegroup import Symmetry, symmetry
from cijkl.structures.stacking import Stack, stacks

__all__ = [
    "CellChange",
    "Crystal",
    "HydrogenBond",
    "Layer",
    "PackingSimilarity",
    "Stack",
    "Symmetry",
    "Unreadable",
    "add_hydrogens",
    "check",
    "compare_cells",
    "components",
    "conventional",
    "density",
    "dimensionality",
    "formula",
    "given",
    "hydrogen_bonds",
    "is_molecular",
    "layer",
    "molecules",
    "packing_similarity",
    "primitive",
    "read",
    "reduced_formula",
    "stacks",
    "symmetrise",
    "symmetry",
]
