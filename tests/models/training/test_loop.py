"""Trainings of seconds on a dozen real crystals."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cijkl import __version__
from cijkl.errors import InputError
from cijkl.models.training import loop
from cijkl.models.training.config import TrainingConfig, read_config, write_config
from cijkl.models.training.files import prepare
from cijkl.models.training.finetuning import fine_tuning
from cijkl.models.training.history import History, best_epoch, read_history
from cijkl.models.training.loop import train
from cijkl.models.training.task import Task
from cijkl.models.weights import load_network, read_card

from .crystals import CUBIC, write

SMALL = {"width": 12, "layers": 1, "channels": 3, "radial": 5}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    return TrainingConfig(
        settings=SMALL,
        data=(str(write(tmp_path / "set.jsonl")),),
        epochs=4,
        batch_size=4,
        folds=4,
        seed=5,
    )


def state(folder: Path) -> dict[str, torch.Tensor]:
    return load_network(folder / "weights.safetensors").state_dict()


def assert_same(first: Path, second: Path) -> None:
    left, right = state(first), state(second)
    assert left.keys() == right.keys()
    for name in left:
        torch.testing.assert_close(left[name], right[name], atol=0, rtol=0, msg=name)


def stop_at(epoch: int, monkeypatch: pytest.MonkeyPatch, action) -> None:
    """Do something amid an epoch, after its first step."""
    step = Task.training_step

    def training_step(self, batch, index):
        if self.current_epoch == epoch and index == 1:
            action()
        return step(self, batch, index)

    monkeypatch.setattr(Task, "training_step", training_step)


def test_a_configuration_repeats_a_training(config, tmp_path):
    network = train(config, tmp_path / "one", quiet=True)
    train(read_config(tmp_path / "one" / "config.yaml"), tmp_path / "two", quiet=True)
    assert_same(tmp_path / "one", tmp_path / "two")
    assert not network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, state(tmp_path / "one")[name])
    train(replace(config, seed=6, epochs=1), tmp_path / "three", quiet=True)
    first, other = state(tmp_path / "one"), state(tmp_path / "three")
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_it_learns(config, tmp_path):
    train(replace(config, epochs=25, learning_rate=0.01), tmp_path / "run", quiet=True)
    losses = [row["train_loss"] for row in read_history(tmp_path / "run" / "metrics.csv")]
    assert losses[-1] < 0.6 * losses[0]


def test_the_card_says_how_it_was_done(config, tmp_path):
    train(config, tmp_path / "run", quiet=True)
    card = read_card(tmp_path / "run" / "weights.safetensors")
    rows = read_history(tmp_path / "run" / "metrics.csv")
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3]
    best = min(rows, key=lambda row: row["valid"])
    assert card["cijkl"] == __version__
    assert card["config"]["seed"] == 5
    file = tmp_path / "set.jsonl"
    assert card["data"] == [{"file": "set.jsonl", "bytes": file.stat().st_size}]
    assert str(tmp_path) not in str(card)
    assert card["crystals"] == {"learned": 9, "judged": 3}
    assert card["split"] == {"by": "formula", "folds": 4, "judged": 0, "seed": 7}
    assert card["epoch"] == best["epoch"] + 1
    assert card["metrics"]["MAE log10 K_VRH"] == pytest.approx(best["valid_K"], abs=1e-6)
    assert card["metrics"]["MAE log10 G_VRH"] == pytest.approx(best["valid_G"], abs=1e-6)
    assert "before" not in card


@pytest.mark.parametrize("way", ["crash", "Ctrl-C"])
def test_it_goes_on_where_it_was_cut_off(config, tmp_path, monkeypatch, way):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train(config, whole, quiet=True)
    with monkeypatch.context() as patch:
        if way == "crash":

            def crash() -> None:
                raise RuntimeError("the machine stopped")

            stop_at(2, patch, crash)
            with pytest.raises(RuntimeError, match="the machine stopped"):
                train(config, cut, quiet=True)
        else:
            handler = signal.getsignal(signal.SIGINT)
            stop_at(2, patch, lambda: os.kill(os.getpid(), signal.SIGINT))
            with pytest.raises(KeyboardInterrupt):
                train(config, cut, quiet=True)
            assert signal.getsignal(signal.SIGINT) is handler
            # what was reached can be used
            assert read_card(cut / "weights.safetensors")["epoch"] <= 2
    before = read_history(cut / "metrics.csv")
    assert [row["epoch"] for row in before] == [0, 1]
    train(config, cut, quiet=True)
    assert read_history(cut / "metrics.csv")[:2] == before
    assert read_history(cut / "metrics.csv") == read_history(whole / "metrics.csv")
    assert_same(whole, cut)


def test_what_is_done_is_not_done_again(config, tmp_path, monkeypatch):
    train(config, tmp_path / "run", quiet=True)
    before = (tmp_path / "run" / "weights.safetensors").read_bytes()
    monkeypatch.setattr(Task, "on_before_optimizer_step", None)  # no step is taken
    train(config, tmp_path / "run", quiet=True)
    assert (tmp_path / "run" / "weights.safetensors").read_bytes() == before


def test_another_training_is_not_mixed_in(config, tmp_path):
    train(replace(config, epochs=1), tmp_path / "run", quiet=True)
    with pytest.raises(InputError, match="holds a training with another epochs"):
        train(config, tmp_path / "run", quiet=True)


def test_fine_tuning_starts_from_the_weights(config, tmp_path):
    train(replace(config, epochs=12, learning_rate=0.01), tmp_path / "first", quiet=True)
    start = tmp_path / "first" / "weights.safetensors"
    tuned = replace(config, start=str(start), learning_rate=1e-9, epochs=1, weight_decay=0.0)
    train(tuned, tmp_path / "second", quiet=True)
    for name, value in state(tmp_path / "second").items():
        torch.testing.assert_close(value, state(tmp_path / "first")[name], atol=1e-6, rtol=0)
    card = read_card(tmp_path / "second" / "weights.safetensors")
    first = read_card(start)
    assert card["before"]["MAE log10 K_VRH"] == pytest.approx(first["metrics"]["MAE log10 K_VRH"])
    assert card["config"]["start"] == "first/weights.safetensors"


def test_the_level_alone_can_be_learned(config, tmp_path):
    """Labels that are a fifth stiffer: K and G follow, and nothing else changes."""
    train(replace(config, epochs=12, learning_rate=0.01), tmp_path / "first", quiet=True)
    stiffer = tmp_path / "stiffer.jsonl"
    lines = []
    for line in Path(config.data[0]).read_text().splitlines():
        record = json.loads(line)
        record["C"] = (1.2 * np.array(record["C"])).tolist()
        lines.append(json.dumps(record))
    stiffer.write_text("\n".join(lines))
    start = tmp_path / "first" / "weights.safetensors"
    tuned = replace(fine_tuning(start), data=(str(stiffer),), folds=4, epochs=60)
    assert tuned.learn == "level"
    train(tuned, tmp_path / "second", quiet=True)
    before, after = state(tmp_path / "first"), state(tmp_path / "second")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"head.isotropic.2.bias"}
    # K and G are both larger now
    rise = (after["head.isotropic.2.bias"] - before["head.isotropic.2.bias"]).numpy()
    assert (rise > 0.0).all()
    card = read_card(tmp_path / "second" / "weights.safetensors")
    assert card["metrics"]["MAE log10 K_VRH"] < card["before"]["MAE log10 K_VRH"]


def test_fine_tuning_never_ends_worse(config, tmp_path):
    """Steps that ruin everything: the weights that it started from are kept."""
    train(replace(config, epochs=12, learning_rate=0.01), tmp_path / "first", quiet=True)
    start = str(tmp_path / "first" / "weights.safetensors")
    ruin = replace(config, start=start, learning_rate=3.0, warmup=0.0, epochs=2, average=0.0)
    train(ruin, tmp_path / "second", quiet=True)
    assert_same(tmp_path / "first", tmp_path / "second")
    card = read_card(tmp_path / "second" / "weights.safetensors")
    assert card["epoch"] == 0
    assert card["metrics"] == card["before"]


@pytest.mark.parametrize(
    ("network", "settings"),
    [
        ("cgcnn", {"target": "K", "width": 8, "hidden": 8, "layers": 1}),
        ("matsca", {}),
        ("matten", {}),
    ],
)
def test_one_loop_for_all(config, tmp_path, network, settings):
    train(
        replace(config, network=network, settings=settings, epochs=1, data=config.data),
        tmp_path / "run",
        quiet=True,
    )
    assert read_card(tmp_path / "run" / "weights.safetensors")["network"] == network
    rows = read_history(tmp_path / "run" / "metrics.csv")
    assert np.isfinite(rows[0]["train_loss"])


def test_further_sources_teach(config, tmp_path):
    """Tensors of another source are learned from, and their crystals need no other label."""
    other = write(tmp_path / "other.jsonl", ["W", "Fe", "Si"])
    first = write(tmp_path / "first.jsonl", ["C", "NaCl", "KBr", "MgO", "LiF", "GaAs", "Si"])
    both = replace(config, data=(str(first),), tensors={"potential": (str(other),)}, epochs=1)
    network = loop._network(both)
    data = prepare(both, network)
    assert network.settings.sources == ("dft", "potential")
    assert set(data.ids) == {"C", "NaCl", "KBr", "MgO", "LiF", "GaAs", "Si", "W", "Fe"}
    known = dict(zip(data.ids, ~torch.isnan(data.targets.log_stiffness[:, :, 0, 0]), strict=True))
    assert known["Si"].tolist() == [True, True]
    assert known["W"].tolist() == [False, True]
    assert known["C"].tolist() == [True, False]
    train(both, tmp_path / "run", quiet=True)
    assert read_card(tmp_path / "run" / "weights.safetensors")["crystals"]["learned"] >= 5


def test_what_models_say_teaches_too(config, tmp_path, monkeypatch):
    """Of crystals without labels, with half the weight; those that judge do not move."""
    mine = write(tmp_path / "mine.jsonl", ["C", "NaCl", "KBr", "MgO", "LiF", "GaAs", "Si"])
    said = write(tmp_path / "said.jsonl")
    alone = replace(config, data=(str(mine),), epochs=1)
    seen = []
    monkeypatch.setattr(loop, "fit", lambda *given: seen.append(given[3:5]))
    monkeypatch.setattr(loop, "_finish", lambda *given: None)
    for number, settings in enumerate((alone, replace(alone, predicted=(str(said),)))):
        train(settings, tmp_path / str(number), quiet=True)
    (first, judged), (both, again) = seen
    assert again.ids == judged.ids
    assert both.ids[: len(first)] == first.ids
    added = both.ids[len(first) :]
    assert sorted(added) == sorted(set(CUBIC) - set(first.ids) - set(judged.ids))
    assert both.targets.weight[len(first) :].tolist() == [0.5] * len(added)
    with pytest.raises(InputError, match="predicted: no crystals but those that have labels"):
        train(replace(alone, predicted=(str(mine),)), tmp_path / "none", quiet=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": ()}, "no data to train on"),
        ({"folds": 40}, "12 formulas cannot make 40 folds"),
        ({"loss": {"tensors": 1.0}}, "known are tensor, isotropic, other"),
        ({"network": "matsca", "settings": {}, "loss": {"tensor": 1.0}}, "no parts to weigh"),
        ({"network": "cgcnn", "settings": {}}, "settings of cgcnn: missing .* 'target'"),
        ({"settings": {"width": "wide"}}, "settings of log_stiffness: "),
        ({"network": "gpt"}, "no network is called 'gpt'"),
        ({"start": "nowhere.safetensors"}, "no file of weights"),
    ],
)
def test_what_cannot_be_trained_is_told(config, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        train(replace(config, **change), tmp_path / "run", quiet=True)


def test_progress_goes_to_standard_error(config, tmp_path, capsys, monkeypatch):
    from cijkl.models.training import callbacks

    monkeypatch.setattr(callbacks, "_PERIOD", 0.0)
    train(replace(config, epochs=2), tmp_path / "run")
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[0] == "9 crystals to learn from, 3 to judge by"
    assert [line.split(",")[0] for line in lines[1:]] == ["epoch 1 of 2", "epoch 2 of 2"]
    assert lines[2].endswith("0:00:00 left at most")
    train(replace(config, epochs=2), tmp_path / "quiet", quiet=True)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "")


def test_history_goes_on(tmp_path):
    path = tmp_path / "metrics.csv"
    first = History(path)
    first.log_metrics({"epoch": 0, "valid": 0.5})
    first.log_metrics({"epoch": 0, "train_loss": 1.5})
    first.log_metrics({"epoch": 1, "valid": 0.25})
    second = History(path)
    second.log_metrics({"epoch": 1, "valid": 0.375})
    second.log_metrics({"epoch": 2, "valid": 0.375, "skipped_steps": 1.0})
    assert read_history(path) == [
        {"epoch": 0, "valid": 0.5, "train_loss": 1.5},
        {"epoch": 1, "valid": 0.375},
        {"epoch": 2, "valid": 0.375, "skipped_steps": 1.0},
    ]
    assert best_epoch(read_history(path))["epoch"] == 1
    assert best_epoch([{"epoch": 0, "valid": float("nan")}]) is None
    assert [item.name for item in tmp_path.iterdir()] == ["metrics.csv"]


def test_the_written_configuration_is_the_one(config, tmp_path):
    train(replace(config, epochs=1), tmp_path / "run", quiet=True)
    write_config(replace(config, epochs=1), tmp_path / "expected.yaml")
    text = (tmp_path / "run" / "config.yaml").read_text()
    assert text == (tmp_path / "expected.yaml").read_text()


def test_a_reserved_fold_is_not_learned_from(config, tmp_path):
    train(config, tmp_path / "all", quiet=True)
    train(replace(config, reserved=1), tmp_path / "fewer", quiet=True)
    cards = [read_card(tmp_path / name / "weights.safetensors") for name in ("all", "fewer")]
    assert cards[0]["crystals"]["judged"] == cards[1]["crystals"]["judged"]
    assert cards[0]["crystals"]["learned"] > cards[1]["crystals"]["learned"]


def test_the_last_epoch_can_be_kept(config, tmp_path):
    """With a rate that destroys what was learned the best epoch is an early one."""
    harsh = replace(config, learning_rate=1.0, warmup=0.9, average=0.0, clip=100.0, epochs=6)
    for keep in ("best", "last"):
        train(replace(harsh, keep=keep), tmp_path / keep, quiet=True)
    best, last = (read_card(tmp_path / keep / "weights.safetensors") for keep in ("best", "last"))
    assert last["epoch"] > best["epoch"]
    assert last["epoch"] == len(read_history(tmp_path / "last" / "metrics.csv"))
    different = [
        not torch.equal(a, b)
        for a, b in zip(
            state(tmp_path / "best").values(), state(tmp_path / "last").values(), strict=True
        )
    ]
    assert any(different)


def test_other_sources_do_not_move_the_folds(config, tmp_path):
    """Crystals that only a further source knows are learned from, whatever the folds are."""
    rows = [json.loads(line) for line in Path(config.data[0]).read_text().splitlines()]
    others = [{**row, "id": f"other-{row['id']}"} for row in rows[:3]]
    for row, species in zip(others, ("Kr", "Xe", "Ar"), strict=True):
        row["species"] = [species] * len(row["species"])
        row.pop("K_VRH", None)
        row["C"] = (100.0 * np.eye(6) + 50.0 * (np.arange(36).reshape(6, 6) % 7 == 0)).tolist()
    path = tmp_path / "others.jsonl"
    path.write_text("\n".join(map(json.dumps, others)))
    more = replace(config, tensors={"other": (str(path),)})
    plain, joint = tmp_path / "plain", tmp_path / "joint"
    train(config, plain, quiet=True)
    train(more, joint, quiet=True)
    cards = [read_card(folder / "weights.safetensors")["crystals"] for folder in (plain, joint)]
    assert cards[0]["judged"] == cards[1]["judged"]
    assert cards[1]["learned"] == cards[0]["learned"] + 3
