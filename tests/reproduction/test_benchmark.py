"""Moduli of the tables, and what counts as a point."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.elasticity.stability import is_stable
from cijkl.reproduction.benchmark import (
    AS_PRINTED,
    QUANTITIES,
    Convention,
    Point,
    defined,
    errors,
    measured,
    points,
    polycrystal,
)

E_RH = QUANTITIES.index("E_RH")

#: first row of csv/Large_screening.csv of takuyhaa/NNP-Modulus-MolecularCrystal (MIT), OBUQAD
PUBLISHED_TENSOR = [
    [13.64, 7.09, 6.97, 0.0, -0.83, 0.04],
    [7.09, 13.28, 7.49, 0.0, 0.86, 0.03],
    [6.97, 7.49, 14.48, 0.0, -1.01, 0.02],
    [0.0, 0.0, 0.0, 2.43, 0.0, 1.09],
    [-0.83, 0.86, -1.01, 0.0, 4.42, 0.0],
    [0.04, 0.03, 0.02, 1.09, 0.0, 3.08],
]
PUBLISHED = {
    "E_V": 8.884186893717967, "E_R": 7.75211233051935, "E_H": 8.318149612118658,
    "E_RH": 8.035130971319004, "K_V": 9.38888888888889, "K_R": 9.353030843634563,
    "K_H": 9.370959866261726, "K_RH": 9.361995354948146, "G_V": 3.309333333333334,
    "G_R": 2.8461467691403186, "G_H": 3.0777400512368263, "G_RH": 2.9619434101885727,
    "nu": 0.3519872279340246, "A": 0.33717758739441495,
}  # fmt: skip


def test_the_published_moduli_of_a_tensor_come_out():
    assert dict(zip(QUANTITIES, polycrystal(PUBLISHED_TENSOR), strict=True)) == pytest.approx(
        PUBLISHED, rel=1e-12
    )


def test_an_isotropic_solid_has_one_modulus_each():
    k, g = 8.0, 3.0
    tensor = np.diag([2 * g] * 3 + [g] * 3)
    tensor[:3, :3] += k - 2 * g / 3
    young = 9 * k * g / (3 * k + g)
    expected = [young] * 4 + [k] * 4 + [g] * 4 + [(3 * k - 2 * g) / (6 * k + 2 * g), 0.0]
    np.testing.assert_allclose(polycrystal([tensor, tensor]), [expected] * 2, atol=1e-12)


def test_hexamine_by_hand(rows):
    """Cubic, so that K = (C11 + 2 C12)/3 by every average; the mean is over measurements."""
    mine = [r.stiffness for r in rows if r.compound == "HMT" and r.method == "Exp"]
    assert len(mine) == 3
    known = np.mean([(c[0, 0] + 2 * c[0, 1]) / 3 for c in mine])
    (point,) = [p for p in points(rows, "S-HF-3c", AS_PRINTED) if p.compound == "HMT"]
    np.testing.assert_allclose(point.measured[4:8], known)
    voigt = np.mean([(c[0, 0] - c[0, 1] + 3 * c[3, 3]) / 5 for c in mine])
    assert point.measured[QUANTITIES.index("G_V")] == pytest.approx(voigt)
    assert point.note == "HXMTAM08"


def test_moduli_are_averaged_not_tensors(rows):
    mine = [r.stiffness for r in rows if r.compound == "RDX" and r.method == "Exp"]
    mean = measured(rows, "raw")["RDX"]
    np.testing.assert_allclose(mean, np.mean([polycrystal(c) for c in mine], axis=0))
    assert abs(mean[E_RH] - polycrystal(np.mean(mine, axis=0))[E_RH]) > 0.1


def test_a_tensor_without_anisotropy_is_left_out(rows):
    """The measured tensor of malonic acid is not positive definite."""
    left = {(r.compound, r.method) for r in rows} - {(r.compound, r.method) for r in defined(rows)}
    assert left == {("malonic acid", "Exp")}
    assert all(is_stable(r.stiffness) for r in defined(rows))
    assert "malonic acid" not in measured(rows)
    assert "malonic acid" not in {p.compound for p in points(rows, "NNP")}


def test_names_as_they_stand_lose_compounds(rows):
    def found(method, names):
        return {p.compound for p in points(rows, method, Convention(names))}

    for method in ("S-HF-3c", "NNP"):
        lost = found(method, "repaired") - found(method, "raw")
        assert lost == {"anthracene", "RDX", "resorcinol"}
    assert found("DFT", "repaired") - found("DFT", "raw") == {"beta-HMX"}
    # the other resorcinol was not measured
    assert "beta-resorcinol" not in found("NNP", "repaired")


def test_several_calculations_of_one_compound(rows):
    each, first, mean = (
        [p for p in points(rows, "DFT", Convention("raw", how)) if p.compound == "RDX"]
        for how in ("each", "first", "mean")
    )
    notes = ["Winkler-D2", "Taylor", "Hooks", "Fan"]
    assert [p.note for p in each] == [p.note for p in first] == notes
    assert len({round(p.computed[E_RH], 6) for p in each}) == 4
    assert {round(p.computed[E_RH], 6) for p in first} == {round(each[0].computed[E_RH], 6)}
    (one,) = mean
    np.testing.assert_allclose(one.computed, np.mean([p.computed for p in each], axis=0))
    np.testing.assert_array_equal(one.measured, each[0].measured)


def test_errors():
    truth = np.arange(14.0)
    shift = np.array([1.0, -1.0, 3.0])
    found = [
        Point(name, "", truth * (k + 1), truth * (k + 1) + shift[k])
        for k, name in enumerate(("a", "b", "b"))
    ]
    said = errors(found)
    assert (said.points, said.compounds) == (3, 2)
    np.testing.assert_allclose(said.mae, 5 / 3)
    np.testing.assert_allclose(said.bias, 1.0)
    x, y = np.array([1.0, 2.0, 3.0]) * 5, np.array([1.0, 2.0, 3.0]) * 5 + shift
    assert said.correlation[5] == pytest.approx(np.corrcoef(x, y)[0, 1])
    # the first quantity is measured as zero for all, so nothing can correlate with it
    assert np.isnan(said.correlation[0])
    assert errors(found, {"a"}).bias[3] == pytest.approx(1.0)
    assert np.isnan(errors(found, {"a"}).correlation).all()
    assert np.isnan(errors([]).mae).all()
