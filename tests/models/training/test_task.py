from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cijkl.datasets import load_dataset
from cijkl.models.batches import MODULI
from cijkl.models.networks import build
from cijkl.models.training.card import judge
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.data import batches, labelled_graphs
from cijkl.models.training.task import Task

from .crystals import write

SMALL = {"width": 12, "layers": 1, "channels": 3, "radial": 5}


@pytest.fixture
def task():
    torch.manual_seed(0)
    return Task(build("log_stiffness", SMALL), TrainingConfig(warmup=0.1, learning_rate=0.02))


@pytest.fixture
def data(task, tmp_path):
    path = write(tmp_path / "set.jsonl")
    return labelled_graphs(load_dataset(path), task.network.graph, ("dft",))


def test_a_step_that_is_not_finite_is_left_out(task):
    before = [p.detach().clone() for p in task.network.parameters()]
    optimizer = torch.optim.SGD(task.parameters(), lr=1.0)
    for parameter in task.parameters():
        parameter.grad = torch.ones_like(parameter)
    next(task.parameters()).grad[0] = float("nan")
    task.on_before_optimizer_step(optimizer)
    optimizer.step()
    for old, new in zip(before, task.network.parameters(), strict=True):
        assert torch.equal(old, new)
    assert task._skipped == 1
    for parameter in task.parameters():
        parameter.grad = torch.ones_like(parameter)
    task.on_before_optimizer_step(optimizer)
    optimizer.step()
    assert task._skipped == 1
    assert not torch.equal(before[0], next(task.network.parameters()))


def test_the_rate_rises_and_falls(task):
    task.trainer = SimpleNamespace(estimated_stepping_batches=200)
    chosen = task.configure_optimizers()
    schedule = chosen["lr_scheduler"]["scheduler"]
    rates = []
    for _ in range(201):
        rates.append(schedule.get_last_lr()[0])
        chosen["optimizer"].step()
        schedule.step()
    rates = np.array(rates)
    assert rates[19] == pytest.approx(0.02)
    np.testing.assert_allclose(rates[:20], 0.02 * np.arange(1, 21) / 20)
    assert rates.argmax() in (19, 20)
    assert rates[110] == pytest.approx(0.01)  # half of the way down
    assert (np.diff(rates[20:]) <= 0).all()
    assert rates[200] == pytest.approx(0.0, abs=1e-12)


def test_what_judges_an_epoch(task, data, monkeypatch):
    """Mean absolute errors over all crystals, whatever the batches."""
    logged: dict[str, float] = {}
    monkeypatch.setattr(task, "log", lambda name, value, **_: logged.update({name: float(value)}))
    task.eval()
    with torch.no_grad():
        for index, batch in enumerate(batches(data, 5)):
            task.validation_step(batch, index)
        task.on_validation_epoch_end()
        (everything,) = batches(data, 100)
        said = task.network(everything[0]).log10_moduli.numpy()
    known = everything[1].log10_moduli.numpy()
    for letter in "KG":
        column = MODULI.index(f"{letter}_VRH")
        error = np.abs(said[:, column] - known[:, column]).mean()
        assert logged[f"valid_{letter}"] == pytest.approx(error)
    assert logged["valid"] == pytest.approx((logged["valid_K"] + logged["valid_G"]) / 2)
    assert not math.isnan(logged["valid_tensor"])
    found = judge(task.network, data, 5)
    for name in ("valid_K", "valid_G", "valid"):
        assert found[name] == pytest.approx(logged[name])
