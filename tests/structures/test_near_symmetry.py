"""The shortcut past a second symmetry search says what the search would say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell

from cijkl.structures import check, near_symmetry, read, symmetry
from cijkl.structures.checking import doubts
from cijkl.structures.near_symmetry import may_gain_operations
from cijkl.structures.symmetry_search import search

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("silicon", "NaCl", "alpha-quartz", "corundum", "rutile", "urea", "FeSi4P4", "wurtzite-ZnO")
LOOSE = 0.1


@pytest.fixture(scope="module")
def crystals() -> dict[str, Atoms]:
    return {name: next(read(EXAMPLES / f"{name}.cif")).atoms for name in NAMES}


def perovskite(c: float = 3.9, shift: float = 0.0) -> Atoms:
    places = [[0, 0, 0], [0.5, 0.5, 0.5 + shift / c], *(0.5 * (1 - np.eye(3))).tolist()]
    return Atoms("SrTiO3", scaled_positions=places, cell=[3.9, 3.9, c], pbc=True)


def one_off(shift: float) -> Atoms:
    atoms = bulk("Cu", cubic=True)
    atoms.positions[0, 0] += shift
    return atoms


@pytest.mark.parametrize("name", NAMES)
def test_no_search_is_needed_for_what_is_clear(name, crystals):
    atoms = crystals[name]
    assert not may_gain_operations(atoms, symmetry(atoms), LOOSE)
    skew = make_supercell(atoms, [[1, 2, 0], [0, 1, -1], [0, 0, 1]])
    assert not may_gain_operations(skew, symmetry(skew), LOOSE)


@pytest.mark.parametrize(
    "atoms",
    [perovskite(c=3.95), perovskite(shift=0.04), one_off(0.04), bulk("Fe", a=2.9).repeat(2)],
    ids=["strained", "polar", "translation", "centred"],
)
def test_what_a_loose_search_gains_is_foreseen(atoms):
    if len(atoms) == 8:
        # every second atom is moved along x
        atoms.positions[::2, 0] += 0.04
    group = symmetry(atoms)
    assert len(search(atoms, LOOSE).rotations) > len(group.rotations)
    assert may_gain_operations(atoms, group, LOOSE)


@pytest.mark.parametrize("amplitude", [1e-5, 2e-4, 2e-3, 0.02, 0.05, 0.15])
@pytest.mark.parametrize("name", NAMES)
def test_doubts_are_the_same_with_and_without_the_group(name, amplitude, crystals):
    atoms = crystals[name].copy()
    rng = np.random.default_rng(int(1e6 * amplitude))
    atoms.positions += amplitude * rng.uniform(-1, 1, atoms.positions.shape)
    assert doubts(atoms, symmetry(atoms)) == check(atoms)
    strained = crystals[name].copy()
    strain = np.eye(3) + amplitude / 5.0 * rng.uniform(-1, 1, (3, 3))
    strained.set_cell(strained.cell.array @ strain, scale_atoms=True)
    assert doubts(strained, symmetry(strained)) == check(strained)


def test_a_crystal_too_large_for_trials_is_searched(monkeypatch):
    atoms = bulk("Si", cubic=True)
    group = symmetry(atoms)
    assert not may_gain_operations(atoms, group, LOOSE)
    # the identity with each translation from one atom to all pairs
    monkeypatch.setattr(near_symmetry, "_AFFORDABLE", 8**3 - 1)
    assert may_gain_operations(atoms, group, LOOSE)


def test_the_deviation_is_what_atoms_and_lattice_are_off():
    atoms = perovskite(c=3.905)
    assert symmetry(atoms).deviation == pytest.approx(0.005 * 2 / 3, rel=1e-2)
    assert symmetry(perovskite()).deviation < 1e-12
    moved = one_off(0.004)
    assert 0.004 <= symmetry(moved).deviation <= 0.009
