"""What an example knows, against the closed forms of a cubic crystal."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from ase.build import bulk

from cijkl.datasets import MODULI, Example, known_moduli
from cijkl.elasticity import from_constants
from cijkl.errors import InputError
from cijkl.structures import Crystal

C11, C12, C44 = 165.7, 63.9, 79.6
SILICON = from_constants("cubic", {"C11": C11, "C12": C12, "C44": C44})
#: K = (C11 + 2 C12)/3, the Voigt and Reuss shear moduli of a cubic crystal (Hill 1952)
BULK = (C11 + 2 * C12) / 3
SHEAR_VOIGT = (C11 - C12 + 3 * C44) / 5
SHEAR_REUSS = 5 * (C11 - C12) * C44 / (4 * C44 + 3 * (C11 - C12))


def example(**labels: object) -> Example:
    return Example(Crystal("si", bulk("Si").repeat(2), "test"), **labels)  # type: ignore[arg-type]


def test_moduli_follow_from_the_stiffness():
    known = known_moduli(example(stiffness=SILICON))
    assert tuple(known) == MODULI
    expected = [BULK, BULK, BULK, SHEAR_VOIGT, SHEAR_REUSS, (SHEAR_VOIGT + SHEAR_REUSS) / 2]
    np.testing.assert_allclose(list(known.values()), expected, rtol=1e-12)


def test_given_moduli_stay():
    known = known_moduli(example(moduli={"K_VRH": 100.0, "G_V": 70.0}, stiffness=SILICON))
    assert known["K_VRH"] == 100.0
    assert known["G_V"] == 70.0
    assert known["G_R"] == pytest.approx(SHEAR_REUSS)


def test_the_mean_of_given_bounds_comes_before_the_stiffness():
    known = known_moduli(example(moduli={"G_V": 70.0, "G_R": 60.0}, stiffness=SILICON))
    assert known["G_VRH"] == 65.0


def test_one_bound_says_nothing_of_the_mean():
    assert known_moduli(example(moduli={"K_V": 100.0})) == {"K_V": 100.0}


def test_bounds_that_have_no_meaning_are_not_known():
    # C11 < C12: the Reuss shear modulus is negative
    unstable = from_constants("cubic", {"C11": 100.0, "C12": 120.0, "C44": 50.0})
    known = known_moduli(example(stiffness=unstable))
    assert "G_R" not in known
    assert known["K_V"] == pytest.approx(340.0 / 3)


def test_formula_is_reduced():
    assert example().formula == "Si"


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ({"moduli": {"K": 1.0}}, "no modulus is called 'K'"),
        ({"moduli": {"K_V": -1.0}}, "K_V is -1 GPa"),
        ({"moduli": {"K_V": float("nan")}}, "K_V is nan GPa"),
        ({"stiffness": np.eye(3)}, r"shape \(3, 3\)"),
    ],
)
def test_wrong_labels_are_refused(labels, match):
    with pytest.raises(InputError, match=match):
        example(**labels)


def test_an_example_goes_to_another_process():
    before = example(moduli={"K_VRH": 97.0}, stiffness=SILICON)
    _ = before.formula
    after = pickle.loads(pickle.dumps(before))
    assert after.formula == "Si"
    assert after.moduli == before.moduli
    np.testing.assert_array_equal(after.stiffness, before.stiffness)


def test_import_is_light():
    code = (
        "import sys, cijkl.datasets;"
        "print([m for m in ('torch', 'sklearn', 'pymatgen', 'ase') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr
