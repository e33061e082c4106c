"""`cijkl train` as a user runs it, on a dozen real crystals."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from ase.io import write as write_structure

from cijkl.models.training.config import read_config
from cijkl.models.training.task import Task
from cijkl.models.weights import load_network, read_card

from ..models.training.crystals import CUBIC, write

SMALL = ("--set", "width=12", "--set", "layers=1", "--set", "channels=3", "--set", "radial=5")
SHORT = (*SMALL, "--epochs", 2, "--batch-size", 4, "--folds", 4)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "set.jsonl")


def test_from_nothing(cijkl, data, tmp_path, examples):
    out = tmp_path / "run"
    run = cijkl("train", "--data", data, "--out", out, *SHORT, "--seed", 3)
    assert run.code == 0, run.err
    assert run.err == ""
    assert run.out.startswith(f"{out}: learned from 9 crystals; by 3 others epoch ")
    error = read_card(out / "weights.safetensors")["metrics"]["MAE log10 K_VRH"]
    assert f"mean error of K {10**error - 1:.1%} ({error:.4f} in log10)" in run.out
    config = read_config(out / "config.yaml")
    assert (config.epochs, config.batch_size, config.folds, config.seed) == (2, 4, 4, 3)
    assert config.settings == {"width": 12, "layers": 1, "channels": 3, "radial": 5}
    assert (config.learning_rate, config.start) == (3e-3, None)
    # and the result answers
    run = cijkl("predict", examples / "NaCl.cif", "--model", out, "--json", "-")
    assert run.code == 0, run.err
    (record,) = run.records
    assert record["stable"]
    assert 1.0 < record["moduli"]["K"]["hill"] < 1000.0


def test_options_and_file_are_equal(cijkl, data, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    run = cijkl("train", "--data", data, "--out", first, *SHORT, "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")
    run = cijkl("train", "--config", first / "config.yaml", "--out", second, "-q")
    assert run.code == 0, run.err
    one, two = (load_network(d / "weights.safetensors").state_dict() for d in (first, second))
    for name, value in one.items():
        np.testing.assert_array_equal(value, two[name])
    # an option comes before the file
    run = cijkl("train", "--config", first / "config.yaml", "--epochs", 1, "--out", tmp_path / "3")
    assert run.code == 0, run.err
    assert read_config(tmp_path / "3" / "config.yaml").epochs == 1
    assert read_config(tmp_path / "3" / "config.yaml").folds == 4


def test_several_files_and_a_folder_with_a_table(cijkl, tmp_path):
    """CGCNN's layout, with log10 of the bulk modulus, beside a file of tensors."""
    folder = tmp_path / "cifs"
    folder.mkdir()
    rows = []
    for name, (atoms, (c11, c12, _)) in CUBIC.items():
        write_structure(folder / f"{name}.cif", atoms)
        rows.append(f"{name},{np.log10((c11 + 2 * c12) / 3):.5f}")
    (folder / "id_prop.csv").write_text("\n".join(rows) + "\n")
    run = cijkl("train", "--data", folder, "--target", "K_VRH", "--out", tmp_path / "a", *SHORT)
    assert run.code == 2
    assert "looks like log10" in run.err
    first = write(tmp_path / "first.jsonl", ["Si", "Cu", "W"])
    run = cijkl(
        *("train", "--data", folder, "--target", "K_VRH", "--log10", "--out", tmp_path / "b"),
        *("--network", "cgcnn", "--set", "target=K", "--set", "width=8", "--set", "hidden=8"),
        *("--epochs", 1, "--folds", 4),
    )
    assert run.code == 0, run.err
    card = read_card(tmp_path / "b" / "weights.safetensors")
    assert card["crystals"] == {"learned": 9, "judged": 3}
    assert set(card["metrics"]) >= {"MAE log10 K_VRH"}
    assert "MAE log10 G_VRH" not in card["metrics"]
    second = write(tmp_path / "second.jsonl", ["Al", "Fe", "C", "MgO", "Ni"])
    run = cijkl("train", "--data", first, "--data", second, "--out", tmp_path / "c", *SHORT)
    assert run.code == 0, run.err
    assert "learned from 6 crystals" in run.out


