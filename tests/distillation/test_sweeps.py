"""A sweep of seconds."""

from __future__ import annotations

import csv
import json

import pytest

pytest.importorskip("chgnet")

from cijkl.distillation import DistillConfig, SweepConfig, read_sweep, sweep, sweeps, training
from cijkl.errors import InputError

from .salts import write_frames


@pytest.fixture
def base(tmp_path, monkeypatch) -> DistillConfig:
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))
    return DistillConfig(
        hard=(str(write_frames(tmp_path / "salts.extxyz", each=2)),),
        teacher="chgnet-r2scan",
        holdout=("mgo",),
        validation_share=0.2,
        epochs=1,
        batch_size=4,
    )


def test_shares_sizes_and_repeats(base):
    config = SweepConfig(base, (0.0, 0.25), (10, 3), 2)
    points = dict(config.points())
    assert list(points)[:2] == ["hard0-frames3-repeat1", "hard0.25-frames3-repeat1"]
    assert len(points) == 8
    one = points["hard0.25-frames10-repeat2"]
    assert (one.frames, one.seed) == (10, base.seed + 1)
    assert one.ratios == {
        "hard_energy": 0.25, "soft_energy": 0.75, "hard_forces": 0.25, "soft_forces": 0.75,
        "hard_stress": pytest.approx(0.025), "soft_stress": pytest.approx(0.075),
    }  # fmt: skip


def test_a_table_figures_and_no_repetition(base, tmp_path, monkeypatch):
    config = SweepConfig(base, (0.0, 1.0), (4,), 1)
    rows = sweep(config, tmp_path / "sweep")
    assert [row["hard_share"] for row in rows] == [0.0, 1.0]
    for row in rows:
        assert row["learned"] == 4
        assert row["before_test_hard_forces"] == rows[0]["before_test_hard_forces"]
        assert row["after_test_soft_stress"] > 0.0
    with (tmp_path / "sweep" / "sweep.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["after_test_hard_forces"]) for row in table] == [
        row["after_test_hard_forces"] for row in rows
    ]
    assert "hard_share" in table[0]
    page = (tmp_path / "sweep" / "sweep.html").read_text()
    assert page.count("plotly-graph-div") >= 3
    assert "teacher: forces" in page.replace("\\u003a", ":")

    def never(*_, **__):
        raise AssertionError("prepared again")

    monkeypatch.setattr(training, "prepare", never)
    assert sweep(config, tmp_path / "sweep") == rows


def test_means_over_repeats():
    rows = [
        {"hard_share": 0.5, "frames": 10, "after_test_hard_forces": value} for value in (0.1, 0.3)
    ] + [{"hard_share": 0.5, "frames": 10, "error": "none"}]
    (entry,) = sweeps.summary(rows)
    assert entry["repeats"] == 2
    assert entry["after_test_hard_forces"]["mean"] == pytest.approx(0.2)
    assert entry["after_test_hard_forces"]["std"] == pytest.approx(0.2 / 2**0.5)


def test_one_that_fails_does_not_stop_the_others(base, tmp_path, monkeypatch):
    real = training.distill

    def fails(config, folder, **options):
        if "hard0-" in folder.name:
            raise InputError("no such luck")
        return real(config, folder, **options)

    monkeypatch.setattr(training, "distill", fails)
    rows = sweep(SweepConfig(base, (0.0, 1.0), (4,), 1), tmp_path / "sweep")
    assert rows[0]["error"] == "no such luck"
    assert rows[1]["learned"] == 4
    assert len(json.loads((tmp_path / "sweep" / "sweep.json").read_text())) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sweep": None}, "expected hard_shares, sizes and repeats"),
        ({"sweep": {"shares": [1]}}, "no setting 'shares'"),
        ({"sweep": {"hard_shares": [1.5]}}, "expected numbers from 0 to 1"),
        ({"sweep": {"sizes": 10}}, "expected a list"),
        ({"sweep": {"repeats": 0}}, "repeats is 0"),
        ({"sweep": {}, "rate": 1}, "'rate' is no setting"),
    ],
)
def test_wrong_settings(wrong, words):
    with pytest.raises(InputError, match=words):
        read_sweep(wrong, "my.yaml")
