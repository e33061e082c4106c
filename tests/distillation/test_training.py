"""Distillations of seconds, on crystals of two atoms."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("chgnet")

from cijkl.distillation import DistillConfig, distill, name_to_load
from cijkl.distillation.lessons import prepare
from cijkl.distillation.student import Student
from cijkl.distillation.task import DistillTask, loss_and_gradient
from cijkl.errors import InputError
from cijkl.potentials import Evaluation, EvaluationError, load
from cijkl.potentials.distilled import fresh, load_weights, read_student_card, save_student

from .salts import salt, write_frames


@pytest.fixture(autouse=True)
def one_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def config(tmp_path: Path) -> DistillConfig:
    return DistillConfig(
        hard=(str(write_frames(tmp_path / "salts.extxyz")),),
        holdout=("mgo",),
        validation_share=0.2,
        epochs=3,
        batch_size=4,
    )


def state(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(folder / "student.safetensors")


class Shifted:
    """CHGNet itself, with other energies of the elements."""

    name, version, settings = "shifted", "1", {}

    def __init__(self) -> None:
        self.inner = fresh("chgnet", dtype="float64")

    def evaluate(self, structures):
        for index, atoms in enumerate(structures):
            if 47 in atoms.numbers:
                raise EvaluationError("no silver", index)
        return [
            Evaluation(e.energy + 0.05 * float(a.numbers.sum()), e.forces, e.stress)
            for a, e in zip(structures, self.inner.evaluate(structures), strict=True)
        ]


def test_what_is_written(config, tmp_path):
    weights = distill(config, tmp_path / "run")
    card = read_student_card(weights)
    assert card["student"] == "chgnet"
    assert card["config"]["hard"] == ["salts.extxyz"]
    assert set(card["systems"]["test"]) == {"mgo"}
    everywhere = [name for part in card["systems"].values() for name in part]
    assert sorted(everywhere) == ["agcl", "cas", "kbr", "lif", "mgo", "nacl"]
    assert card["frames"]["learned"] + card["frames"]["judged"] == 15
    errors = json.loads((tmp_path / "run" / "errors.json").read_text())
    assert errors["before"]["test"]["hard"]["frames"] == 3
    assert errors == card["errors"]
    # nothing but what was learned
    assert sum(value.numel() for value in state(tmp_path / "run").values()) == 12_545
    assert weights.stat().st_size < 100_000


def test_the_file_is_a_potential(config, tmp_path):
    weights = distill(replace(config, keep="last", dispersion="d3"), tmp_path / "run")
    assert name_to_load(weights) == f"distilled:{weights}+d3"
    atoms = [salt("NaCl"), salt("MgO", 3)]
    alone, both = load(f"distilled:{weights}"), load(name_to_load(weights))
    start, dispersion = load("chgnet"), load("d3")
    assert alone.name == f"distilled:{weights}"
    for ours, total, old, added in zip(
        *(potential.evaluate(atoms) for potential in (alone, both, start, dispersion)), strict=True
    ):
        assert np.abs(ours.forces - old.forces).max() > 1e-4
        np.testing.assert_allclose(total.forces, ours.forces + added.forces, atol=1e-6)
    # the one that others share has not learned
    np.testing.assert_array_equal(
        fresh("chgnet").evaluate(atoms)[0].forces, start.evaluate(atoms)[0].forces
    )


def test_a_break_changes_nothing(config, tmp_path, monkeypatch):
    distill(replace(config, keep="last"), tmp_path / "whole")
    step = DistillTask.training_step

    def interrupted(self, batch, index):
        if self.current_epoch == 2:
            raise RuntimeError("killed")
        return step(self, batch, index)

    monkeypatch.setattr(DistillTask, "training_step", interrupted)
    with pytest.raises(RuntimeError, match="killed"):
        distill(replace(config, keep="last"), tmp_path / "broken")
    epochs = []

    def counted(self, batch, index):
        epochs.append(self.current_epoch)
        return step(self, batch, index)

    monkeypatch.setattr(DistillTask, "training_step", counted)
    distill(replace(config, keep="last"), tmp_path / "broken")
    assert set(epochs) == {2}
    whole, broken = state(tmp_path / "whole"), state(tmp_path / "broken")
    for name in whole:
        assert torch.equal(whole[name], broken[name]), name


def test_ctrl_c_leaves_the_best_so_far(config, tmp_path, monkeypatch):
    step = DistillTask.training_step

    def pressed(self, batch, index):
        if self.current_epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return step(self, batch, index)

    monkeypatch.setattr(DistillTask, "training_step", pressed)
    short = replace(config, epochs=2, keep="last")
    with pytest.raises(KeyboardInterrupt):
        distill(short, tmp_path / "run")
    file = tmp_path / "run" / "student.safetensors"
    card = read_student_card(file)
    assert card["epoch"] == 1
    assert "errors" not in card
    monkeypatch.setattr(DistillTask, "training_step", step)
    assert read_student_card(distill(short, tmp_path / "run"))["epoch"] == 2


def test_another_distillation_in_the_same_folder(config, tmp_path):
    distill(replace(config, epochs=1), tmp_path / "run")
    with pytest.raises(InputError, match="holds a distillation with another learning_rate"):
        distill(replace(config, epochs=1, learning_rate=0.1), tmp_path / "run")


def test_labels_that_the_loss_does_not_see(config, tmp_path):
    with pytest.raises(InputError, match="no label to learn from has a weight"):
        distill(replace(config, ratios={"soft_forces": 1.0}), tmp_path / "run")


def test_hard_labels_alone_are_ordinary_fine_tuning(config, tmp_path):
    """One step of AdamW by hand, of all frames; and a teacher that does not count."""
    one = replace(
        config, epochs=1, batch_size=100, average=0.0, warmup=0.0, clip=0.0, keep="last",
        precision="double", schedule="cosine",
    )  # fmt: skip
    ratios = {name: value for name, value in one.ratios.items() if name.startswith("hard")}
    distill(one, tmp_path / "alone")
    distill(replace(one, ratios=ratios), tmp_path / "taught", teacher=Shifted())
    alone, taught = state(tmp_path / "alone"), state(tmp_path / "taught")

    student = Student("chgnet", ("mlp",), dtype="float64", device="cpu")
    lessons = prepare(one, student.potential)
    weights = student.weights()
    optimiser = torch.optim.AdamW(weights.values(), lr=one.learning_rate, weight_decay=0.0)
    _, gradients = loss_and_gradient(student, lessons.learned, one.ratios, one.huber)
    for weight, gradient in zip(weights.values(), gradients, strict=True):
        weight.grad = gradient
    optimiser.step()
    for name, weight in weights.items():
        torch.testing.assert_close(alone[name], weight.detach(), rtol=0, atol=1e-9)
        torch.testing.assert_close(taught[name], alone[name], rtol=0, atol=1e-12)


def test_a_teacher_that_is_the_student_teaches_nothing(config, tmp_path):
    """Soft labels only; its energies differ by constants of the elements, which are found."""
    ratios = {"soft_energy": 1.0, "soft_forces": 1.0, "soft_stress": 0.1}
    weights = distill(
        replace(config, ratios=ratios, precision="double", epochs=1),
        tmp_path / "run",
        teacher=Shifted(),
    )
    card = read_student_card(weights)
    errors = card["errors"]["after"]["judged"]["soft"]
    assert errors["forces"] < 1e-6
    assert errors["stress"] < 1e-5
    assert card["frames"]["without_labels"] == 3
    assert "silver" in card["without_labels"]
    # sodium and chlorine occur with each other only, so the sum is what is known
    found = card["shifts"]["soft"]
    assert found["11"] + found["17"] == pytest.approx(0.05 * 28, abs=1e-6)


def test_weights_of_another_network(tmp_path):
    path = tmp_path / "wrong.safetensors"
    save_student(path, {"x": torch.zeros(1)}, {"student": "chgnet", "checkpoint": "another"})
    with pytest.raises(InputError, match="belong to another, here is .*sha256"):
        load(f"distilled:{path}")
    potential = fresh("chgnet")
    card = {"student": "chgnet", "checkpoint": potential.settings["checkpoint"]}
    save_student(path, {"mlp.nothing": torch.zeros(1)}, card)
    with pytest.raises(InputError, match="no weights mlp.nothing of that shape"):
        load_weights(potential, path)
    path.write_text("no weights at all")
    with pytest.raises(InputError, match="no file of weights"):
        load(f"distilled:{path}")
    with pytest.raises(InputError, match="needs a file of weights"):
        load("distilled")


@pytest.mark.slow
def test_a_student_learns_from_a_teacher_what_holds_for_others(tmp_path):
    """A real run: CHGNet learns from its r2SCAN model; both are for real crystals.

    Slow because it trains for some forty steps, which is what it takes to see anything.
    """
    names = ("NaCl", "LiF", "MgO", "KBr", "CaS", "AgCl")
    config = DistillConfig(
        hard=(str(write_frames(tmp_path / "salts.extxyz", names, 6)),),
        teacher="chgnet-r2scan",
        holdout=("kbr",),
        validation_share=0.2,
        epochs=10,
        batch_size=6,
        average=0.8,
        ratios={"soft_energy": 1.0, "soft_forces": 1.0, "soft_stress": 0.1},
    )
    errors = read_student_card(distill(config, tmp_path / "run"))["errors"]
    for part in ("judged", "test"):
        before, after = errors["before"][part]["soft"], errors["after"][part]["soft"]
        assert after["stress"] < 0.9 * before["stress"], part
