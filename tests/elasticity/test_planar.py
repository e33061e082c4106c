"""Layers: against closed forms, published values, averages by quadrature and the tensor in 3D."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cijkl.elasticity import rotate
from cijkl.elasticity.acoustics import phase_velocities
from cijkl.elasticity.planar import (
    planar_anisotropy,
    planar_compliance,
    planar_eigenvalues,
    planar_error,
    planar_moduli,
    planar_sound_velocities,
    planar_stiffness,
    planar_velocities,
)
from cijkl.elasticity.planar_directional import (
    planar_extrema,
    planar_poisson_ratio,
    planar_youngs_modulus,
)

#: of the size that density functionals give for phosphorene, N/m, x zigzag
PHOSPHORENE = np.array([[105.2, 18.4, 0.0], [18.4, 26.2, 0.0], [0.0, 0.0, 22.4]])
#: nothing vanishes
OBLIQUE = np.array([[120.0, 30.0, 14.0], [30.0, 80.0, -9.0], [14.0, -9.0, 41.0]])
AXES = np.eye(3)[:2]


def turned(stiffness, angle):
    """The stiffness in axes turned by an angle, by way of the tensor in three dimensions."""
    whole = np.zeros((6, 6))
    index = np.ix_([0, 1, 5], [0, 1, 5])
    whole[index] = stiffness
    c, s = np.cos(angle), np.sin(angle)
    return rotate(whole, np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]))[index]


def isotropic(young, nu):
    return young / (1 - nu**2) * np.array([[1, nu, 0], [nu, 1, 0], [0, 0, (1 - nu) / 2]])


def random_layer(seed, count=1):
    root = np.random.default_rng(seed).normal(size=(count, 3, 3))
    return root @ root.swapaxes(1, 2) + 0.05 * np.eye(3)


def test_stiffness_times_period_is_ten_times_smaller_in_newtons_per_metre():
    whole = np.diag([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert planar_stiffness(whole, AXES, 20.0) == pytest.approx(np.diag([2.0, 4.0, 12.0]))


@given(st.integers(0, 10**6))
def test_a_layer_turned_in_space_keeps_its_constants(seed):
    rotation = Rotation.random(random_state=seed).as_matrix()
    whole = np.random.default_rng(seed).normal(size=(6, 6))
    whole = whole + whole.T
    straight = planar_stiffness(whole, AXES, 7.0)
    assert planar_stiffness(rotate(whole, rotation), AXES @ rotation.T, 7.0) == pytest.approx(
        straight, abs=1e-12
    )


def test_axes_turned_within_the_layer_turn_the_constants():
    whole = np.zeros((6, 6))
    whole[np.ix_([0, 1, 5], [0, 1, 5])] = OBLIQUE
    c, s = np.cos(0.4), np.sin(0.4)
    assert planar_stiffness(whole, [[c, s, 0], [-s, c, 0]], 10.0) == pytest.approx(
        turned(OBLIQUE, -0.4)
    )


def test_no_error_is_larger_than_the_bound():
    rng = np.random.default_rng(3)
    error = np.abs(rng.normal(size=(6, 6)))
    error = error + error.T
    axes = Rotation.random(random_state=5).as_matrix()[:2]
    bound = planar_error(error, axes, 12.0)
    for _ in range(200):
        sign = np.triu(rng.choice([-1.0, 1.0], (6, 6)))
        sign = np.triu(sign) + np.triu(sign, 1).T
        assert (np.abs(planar_stiffness(sign * error, axes, 12.0)) <= bound + 1e-12).all()
    assert planar_error(error, AXES, 10.0) == pytest.approx(error[np.ix_([0, 1, 5], [0, 1, 5])])


def test_an_isotropic_layer_has_its_moduli_in_closed_form():
    layer = isotropic(340.0, 0.18)
    moduli = planar_moduli(layer)
    for average in ("voigt", "reuss", "hill"):
        assert moduli["E"][average] == pytest.approx(340.0)
        assert moduli["nu"][average] == pytest.approx(0.18)
        assert moduli["K"][average] == pytest.approx(340.0 / (2 * (1 - 0.18)))
        assert moduli["G"][average] == pytest.approx(340.0 / (2 * (1 + 0.18)))
    angles = np.linspace(0, 7, 50)
    assert planar_youngs_modulus(layer, angles) == pytest.approx(340.0)
    assert planar_poisson_ratio(layer, angles) == pytest.approx(0.18)
    assert planar_anisotropy(layer) == pytest.approx(0.0, abs=1e-12)
    assert planar_extrema(layer, "nu").max.value == pytest.approx(0.18)


def test_graphene_by_its_third_order_paper():
    """C11 = 358.1, C12 = 60.4 N/m give E = 348, nu = 0.169 (Wei et al. 2009, PRB 80, 205407)."""
    found = planar_moduli([[358.1, 60.4, 0], [60.4, 358.1, 0], [0, 0, (358.1 - 60.4) / 2]])
    assert found["E"]["hill"] == pytest.approx(348, abs=0.5)
    assert found["nu"]["hill"] == pytest.approx(0.169, abs=5e-4)


@pytest.mark.parametrize("layer", [PHOSPHORENE, OBLIQUE])
def test_averages_are_those_over_all_orientations(layer):
    """The mean over equally spaced angles is exact for a polynomial of degree 4 in cos and sin."""
    angles = np.arange(16) * np.pi / 16
    voigt = np.mean([turned(layer, angle) for angle in angles], axis=0)
    reuss = np.linalg.inv(np.mean([np.linalg.inv(turned(layer, a)) for a in angles], axis=0))
    moduli = planar_moduli(layer)
    for name, mean in (("voigt", voigt), ("reuss", reuss)):
        assert moduli["G"][name] == pytest.approx(mean[2, 2])
        assert moduli["K"][name] == pytest.approx((mean[0, 0] + mean[0, 1]) / 2)
        assert moduli["E"][name] == pytest.approx(1 / np.linalg.inv(mean)[0, 0])
        assert moduli["nu"][name] == pytest.approx(mean[0, 1] / mean[0, 0])


def test_anisotropy_is_the_distance_of_the_logarithms():
    from scipy.linalg import logm

    moduli = planar_moduli(OBLIQUE)

    def log(name):
        k, g = moduli["K"][name], moduli["G"][name]
        return logm(np.array([[k + g, k - g, 0], [k - g, k + g, 0], [0, 0, 2 * g]]))

    distance = np.linalg.norm(log("voigt") - log("reuss"))
    assert planar_anisotropy(OBLIQUE) == pytest.approx(distance)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.2, 2.9])
def test_moduli_along_an_angle_are_those_along_the_turned_axis(angle):
    compliance = np.linalg.inv(turned(OBLIQUE, -angle))
    assert planar_youngs_modulus(OBLIQUE, angle) == pytest.approx(1 / compliance[0, 0])
    assert planar_poisson_ratio(OBLIQUE, angle) == pytest.approx(
        -compliance[0, 1] / compliance[0, 0]
    )


def test_every_tensor_meets_every_angle():
    layers, angles = random_layer(0, 6).reshape(2, 3, 3, 3), np.linspace(0, 1, 20).reshape(4, 5)
    young = planar_youngs_modulus(layers, angles)
    assert young.shape == (2, 3, 4, 5)
    assert young[1, 2, 3, 1] == pytest.approx(planar_youngs_modulus(layers[1, 2], angles[3, 1]))
    assert planar_velocities(layers, angles, 1.0).shape == (2, 3, 4, 5, 2)
    assert planar_extrema(layers, "E").min.value.shape == (2, 3)


def test_a_rectangular_layer_along_its_axes_in_closed_form():
    """E_x = C11 - C12^2/C22, nu_x = C12/C22; with these constants x is stiffest."""
    young, nu = planar_extrema(PHOSPHORENE, "E"), planar_extrema(PHOSPHORENE, "nu")
    assert young.max.value == pytest.approx(105.2 - 18.4**2 / 26.2)
    assert young.max.angle == 0.0
    assert planar_youngs_modulus(PHOSPHORENE, np.pi / 2) == pytest.approx(26.2 - 18.4**2 / 105.2)
    assert nu.max.value == pytest.approx(18.4 / 26.2)
    assert planar_poisson_ratio(PHOSPHORENE, np.pi / 2) == pytest.approx(18.4 / 105.2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["E", "nu"]))
def test_extremes_are_those_of_a_dense_scan(seed, quantity):
    (layer,) = random_layer(seed)
    function = planar_youngs_modulus if quantity == "E" else planar_poisson_ratio
    angles = np.linspace(0, np.pi, 20001)
    values = function(layer, angles)
    found = planar_extrema(layer, quantity)
    assert found.min.value <= values.min() + 1e-9
    assert found.max.value >= values.max() - 1e-9
    assert found.max.value - values.max() < 1e-3 * np.ptp(values) + 1e-9
    assert values.min() - found.min.value < 1e-3 * np.ptp(values) + 1e-9
    for extremum in (found.min, found.max):
        assert function(layer, extremum.angle) == pytest.approx(extremum.value, rel=1e-9)


def test_a_square_layer_has_its_extremes_along_axes_and_diagonals():
    layer = np.array([[50.0, 10.0, 0], [10.0, 50.0, 0], [0, 0, 5.0]])
    found = planar_extrema(layer, "E")
    bulk = 30.0
    assert found.max.value == pytest.approx(50 - 10**2 / 50)
    assert found.min.value == pytest.approx(4 * bulk * 5.0 / (bulk + 5.0))
    assert np.degrees(found.max.angle) in (0.0, 90.0)
    assert np.degrees(found.min.angle) in (45.0, 135.0)


@given(st.integers(0, 10**6), st.floats(-7, 7))
def test_eigenvalues_and_averages_do_not_depend_on_the_axes(seed, angle):
    (layer,) = random_layer(seed)
    other = turned(layer, angle)
    assert planar_eigenvalues(other) == pytest.approx(planar_eigenvalues(layer), rel=1e-7)
    for key, averages in planar_moduli(layer).items():
        for name, value in averages.items():
            assert planar_moduli(other)[key][name] == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_eigenvalues_find_an_instability_that_the_diagonal_hides():
    assert planar_eigenvalues([[50.0, 60.0, 0], [60.0, 50.0, 0], [0, 0, 20.0]])[0] < 0
    assert planar_eigenvalues(isotropic(100.0, 0.3)) == pytest.approx(
        sorted([100 / 0.7, 100 / 1.3, 100 / 1.3])
    )


def test_an_unstable_or_singular_layer_has_no_extremes():
    for layer in (np.diag([1.0, 1.0, -1.0]), np.zeros((3, 3)), np.full((3, 3), np.nan)):
        assert np.isnan(planar_extrema(layer, "E").max.value)
    assert np.isnan(planar_compliance(np.zeros((3, 3)))).all()


def test_waves_are_those_of_a_crystal_with_the_same_constants_in_the_plane():
    """A cell of period 10 A: its constants in GPa are those of the layer in N/m."""
    whole = np.diag([0.0, 0.0, 1e-3, 1e-3, 1e-3, 0.0])
    whole[np.ix_([0, 1, 5], [0, 1, 5])] = OBLIQUE
    angles = np.linspace(0, np.pi, 7)
    directions = np.stack([np.cos(angles), np.sin(angles), 0 * angles], -1)
    expected = phase_velocities(whole, directions, 2.5)[0][..., 1:]
    density = 2.5e3 * 1e-9
    assert planar_velocities(OBLIQUE, angles, density) == pytest.approx(expected)


def test_sound_in_an_isotropic_layer():
    layer, density = isotropic(340.0, 0.18), 7.6e-7
    moduli = planar_moduli(layer)
    v_l, v_t = planar_sound_velocities(moduli["K"]["hill"], moduli["G"]["hill"], density)
    assert planar_velocities(layer, 0.7, density) == pytest.approx([v_t, v_l])
    assert v_l == pytest.approx(np.sqrt(layer[0, 0] / density))
