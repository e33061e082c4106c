"""Which crystals are the same: other cells of one, and crystals that are nearly so."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.screening.fingerprint import digest, near, profile, same
from cijkl.structures import read, symmetry

EXAMPLES = Path(__file__).parents[2] / "examples"
CRYSTALS = [c.atoms for c in read(EXAMPLES) if hasattr(c, "atoms") and len(c.atoms) <= 60]

#: determinants 1 to 4, some of them skew
CELLS = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[1, 1, 0], [0, 1, 0], [0, 0, 1]],
    [[1, 0, 0], [2, 1, 0], [-1, 1, 1]],
    [[2, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[1, 1, 0], [-1, 1, 0], [0, 0, 1]],
    [[1, 0, 1], [0, 2, 0], [0, 0, 2]],
]


def another_cell(atoms: Atoms, seed: int, digits: int | None = None) -> Atoms:
    """The same crystal in another cell, origin, orientation and order, perhaps its mirror image."""
    from ase.build import make_supercell

    rng = np.random.default_rng(seed)
    result = make_supercell(atoms, CELLS[seed % len(CELLS)])
    result = result[rng.permutation(len(result))]
    result.positions += rng.uniform(-5, 5, 3)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    result.set_cell(result.cell.array @ turn.T, scale_atoms=False)
    result.positions = result.positions @ turn.T
    result.wrap()
    if digits is not None:
        fractional = result.get_scaled_positions().round(digits)
        result.set_cell(result.cell.array.round(digits))
        result.set_scaled_positions(fractional)
    return result


@pytest.mark.parametrize("number", range(len(CRYSTALS)))
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), digits=st.sampled_from([None, 5, 4]))
def test_a_crystal_is_the_same_in_every_cell(number, seed, digits):
    atoms = CRYSTALS[number]
    assert same(profile(atoms), profile(another_cell(atoms, seed, digits)))


def test_crystals_of_different_groups_or_formulas_are_different():
    groups = [symmetry(atoms).number for atoms in CRYSTALS]
    profiles = [profile(atoms) for atoms in CRYSTALS]
    pairs = list(combinations(zip(profiles, groups, strict=True), 2))
    assert len(pairs) > 50
    for (first, one), (second, other) in pairs:
        if one != other or first.formula != second.formula:
            assert not same(first, second)


def test_exactly_the_same_numbers_have_one_name():
    silicon = bulk("Si", "diamond", a=5.43)
    assert digest(silicon) == digest(silicon.copy())
    assert digest(silicon) != digest(silicon[::-1])
    assert profile(silicon).fingerprint == profile(silicon[::-1]).fingerprint


def test_equal_names_mean_the_same_crystal():
    # cells that differ by less and less: where the name is one, so is the crystal
    for step in np.geomspace(1e-6, 1e-1, 60):
        first, second = (profile(bulk("NaCl", "rocksalt", a=5.64 + s)) for s in (0.0, step))
        if first.fingerprint == second.fingerprint:
            assert same(first, second)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (bulk("NaCl", "rocksalt", a=5.66), "another density"),
        (bulk("NaCl", "zincblende", a=5.64), "another structure of the same density"),
        (bulk("NaF", "rocksalt", a=5.64), "another element"),
    ],
)
def test_another_crystal_is_another(other, why):
    assert not same(profile(bulk("NaCl", "rocksalt", a=5.64)), profile(other)), why


def test_who_sits_where_counts():
    # one lattice with three orders of the same atoms, as in half-Heusler compounds
    def half_heusler(symbols: str) -> Atoms:
        cell = 3.0 * (np.ones((3, 3)) - np.eye(3))
        places = [[0, 0, 0], [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]]
        return Atoms(symbols, cell=cell, scaled_positions=places, pbc=True)

    first, second, third = map(profile, map(half_heusler, ("LiAlSi", "SiAlLi", "LiSiAl")))
    assert same(first, profile(half_heusler("AlLiSi")))
    assert not same(first, second)
    assert not same(second, third)
    assert not same(first, third)


def test_how_close_packed_layers_follow_each_other_counts():
    fcc = bulk("Cu", "fcc", a=3.6)
    a = 3.6 / 2**0.5
    hcp = bulk("Cu", "hcp", a=a, c=a * (8 / 3) ** 0.5)
    # every second layer hexagonal: ABAC
    dhcp = Atoms(
        "Cu4",
        cell=[[a, 0, 0], [-a / 2, a * 3**0.5 / 2, 0], [0, 0, 2 * a * (8 / 3) ** 0.5]],
        scaled_positions=[[0, 0, 0], [1 / 3, 2 / 3, 0.25], [0, 0, 0.5], [2 / 3, 1 / 3, 0.75]],
        pbc=True,
    )
    profiles = [profile(atoms) for atoms in (fcc, hcp, dhcp)]
    assert np.ptp([p.volume for p in profiles]) < 1e-9
    assert not any(same(p, q) for p in profiles for q in profiles if p is not q)


def test_isotopes_count():
    ice = bulk("NaCl", "rocksalt", a=5.64)
    heavy = ice.copy()
    heavy.set_masses([23.0, 37.0])
    assert not same(profile(ice), profile(heavy))
    assert digest(ice) != digest(heavy)


def test_a_small_distortion_counts():
    perovskite = Atoms(
        "BaTiO3",
        cell=[4.0, 4.0, 4.0],
        scaled_positions=[[0, 0, 0], [0.5] * 3, [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
        pbc=True,
    )
    polar = perovskite.copy()
    polar.positions[1, 2] += 0.05
    assert not same(profile(perovskite), profile(polar))


def test_near_is_symmetric_and_within_its_limits():
    assert near((10.0, 5.0), (10.01, 5.0))
    assert near((10.01, 5.0), (10.0, 5.0))
    assert not near((10.0, 5.0), (10.02, 5.0))
    assert not near((10.0, 5.0), (10.0, 5.01))
