from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.elasticity.directional import linear_compressibility, poisson_ratio, shear_modulus
from cijkl.elasticity.extrema import extrema
from cijkl.errors import InputError
from cijkl.plots.extremes import equivalent_extremes
from cijkl.plots.fields import circle, sheets, sphere_grid, transverse_extremes


def random_stiffness(seed: int) -> np.ndarray:
    """Positive definite stiffness of no symmetry, GPa."""
    values = np.random.default_rng(seed).normal(size=(6, 6))
    return 20.0 * (values @ values.T + 0.5 * np.eye(6))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["G", "nu"]))
def test_transverse_extremes_agree_with_a_scan(seed: int, quantity: str) -> None:
    stiffness = random_stiffness(seed)
    n = np.random.default_rng(seed + 1).normal(size=3)
    n /= np.linalg.norm(n)
    first = np.cross(n, [0.3, -0.5, 0.8])
    first /= np.linalg.norm(first)
    angle = np.linspace(0.0, np.pi, 2001)[:, None]
    m = np.cos(angle) * first + np.sin(angle) * np.cross(n, first)
    function = shear_modulus if quantity == "G" else poisson_ratio
    scan = function(stiffness, np.broadcast_to(n, m.shape), m)
    low, high = transverse_extremes(stiffness, n, quantity)
    assert float(low) == pytest.approx(scan.min(), rel=1e-4, abs=1e-5)
    assert float(high) == pytest.approx(scan.max(), rel=1e-4, abs=1e-5)
    assert low <= scan.min() + 1e-9
    assert high >= scan.max() - 1e-9


def test_isotropic_solid_gives_spheres() -> None:
    lame, shear = 60.0, 25.0
    stiffness = np.diag([2.0 * shear] * 3 + [shear] * 3)
    stiffness[:3, :3] += lame
    grid = sphere_grid(7, 9)
    (young,) = sheets(stiffness, "E", grid)
    np.testing.assert_allclose(young.values, shear * (3 * lame + 2 * shear) / (lame + shear))
    (beta,) = sheets(stiffness, "beta", grid)
    np.testing.assert_allclose(beta.values, 1000.0 / (3 * lame + 2 * shear))
    for sheet in sheets(stiffness, "G", grid):
        np.testing.assert_allclose(sheet.values, shear)
    for sheet in sheets(stiffness, "nu", grid):
        np.testing.assert_allclose(sheet.values, 0.5 * lame / (lame + shear))


def test_negative_compressibility_is_a_sheet_of_its_own() -> None:
    # Compliance with beta_x = -0.01 and positive beta elsewhere.
    s = np.diag([0.02, 0.05, 0.05, 0.1, 0.1, 0.1])
    s[0, 1] = s[1, 0] = s[0, 2] = s[2, 0] = -0.015
    stiffness = np.linalg.inv(s)
    positive, negative = sheets(stiffness, "beta", sphere_grid())
    assert negative.negative
    assert negative.values.max() == pytest.approx(10.0)
    beta = 1000.0 * linear_compressibility(stiffness, sphere_grid())
    np.testing.assert_allclose(positive.values - negative.values, beta, atol=1e-9)
    assert (positive.values * negative.values == 0).all()


def test_circle_lies_in_its_plane() -> None:
    angles, directions = circle("yz", 5)
    np.testing.assert_allclose(angles, [0, 90, 180, 270, 360])
    np.testing.assert_allclose(directions[1], [0, 0, 1], atol=1e-12)
    with pytest.raises(InputError, match="xy, xz, yz"):
        circle("zz")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="E, beta, G, nu"):
        sheets(np.eye(6), "K", directions)  # type: ignore[arg-type]


def test_every_copy_of_a_cubic_extremum_is_found() -> None:
    def fourth(n: np.ndarray) -> np.ndarray:
        return np.asarray((n**4).sum(-1))

    value, directions = equivalent_extremes(fourth, largest=True)
    assert value == pytest.approx(1.0)
    assert len(directions) == 6
    value, directions = equivalent_extremes(fourth, largest=False)
    assert value == pytest.approx(1.0 / 3.0, abs=1e-8)
    assert len(directions) == 8
    np.testing.assert_allclose(np.abs(directions), 3**-0.5, atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_extremes_of_a_random_tensor_are_the_global_ones(seed: int) -> None:
    stiffness = random_stiffness(seed)
    found = extrema(stiffness, "E")
    for largest, extreme in ((True, found.max), (False, found.min)):
        value, directions = equivalent_extremes(
            lambda n: sheets(stiffness, "E", n)[0].values, largest=largest
        )
        assert value == pytest.approx(float(extreme.value), rel=1e-6)
        assert np.abs(directions @ extreme.direction).max() > 1.0 - 1e-5


def test_extremes_of_a_ring_are_limited() -> None:
    value, directions = equivalent_extremes(lambda n: 1.0 - n[..., 2] ** 2)
    assert value == pytest.approx(1.0)
    assert 2 <= len(directions) <= 26
    np.testing.assert_allclose(directions[:, 2], 0.0, atol=1e-3)
