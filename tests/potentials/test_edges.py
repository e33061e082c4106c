from __future__ import annotations

import itertools

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.potentials.edges import Edges, join, neighbours


def _brute_force(atoms: Atoms, cutoff: float, images: int) -> np.ndarray:
    """Rows (i, j, x, y, z), sorted, from all pairs in a block of cells."""
    rows = []
    for shift in itertools.product(range(-images, images + 1), repeat=3):
        offset = np.asarray(shift) @ np.asarray(atoms.cell)
        for i, j in itertools.product(range(len(atoms)), repeat=2):
            vector = atoms.positions[j] - atoms.positions[i] + offset
            if 1e-9 < np.linalg.norm(vector) < cutoff:
                rows.append([i, j, *vector])
    # a wide cell may have no neighbours at all
    return _sorted(np.array(rows).reshape(-1, 5))


def _sorted(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort(np.round(rows, 6).T[::-1])]


def _rows(edges: Edges) -> np.ndarray:
    return _sorted(np.column_stack([edges.first, edges.second, edges.vectors]))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 4))
def test_neighbours_against_brute_force(seed, count):
    generator = np.random.default_rng(seed)
    cell = 3.0 * np.eye(3) + 0.8 * generator.uniform(-1, 1, (3, 3))
    # Positions outside of the cell are as good as those inside.
    positions = generator.uniform(-1.5, 2.5, (count, 3)) @ cell
    atoms = Atoms("H" * count, positions=positions, cell=cell, pbc=True)
    edges = neighbours(atoms, 3.5)
    np.testing.assert_allclose(_rows(edges), _brute_force(atoms, 3.5, 7), atol=1e-9)


def test_second_half_mirrors_the_first(crystals):
    for atoms in crystals.values():
        edges = neighbours(atoms, 5.0)
        half = len(edges) // 2
        np.testing.assert_array_equal(edges.first[:half], edges.second[half:])
        np.testing.assert_array_equal(edges.second[:half], edges.first[half:])
        np.testing.assert_array_equal(edges.vectors[:half], -edges.vectors[half:])


def _harmonic(edges: Edges, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Atomic energies and gradient of sum (|r| - length)^2 / 2 over edges shorter than length."""
    distances = np.linalg.norm(edges.vectors, axis=1)
    energies = np.bincount(edges.first, (distances - length) ** 2 / 2, len(edges.numbers))
    return energies, ((distances - length) / distances)[:, None] * edges.vectors


class _Springs:
    def evaluate(self, structures):
        edges = join([neighbours(atoms, 4.0) for atoms in structures])
        return edges.evaluations(*_harmonic(edges, 4.0))


def test_forces_and_stress_are_gradients(crystals, check_gradients):
    for atoms in crystals.values():
        check_gradients(_Springs(), atoms, step=1e-4, rtol=1e-6)


def test_joined_crystals_do_not_see_each_other(crystals):
    structures = list(crystals.values())
    together = _Springs().evaluate(structures)
    for atoms, result in zip(structures, together, strict=True):
        (alone,) = _Springs().evaluate([atoms])
        assert result.energy == pytest.approx(alone.energy, rel=1e-12)
        np.testing.assert_allclose(result.forces, alone.forces, atol=1e-12)
        np.testing.assert_allclose(result.stress, alone.stress, atol=1e-12)


def test_stress_of_compressed_springs_is_negative():
    # Nearest neighbours of fcc at 4.0/1.1: twelve springs, each r^2 f / V in the trace.
    atoms = bulk("Ar", "fcc", a=np.sqrt(2) * 4.0 / 1.1)
    edges = neighbours(atoms, 4.0)
    (result,) = edges.evaluations(*_harmonic(edges, 4.0))
    distance = 4.0 / 1.1
    pressure = -12 * distance * (distance - 4.0) / (3 * atoms.get_volume())
    np.testing.assert_allclose(result.stress, -pressure * np.eye(3), atol=1e-12)
    assert pressure > 0


def test_lonely_atom_has_no_edges():
    atoms = Atoms("Ar", cell=9 * np.eye(3), pbc=True)
    edges = neighbours(atoms, 5.0)
    assert len(edges) == 0
    (result,) = edges.evaluations(np.array([0.5]), np.zeros((0, 3)))
    assert result.energy == 0.5
    assert result.forces.shape == (1, 3)
    assert result.forces.dtype == result.stress.dtype == np.float64
