import numpy as np
import pytest

from cijkl.elasticity import anisotropy, from_constants, rotate
from cijkl.elasticity.directional import youngs_modulus

COPPER = from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4})


def test_an_isotropic_solid_has_none():
    solid = from_constants("isotropic", {"C11": 269.2, "C12": 115.4})
    assert anisotropy.universal_anisotropy(solid) == pytest.approx(0, abs=1e-9)
    assert anisotropy.log_euclidean_anisotropy(solid) == pytest.approx(0, abs=1e-7)
    assert anisotropy.percent_anisotropy(solid) == pytest.approx((0, 0), abs=1e-9)
    assert anisotropy.zener_ratio(solid) == pytest.approx(1)
    assert anisotropy.cubic_criterion(solid) == pytest.approx(0, abs=1e-12)


def test_cubic_closed_forms():
    """A^U = 6/5 (sqrt(A) - 1/sqrt(A))^2 (Ranganathan 2008); A^L = sqrt(5) ln(...) (Kube 2016)."""
    zener = 2 * 75.4 / (168.4 - 121.4)
    assert anisotropy.zener_ratio(COPPER) == pytest.approx(zener)
    expected = 1.2 * (zener**0.5 - zener**-0.5) ** 2
    assert anisotropy.universal_anisotropy(COPPER) == pytest.approx(expected)
    ratio = (2 + 3 * zener) * (3 + 2 * zener) / (25 * zener)
    expected = 5**0.5 * np.log(ratio)
    assert anisotropy.log_euclidean_anisotropy(COPPER) == pytest.approx(expected)
    # G_V and G_R of copper by hand: 54.64 and 40.034 GPa
    assert anisotropy.percent_anisotropy(COPPER)[1] == pytest.approx(15.43, abs=0.01)


@pytest.mark.parametrize(
    ("constants", "stiffest"),
    [
        ({"C11": 168.4, "C12": 121.4, "C44": 75.4}, (1, 1, 1)),  # copper
        ({"C11": 348.0, "C12": 67.0, "C44": 100.0}, (1, 0, 0)),  # chromium
    ],
)
def test_sign_of_the_cubic_criterion(constants, stiffest):
    c = from_constants("cubic", constants)
    directions = np.random.default_rng(0).normal(size=(2000, 3))
    top = youngs_modulus(c, [stiffest])[0]
    assert (youngs_modulus(c, directions) <= top + 1e-9).all()
    assert (anisotropy.cubic_criterion(c) > 0) == (stiffest == (1, 1, 1))


def test_indices_do_not_depend_on_the_frame():
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turned = rotate(COPPER, turn)
    for index in (anisotropy.universal_anisotropy, anisotropy.log_euclidean_anisotropy):
        assert index(turned) == pytest.approx(index(COPPER))
