"""Copies of structures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read

from cijkl.distillation.augmentation import Augmentation, augmented
from cijkl.errors import InputError
from cijkl.structures import components

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def urea():
    return read(EXAMPLES / "urea.cif")


def insides(atoms, parts):
    """Distances within each molecule."""
    found = []
    for part in parts:
        inside = atoms.positions[part.atoms] + part.offsets @ atoms.cell.array
        found.append(np.linalg.norm(inside[:, None] - inside[None], axis=-1))
    return found


def test_volumes_are_met_and_molecules_keep_their_shape(urea):
    settings = Augmentation(
        volumes=(0.9, 1.05), copies=2, strain=0.03, shift=0.1, turn=10.0, original=False
    )
    copies = list(augmented(urea, settings, 3))
    assert len(copies) == 4
    ratios = [copy.get_volume() / urea.get_volume() for copy in copies]
    np.testing.assert_allclose(ratios, [0.9, 0.9, 1.05, 1.05], rtol=1e-12)
    parts = components(urea)
    assert len(parts) == 2
    for copy in copies:
        for ours, theirs in zip(insides(copy, parts), insides(urea, parts), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-10)
    # they are turned: the bonds point elsewhere
    assert np.abs(copies[0].get_scaled_positions() - urea.get_scaled_positions()).max() > 0.01


def test_molecules_may_be_strained_with_the_cell(urea):
    settings = Augmentation(copies=1, strain=0.05, whole=False, original=False)
    (copy,) = augmented(urea, settings, 1)
    difference = copy.get_scaled_positions(wrap=False) - urea.get_scaled_positions(wrap=False)
    np.testing.assert_allclose(difference, 0.0, atol=1e-10)
    assert np.abs(copy.cell.array - urea.cell.array).max() > 0.05


def test_the_size_of_displacements():
    atoms = bulk("Si", cubic=True) * 4
    (copy,) = augmented(atoms, Augmentation(copies=1, rattle=0.05, original=False), 5)
    assert (copy.positions - atoms.positions).std() == pytest.approx(0.05, rel=0.05)


def test_the_seed_decides(urea):
    settings = Augmentation(copies=2, strain=0.01, rattle=0.02)
    one, same, other = (list(augmented(urea, settings, seed)) for seed in (1, 1, 2))
    assert len(one) == 3
    np.testing.assert_array_equal(one[0].positions, urea.positions)
    np.testing.assert_array_equal(one[2].positions, same[2].positions)
    assert np.abs(one[2].positions - other[2].positions).max() > 1e-3


@pytest.mark.parametrize(
    "wrong",
    [{"rattle": -1.0}, {"volumes": (0.0,)}, {"volumes": 1.0}, {"whole": 1}, {"turn": "much"}],
)
def test_wrong_settings(wrong):
    with pytest.raises(InputError, match="augment: "):
        Augmentation(**wrong)