def test_fine_tuning(cijkl, data, tmp_path):
    """A file, and a folder of two trainings, whose networks are both tuned."""
    both = tmp_path / "both"
    for number in (1, 2):
        assert cijkl("train", "--data", data, "--out", both / str(number), *SHORT, "-q").code == 0
    run = cijkl(
        "train", "--data", data, "--from", both / "1", "--out", tmp_path / "a", "--epochs", 1
    )
    assert run.code == 0, run.err
    assert ", before " in run.out
    config = read_config(tmp_path / "a" / "config.yaml")
    assert config.start == str(both / "1" / "weights.safetensors")
    assert config.settings == {
        "width": 12,
        "layers": 1,
        "channels": 3,
        "radial": 5,
        "neighbours": 24,
        "dropout": 0.1,
    }
    assert config.learn == "level"
    run = cijkl(
        *("train", "--data", data, "--from", both / "1", "--learn", "all"),
        *("--out", tmp_path / "c", "--epochs", 1),
    )
    assert run.code == 0, run.err
    assert read_config(tmp_path / "c" / "config.yaml").learning_rate == 1e-4
    run = cijkl("train", "--data", data, "--from", both, "--out", tmp_path / "b", "--epochs", 1)
    assert run.code == 0, run.err
    assert [", network 2 of 2: " in line for line in run.out.splitlines()] == [False, True]
    assert [p.parent.name for p in sorted((tmp_path / "b").glob("*/weights.safetensors"))] == [
        "1",
        "2",
    ]


def test_ctrl_c(cijkl, data, tmp_path, monkeypatch):
    out = tmp_path / "run"
    step = Task.training_step

    def training_step(self, batch, index):
        if self.current_epoch == 2 and index == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return step(self, batch, index)

    arguments = ("train", "--data", data, "--out", out, *SHORT, "--epochs", 4)
    with monkeypatch.context() as patch:
        patch.setattr(Task, "training_step", training_step)
        run = cijkl(*arguments)
    assert run.code == 0
    assert "the same command goes on" in run.complaints[-1]
    assert "Traceback" not in run.err
    assert load_network(out / "weights.safetensors")
    run = cijkl(*arguments)
    assert run.code == 0, run.err
    assert run.err == ""
    lines = (out / "metrics.csv").read_text().splitlines()
    assert len(lines) == 1 + 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is no data to train on"),
        (("--data", "nowhere.jsonl"), "nowhere.jsonl: no such file or folder"),
        (("--data", "SET", "--network", "gpt"), "no network is called 'gpt'"),
        (("--data", "SET", "--set", "width"), "--set: 'width' is not of the form NAME=VALUE"),
        (("--data", "SET", "--set", "depth=3"), "has no setting 'depth'"),
        (("--data", "SET", "--loss", "tensor=much"), "--loss: a weight is a number"),
        (("--data", "SET", "--epochs", "0"), "epochs is 0, expected at least 1"),
        (("--data", "SET", "--fold", "7"), "fold 7 of 5; the first is 0"),
        (("--data", "SET", "--folds", "30"), "12 formulas cannot make 30 folds"),
        (("--data", "SET", "--from", "nowhere"), "no model or file of weights is called 'nowhere'"),
        (("--data", "SET", "--config", "none.yaml"), "none.yaml: no training configuration"),
        (("--data", "BAD"), "no row gives a crystal with labels"),
        (("--data", "SET", "--epochs", "x"), "is not a valid integer"),
    ],
)
def test_bad_input_is_one_line(cijkl, data, tmp_path, arguments, message):
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"id": "a", "species": ["Si"], "K_VRH": 98.0}) + "\n{broken\n")
    places = {"SET": data, "BAD": bad}
    run = cijkl("train", "--out", tmp_path / "run", *(places.get(a, a) for a in arguments))
    assert run.code == 2
    assert message in run.err
    assert len(run.complaints) == 1


def test_help_names_an_example(cijkl):
    run = cijkl("train", "--help")
    assert run.code == 0
    assert "cijkl train --data" in run.out
