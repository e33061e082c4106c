import numpy as np
import pytest

from cijkl.elasticity import averages, from_constants, rotate
from cijkl.elasticity.notation import compliance


def random_stiffness(seed, count=50):
    matrix = np.random.default_rng(seed).normal(size=(count, 6, 6))
    return matrix @ matrix.swapaxes(-1, -2) + 2 * np.eye(6)


def test_closed_forms_for_a_cubic_crystal():
    """Hill 1952: K = (C11 + 2 C12)/3, G_V = (C11 - C12 + 3 C44)/5, G_R = 5ab/(4b + 3a)."""
    c11, c12, c44 = 165.7, 63.9, 79.6
    c = from_constants("cubic", {"C11": c11, "C12": c12, "C44": c44})
    bulk = (c11 + 2 * c12) / 3
    voigt = (c11 - c12 + 3 * c44) / 5
    reuss = 5 * (c11 - c12) * c44 / (4 * c44 + 3 * (c11 - c12))
    m = averages.moduli(c)
    for average in averages.AVERAGES:
        assert m["K"][average] == pytest.approx(bulk)
    assert m["G"]["voigt"] == pytest.approx(voigt)
    assert m["G"]["reuss"] == pytest.approx(reuss)
    assert m["G"]["hill"] == pytest.approx((voigt + reuss) / 2)
    assert m["G"]["rh"] == pytest.approx((voigt + 3 * reuss) / 4)
    hill = (voigt + reuss) / 2
    assert m["E"]["hill"] == pytest.approx(9 * bulk * hill / (3 * bulk + hill))
    assert m["nu"]["hill"] == pytest.approx(m["E"]["hill"] / (2 * hill) - 1)


def test_closed_forms_for_a_hexagonal_crystal():
    """Watt and Peselnick 1980, J. Appl. Phys. 51, 1525: K_R = c^2/M, with zinc's constants."""
    c11, c12, c13, c33, c44 = 163.7, 36.4, 53.0, 63.5, 38.8
    c = from_constants("hexagonal", {"C11": c11, "C12": c12, "C13": c13, "C33": c33, "C44": c44})
    m, c2 = c11 + c12 + 2 * c33 - 4 * c13, (c11 + c12) * c33 - 2 * c13**2
    c66, k_v = (c11 - c12) / 2, (2 * (c11 + c12) + c33 + 4 * c13) / 9
    assert averages.average_bulk(c, "voigt") == pytest.approx(k_v)
    assert averages.average_bulk(c, "reuss") == pytest.approx(c2 / m)
    assert averages.average_shear(c, "voigt") == pytest.approx((m + 12 * c44 + 12 * c66) / 30)
    reuss = 2.5 * c2 * c44 * c66 / (3 * k_v * c44 * c66 + c2 * (c44 + c66))
    assert averages.average_shear(c, "reuss") == pytest.approx(reuss)


def test_invariant_under_rotation_and_ordered():
    c = random_stiffness(0)
    turned = rotate(c, np.linalg.qr(np.random.default_rng(1).normal(size=(50, 3, 3)))[0])
    here, there = averages.moduli(c), averages.moduli(turned)
    for name in here:
        for average in averages.AVERAGES:
            assert there[name][average] == pytest.approx(here[name][average])
    for name in ("K", "G"):
        assert (here[name]["reuss"] <= here[name]["rh"]).all()
        assert (here[name]["rh"] <= here[name]["hill"]).all()
        assert (here[name]["hill"] <= here[name]["voigt"]).all()


def test_reuss_is_voigt_of_the_compliance():
    """The Reuss moduli are the Voigt average done on S instead of C."""
    c = random_stiffness(2, 1)[0]
    s = compliance(c)
    trace = s[:3, :3].sum()
    other = np.trace(s[:3, :3]) + 0.5 * np.trace(s[3:, 3:])
    assert averages.average_bulk(c, "reuss") == pytest.approx(1 / trace)
    assert averages.average_shear(c, "reuss") == pytest.approx(5 / (2 * (other - trace / 3)))


def test_the_means_of_taniguchi_differ_where_they_should():
    c = random_stiffness(3)
    standard, arithmetic = averages.moduli(c), averages.arithmetic_moduli(c)
    for average in ("voigt", "reuss"):
        assert arithmetic["E"][average] == pytest.approx(standard["E"][average])
    mean = 0.5 * (standard["E"]["voigt"] + standard["E"]["reuss"])
    assert arithmetic["E"]["hill"] == pytest.approx(mean)
    assert arithmetic["E"]["rh"] == pytest.approx(0.5 * (standard["E"]["reuss"] + mean))
    assert np.abs(arithmetic["E"]["hill"] - standard["E"]["hill"]).max() > 1e-6


def test_unknown_average_is_refused():
    with pytest.raises(ValueError, match="voigt, reuss, hill, rh"):
        averages.average_bulk(np.eye(6), "mean")
