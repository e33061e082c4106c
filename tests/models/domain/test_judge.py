"""The trees that tell crystals from made-up ones, and what they are shown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from cijkl.models import load_model
from cijkl.models.domain import judge
from cijkl.models.domain.judge import Judge, learn_judge
from cijkl.models.domain.made_up import (
    displaced,
    made_up,
    packed,
    permuted,
    replaced,
    sheared,
    strained,
)
from cijkl.structures import read
from cijkl.structures.bonds import covalent_radii

EXAMPLES = Path(__file__).parents[3] / "examples"
RNG = np.random.default_rng(4)
RUTILE = next(read(EXAMPLES / "rutile.cif")).atoms
ELEMENTS = np.array([3, 12, 13, 55, 79])


@pytest.fixture(scope="module")
def numbers():
    """Points of a ring, and of the disc within; no single coordinate tells them apart."""
    angle = RNG.uniform(0.0, 2.0 * np.pi, 3000)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) + RNG.normal(0.0, 0.05, (3000, 2))
    return ring, RNG.normal(0.0, 0.2, (3000, 2))


@pytest.fixture(scope="module")
def learned(numbers) -> Judge:
    return learn_judge(*numbers, share=0.02)


def test_what_no_single_number_tells(learned, numbers):
    ring, disc = numbers
    assert (learned.score(ring) > learned.limit).mean() < 0.03
    assert (learned.score(disc) > learned.limit).mean() > 0.95
    angle = RNG.uniform(0.0, 2.0 * np.pi, 3000)
    fresh = np.stack([np.cos(angle), np.sin(angle)], 1)
    assert (learned.score(fresh) > learned.limit).mean() < 0.03


def test_the_trees_are_those_of_scikit_learn(numbers):
    from sklearn.ensemble import GradientBoostingClassifier

    table = np.concatenate(numbers).astype(np.float32)
    kind = np.repeat([0, 1], [len(part) for part in numbers])
    fitted = GradientBoostingClassifier(**judge._BOOSTING).fit(table, kind)
    ours = judge._boosted(table, kind).score(table)
    np.testing.assert_allclose(ours, fitted.decision_function(table), atol=1e-9)


def test_it_is_kept_as_plain_numbers(learned, numbers):
    again = Judge.load(json.loads(json.dumps(learned.as_dict())))
    np.testing.assert_allclose(again.score(numbers[0]), learned.score(numbers[0]), atol=1e-3)
    assert again.limit == learned.limit


def test_what_is_made_of_a_crystal():
    volume, radii = RUTILE.get_volume(), covalent_radii(RUTILE.numbers)
    assert strained(RUTILE, -0.2).get_volume() == pytest.approx(0.8 * volume)
    turned = sheared(RUTILE, 0.2, RNG)
    assert turned.get_volume() == pytest.approx(volume)
    stretch = np.linalg.svd(turned.cell.array.T @ np.linalg.inv(RUTILE.cell.array.T))[1]
    # principal stretches of a simple shear: (g + sqrt(g^2 + 4)) / 2 and its inverse
    np.testing.assert_allclose(stretch, [1.10499, 1.0, 0.90499], atol=1e-5)
    moved = displaced(RUTILE, 0.3, RNG).positions - RUTILE.positions
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 0.3)
    other = permuted(RUTILE, RNG)
    assert sorted(other.numbers) == sorted(RUTILE.numbers)
    assert (other.numbers != RUTILE.numbers).any()
    loose = packed(RUTILE, RNG)
    assert loose.get_volume() == pytest.approx(volume)
    near = loose.get_all_distances(mic=True) / (radii[:, None] + radii)
    assert near[~np.eye(len(loose), dtype=bool)].min() > 0.85
    for _ in range(20):
        (new,) = set(replaced(RUTILE, ELEMENTS, RNG, 0.15).numbers) - {8, 22}
        assert new in ELEMENTS
        misfits = covalent_radii(np.array([new])) / covalent_radii(np.array([8, 22])) - 1.0
        assert np.abs(misfits).max() >= 0.15
    # one of each kind where it can be made, and none of them the crystal itself
    assert len(list(made_up([RUTILE, bulk("Cu")], ELEMENTS, RNG))) == 7 + 5


@pytest.mark.parametrize("name", ["rutile", "corundum", "alpha-quartz", "wurtzite-ZnO"])
def test_the_shipped_judge(name):
    """What is real passes; what is a little wrong everywhere does not."""
    domain = load_model().domain
    assert domain is not None
    atoms = next(read(EXAMPLES / f"{name}.cif")).atoms
    assert domain.warnings(atoms) == []
    for wrong in (strained(atoms, -0.25), strained(atoms, 0.4), displaced(atoms, 0.35, RNG)):
        assert domain.warnings(wrong)
