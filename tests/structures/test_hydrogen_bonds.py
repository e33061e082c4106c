"""Hydrogen bonds of crystals whose networks are known."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal

from cijkl.structures import components
from cijkl.structures.hydrogen_bonds import hydrogen_bonds
from cijkl.structures.networks import networks


def ammonia() -> Atoms:
    """Ammonia I, P2_13: Boese et al., J. Phys. Chem. B 101, 5794 (1997), rounded."""
    sites = [(0.2107, 0.2107, 0.2107), (0.3689, 0.2671, 0.1159)]
    return crystal("NH", sites, spacegroup=198, cellpar=[5.130] * 3 + [90] * 3)


def hydrogen_fluoride() -> Atoms:
    """Zigzag chains of hydrogen fluoride along b, F-F 2.49 A at 120 degrees, all one way.

    Atoji and Lipscomb, Acta Cryst. 7, 173 (1954); the period is 2 x 2.49 sin 60 = 4.31 A.
    """
    half, height = 2.49 * np.sin(np.pi / 3), 2.49 * np.cos(np.pi / 3)
    fluorine = np.array([[0, 0, 0], [0, half, height]])
    step = np.array([[0, half, height], [0, half, -height]]) / 2.49
    positions = np.vstack([fluorine, fluorine + 0.95 * step])
    return Atoms("F2H2", positions=positions, cell=[3.42, 2 * half, 5.41], pbc=True)


def network(atoms: Atoms):
    contacts = [b.contact for b in hydrogen_bonds(atoms) if not b.intramolecular]
    return networks(len(components(atoms)), contacts, atoms.cell.array)


def test_urea_has_a_framework_of_eight_bonds(crystals) -> None:
    """Each oxygen takes four; N...O 2.99 along the chains and 2.96 A across (neutrons, 12 K)."""
    found = hydrogen_bonds(crystals.urea())
    assert len(found) == 8
    assert not any(bond.intramolecular for bond in found)
    lengths = sorted({round(bond.donor_distance, 2) for bond in found})
    assert lengths == pytest.approx([2.96, 2.98], abs=0.02)
    assert all(2.0 < bond.distance + 0.05 < 2.15 for bond in found)
    angles = sorted({round(bond.angle) for bond in found})
    assert angles == pytest.approx([148, 167], abs=2)
    (frame,) = network(crystals.urea())
    assert (frame.dimension, frame.molecules) == (3, (0, 1))


def test_ammonia_has_a_framework_of_weak_bonds() -> None:
    """Six neighbours for each molecule, N...N 3.36 to 3.38 A."""
    found = hydrogen_bonds(ammonia())
    assert len(found) == 12
    assert found[0].donor_distance == pytest.approx(3.37, abs=0.03)
    assert [n.dimension for n in network(ammonia())] == [3]


def test_hydrogen_fluoride_has_chains_along_b() -> None:
    found = hydrogen_bonds(hydrogen_fluoride())
    assert [b.donor_distance for b in found] == pytest.approx([2.49, 2.49])
    assert [b.distance for b in found] == pytest.approx([1.54, 1.54])
    assert [b.angle for b in found] == pytest.approx([180.0, 180.0], abs=1e-4)
    (chain,) = network(hydrogen_fluoride())
    assert (chain.dimension, chain.directions) == (1, ((0, 1, 0),))
    directions = np.array([b.direction for b in found])
    np.testing.assert_allclose(directions[:, 1], np.sin(np.pi / 3), atol=1e-9)


@pytest.mark.parametrize("name", ["benzene", "dry_ice"])
def test_molecules_without_donors_have_none(crystals, name: str) -> None:
    assert hydrogen_bonds(getattr(crystals, name)()) == ()
    assert hydrogen_bonds(bulk("Si")) == ()


@pytest.mark.parametrize("repeat", [(1, 1, 1), (2, 1, 1), (1, 2, 2)])
def test_neither_cell_nor_order_matters(crystals, repeat) -> None:
    atoms = crystals.rearranged(crystals.urea(), 11, crystals.OTHER_CELL).repeat(repeat)
    found = hydrogen_bonds(atoms)
    assert len(found) == 8 * int(np.prod(repeat))
    here = sorted(bond.distance for bond in found)[:: int(np.prod(repeat))]
    expected = sorted(bond.distance for bond in hydrogen_bonds(crystals.urea()))
    np.testing.assert_allclose(here, expected, atol=1e-9)
    assert [n.dimension for n in network(atoms)] == [3]


def test_hydrogen_is_moved_out_to_where_neutrons_find_it(crystals) -> None:
    """X-rays see the electrons of the bond: N-H 0.87 in place of 1.01 A."""
    atoms, short = crystals.urea(), crystals.urea()
    for bond in hydrogen_bonds(atoms):
        arm = atoms.get_distance(bond.donor, bond.hydrogen, mic=True, vector=True)
        short.positions[bond.hydrogen] = atoms.positions[bond.hydrogen] - 0.14 * arm
    before, after = hydrogen_bonds(atoms), hydrogen_bonds(short)
    assert len(after) == len(before)
    assert [b.distance for b in after] == pytest.approx([b.distance for b in before], abs=0.02)


def pair(donor: str, acceptor: Atoms, distance: float, angle: float = 180.0) -> Atoms:
    """A donor in a wide cell, with H...A at a distance and D-H...A at an angle."""
    length = {"N": 1.015, "O": 0.993}[donor]
    hydrogens = {"O": [[0, -0.31, -0.93]], "N": [[0.95, 0, -0.35], [-0.47, 0.82, -0.35]]}[donor]
    alpha = np.radians(180.0 - angle)
    where = [0, distance * np.sin(alpha), length + distance * np.cos(alpha)]
    molecule = Atoms(
        donor + "H" * (1 + len(hydrogens)), positions=[[0, 0, 0], [0, 0, length], *hydrogens]
    )
    acceptor = acceptor.copy()
    acceptor.positions += where
    both = molecule + acceptor
    both.set_cell([14, 14, 14])
    both.pbc = True
    return both


def nitrogen(flat: bool) -> Atoms:
    """N(CH3)3 without its hydrogen atoms, at the origin with its free pair down."""
    height = 0.0 if flat else 0.45
    around = np.sqrt(1.47**2 - height**2)
    turns = np.radians([0, 120, 240])
    places = [[around * np.cos(t), around * np.sin(t), height] for t in turns]
    return Atoms("NC3", positions=[[0, 0, 0], *places])


@pytest.mark.parametrize(
    ("atoms", "count"),
    [
        (pair("O", Atoms("O"), 2.50), 1),
        (pair("O", Atoms("O"), 2.54), 0),
        (pair("O", Atoms("O"), 2.00, 125.0), 1),
        (pair("O", Atoms("O"), 2.00, 115.0), 0),
        (pair("O", Atoms("S"), 2.75), 1),
        (pair("N", nitrogen(flat=False), 2.0), 1),
        (pair("N", nitrogen(flat=True), 2.0), 0),
        (pair("O", Atoms("Cl"), 2.6), 1),
        (pair("O", Atoms("ClC", positions=[[0, 0, 0], [0, 0, 1.75]]), 2.6), 0),
        (pair("O", Atoms("C"), 2.0), 0),
    ],
)
def test_criteria(atoms: Atoms, count: int) -> None:
    assert len(hydrogen_bonds(atoms)) == count


def test_bonds_within_a_molecule_join_nothing() -> None:
    """Malonaldehyde, enol form: O-H...O closes a ring of six."""
    atoms = Atoms(
        "OCCCOHHHH",
        positions=[
            [-1.27, -0.90, 0], [-1.23, 0.34, 0], [0.0, 1.10, 0], [1.19, 0.45, 0],
            [1.32, -0.87, 0], [0.41, -1.24, 0], [-2.18, 0.90, 0], [0.0, 2.18, 0], [2.14, 0.98, 0],
        ],
        cell=[12, 12, 8],
        pbc=True,
    )  # fmt: skip
    (bond,) = hydrogen_bonds(atoms)
    assert bond.intramolecular
    assert (atoms.symbols[bond.donor], atoms.symbols[bond.acceptor]) == ("O", "O")
    assert network(atoms) == ()
