"""Directional moduli against Cartesian contractions, closed forms and rotation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from cijkl.elasticity.directional import (
    direction_from_uvw,
    linear_compressibility,
    normal_from_hkl,
    poisson_ratio,
    shear_modulus,
    youngs_modulus,
    youngs_modulus_difference,
)
from cijkl.elasticity.notation import (
    compliance,
    compliance_to_cartesian,
    mandel_to_voigt,
    rotate,
)
from cijkl.errors import InputError

SEEDS = st.integers(0, 2**32 - 1)
# a hexagonal cell with its angle of 120 degrees, and a triclinic one
HEXAGONAL = np.array([[3.0, 0.0, 0.0], [-1.5, 1.5 * 3**0.5, 0.0], [0.0, 0.0, 5.0]])
TRICLINIC = np.array([[4.0, 0.3, -0.2], [1.0, 5.0, 0.4], [-0.7, 0.9, 6.0]])


def random_stiffness(seed: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(*shape, 6, 9))
    return mandel_to_voigt(20.0 * a @ a.swapaxes(-1, -2))


def random_pairs(seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n, m = rng.normal(size=(2, *shape, 3))
    n /= np.linalg.norm(n, axis=-1, keepdims=True)
    m -= np.sum(n * m, axis=-1, keepdims=True) * n
    return n, m / np.linalg.norm(m, axis=-1, keepdims=True)


def cubic(c11: float, c12: float, c44: float) -> np.ndarray:
    stiffness = np.diag([c11] * 3 + [c44] * 3)
    stiffness[:3, :3] += c12 * (1.0 - np.eye(3))
    return stiffness


def hexagonal(c11: float, c33: float, c44: float, c12: float, c13: float) -> np.ndarray:
    stiffness = np.diag([c11, c11, c33, c44, c44, 0.5 * (c11 - c12)])
    stiffness[0, 1] = stiffness[1, 0] = c12
    stiffness[:2, 2] = stiffness[2, :2] = c13
    return stiffness


def test_all_four_are_contractions_of_the_cartesian_compliance() -> None:
    stiffness = random_stiffness(3, (4,))
    n, m = random_pairs(4, (7,))
    s = compliance_to_cartesian(compliance(stiffness))
    axial = np.einsum("tijkl,di,dj,dk,dl->td", s, n, n, n, n)
    assert_allclose(youngs_modulus(stiffness, n), 1 / axial, rtol=1e-12)
    assert_allclose(
        linear_compressibility(stiffness, n), np.einsum("tijkk,di,dj->td", s, n, n), rtol=1e-10
    )
    shear = 4 * np.einsum("tijkl,di,dj,dk,dl->td", s, n, m, n, m)
    assert_allclose(shear_modulus(stiffness, n, m), 1 / shear, rtol=1e-12)
    transverse = np.einsum("tijkl,di,dj,dk,dl->td", s, n, n, m, m)
    assert_allclose(poisson_ratio(stiffness, n, m), -transverse / axial, rtol=1e-9, atol=1e-12)


def test_they_are_what_a_loaded_crystal_does() -> None:
    """Strain under a stress along n, by Hooke's law solved in the crystal's own axes."""
    stiffness = random_stiffness(5)
    n, m = random_pairs(6, ())
    stress = np.outer(n, n)
    voigt = stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
    e = np.linalg.solve(stiffness, voigt)
    strain = np.array(
        [
            [e[0], e[5] / 2, e[4] / 2],
            [e[5] / 2, e[1], e[3] / 2],
            [e[4] / 2, e[3] / 2, e[2]],
        ]
    )
    assert_allclose(youngs_modulus(stiffness, n), 1 / (n @ strain @ n))
    assert_allclose(poisson_ratio(stiffness, n, m), -(m @ strain @ m) / (n @ strain @ n))


def test_cubic_closed_form() -> None:
    copper = cubic(168.4, 121.4, 75.4)
    s = compliance(copper)
    n = random_pairs(7, (50,))[0]
    x, y, z = (n**2).T
    inverse = s[0, 0] - 2 * (s[0, 0] - s[0, 1] - s[3, 3] / 2) * (x * y + y * z + z * x)
    assert_allclose(youngs_modulus(copper, n), 1 / inverse, rtol=1e-12)
    # published for copper: E100 66.7, E110 130.3, E111 191.1 GPa (Hertzberg 1996, table 1.3,
    # to within its rounded constants)
    along = youngs_modulus(copper, [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    assert_allclose(along, [66.7, 130.3, 191.1], rtol=5e-3)
    # shear on {100} in any direction is C44, compressibility is 1/(3 K) in every direction
    assert_allclose(shear_modulus(copper, [0, 0, 1], [[1, 0, 0], [1, 2, 0]]), 75.4)
    assert_allclose(shear_modulus(copper, [1, 1, 0], [1, -1, 0]), (168.4 - 121.4) / 2)
    assert_allclose(linear_compressibility(copper, n), 1 / (168.4 + 2 * 121.4))


def test_cubic_auxetic_direction() -> None:
    """Stretched along [110] many cubic metals widen along [1-10] (Baughman et al. 1998)."""
    stiffness = cubic(168.4, 121.4, 75.4)
    s = compliance(stiffness)
    common = 2 * s[0, 0] + 2 * s[0, 1] + s[3, 3]
    wide = poisson_ratio(stiffness, [1, 1, 0], [1, -1, 0])
    assert wide < 0
    assert_allclose(wide, -(2 * s[0, 0] + 2 * s[0, 1] - s[3, 3]) / common)
    assert_allclose(poisson_ratio(stiffness, [1, 1, 0], [0, 0, 1]), -4 * s[0, 1] / common)


def test_hexagonal_closed_form() -> None:
    """Nye 1985, p. 145, in the angle to the hexad."""
    zinc = hexagonal(165.0, 61.8, 39.6, 31.1, 50.0)
    s = compliance(zinc)
    n = random_pairs(8, (50,))[0]
    c = n[:, 2] ** 2
    inverse = (1 - c) ** 2 * s[0, 0] + c**2 * s[2, 2] + c * (1 - c) * (2 * s[0, 2] + s[3, 3])
    assert_allclose(youngs_modulus(zinc, n), 1 / inverse, rtol=1e-12)
    beta = s[0, 0] + s[0, 1] + s[0, 2] - c * (s[0, 0] + s[0, 1] - s[0, 2] - s[2, 2])
    assert_allclose(linear_compressibility(zinc, n), beta, rtol=1e-10)


def test_published_poisson_ratio_of_tin() -> None:
    """pymatgen's test value for its Sn tensor, [100] and [010]."""
    tin = cubic(59.33, 28.08, 26.35)
    tin[1, 1], tin[2, 2], tin[1, 2], tin[2, 1] = 59.31, 59.32, 28.07, 28.07
    assert_allclose(poisson_ratio(tin, [1, 0, 0], [0, 1, 0]), 0.321388, rtol=2e-5)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_turning_crystal_and_directions_together_changes_nothing(seed: int) -> None:
    stiffness = random_stiffness(seed)
    n, m = random_pairs(seed, ())
    r = Rotation.random(random_state=seed).as_matrix()
    turned = rotate(stiffness, r)
    tight = {"rtol": 1e-7, "atol": 1e-10}
    assert_allclose(youngs_modulus(turned, r @ n), youngs_modulus(stiffness, n), **tight)
    assert_allclose(
        linear_compressibility(turned, r @ n), linear_compressibility(stiffness, n), **tight
    )
    assert_allclose(shear_modulus(turned, r @ n, r @ m), shear_modulus(stiffness, n, m), **tight)
    assert_allclose(poisson_ratio(turned, r @ n, r @ m), poisson_ratio(stiffness, n, m), **tight)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.floats(1e-200, 1e200), st.floats(-1e200, -1e-200))
