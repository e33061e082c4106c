"""Table 1 and figures 3 to 6 of Taniguchi 2025, from the folder of a sweep."""

from __future__ import annotations

import csv

import pytest

from cijkl.distillation import sweeps
from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.sweep_items import read_rows

COLUMNS = (
    *("run", "hard_share", "frames", "seed", "error", "before_test_hard_forces"),
    *("after_test_hard_forces", "after_test_soft_forces", "after_test_soft_energy"),
)
ROWS = [
    ("hard0-frames10-repeat1", 0.0, 10, 1, "", 0.5, 0.2, 0.1, 3.0),
    ("hard0-frames10-repeat2", 0.0, 10, 2, "", 0.5, 0.4, 0.3, 5.0),
    ("hard1-frames10-repeat1", 1.0, 10, 1, "", 0.5, 0.1, 0.5, 7.0),
    ("hard1-frames10-repeat2", 1.0, 10, 2, "no labels", "", "", "", ""),
]


@pytest.fixture
def folder(tmp_path):
    """What a sweep leaves, of three distillations and one that failed."""
    with (tmp_path / "sweep.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *ROWS])
    for run, *_ in ROWS[:3]:
        (tmp_path / run).mkdir()
        (tmp_path / run / "metrics.csv").write_text(
            "epoch,train_loss,valid\n0,2.0,3.0\n1,1.0,2.5\n"
        )
    return tmp_path


def test_table_1(folder):
    told: list[str] = []
    request = Request(results={"s": folder}, report=told.append)
    outcome = reproduce("taniguchi-2025-table-1", request)
    assert told == ["hard1-frames10-repeat2: no labels"]
    hard = outcome.table("Mean absolute errors on held-out compounds against the frames'")
    assert hard.columns == ("hard share, frames", "repeats", "forces, eV/A", "±")
    # 0.2 and 0.4: mean 0.3, sample deviation 0.2 / sqrt 2
    assert hard.rows == (
        ("before", None, 0.5, None),
        ("0, 10", 2, pytest.approx(0.3), pytest.approx(0.2 / 2**0.5)),
        ("1, 10", 1, 0.1, None),
    )
    soft = outcome.table("Mean absolute errors on held-out compounds against the teacher")
    assert soft.column("energy, meV/atom") == {"before": None, "0, 10": 4.0, "1, 10": 7.0}
    assert outcome.figures == {}


@pytest.mark.parametrize(
    ("name", "traces"), [("fig-3", 4), ("fig-4", 2), ("fig-5", 1), ("fig-6", 6)]
)
def test_figures(folder, name, traces):
    outcome = reproduce(f"taniguchi-2025-{name}", Request(results={"s": folder}))
    (draw,) = outcome.figures.values()
    assert len(draw().data) == traces


def test_losses_by_epoch(folder):
    outcome = reproduce("taniguchi-2025-fig-3", Request(results={"s": folder}))
    learned, judged = outcome.figures["epochs"]().data[:2]
    assert (learned.y, judged.y) == ((2.0, 1.0), (3.0, 2.5))


def test_errors_by_share(folder):
    outcome = reproduce("taniguchi-2025-fig-5", Request(results={"s": folder}))
    (line,) = outcome.figures["share-hard"]().data
    assert (line.x, line.y) == ((0.0, 1.0), pytest.approx((0.3, 0.1)))


def test_a_configuration_is_run_first(folder, tmp_path, monkeypatch):
    path = tmp_path / "config.yaml"
    path.write_text("student: chgnet\nhard: x.extxyz\nsweep: {hard_shares: [0, 1], sizes: [10]}\n")
    asked = []
    monkeypatch.setattr(sweeps, "sweep", lambda config, where: asked.append((config, where)))
    reproduce("taniguchi-2025-table-1", Request(data=path, results={"s": folder}))
    ((config, where),) = asked
    assert (config.hard_shares, config.sizes, where) == ((0, 1), (10,), folder)


def test_numbers_come_back_as_they_were(folder):
    rows = read_rows(folder)
    assert rows[0]["run"] == "hard0-frames10-repeat1"
    assert rows[0]["frames"] == 10
    assert "error" not in rows[0]
    assert rows[3].keys() == {"run", "hard_share", "frames", "seed", "error"}


def test_bad_folders(folder, tmp_path):
    for request, message in (
        (Request(), "needs a sweep: --results FOLDER"),
        (Request(results={"a": folder, "b": folder}), "needs a sweep"),
        (Request(results={"a": tmp_path / "none"}), "no sweep: "),
        (Request(results={"a": folder}, data=tmp_path / "none"), "no configuration"),
    ):
        with pytest.raises(InputError, match=message):
            reproduce("taniguchi-2025-table-1", request)
    (folder / "sweep.csv").write_text("run,frames\nx,1\n")
    with pytest.raises(InputError, match="expected run, hard_share, frames and seed"):
        read_rows(folder)
    (folder / "sweep.csv").write_text("run,hard_share,frames,seed\nx,many,1,1\n")
    with pytest.raises(InputError, match="could not convert"):
        read_rows(folder)
    (folder / "sweep.csv").write_text("run,hard_share,frames,seed,before_test\nx,0,1,1,2\n")
    with pytest.raises(InputError, match="held nothing out"):
        reproduce("taniguchi-2025-table-1", Request(results={"a": folder}))
