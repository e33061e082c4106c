"""Errors against scikit-learn, and tensors against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from sklearn.metrics import (
    mean_absolute_error,
    mean_squared_error,
    median_absolute_error,
    r2_score,
)

from cijkl.datasets import Example
from cijkl.elasticity import ElasticTensor, from_constants
from cijkl.errors import InputError
from cijkl.models.evaluation import (
    by_system,
    compare,
    coverage,
    metrics,
    summary,
    tensor_metrics,
)
from cijkl.structures import Crystal

RNG = np.random.default_rng(2)
SILICON = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})
COPPER = from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4})


def test_metrics_are_those_of_scikit_learn():
    truth = RNG.lognormal(4.0, 0.6, 200)
    said = truth * RNG.lognormal(0.0, 0.2, 200)
    found = metrics(truth, said)
    assert found["count"] == 200
    assert found["mae"] == pytest.approx(mean_absolute_error(truth, said))
    assert found["rmse"] == pytest.approx(mean_squared_error(truth, said) ** 0.5)
    assert found["r2"] == pytest.approx(r2_score(truth, said))
    relative = median_absolute_error(np.ones(200), said / truth)
    assert found["median_relative_error"] == pytest.approx(relative)
    mean = np.full(200, truth.mean())
    assert found["mae_over_mad"] == pytest.approx(found["mae"] / mean_absolute_error(truth, mean))
    assert metrics(truth, mean)["mae_over_mad"] == pytest.approx(1.0)
    assert metrics(truth, mean)["r2"] == pytest.approx(0.0, abs=1e-12)


def test_unknown_values_are_left_out():
    found = metrics([1.0, np.nan, 3.0, 4.0], [1.5, 2.0, np.nan, 5.0])
    assert (found["count"], found["mae"]) == (2, 0.75)
    nothing = metrics([np.nan], [1.0])
    assert nothing.pop("count") == 0
    assert set(nothing.values()) == {None}
    single = metrics([2.0], [3.0])
    assert (single["mae"], single["r2"], single["mae_over_mad"]) == (1.0, None, None)


def test_by_system():
    truth, said = RNG.random(6), RNG.random(6)
    systems = ["cubic", "triclinic", "cubic", "cubic", "triclinic", "hexagonal"]
    found = by_system(truth, said, systems)
    assert list(found) == ["all", "cubic", "hexagonal", "triclinic"]
    assert found["all"] == metrics(truth, said)
    assert found["cubic"] == metrics(truth[[0, 2, 3]], said[[0, 2, 3]])
    assert found["hexagonal"]["count"] == 1


def test_tensor_metrics():
    said = np.array([1.1 * SILICON, COPPER, SILICON])
    known = np.array([SILICON, COPPER, np.full((6, 6), np.nan)])
    found = tensor_metrics(known, said)
    assert (found["count"], found["unstable"]) == (2, 0)
    # of 2 x 21 constants, 9 of silicon's err, by a tenth
    errors = 0.1 * (3 * 165.7 + 3 * 63.9 + 3 * 79.6)
    assert found["C"]["count"] == 42
    assert found["C"]["mae"] == pytest.approx(errors / 42)
    # the stiffest direction of both is [111], where 1/E = (S11 + 2 S12)/3 + S44/3 (Nye)
    c11, c12, c44 = 165.7, 63.9, 79.6
    young = 1.0 / ((1.0 / (c11 + 2 * c12) + 1.0 / c44) / 3.0)
    assert found["E_max"]["mae"] == pytest.approx(0.05 * young)
    assert found["ln_E_max"]["mae"] == pytest.approx(np.log(1.1) / 2)


def test_unstable_tensors_are_counted():
    broken = from_constants("cubic", {"C11": 100.0, "C12": 110.0, "C44": 50.0})
    found = tensor_metrics(np.array([SILICON, COPPER]), np.array([broken, COPPER]))
    assert (found["count"], found["unstable"]) == (2, 1)
    assert found["E_max"]["count"] == 1
    assert found["E_max"]["mae"] == pytest.approx(0.0, abs=1e-9)


def test_coverage():
    truth, said = np.array([100.0, 50, 10, np.nan]), np.array([109.0, 49, 14, 5])
    assert coverage(truth, said, [10.0, 2, 3, 1]) == pytest.approx(2 / 3)
    assert coverage(truth, said, [np.nan] * 4) is None


def example(name: str, symbol: str = "Si", stiffness=None, **moduli) -> Example:
    return Example(Crystal(name, bulk(symbol), "here"), moduli, stiffness)


def record(name: str, stiffness, **more) -> dict:
    tensor = ElasticTensor(stiffness)
    moduli = {letter: {"hill": float(values["hill"])} for letter, values in tensor.moduli().items()}
    return {
        "id": name,
        "C": tensor.voigt.tolist(),
        "frame": "input",
        "moduli": moduli,
        "uncertainty": None,
        **more,
    }


def test_examples_and_records_are_joined_by_id():
    examples = [
        example("a", stiffness=SILICON),
        example("b", "Cu", K_VRH=140.0),
        example("c", K_VRH=1.0),
    ]
    records = [
        record("b", COPPER, uncertainty={"K_90": 5.0, "G_90": 3.0}),
        record("a", 1.2 * SILICON),
        record("z", COPPER),
    ]
    found = compare(examples, records)
    assert found.ids == ["a", "b"]
    assert found.missing == ["c"]
    assert found.systems == ["cubic", "cubic"]
    bulk_modulus = (165.7 + 2 * 63.9) / 3
    np.testing.assert_allclose(found.truth["K"], [bulk_modulus, 140.0])
    np.testing.assert_allclose(found.prediction["K"], [1.2 * bulk_modulus, (168.4 + 242.8) / 3])
    assert np.isnan(found.truth["G"][1])
    np.testing.assert_allclose(
        found.truth["E"][0], float(ElasticTensor(SILICON).moduli()["E"]["hill"])
    )

    result = summary(found)
    assert (result["crystals"], result["missing"], result["unstable"]) == (2, 1, 0)
    errors = result["errors"]["all"]
    assert errors["K"]["mae"] == pytest.approx((0.2 * bulk_modulus + abs(140 - 411.2 / 3)) / 2)
    log = (np.log10(1.2) + abs(np.log10(140 / (411.2 / 3)))) / 2
    assert errors["log10_K"]["mae"] == pytest.approx(log)
    assert errors["G"]["count"] == 1
    assert errors["tensor"]["count"] == 1
    # copper's range is known and holds 140; silicon has none
    assert errors["coverage"] == {"level": 0.9, "K": 1.0, "G": None}
    assert list(result["errors"]) == ["all", "cubic"]


def test_an_unstable_prediction_has_no_moduli():
    broken = from_constants("cubic", {"C11": 100.0, "C12": 110.0, "C44": 50.0})
    found = summary(compare([example("a", stiffness=SILICON)], [record("a", broken, moduli=None)]))
    assert found["unstable"] == 1
    assert found["errors"]["all"]["K"]["count"] == 0


def test_a_tensor_in_other_axes_is_not_compared():
    records = [record("a", SILICON, frame="ieee")]
    found = summary(compare([example("a", stiffness=SILICON)], records))
    assert "tensor" not in found["errors"]["all"]
    assert found["errors"]["all"]["K"]["mae"] == pytest.approx(0.0, abs=1e-9)


def test_nothing_in_common():
    with pytest.raises(InputError, match="no result has the id"):
        compare([example("a", K_VRH=1.0)], [record("b", SILICON)])