def test_length_and_sense_of_a_direction_do_not_matter(seed: int, a: float, b: float) -> None:
    stiffness = random_stiffness(seed)
    n, m = random_pairs(seed, ())
    assert_allclose(youngs_modulus(stiffness, a * n), youngs_modulus(stiffness, n), rtol=1e-10)
    assert_allclose(
        poisson_ratio(stiffness, b * n, a * m), poisson_ratio(stiffness, n, m), rtol=1e-8
    )
    assert_allclose(shear_modulus(stiffness, m, n), shear_modulus(stiffness, n, m), rtol=1e-10)


def test_every_tensor_with_every_direction() -> None:
    stiffness = random_stiffness(1, (2, 3))
    n, m = random_pairs(2, (4, 5))
    assert youngs_modulus(stiffness, n).shape == (2, 3, 4, 5)
    nu = poisson_ratio(stiffness, n, m)
    assert nu.shape == (2, 3, 4, 5)
    assert_allclose(nu[1, 2, 3, 4], poisson_ratio(stiffness[1, 2], n[3, 4], m[3, 4]))
    assert youngs_modulus(stiffness[0, 0], n[0, 0]).shape == ()
    # one direction with several transverse ones
    circle = [[0, 1, 0], [0, 0, 1], [0, 1, 1]]
    assert poisson_ratio(stiffness, [1, 0, 0], circle).shape == (2, 3, 3)


