"""Molecules, chains, layers and frameworks through periodic bonds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.build import molecule as ase_molecule
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.structures import components, dimensionality, is_molecular, molecules, read
from cijkl.structures.bonds import bonds, closest_pair, pairs_within

EXAMPLES = Path(__file__).parents[2] / "examples"


def graphite() -> Atoms:
    return Atoms(
        "C4",
        cell=[2.464, 2.464, 6.711, 90, 90, 120],
        scaled_positions=[[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
        pbc=True,
    )


def selenium() -> Atoms:
    """Trigonal selenium, helical chains along c."""
    x = 0.2254
    places = [[x, 0, 1 / 3], [0, x, 2 / 3], [1 - x, 1 - x, 0]]
    return Atoms("Se3", cell=[4.366, 4.366, 4.954, 90, 90, 120], scaled_positions=places, pbc=True)


def urea() -> Atoms:
    return next(iter(read(EXAMPLES / "urea.cif"))).atoms  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("atoms", "dimension", "count"),
    [
        (urea(), 0, 2),
        (selenium(), 1, 1),
        (graphite(), 2, 2),
        (bulk("Si"), 3, 1),
        (bulk("Cu").repeat(2), 3, 1),
        (bulk("Ar", "fcc", a=5.26, cubic=True), 0, 4),
    ],
)
def test_dimensions_of_known_crystals(atoms: Atoms, dimension: int, count: int) -> None:
    assert dimensionality(atoms) == dimension
    assert len(components(atoms)) == count


def test_molecular_or_not() -> None:
    assert is_molecular(urea())
    assert not is_molecular(graphite())
    assert not is_molecular(selenium())
    assert not is_molecular(bulk("Ar", "fcc", a=5.26))
    assert not is_molecular(bulk("NaCl", "rocksalt", a=5.64))


def test_molecules_are_whole() -> None:
    reference = ase_molecule("CO2")
    for shift in np.random.default_rng(0).random((20, 3)):
        atoms = reference.copy()
        atoms.set_cell([[4, 1, 0], [0, 5, 1], [-1, 0, 6]])
        atoms.pbc = True
        atoms.positions += shift @ atoms.cell.array
        atoms.wrap()
        (found,) = molecules(atoms)
        np.testing.assert_allclose(
            np.sort(found.get_all_distances(), axis=None),
            np.sort(reference.get_all_distances(), axis=None),
            atol=1e-9,
        )
        assert not found.pbc.any()


def test_urea_molecules() -> None:
    for found in molecules(urea()):
        assert found.get_chemical_formula() == "CH4N2O"
        assert found.get_all_distances().max() < 5


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 6),
    cutoff=st.floats(0.5, 6.0),
    edge=st.floats(2.0, 9.0),
)
def test_pairs_agree_with_a_cell_list(seed: int, count: int, cutoff: float, edge: float) -> None:
    from ase.neighborlist import neighbor_list

    rng = np.random.default_rng(seed)
    cell = edge * (np.eye(3) + 0.35 * rng.uniform(-1, 1, (3, 3)))
    atoms = Atoms(f"C{count}", cell=cell, scaled_positions=rng.random((count, 3)) * 3, pbc=True)
    found = pairs_within(atoms, cutoff)
    i, j, shift, distance = neighbor_list("ijSd", atoms, cutoff)

    def keys(i: object, j: object, shift: object, distance: object) -> list[tuple[float, ...]]:
        rows = np.column_stack([i, j, shift, np.round(distance, 6)])
        return sorted(map(tuple, rows.tolist()))

    assert keys(found.i, found.j, found.offset, found.distance) == keys(i, j, shift, distance)


def test_large_cells_use_the_cell_list_with_the_same_result() -> None:
    atoms = bulk("Si", cubic=True).repeat(5)
    found = bonds(atoms)
    assert len(found.i) == 4 * len(atoms)
    np.testing.assert_allclose(found.distance, 5.43 * np.sqrt(3) / 4, atol=1e-9)


def test_closest_pair_sees_the_image_of_an_atom() -> None:
    atoms = Atoms("Cu", cell=[1.0, 6, 6], pbc=True)
    found = closest_pair(atoms, 0.5)
    assert found is not None
    assert found[:2] == (0, 0)
    assert found[2] == pytest.approx(1.0)
    assert closest_pair(bulk("Cu"), 0.5) is None
