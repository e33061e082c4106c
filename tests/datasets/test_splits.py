"""Splits: nothing on both sides, equal sizes, the same every time."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from hypothesis import given
from hypothesis import strategies as st

from cijkl.datasets import (
    ELEMENT_GROUPS,
    folds_by_formula,
    holdout_by_formula,
    leave_cluster_out,
    leave_element_group_out,
)
from cijkl.datasets.descriptors import DESCRIPTORS, descriptors
from cijkl.errors import InputError, MissingPackageError

formulas = st.lists(st.sampled_from([f"X{i}" for i in range(30)]), min_size=20, max_size=200)


@given(formulas, st.integers(2, 5), st.integers(0, 3))
def test_a_formula_is_in_one_fold(names, k, seed):
    if len(set(names)) < k:
        return
    folds = folds_by_formula(names, k, seed)
    assert folds.shape == (len(names),)
    assert set(folds) == set(range(k))
    assert len(set(zip(names, folds, strict=True))) == len(set(names))
    # greedy filling: no two folds differ by more than the largest group
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= max(names.count(n) for n in set(names))


@given(formulas, st.floats(0.1, 0.6), st.integers(0, 3))
def test_a_formula_is_held_out_whole(names, share, seed):
    if len(set(names)) < 5:
        return
    held = holdout_by_formula(names, share, seed)
    assert not {n for n, h in zip(names, held, strict=True) if h} & {
        n for n, h in zip(names, held, strict=True) if not h
    }


def many() -> list[str]:
    """As many formulas as a real set has: most once, some several times, one often."""
    names = [f"A{i}" for i in range(900)] + [f"B{i // 4}" for i in range(300)] + ["SiO2"] * 40
    return [str(n) for n in np.random.default_rng(0).permutation(names)]


def test_folds_are_equal_in_size():
    assert sorted(np.bincount(folds_by_formula(many(), 5))) == [248] * 5


def test_the_share_is_met():
    for share in (0.05, 0.1, 0.25):
        assert holdout_by_formula(many(), share).sum() == round(share * 1240)


def test_the_seed_decides_and_the_order_does_not():
    names = many()
    first = dict(zip(names, folds_by_formula(names, seed=3), strict=True))
    again = dict(zip(names[::-1], folds_by_formula(names[::-1], seed=3), strict=True))
    other = dict(zip(names, folds_by_formula(names, seed=4), strict=True))
    assert first == again
    assert first != other
    held = holdout_by_formula(names, 0.2, seed=3)
    np.testing.assert_array_equal(held, holdout_by_formula(names[::-1], 0.2, seed=3)[::-1])
    assert (held != holdout_by_formula(names, 0.2, seed=4)).any()


def test_large_groups_are_held_out_as_often_as_small_ones():
    names = ["often"] * 10 + [f"once{i}" for i in range(90)]
    share = np.mean([holdout_by_formula(names, 0.5, seed)[0] for seed in range(400)])
    assert 0.4 < share < 0.56


def test_impossible_splits():
    with pytest.raises(InputError, match="2 formulas cannot make 5 folds"):
        folds_by_formula(["a", "b", "a"])
    with pytest.raises(InputError, match="at least 2"):
        folds_by_formula(["a", "b"], 1)
    with pytest.raises(InputError, match="a share of 1.5"):
        holdout_by_formula(["a", "b"], 1.5)
    with pytest.raises(InputError, match="cannot be parted"):
        holdout_by_formula(["a"] * 10, 0.5)


def test_every_element_is_in_one_group():
    members = [z for group in ELEMENT_GROUPS.values() for z in group]
    assert sorted(members) == list(range(1, 104))


def test_element_groups_are_those_of_the_table():
    """Against pymatgen's periodic table."""
    table = pytest.importorskip("pymatgen.core.periodic_table")
    kinds = {
        "alkali metals": "is_alkali", "alkaline earths": "is_alkaline", "halogens": "is_halogen",
        "noble gases": "is_noble_gas", "lanthanides": "is_lanthanoid", "actinides": "is_actinoid",
    }  # fmt: skip
    for name, attribute in kinds.items():
        expected = {z for z in range(1, 104) if getattr(table.Element.from_Z(z), attribute)}
        # astatine is a halogen of the group all the same
        assert ELEMENT_GROUPS[name] - {85} == expected - {85}, name
    for row, name in ((4, "3d metals"), (5, "4d metals"), (6, "5d metals")):
        for z in ELEMENT_GROUPS[name]:
            element = table.Element.from_Z(z)
            assert (element.row, element.block) == (row, "d")


