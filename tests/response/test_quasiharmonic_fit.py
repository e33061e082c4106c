"""Free energy against volume: closed forms of Einstein's and Debye's solids."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.response.quasiharmonic_fit import Vibrations, equilibrium, vibrations

K = 8.617333262e-5  # eV/K
H = 4.135667696e-3  # eV/THz
GPA = 160.2176634  # eV/A^3


@pytest.mark.parametrize("temperature", [0.0, 5.0, 150.0, 3000.0])
def test_einstein(temperature):
    """Against the closed forms of one frequency, three modes."""
    nu, found = 6.0, vibrations(np.full((4, 3), 6.0), [1, 2, 3, 4], temperature)
    x = H * nu / (K * temperature) if temperature else np.inf
    assert found.free_energy == pytest.approx(
        3 * (0.5 * H * nu + (K * temperature * np.log(1 - np.exp(-x)) if temperature else 0.0))
    )
    heat = 3 * K * x**2 * np.exp(-x) / (1 - np.exp(-x)) ** 2 if x < 500 else 0.0
    assert found.heat_capacity == pytest.approx(heat, rel=1e-8, abs=1e-15)
    # Dulong and Petit
    if temperature == 3000.0:
        assert found.heat_capacity == pytest.approx(3 * K, rel=1e-3)


def test_debye():
    """A spectrum that rises as the square of the frequency: C_V by Debye's integral and T^3 law."""
    cut = 10.0
    nu = (np.arange(40_000) + 0.5) / 40_000 * cut
    theta = H * cut / K
    for ratio, tolerance in ((0.02, 2e-3), (0.3, 1e-4), (2.0, 1e-5)):
        found = vibrations(np.tile(nu[:, None], 3), nu**2, ratio * theta)
        y = np.linspace(1e-6, min(1 / ratio, 200.0), 200_001)
        integrand = y**4 * np.exp(y) / np.expm1(y) ** 2
        debye = 9 * K * ratio**3 * np.trapezoid(integrand, y)
        assert found.heat_capacity == pytest.approx(debye, rel=tolerance)
    low = vibrations(np.tile(nu[:, None], 3), nu**2, 0.02 * theta)
    assert low.heat_capacity == pytest.approx(12 / 5 * np.pi**4 * K * 0.02**3, rel=5e-3)


def test_soft_modes_and_translations_count_nothing():
    hard = vibrations([[5.0, 5.0]], [1.0], 300.0)
    assert vibrations([[0.0, 5.0, -3.0, 5.0]], [1.0], 300.0) == hard


def test_entropy_is_the_slope_of_the_free_energy():
    nu = np.random.default_rng(1).uniform(0.5, 30.0, (7, 12))
    free = [vibrations(nu, np.ones(7), t).free_energy for t in (299.5, 300.5)]
    assert vibrations(nu, np.ones(7), 300.0).entropy == pytest.approx(free[0] - free[1], rel=1e-5)


class Solid:
    """Murnaghan's static energy, one Einstein frequency falling as V^-gamma."""

    volume, bulk, stiffening, nu, gamma, modes = 40.0, 60.0, 5.0, 8.0, 2.0, 12

    def energy(self, v):
        b, n = self.bulk / GPA, self.stiffening
        return b * v / n * ((self.volume / v) ** n / (n - 1) + 1)

    def vibrating(self, v, temperature) -> Vibrations:
        nu = self.nu * (self.volume / v) ** self.gamma
        return vibrations(np.full((1, self.modes), nu), [1.0], temperature)

    def free(self, v, temperature, pressure=0.0):
        return self.energy(v) + self.vibrating(v, temperature).free_energy + pressure * v / GPA

    def minimum(self, temperature, pressure=0.0):
        """By bracketing, without any fit."""
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            self.free, (38.0, 41.5, 46.0), args=(temperature, pressure), tol=1e-12
        )
        return found.x


@pytest.mark.parametrize(("temperature", "pressure"), [(0.0, 0.0), (300.0, 0.0), (300.0, 1.0)])
def test_the_minimum_and_its_derivatives(temperature, pressure):
    solid = Solid()
    volumes = solid.minimum(temperature, pressure) * np.linspace(0.98, 1.02, 5)
    found = equilibrium(
        volumes,
        [solid.energy(v) for v in volumes],
        [solid.vibrating(v, temperature) for v in volumes],
        temperature,
        pressure,
    )
    v = solid.minimum(temperature, pressure)
    assert found.inside
    assert found.volume == pytest.approx(v, rel=2e-5)
    static = solid.bulk / solid.stiffening * ((solid.volume / v) ** solid.stiffening - 1)
    assert found.static_pressure == pytest.approx(static, abs=0.01)
    step = 0.01 * v
    curvature = sum(
        c * solid.free(v + k * step, temperature) for k, c in ((-1, 1), (0, -2), (1, 1))
    )
    assert found.bulk_modulus == pytest.approx(v * curvature / step**2 * GPA, rel=5e-3)
    vibrating = solid.vibrating(v, temperature)
    # V F'' = [gamma (1 + gamma) U - gamma^2 T C_V] / V, with U = F + T S
    inner = vibrating.free_energy + temperature * vibrating.entropy
    lost = solid.gamma**2 * temperature * vibrating.heat_capacity
    assert found.isothermal_term == pytest.approx(
        (solid.gamma * (1 + solid.gamma) * inner - lost) / v * GPA, rel=0.02
    )
    if temperature:
        one = (solid.minimum(temperature + 5, pressure), solid.minimum(temperature - 5, pressure))
        assert found.expansion == pytest.approx((one[0] - one[1]) / 10 / v, rel=0.01)
        # Grueneisen: alpha K V = gamma C_V, and the adiabatic term is gamma^2 C_V T / V
        heat = vibrating.heat_capacity
        assert found.expansion * found.bulk_modulus * v / GPA == pytest.approx(
            solid.gamma * heat, rel=5e-3
        )
        assert found.adiabatic_term == pytest.approx(
            solid.gamma**2 * heat * temperature / v * GPA, rel=0.01
        )
        # K_S - K_T = alpha^2 K_T^2 T V / C_V
        assert found.adiabatic_term == pytest.approx(
            (found.expansion * found.bulk_modulus / GPA) ** 2 * temperature * v / heat * GPA,
            rel=0.01,
        )
    else:
        assert (found.expansion, found.adiabatic_term) == (0.0, 0.0)


def test_a_crystal_that_is_too_hot():
    solid = Solid()
    volumes = np.linspace(39.0, 41.0, 5)
    hot = [solid.vibrating(v, 20_000.0) for v in volumes]
    with pytest.raises(InputError, match="no minimum between 39.0 and 41.0"):
        equilibrium(volumes, [solid.energy(v) for v in volumes], hot, 20_000.0)
    with pytest.raises(InputError, match="four volumes at least"):
        equilibrium(volumes[:3], volumes[:3], hot[:3], 20_000.0)


def test_a_minimum_outside_is_told():
    solid = Solid()
    volumes = np.linspace(39.0, 41.5, 5)
    warm = [solid.vibrating(v, 300.0) for v in volumes]
    found = equilibrium(volumes, [solid.energy(v) for v in volumes], warm, 300.0)
    assert not found.inside
    assert found.volume == pytest.approx(solid.minimum(300.0), rel=1e-3)
