"""Estimates against values published with their models, or worked out by hand from them."""

import numpy as np
import pytest

from cijkl.elasticity import engineering as eng
from cijkl.elasticity import from_constants, rotate

DIAMOND = {"bulk": 443.0, "shear": 535.0}


def test_hardness_of_diamond_is_near_the_measured_96_gpa():
    """Chen 2011 gives 95.7 GPa for G = 536, B = 442; Tian 2012 quotes 93.5 to 96."""
    assert eng.chen_hardness(442.0, 536.0) == pytest.approx(95.7, abs=0.5)
    assert eng.tian_hardness(442.0, 536.0) == pytest.approx(97.7, abs=0.5)
    assert eng.teter_hardness(536.0) == pytest.approx(80.9, abs=0.1)
    assert eng.jiang_hardness(536.0) == pytest.approx(79.1, abs=0.1)


def test_miao_hardness_equals_its_form_in_k_and_g():
    """(1 - 2 nu) E / (6 (1 + nu)) = G^2/(3 K + G) once E and nu are written out."""
    rng = np.random.default_rng(0)
    k, g = rng.uniform(10, 400, 50), rng.uniform(10, 400, 50)
    assert eng.miao_hardness(k, g) == pytest.approx(g**2 / (3 * k + g))


def test_toughness_of_diamond_and_silicon():
    """Niu 2019 (table I): diamond 6.3 to 6.6 MPa m^0.5, silicon about 1.3 with V = 20 A^3."""
    assert eng.niu_toughness(443.0, 535.0, 5.67) == pytest.approx(6.5, abs=0.2)
    assert eng.niu_toughness(97.8, 66.6, 20.02) == pytest.approx(1.33, abs=0.02)


def test_cauchy_pressure_is_an_invariant_and_the_cubic_difference():
    copper = from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4})
    assert eng.cauchy_pressure(copper) == pytest.approx(121.4 - 75.4)
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    assert eng.cauchy_pressure(rotate(copper, turn)) == pytest.approx(46.0)
    matrix = np.random.default_rng(3).normal(size=(6, 6))
    c = matrix @ matrix.T
    mean = (c[0, 1] - c[5, 5] + c[0, 2] - c[4, 4] + c[1, 2] - c[3, 3]) / 3
    assert eng.cauchy_pressure(c) == pytest.approx(mean)


def test_kleinman_of_silicon():
    """0.52 from C11 = 165.7, C12 = 63.9 GPa, as often quoted for this formula."""
    silicon = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})
    assert eng.kleinman_parameter(silicon) == pytest.approx(0.5249, abs=1e-3)


def test_pugh_ratio():
    assert eng.pugh_ratio(137.0, 48.3) == pytest.approx(2.836, abs=1e-3)


def test_minimal_conductivities_of_tin():
    """pymatgen's published values for grey tin: 0.34503, 0.37896, 0.23809 W/(m K).

    From K = 38.49111, G = 21.36507 GPa, and a cell whose density follows from v_t = 1996.35 m/s.
    """
    bulk, shear, v_t, v_l = 38.49111, 21.36507, 1996.35075, 3534.68123
    density = shear * 1e9 / v_t**2 / 1e3
    number_density = density / (118.71 * 1.66053906660)
    clarke = eng.clarke_conductivity(bulk, shear, density, 118.71)
    assert clarke == pytest.approx(0.34503, abs=2e-4)
    assert eng.cahill_conductivity(v_l, v_t, number_density) == pytest.approx(0.37896, abs=2e-4)
    assert eng.agne_conductivity(v_l, v_t, number_density) == pytest.approx(0.23809, abs=2e-4)


def test_grueneisen_parameter_in_terms_of_velocities():
    """Belomestnykh: gamma = 3/2 (3 v_l^2 - 4 v_t^2)/(v_l^2 + 2 v_t^2), the same for any nu."""
    nu = np.linspace(0.0, 0.45, 10)
    ratio = (2 - 2 * nu) / (1 - 2 * nu)  # (v_l/v_t)^2
    assert eng.grueneisen_parameter(nu) == pytest.approx(1.5 * (3 * ratio - 4) / (ratio + 2))


def test_slack_conductivity_of_germanium():
    """Measured: 60 to 65 W/(m K) at 300 K; theta_a = 235 K and gamma = 0.76 (Slack 1979).

    theta_D = theta_a * 2^(1/3) for two atoms in the cell, delta = 2.83 A.
    """
    kappa = eng.slack_conductivity(235 * 2 ** (1 / 3), 0.76, 72.63, 22.63, 2, 300.0)
    assert kappa == pytest.approx(65.0, rel=0.05)
    warmer = eng.slack_conductivity(235 * 2 ** (1 / 3), 0.76, 72.63, 22.63, 2, 600.0)
    assert warmer == pytest.approx(kappa / 2)


def test_slack_conductivity_of_a_crystal_described_by_a_doubled_primitive_cell():
    """Twice the cell lowers theta_a by 2^(1/3) and raises n^(1/3): kappa falls by 2^(2/3)."""
    single = eng.slack_conductivity(500.0, 1.5, 30.0, 18.0, 2)
    assert eng.slack_conductivity(500.0, 1.5, 30.0, 18.0, 4) == pytest.approx(single / 2 ** (2 / 3))
