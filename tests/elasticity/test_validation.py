"""Checks of a stiffness that somebody gives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from cijkl.elasticity.notation import mandel_to_voigt, rotation_to_mandel, voigt_to_mandel
from cijkl.elasticity.validation import asymmetry, validate
from cijkl.errors import InputError


def test_asymmetry_of_known_matrices() -> None:
    symmetric = np.arange(36.0).reshape(6, 6)
    symmetric = symmetric + symmetric.T
    assert asymmetry(symmetric) == 0.0
    odd = np.zeros((6, 6))
    odd[0, 1], odd[1, 0] = 3.0, -3.0
    assert_allclose(asymmetry(odd), 1.0)
    mixed = np.diag([4.0, 0, 0, 0, 0, 0]) + odd / np.sqrt(2.0)
    assert_allclose(asymmetry(mixed), 3.0 / 5.0)
    assert asymmetry(np.zeros((6, 6))) == 0.0
    assert asymmetry(np.ones((2, 3, 6, 6))).shape == (2, 3)


def test_asymmetry_does_not_depend_on_the_frame() -> None:
    mandel = np.random.default_rng(0).normal(size=(6, 6))
    q = rotation_to_mandel(Rotation.random(random_state=3).as_matrix())
    assert_allclose(
        asymmetry(mandel_to_voigt(q @ mandel @ q.T)), asymmetry(mandel_to_voigt(mandel))
    )


def test_valid_input_comes_back_symmetric() -> None:
    given = (np.eye(6) * 100).tolist()
    given[0][1] = 1
    result = validate(given)
    assert result.dtype == float
    assert result[0, 1] == result[1, 0] == 0.5
    many = np.broadcast_to(np.eye(6, dtype=np.float32) * 10, (3, 2, 6, 6))
    assert validate(many).shape == (3, 2, 6, 6)
    assert_allclose(voigt_to_mandel(validate(np.eye(6, dtype=int))).trace(), 9.0)


ASYMMETRIC = np.eye(6) * 100
ASYMMETRIC[2, 4] = 30


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (np.eye(5), "shape \\(5, 5\\), expected"),
        (np.ones(36), "shape \\(36,\\), expected"),
        (np.ones((6, 6, 3)), "expected \\(..., 6, 6\\)"),
        (np.ones((0, 6, 6)), "is empty"),
        (3.0, "shape \\(\\), expected"),
        (None, "no number"),
        ("stiff", "no number"),
        ([["x"] * 6] * 6, "no number"),
        ([[1.0] * 6] * 5 + [[1.0] * 5], "rows of different lengths"),
        (np.eye(6) * 1j, "complex"),
        (np.eye(6, dtype=bool), "true/false"),
        (np.where(np.eye(6) > 0, np.nan, 1.0), "C11 is nan"),
        (np.where(np.eye(6) > 0, 1.0, -np.inf), "C12 is -inf"),
        (np.zeros((6, 6)), "is zero"),
        (np.stack([np.eye(6), np.zeros((6, 6))]), "is zero"),
        (np.eye(6) * 1.6e11, "beyond any solid"),
        (ASYMMETRIC, "not symmetric \\(C35 = 30, C53 = 0"),
        ({"C11": 1.0}, "no number"),
    ],
)
def test_bad_input_gives_one_line(bad: object, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        validate(bad)
    assert "\n" not in str(error.value)