def test_a_singular_tensor_spoils_no_other() -> None:
    good = random_stiffness(1)
    singular = good.copy()
    singular[5] = singular[:, 5] = 0.0
    infinite = good.copy()
    infinite[0, 0] = np.inf
    values = youngs_modulus([good, singular, infinite, good], [1, 2, 3])
    assert np.isnan(values).tolist() == [False, True, True, False]
    assert values[0] == values[3]


def test_lattice_directions_and_normals() -> None:
    assert_allclose(direction_from_uvw([1, 2, 0], HEXAGONAL), [0, 1, 0], atol=1e-15)
    assert_allclose(normal_from_hkl([1, 0, 0], HEXAGONAL), [0.75**0.5, 0.5, 0], atol=1e-15)
    assert_allclose(normal_from_hkl([0, 0, 3], HEXAGONAL), [0, 0, 1], atol=1e-15)
    hkl = np.array([[1, 2, -1], [0, 1, 1], [3, -1, 2]])
    normals = normal_from_hkl(hkl, TRICLINIC)
    for normal, (h, k, index) in zip(normals, hkl, strict=True):
        # the intercepts a/h, b/k, c/l of the plane all lie equally far along its normal
        heights = TRICLINIC @ normal
        assert_allclose(heights / heights[1] * k, [h, k, index], atol=1e-12)
    assert_allclose(np.linalg.norm(normals, axis=1), 1)


def test_signed_difference() -> None:
    stiffness = random_stiffness(9)
    assert_allclose(youngs_modulus_difference(1.25 * stiffness, stiffness), 0.25)
    assert_allclose(youngs_modulus_difference(0.5 * stiffness, stiffness), -0.5)
    soft, hard = cubic(150.0, 50.0, 50.0), cubic(300.0, 60.0, 120.0)
    isotropic = [9 * k * g / (3 * k + g) for k, g in ((250 / 3, 50), (140, 120))]
    assert_allclose(youngs_modulus_difference(hard, soft), isotropic[1] / isotropic[0] - 1)
    batch = youngs_modulus_difference(np.stack([soft, hard]), soft)
    assert batch.shape == (2,)
    assert batch[0] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: youngs_modulus(c, [0, 0, 0]), "zero"),
        (lambda c: youngs_modulus(c, [0, np.nan, 0]), "non-finite"),
        (lambda c: youngs_modulus(c, [1, 0]), "expected"),
        (lambda c: youngs_modulus(c[:5], [1, 0, 0]), r"\(5, 6\)"),
        (lambda c: poisson_ratio(c, [1, 0, 0], [1, 1, 0]), "45.00 degrees apart"),
        (lambda c: shear_modulus(c, [1, 0, 0], [1, 0, 0]), "0.00 degrees apart"),
        (lambda c: direction_from_uvw([0, 0, 0], HEXAGONAL), "uvw"),
        (lambda c: normal_from_hkl([1, 0, 0], np.ones((3, 3))), "independent"),
        (lambda c: normal_from_hkl([1, 0, 0], np.ones((2, 3))), "rows are cell vectors"),
        (lambda c: normal_from_hkl([1, 0], HEXAGONAL), "hkl"),
    ],
)
def test_wrong_input_is_one_clear_line(call, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        call(random_stiffness(0))
    assert "\n" not in str(error.value)
