"""Real crystals and potentials for the tests of the response."""

from __future__ import annotations

from pathlib import Path

import pytest

from cijkl.potentials import AseCalculator, load
from cijkl.response import Group
from cijkl.structures import primitive, read, symmetrise, symmetry

EXAMPLES = Path(__file__).parents[2] / "examples"


def prepared(name):
    """Primitive cell of an example, exactly symmetric, and its group."""
    atoms = next(read(EXAMPLES / f"{name}.cif")).atoms
    cell = primitive(symmetrise(atoms, symmetry(atoms)))
    found = symmetry(cell)
    return symmetrise(cell, found), Group(found.rotations, found.permutations)


@pytest.fixture(scope="session")
def sevennet():
    return load("sevennet-l3i5")


@pytest.fixture(scope="session")
def emt():
    from ase.calculators.emt import EMT

    return AseCalculator(EMT(), "emt")


@pytest.fixture(scope="session")
def crystal():
    return prepared