def test_element_groups_are_left_out():
    numbers = [bulk(n, "rocksalt", a=5).numbers for n in ("NaCl", "MgO", "LiF")] + [
        bulk("Cu").numbers
    ]
    found = {name: list(mask) for name, mask in leave_element_group_out(numbers)}
    assert found == {
        "alkali metals": [True, False, True, False],
        "alkaline earths": [False, True, False, False],
        "3d metals": [False, False, False, True],
        "oxygen": [False, True, False, False],
        "halogens": [True, False, True, False],
    }
    assert list(leave_element_group_out([bulk("Cu").numbers] * 2)) == []


def metals_and_oxides() -> tuple[list[Atoms], np.ndarray]:
    metals = [bulk(m, "fcc", a=3.6 + 0.02 * i) for i, m in enumerate(["Cu", "Ni", "Co", "Fe"] * 3)]
    oxides = [bulk(o, "rocksalt", a=4.2 + 0.02 * i) for i, o in enumerate(["MgO", "CaO"] * 4)]
    return metals + oxides, np.repeat([True, False], [12, 8])


def test_clusters_part_what_is_different():
    pytest.importorskip("sklearn")
    structures, metal = metals_and_oxides()
    (first, largest), (second, other) = leave_cluster_out(structures, k=2)
    assert (first, second) == ("cluster 1", "cluster 2")
    np.testing.assert_array_equal(largest, metal)
    np.testing.assert_array_equal(other, ~metal)


def test_clusters_do_not_depend_on_the_cell():
    pytest.importorskip("sklearn")
    structures, _ = metals_and_oxides()
    large = [atoms.repeat((1, 2, 1)) for atoms in structures]
    for (_, a), (_, b) in zip(
        leave_cluster_out(structures, k=4), leave_cluster_out(large, k=4), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_clusters_of_one_element_part_by_density():
    pytest.importorskip("sklearn")
    structures = [bulk("Cu", "fcc", a=a) for a in (3.6, 3.61, 3.62, 4.4, 4.41)]
    (_, dense), _ = leave_cluster_out(structures, k=2)
    assert list(dense) == [True, True, True, False, False]


def test_too_few_crystals_for_the_clusters():
    pytest.importorskip("sklearn")
    with pytest.raises(InputError, match="1 different crystals cannot make 2 clusters"):
        next(leave_cluster_out([bulk("Cu"), bulk("Cu")], k=2))


def test_clusters_say_what_they_need(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(MissingPackageError, match="pip install scikit-learn"):
        next(leave_cluster_out([bulk("Cu")], k=2))


def test_descriptors_of_magnesia():
    values = dict(zip(DESCRIPTORS, descriptors([bulk("MgO", "rocksalt", a=4.212)])[0], strict=True))
    assert values["mean period"] == 2.5
    assert values["mean group"] == 9.0
    assert values["spread of group"] == 7.0
    assert values["mean mass"] == pytest.approx((24.305 + 15.999) / 2, abs=1e-3)
    # CRC Handbook: periclase has 3.6 g/cm^3
    assert np.exp(values["log density"]) == pytest.approx(3.58, abs=0.01)
    assert np.exp(values["log volume per atom"]) == pytest.approx(4.212**3 / 8)


def test_places_in_the_periodic_table():
    from cijkl.datasets.descriptors import _place

    table = pytest.importorskip("pymatgen.core.periodic_table")
    for z in range(1, 104):
        element = table.Element.from_Z(z)
        assert _place(z) == (element.row, element.group), element
