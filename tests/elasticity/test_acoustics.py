"""Sound waves against closed forms, numerical derivatives and published values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import constants
from scipy.spatial.transform import Rotation

from cijkl.elasticity.acoustics import (
    christoffel,
    debye_temperature,
    debye_temperature_exact,
    group_velocities,
    mean_velocity_exact,
    phase_velocities,
    sound_velocities,
)
from cijkl.elasticity.notation import mandel_to_voigt, rotate, voigt_to_cartesian
from cijkl.errors import InputError

SEEDS = st.integers(0, 2**32 - 1)
SILICON_DENSITY = 2.329
SILICON_ATOMS = 8 / 5.431**3


def cubic(c11: float, c12: float, c44: float) -> np.ndarray:
    stiffness = np.diag([float(c11)] * 3 + [c44] * 3)
    stiffness[:3, :3] += c12 * (1.0 - np.eye(3))
    return stiffness


def isotropic(bulk: float, shear: float) -> np.ndarray:
    return cubic(bulk + 4 * shear / 3, bulk - 2 * shear / 3, shear)


SILICON = cubic(165.7, 63.9, 79.6)
# zinc: C11 C33 C44 C12 C13 (GPa) and density
HEXAGONAL = (165.0, 61.8, 39.6, 31.1, 50.0)
HEXAGONAL_DENSITY = 7.13


def hexagonal() -> np.ndarray:
    c11, c33, c44, c12, c13 = HEXAGONAL
    stiffness = np.diag([c11, c11, c33, c44, c44, 0.5 * (c11 - c12)])
    stiffness[0, 1] = stiffness[1, 0] = c12
    stiffness[:2, 2] = stiffness[2, :2] = c13
    return stiffness


def random_stiffness(seed: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(*shape, 6, 9))
    return mandel_to_voigt(20.0 * a @ a.swapaxes(-1, -2))


def speed(modulus: np.ndarray | list[float], density: float) -> np.ndarray:
    return np.sqrt(np.asarray(modulus) * 1e9 / (density * 1e3))


@pytest.mark.parametrize(
    ("direction", "moduli"),
    [
        ([1, 0, 0], lambda a, b, c: [c, c, a]),
        ([1, 1, 0], lambda a, b, c: sorted([c, (a - b) / 2, (a + b + 2 * c) / 2])),
        ([1, 1, 1], lambda a, b, c: [(a - b + c) / 3, (a - b + c) / 3, (a + 2 * b + 4 * c) / 3]),
    ],
)
@pytest.mark.parametrize("constants_", [(165.7, 63.9, 79.6), (168.4, 121.4, 75.4), (350, 67, 60)])
def test_cubic_waves_along_symmetry_directions(direction, moduli, constants_) -> None:
    """Kittel, Introduction to Solid State Physics, 8th ed., chapter 3, eqs 65 to 71."""
    velocities, _ = phase_velocities(cubic(*constants_), direction, 3.3)
    assert_allclose(velocities, speed(moduli(*constants_), 3.3), rtol=1e-12)


def test_cubic_polarisations() -> None:
    _, u = phase_velocities(SILICON, [1, 1, 0], SILICON_DENSITY)
    half = 0.5**0.5
    assert_allclose(np.abs(u), [[half, half, 0], [0, 0, 1], [half, half, 0]], atol=1e-12)
    assert u[0, 0] * u[0, 1] < 0 < u[2, 0] * u[2, 1]


def test_hexagonal_waves_on_the_axis_and_in_the_basal_plane() -> None:
    c11, c33, c44, c12, _ = HEXAGONAL
    axis, basal = phase_velocities(hexagonal(), [[0, 0, 1], [0.6, 0.8, 0]], HEXAGONAL_DENSITY)[0]
    assert_allclose(axis, speed([c44, c44, c33], HEXAGONAL_DENSITY), rtol=1e-12)
    assert_allclose(basal, speed(sorted([c44, (c11 - c12) / 2, c11]), HEXAGONAL_DENSITY))


def test_hexagonal_shear_wave_between() -> None:
    """The wave polarised in the basal plane has C44 cos^2 + C66 sin^2 at every angle."""
    c11, _, c44, c12, _ = HEXAGONAL
    angle = np.radians(35.0)
    n = [np.sin(angle), 0, np.cos(angle)]
    v, u = phase_velocities(hexagonal(), n, HEXAGONAL_DENSITY)
    wave = int(np.argmax(np.abs(u[:, 1])))
    modulus = c44 * np.cos(angle) ** 2 + (c11 - c12) / 2 * np.sin(angle) ** 2
    assert_allclose(v[wave], speed([modulus], HEXAGONAL_DENSITY)[0], rtol=1e-12)


def test_christoffel_matrix_is_the_contraction_of_the_tensor() -> None:
    stiffness = random_stiffness(1, (3,))
    n = np.random.default_rng(2).normal(size=(4, 3))
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    full = np.einsum("tijkl,dj,dl->tdik", voigt_to_cartesian(stiffness), n, n)
    assert_allclose(christoffel(stiffness, 5 * n), full, rtol=1e-12)


def test_waves_solve_the_christoffel_equation_in_shape() -> None:
    stiffness, n = random_stiffness(3, (2, 1)), np.random.default_rng(4).normal(size=(5, 4, 3))
    density = np.array([[2.0], [3.0]])
    v, u = phase_velocities(stiffness, n, density)
    assert v.shape == (2, 1, 5, 4, 3)
    assert u.shape == group_velocities(stiffness, n, density).shape == (2, 1, 5, 4, 3, 3)
    assert (np.diff(v, axis=-1) >= 0).all()
    assert_allclose(u @ u.swapaxes(-1, -2), np.broadcast_to(np.eye(3), u.shape), atol=1e-12)
    gamma = christoffel(stiffness, n)
    modulus = 1e-6 * density[..., None, None, None] * v**2
    assert_allclose(
        np.einsum("...ik,...bk->...bi", gamma, u), modulus[..., None] * u, atol=1e-9 * gamma.max()
    )


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_group_velocity_is_the_gradient_of_the_frequency(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stiffness, k = random_stiffness(seed), rng.normal(size=3)
    k /= np.linalg.norm(k)

    def frequency(wavevector: np.ndarray) -> np.ndarray:
        return phase_velocities(stiffness, wavevector, 2.5)[0] * np.linalg.norm(wavevector)

    step = 1e-5
    numeric = np.stack(
        [(frequency(k + step * e) - frequency(k - step * e)) / (2 * step) for e in np.eye(3)],
        axis=-1,
    )
    group = group_velocities(stiffness, k, 2.5)
    phase = frequency(k)
    if np.diff(phase).min() > 0.02 * phase[-1]:
        assert_allclose(group, numeric, rtol=1e-4, atol=1e-4 * phase[-1])
    assert_allclose(group @ k, phase, rtol=1e-10)


def test_group_velocity_of_degenerate_waves_does_not_hang_on_the_polarisation() -> None:
    density = SILICON_DENSITY
    group = group_velocities(SILICON, [[1, 0, 0], [1, 1, 1]], density)
    phase, _ = phase_velocities(SILICON, [[1, 0, 0], [1, 1, 1]], density)
    # by symmetry the only vector that the axis of a cone of refraction can be is n itself
    assert_allclose(group[0], phase[0][:, None] * [1, 0, 0], atol=1e-8)
    assert_allclose(group[1], phase[1][:, None] * np.full(3, 3**-0.5), rtol=1e-10)
    # the same crystal turned a little, so that rounding picks another polarisation
    r = Rotation.from_rotvec([0.1, -0.7, 0.4]).as_matrix()
    turned = group_velocities(rotate(SILICON, r), r @ [1, 1, 1], density)
    assert_allclose(turned, group[1] @ r.T, rtol=1e-6, atol=1e-3)


def test_isotropic_solid_has_the_velocities_of_its_moduli() -> None:
    v_l, v_t, v_mean = sound_velocities(100.0, 60.0, 3.0)
    v, _ = phase_velocities(isotropic(100.0, 60.0), [0.3, -0.5, 0.9], 3.0)
    assert_allclose(v, [v_t, v_t, v_l], rtol=1e-12)
    assert_allclose(v_mean**-3, (2 / v_t**3 + 1 / v_l**3) / 3, rtol=1e-12)
    assert_allclose(mean_velocity_exact(isotropic(100.0, 60.0), 3.0), v_mean, rtol=1e-12)
    assert_allclose(
        debye_temperature_exact(isotropic(100.0, 60.0), 3.0, 0.06),
        debye_temperature(v_mean, 0.06),
        rtol=1e-12,
    )


def test_published_velocities_and_debye_temperature_of_tin() -> None:
    """pymatgen's test values, of alpha-tin with a = 6.65061477 A and K_VRH and G_VRH.

    They were made with 1.6605e-27 kg for the atomic mass unit, 2.4e-5 too small.
    """
    volume = 6.65061477**3
    density = 8 * 118.71 * 1.6605 / volume
    v_l, v_t, v_mean = sound_velocities(38.49111028, 21.36506651, density)
    assert_allclose(v_t, 1996.35019877, rtol=1e-8)
    assert_allclose(v_l, 3534.68123832, rtol=1e-8)
    # its formula, (hbar/k)(6 pi^2 n)^(1/3) v_mean, is the same as (h/k)(3 n/4 pi)^(1/3) v_mean
    assert_allclose(debye_temperature(v_mean, 8 / volume), 198.8037985019, rtol=5e-6)


def test_debye_temperature_counts_the_modes_of_a_debye_solid() -> None:
    """Below k Theta/h lie 3 N modes, by (4 pi/3)(frequency/v)^3 modes for each branch."""
    theta, n, v = float(debye_temperature(5000.0, 0.05)), 0.05e30, 5000.0
    frequency = constants.k * theta / constants.h
    assert_allclose(3 * 4 * math.pi / 3 * (frequency / v) ** 3, 3 * n, rtol=1e-12)


def test_debye_temperature_of_silicon() -> None:
    """Measured at low temperature: 645 K (Keesom, Seidel 1959) from the heat capacity."""
    exact = debye_temperature_exact(SILICON, SILICON_DENSITY, SILICON_ATOMS)
    assert 640 < exact < 650
    g_v = (165.7 - 63.9 + 3 * 79.6) / 5
    g_r = 5 * (165.7 - 63.9) * 79.6 / (4 * 79.6 + 3 * (165.7 - 63.9))
    bulk = (165.7 + 2 * 63.9) / 3
    by_mean = debye_temperature(
        sound_velocities(bulk, (g_v + g_r) / 2, SILICON_DENSITY)[2], SILICON_ATOMS
    )
    assert 640 < by_mean < 655
    assert_allclose(exact, by_mean, rtol=0.01)


def test_exact_debye_temperature_by_another_quadrature() -> None:
    stiffness = random_stiffness(12)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    phi = 2 * np.pi * np.arange(80) / 80
    z, phi = np.meshgrid(nodes, phi, indexing="ij")
    rho = np.sqrt(1 - z**2)
    n = np.stack([rho * np.cos(phi), rho * np.sin(phi), z], axis=-1)
    v = phase_velocities(stiffness, n, 4.0)[0]
    slowness = weights / 2 @ (v**-3).sum(axis=-1).mean(axis=1)
    assert_allclose(mean_velocity_exact(stiffness, 4.0, 131), (slowness / 3) ** (-1 / 3), rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_exact_debye_temperature_does_not_hang_on_the_frame(seed: int) -> None:
    # far from C11 = C12, where one wave stands still and no quadrature of fixed degree is enough
    drawn = np.random.default_rng(seed).uniform(size=3)
    stiffness = cubic(*(np.array([90, 30, 30]) + 100 * drawn * [3, 0.2, 1]))
    r = Rotation.random(random_state=seed).as_matrix()
    value = mean_velocity_exact(stiffness, 3.0, 59)
    assert_allclose(mean_velocity_exact(rotate(stiffness, r), 3.0, 59), value, rtol=1e-3)


def test_debye_temperature_of_many_tensors_keeps_their_shape() -> None:
    stiffness = np.stack([[SILICON, 2 * SILICON], [isotropic(50, 30), SILICON]])
    theta = debye_temperature_exact(stiffness, SILICON_DENSITY, [SILICON_ATOMS, 0.1])
    assert theta.shape == (2, 2)
    single = debye_temperature_exact(SILICON, SILICON_DENSITY, SILICON_ATOMS)
    assert_allclose(theta[0, 0], single, rtol=1e-13)
    assert_allclose(theta[0, 1] * (SILICON_ATOMS / 0.1) ** (1 / 3), single * 2**0.5, rtol=1e-12)


def test_unstable_waves_are_nan_and_spoil_no_other_tensor() -> None:
    unstable = cubic(100.0, 120.0, 50.0)  # (C11 - C12)/2 < 0: the slow wave along [110]
    stiffness = np.stack([SILICON, unstable, np.full((6, 6), np.nan)])
    v, _ = phase_velocities(stiffness, [1, 1, 0], 2.0)
    assert np.isnan(v).tolist() == [[False] * 3, [True, False, False], [True] * 3]
    assert np.isnan(group_velocities(stiffness, [1, 1, 0], 2.0)[1, 0]).all()
    theta = debye_temperature_exact(stiffness, 2.0, 0.05)
    assert np.isnan(theta).tolist() == [False, True, True]
    assert np.isnan(sound_velocities(100.0, -5.0, 3.0)[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: phase_velocities(SILICON, [1, 0, 0], 0.0), "density is not positive"),
        (lambda: phase_velocities(SILICON, [1, 0, 0], np.nan), "density is not positive"),
        (lambda: phase_velocities(SILICON, [1, 0, 0], [1.0, 2.0]), "density has shape"),
        (lambda: group_velocities(SILICON[:3], [1, 0, 0], 1.0), r"\(3, 6\)"),
        (lambda: phase_velocities(SILICON, [0, 0, 0], 1.0), "zero"),
        (lambda: debye_temperature(5000.0, -1.0), "number density is not positive"),
    ],
)
def test_wrong_input_is_one_clear_line(call, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
