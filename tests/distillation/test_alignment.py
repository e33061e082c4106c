"""Constants of the elements by least squares."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from cijkl.distillation.alignment import element_shifts, total_shift

KNOWN = {1: -3.2, 6: 1.5, 7: 0.25, 8: -7.0}


def molecules(formulas: list[str]) -> list[Atoms]:
    return [Atoms(formula) for formula in formulas]


@given(st.tuples(*[st.floats(-50, 50)] * 4))
def test_known_shifts_are_recovered(values):
    known = dict(zip((1, 6, 7, 8), values, strict=True))
    atoms = molecules(["CO2", "NH3", "CH4N2O", "C6H6", "H2O", "C10H8"])
    found = element_shifts(atoms, [total_shift(each, known) for each in atoms])
    assert found == pytest.approx(known, abs=1e-8)


def test_noise_averages_out():
    random = np.random.default_rng(1)
    atoms = molecules(["CO2", "NH3", "CH4N2O", "C6H6", "H2O"] * 200)
    noisy = [total_shift(a, KNOWN) + 0.1 * random.normal() * len(a) for a in atoms]
    assert element_shifts(atoms, noisy) == pytest.approx(KNOWN, abs=0.05)


def test_compositions_that_are_all_alike_are_explained():
    atoms = molecules(["H2O"] * 3)
    found = element_shifts(atoms, [6.0, 6.0, 6.0])
    assert total_shift(atoms[0], found) == pytest.approx(6.0)
    # the least of all that explain it: in the proportion of the atoms
    assert found[1] == pytest.approx(2 * found[8])


def test_nothing_to_align():
    assert element_shifts([], []) == {}
    assert total_shift(Atoms("CO2"), {6: 1.0}) == 1.0
