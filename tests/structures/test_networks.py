"""Chains, sheets and frameworks of contacts, and the directions they run in."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.structures.networks import networks

CELL = np.array([[5.0, 0, 0], [0.5, 6.0, 0], [0.2, -0.4, 9.0]])


def test_a_dimer_is_finite() -> None:
    (found,) = networks(3, [(0, 1, (0, 0, 1))], CELL)
    assert (found.molecules, found.dimension, found.directions) == ((0, 1), 0, ())


def test_chains_run_along_their_period() -> None:
    (found,) = networks(1, [(0, 0, (0, 2, -2))], CELL)
    assert (found.dimension, found.directions, found.plane) == (1, ((0, 1, -1),), None)
    # two molecules that only together have a period, through a face of the cell
    (found,) = networks(2, [(0, 1, (0, 0, 0)), (1, 0, (1, 0, 0))], CELL)
    assert (found.dimension, found.directions) == (1, ((1, 0, 0),))
    # the same contacts seen from the other end add nothing
    both = [(0, 1, (0, 0, 0)), (1, 0, (0, 0, 0)), (1, 0, (1, 0, 0)), (0, 1, (-1, 0, 0))]
    assert networks(2, both, CELL) == (found,)


def test_sheets_have_a_plane_and_its_shortest_vectors() -> None:
    (found,) = networks(1, [(0, 0, (1, 0, 0)), (0, 0, (1, 1, 0))], CELL)
    assert (found.dimension, found.plane) == (2, (0, 0, 1))
    assert set(found.directions) == {(1, 0, 0), (0, 1, 0)}
    (found,) = networks(1, [(0, 0, (1, 0, 1)), (0, 0, (0, 1, 0))], CELL)
    assert found.plane == (1, 0, -1)
    assert set(found.directions) == {(0, 1, 0), (1, 0, 1)}


def test_separate_networks_are_separate() -> None:
    found = networks(3, [(0, 0, (1, 0, 0)), (1, 2, (0, 0, 0))], CELL)
    assert [(n.molecules, n.dimension) for n in found] == [((0,), 1), ((1, 2), 0)]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_dimension_does_not_depend_on_the_cell(seed: int) -> None:
    """Another unit cell of the lattice, and other images of the molecules in it."""
    rng = np.random.default_rng(seed)
    count, many = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    contacts = [
        (int(rng.integers(count)), int(rng.integers(count)), rng.integers(-1, 2, 3))
        for _ in range(many)
    ]
    contacts = [(i, j, s) for i, j, s in contacts if i != j or s.any()]
    basis = np.eye(3, dtype=int)
    for _ in range(4):
        i, j = rng.choice(3, 2, replace=False)
        basis[i] += int(rng.integers(-1, 2)) * basis[j]
    moves = rng.integers(-2, 3, (count, 3))
    back = np.rint(np.linalg.inv(basis)).astype(int)
    moved = [(i, j, (s + moves[j] - moves[i]) @ back) for i, j, s in contacts]
    as_tuples = [[(i, j, tuple(map(int, s))) for i, j, s in c] for c in (contacts, moved)]
    first, second = networks(count, as_tuples[0], CELL), networks(count, as_tuples[1], basis @ CELL)
    assert [(n.molecules, n.dimension) for n in first] == [
        (n.molecules, n.dimension) for n in second
    ]
    for one, other in zip(first, second, strict=True):
        if one.dimension == 1:
            ends = np.cross(one.directions[0], np.array(other.directions[0]) @ basis)
            assert not ends.any()
        if one.dimension == 2:
            assert not np.any(np.array(other.directions) @ basis @ np.array(one.plane))
