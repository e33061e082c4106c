"""Ranges of moduli on made-up crystals whose errors are known, so that their coverage is too."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.models.ensemble import Prediction
from cijkl.models.uncertainty import Calibration, fit

SYSTEMS = ("cubic", "hexagonal", "monoclinic")


def made_up(count, seed, worse=1.0):
    """Truth (n, 2), what an ensemble says, and systems; errors are known multiples of the spread.

    The errors of ln K and ln G have the deviation sqrt(0.04^2 + (2 spread)^2) (100 GPa / M)^0.2,
    and `worse` times that for monoclinic crystals.
    """
    rng = np.random.default_rng(seed)
    names = rng.choice(SYSTEMS, size=count, p=(0.5, 0.4, 0.1))
    bulk = np.exp(rng.normal(np.log(90), 0.6, count))
    shear = bulk * rng.uniform(0.3, 0.7, count)
    moduli = np.stack([bulk, bulk, bulk, shear, shear, shear], 1)
    spread = 0.03 * rng.gamma(2.0, 0.5, (count, 2))
    scale = np.hypot(0.04, 2 * spread) * (moduli[:, [2, 5]] / 100) ** -0.2
    scale[names == "monoclinic"] *= worse
    truth = moduli[:, [2, 5]] * np.exp(scale * rng.normal(size=(count, 2)))
    nothing = np.zeros((count, 6, 6))
    return truth, Prediction(nothing, nothing, moduli, spread), list(names)


def inside(truth, calibration, prediction, names=None):
    low, high = calibration.ranges(prediction.moduli, prediction.spread, names)
    return (low <= truth) & (truth <= high)


@pytest.mark.parametrize("level", [0.68, 0.9])
def test_held_out_crystals_are_within(level):
    truth, prediction, names = made_up(800, seed=1)
    calibration = fit(truth, prediction, names, level)
    truth, prediction, names = made_up(20_000, seed=2)
    for systems in (None, names):
        share = inside(truth, calibration, prediction, systems).mean(0)
        np.testing.assert_allclose(share, level, atol=0.025)


def test_difficult_crystals_are_covered_as_well_as_easy_ones():
    """A constant width would cover far less than 90 % where members disagree most, or are soft."""
    truth, prediction, _ = made_up(3000, seed=1)
    calibration = fit(truth, prediction)
    for width in (calibration.bulk, calibration.shear):
        assert width.disagreement == pytest.approx(0.02, rel=0.2)
        assert width.softness == pytest.approx(0.2, abs=0.05)
    truth, prediction, _ = made_up(20_000, seed=2)
    covered = inside(truth, calibration, prediction)
    error = np.abs(np.log(truth / prediction.moduli[:, [2, 5]]))
    constant = error < np.quantile(error, 0.9, axis=0)
    for column in (0, 1):
        spread = prediction.spread[:, column]
        torn = spread > np.quantile(spread, 0.9)
        assert constant[torn, column].mean() < 0.75
        assert 0.84 < covered[torn, column].mean() < 0.95
        assert 0.84 < covered[~torn, column].mean() < 0.95
        modulus = prediction.moduli[:, (2, 5)[column]]
        soft = modulus < np.quantile(modulus, 0.1)
        assert 0.84 < covered[soft, column].mean() < 0.95


def test_systems_that_are_worse_get_wider_ranges():
    truth, prediction, names = made_up(1000, seed=3, worse=2.0)
    calibration = fit(truth, prediction, names)
    assert calibration.shear.by_system["monoclinic"] > 1.2 * calibration.shear.by_system["cubic"]
    truth, prediction, names = made_up(20_000, seed=4, worse=2.0)
    worse = np.array(names) == "monoclinic"
    blind = inside(truth, calibration, prediction)[worse].mean()
    informed = inside(truth, calibration, prediction, names)[worse].mean()
    assert blind < 0.7
    assert blind + 0.1 < informed < 0.93
    # a system that no crystal of the calibration had is treated like one that is not known
    unknown = calibration.half_widths(prediction.moduli, prediction.spread, ["cubical"] * 20_000)
    plain = calibration.half_widths(prediction.moduli, prediction.spread)
    np.testing.assert_array_equal(unknown, plain)


def test_triclinic_crystals_are_treated_like_monoclinic_ones():
    truth, prediction, names = made_up(1000, seed=8, worse=2.0)
    few = np.flatnonzero(np.array(names) == "monoclinic")[:5]
    renamed = ["triclinic" if i in few else name for i, name in enumerate(names)]
    calibration = fit(truth, prediction, renamed)
    assert calibration.bulk.by_system["triclinic"] == calibration.bulk.by_system["monoclinic"]
    assert calibration.bulk.by_system == fit(truth, prediction, names).bulk.by_system


def test_quantile_for_a_finite_number_of_crystals():
    """Of 9 crystals the largest score, which 90 % of new ones stay below; 8 are too few."""
    count = 9
    moduli = np.full((count, 6), 100.0)
    prediction = Prediction(
        np.zeros((count, 6, 6)), np.zeros((count, 6, 6)), moduli, np.zeros((count, 2))
    )
    errors = np.linspace(0.1, 0.9, count)
    truth = 100.0 * np.exp(np.stack([errors, -errors], 1))
    calibration = fit(truth, prediction)
    low, high = calibration.ranges(moduli[:1], np.zeros((1, 2)))
    np.testing.assert_allclose(np.log(high / 100.0), 0.9)
    np.testing.assert_allclose(np.log(low / 100.0), -0.9)
    half = calibration.half_widths(moduli[:1], np.zeros((1, 2)))
    np.testing.assert_allclose(half, 100.0 * np.sinh(0.9))
    middle = fit(truth, prediction, level=0.5)
    np.testing.assert_allclose(np.log(middle.ranges(moduli[:1], np.zeros((1, 2)))[1] / 100.0), 0.5)
    truth[0] = np.nan
    with pytest.raises(InputError, match="8 crystals cannot calibrate ranges for 90 %; at least 9"):
        fit(truth, prediction)


def test_moduli_that_are_not_known_do_not_count():
    truth, prediction, names = made_up(400, seed=5)
    partial = truth.copy()
    partial[200:, 1] = np.nan
    calibration = fit(partial, prediction, names)
    whole = fit(truth, prediction, names)
    half = Prediction(*(v[:200] for v in vars(prediction).values()))
    assert calibration.bulk == whole.bulk
    assert calibration.shear == fit(truth[:200], half, names[:200]).shear
    assert calibration.crystals == 400


def test_deviations_of_the_constants():
    """Members that disagree by 1 GPa and err by 3 GPa are given a deviation of 3 GPa."""
    rng = np.random.default_rng(6)
    count = 300
    _, prediction, _ = made_up(count, seed=6)
    deviation = np.exp(rng.normal(0.0, 0.5, (count, 6, 6)))
    deviation = deviation + deviation.swapaxes(1, 2)
    # cubic constants that symmetry forbids are exactly zero, and say nothing
    deviation[:100, 3:, :3] = deviation[:100, :3, 3:] = 0.0
    noise = rng.normal(size=(count, 6, 6))
    noise = (noise + noise.swapaxes(1, 2)) / (2**0.5 + (2.0 - 2**0.5) * np.eye(6))
    stiffness = 3.0 * deviation * noise
    stiffness[-100:] = np.nan
    told = Prediction(np.zeros((count, 6, 6)), deviation, prediction.moduli, prediction.spread)
    truth = prediction.moduli[:, [2, 5]] * np.exp(0.1 * rng.normal(size=(count, 2)))
    calibration = fit(truth, told, stiffness=stiffness)
    assert calibration.tensors == 200
    assert calibration.deviation_factor == pytest.approx(3.0, rel=0.05)
    assert fit(truth, told).deviation_factor == 1.0


def test_written_and_read():
    truth, prediction, names = made_up(300, seed=7)
    calibration = fit(truth, prediction, names)
    content = json.loads(json.dumps(calibration.as_dict()))
    assert Calibration.load(content) == calibration
    del content["bulk"]["quantile"]
    with pytest.raises(InputError, match="no calibration of a model"):
        Calibration.load(content)
