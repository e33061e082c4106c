"""Flat rings and their stacks."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.spacegroup import crystal

from cijkl.structures import components
from cijkl.structures.networks import networks
from cijkl.structures.stacking import rings, stacks


def triazine() -> Atoms:
    """s-Triazine, R-3c: Coppens, Science 158, 1577 (1967), cell; molecule as electrons find it.

    Columns along c in which rings follow each other at c/2 = 3.64 A, one upon the other.
    """
    a, c = 9.647, 7.281
    sites = [(1.286 / a, 0, 0.25), (-1.380 / a, 0, 0.25), (2.37 / a, 0, 0.25)]
    return crystal("CNH", sites, spacegroup=167, cellpar=[a, a, c, 90, 90, 120])


def test_columns_of_triazine() -> None:
    atoms = triazine()
    assert len(rings(atoms)) == len(components(atoms)) == 6
    found = stacks(atoms)
    assert len(found) == 6
    for stack in found:
        assert stack.distance == pytest.approx(7.281 / 2, abs=1e-6)
        assert stack.separation == pytest.approx(stack.distance)
        assert stack.offset == pytest.approx(0.0, abs=1e-4)
        assert stack.angle == pytest.approx(0.0, abs=1e-4)
        assert abs(stack.direction[2]) == pytest.approx(1.0)
    columns = networks(6, [s.contact for s in found], atoms.cell.array)
    assert [c.dimension for c in columns] == [1, 1, 1]
    assert {c.directions for c in columns} == {((0, 0, 1),)}


def test_benzene_has_rings_but_no_stacks(crystals) -> None:
    """Its molecules stand edge to face."""
    atoms = crystals.benzene()
    found = rings(atoms)
    assert len(found) == 4
    assert all(len(ring.atoms) == 6 for ring in found)
    assert {tuple(sorted(atoms.symbols[list(ring.atoms)])) for ring in found} == {("C",) * 6}
    assert stacks(atoms) == ()


def column(shift: float, height: float, tilt: float = 0.0) -> Atoms:
    """Two benzene molecules, the second higher, beside the first and tilted about x."""
    first = molecule("C6H6")
    second = first.copy()
    second.rotate(tilt, "x")
    second.positions += [shift, 0, height]
    both = first + second
    both.set_cell([16, 16, 16])
    both.pbc = True
    return both


@pytest.mark.parametrize(
    ("shift", "height", "tilt", "count"),
    [
        (0.0, 3.5, 0, 1),
        (1.6, 3.4, 0, 1),
        (2.1, 3.8, 0, 1),
        (2.4, 3.4, 0, 0),
        (0.0, 4.1, 0, 0),
        (1.0, 3.5, 15, 1),
        (1.0, 3.6, 25, 0),
        (0.0, 5.0, 90, 0),
    ],
)
def test_criteria(shift: float, height: float, tilt: float, count: int) -> None:
    found = stacks(column(shift, height, tilt))
    assert len(found) == count
    if count and not tilt:
        assert found[0].offset == pytest.approx(shift, abs=1e-6)
        assert found[0].separation == pytest.approx(height, abs=1e-6)
        assert found[0].distance == pytest.approx(np.hypot(shift, height))
    if count:
        assert found[0].angle == pytest.approx(tilt, abs=1e-4)


def test_neither_cell_nor_order_matters(crystals) -> None:
    atoms = crystals.rearranged(triazine(), 3, crystals.OTHER_CELL)
    found = stacks(atoms.repeat((1, 1, 2)))
    assert len(found) == 12
    assert [s.distance for s in found] == pytest.approx([7.281 / 2] * 12, abs=1e-6)


def test_a_ring_and_its_own_image() -> None:
    """One molecule for each cell, stacked along its short axis: each pair once."""
    atoms = molecule("C6H6")
    atoms.set_cell([9, 9, 3.5])
    atoms.pbc = True
    (found,) = stacks(atoms)
    assert found.contact == (0, 0, (0, 0, 1))
    assert found.distance == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("atoms", "sizes"),
    [
        (molecule("C4H4O"), [5]),
        (molecule("C5H5N"), [6]),
        (molecule("C4H4NH"), [5]),
        (molecule("C3H6_D3h"), []),
        (molecule("bicyclobutane"), []),
        (molecule("C60"), None),
    ],
)
def test_rings_of_molecules(atoms: Atoms, sizes: list[int] | None) -> None:
    atoms.set_cell([16] * 3)
    atoms.pbc = True
    found = sorted(len(ring.atoms) for ring in rings(atoms))
    # a football has 12 pentagons and 20 hexagons
    assert found == (sizes if sizes is not None else [5] * 12 + [6] * 20)


def test_saturated_rings_do_not_count() -> None:
    """A flattened cyclohexane: flat, but with four bonds to each carbon."""
    turns = np.radians(np.arange(0, 360, 60))
    ring = np.column_stack([1.53 * np.cos(turns), 1.53 * np.sin(turns), 0 * turns])
    out = ring * (2.17 / 1.53)
    positions = np.vstack([ring, out + [0, 0, 0.88], out - [0, 0, 0.88]])
    atoms = Atoms("C6H12", positions=positions, cell=[12, 12, 12], pbc=True)
    assert rings(atoms) == ()
    assert rings(bulk("Si")) == ()


def test_fused_rings_are_found_each_once() -> None:
    """Naphthalene as two hexagons that share an edge; the ten around are no ring here."""
    r = 1.40
    angles = np.radians(np.arange(30, 390, 60))
    hexagon = np.column_stack([r * np.cos(angles), r * np.sin(angles), 0 * angles])
    both = np.vstack([hexagon, hexagon + [np.sqrt(3) * r, 0, 0]])
    unique = both[[0, 1, 2, 3, 4, 5, 6, 7, 10, 11]]
    distances = np.linalg.norm(unique[:, None] - unique[None], axis=-1)
    assert (distances[np.triu_indices(10, 1)] > 1.3).all()
    atoms = Atoms("C10", positions=unique, cell=[14, 14, 14], pbc=True)
    assert sorted(len(ring.atoms) for ring in rings(atoms)) == [6, 6]
