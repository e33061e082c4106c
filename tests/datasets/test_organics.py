"""Classes of crystals."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.io import read
from ase.spacegroup import crystal

from cijkl.datasets.organics import KINDS, chemical_kind

EXAMPLES = Path(__file__).parents[2] / "examples"


def in_a_box(atoms: Atoms) -> Atoms:
    atoms.set_cell([12, 12, 12])
    atoms.pbc = True
    atoms.center()
    return atoms


def ligand_and_metal() -> Atoms:
    atoms = molecule("CH3OH")
    atoms += Atoms("Zn", positions=[atoms.positions[1] + [0.0, 1.95, 0.0]])
    return in_a_box(atoms)


def calcite_with_hydrogen() -> Atoms:
    """Carbonate and hydroxide: carbon with three oxygens, hydrogen with one."""
    atoms = crystal(
        ("Ca", "C", "O"),
        basis=[(0, 0, 0), (0, 0, 0.25), (0.257, 0, 0.25)],
        spacegroup=167,
        cellpar=[4.99, 4.99, 17.06, 90, 90, 120],
    )
    oxygen = atoms.positions[atoms.numbers == 8][0]
    return atoms + Atoms("H", positions=[oxygen + [0.0, 0.0, 0.97]])


@pytest.mark.parametrize(
    ("atoms", "kind"),
    [
        (read(EXAMPLES / "urea.cif"), "organic"),
        (in_a_box(molecule("C6H6")), "organic"),
        (in_a_box(molecule("HCN")), "organic"),
        (ligand_and_metal(), "complex"),
        (in_a_box(molecule("CO2")), "inorganic"),
        (calcite_with_hydrogen(), "inorganic"),
        (in_a_box(molecule("H2O")), "inorganic"),
        (bulk("C", "diamond", a=3.57), "inorganic"),
        (bulk("NaCl", "rocksalt", a=5.64), "inorganic"),
    ],
)
def test_kinds(atoms, kind):
    assert kind in KINDS
    assert chemical_kind(atoms) == kind


def test_the_cell_does_not_matter():
    atoms = read(EXAMPLES / "urea.cif")
    atoms.positions += [0.3, 1.7, -2.1]
    atoms.wrap()
    assert chemical_kind(atoms * (1, 2, 1)) == "organic"
