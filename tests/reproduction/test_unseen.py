"""What a model has not learned from, found again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cijkl.datasets import folds_by_formula, load_dataset
from cijkl.errors import InputError
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.loop import train
from cijkl.models.weights import load_network
from cijkl.reproduction.unseen import unseen_by_card, unseen_by_run

MEASURED = Path(__file__).parents[2] / "examples" / "measured.jsonl"
FORMULAS = [example.formula for example in load_dataset(MEASURED)]
SMALL = {"target": "K", "width": 4, "hidden": 4, "layers": 1}


def card(**changes):
    facts = {
        "files": ["measured.jsonl"], "folds": 4, "kept_folds": [2], "split_seed": 7, "crystals": 9,
    }  # fmt: skip
    return {"trained_on": facts | changes}


def test_folds_of_a_card():
    found = unseen_by_card("m", card(), [MEASURED])
    fold = folds_by_formula(FORMULAS, 4, 7)
    assert found.formulas == {name for name, k in zip(FORMULAS, fold, strict=True) if k == 2}
    assert len(found.formulas) == 3
    assert not found.chose_epoch


def test_a_card_of_other_crystals(tmp_path):
    with pytest.raises(InputError, match="m learned from 90 crystals of measured.jsonl; these"):
        unseen_by_card("m", card(crystals=90), [MEASURED])
    with pytest.raises(InputError, match="m learned from more.jsonl; give it as --data or"):
        unseen_by_card("m", card(files=["more.jsonl"]), [MEASURED])
    with pytest.raises(InputError, match="m: its card does not say"):
        unseen_by_card("m", {}, [MEASURED])


@pytest.mark.parametrize("reserved", [None, 2])
def test_folds_of_a_training(tmp_path, reserved):
    config = TrainingConfig(
        network="cgcnn", settings=SMALL, data=(str(MEASURED),), folds=4, fold=1, reserved=reserved,
        epochs=2, batch_size=3,
    )  # fmt: skip
    network = train(config, tmp_path / "run", quiet=True)
    found = unseen_by_run(tmp_path / "run", network, [MEASURED])
    fold = folds_by_formula(FORMULAS, 4, 7)
    wanted = 1 if reserved is None else 2
    assert found.formulas == {name for name, k in zip(FORMULAS, fold, strict=True) if k == wanted}
    assert found.chose_epoch == (reserved is None)


def test_a_training_on_other_crystals(tmp_path):
    """A file of the same name with fewer crystals has other folds."""
    run = tmp_path / "run"
    config = TrainingConfig(
        network="cgcnn", settings=SMALL, data=(str(MEASURED),), folds=4, epochs=1, batch_size=3
    )
    train(config, run, quiet=True)
    network = load_network(run / "weights.safetensors")
    fewer = tmp_path / "measured.jsonl"
    fewer.write_text("\n".join(MEASURED.read_text().splitlines()[2:]))
    with pytest.raises(InputError, match="on no split of these files does it have the error"):
        unseen_by_run(run, network, [fewer])
    rows = list(csv.DictReader((run / "metrics.csv").open()))
    assert json.loads(rows[0]["epoch"]) == 0
    (run / "metrics.csv").unlink()
    with pytest.raises(InputError, match=r"metrics\.csv: holds no error of an epoch"):
        unseen_by_run(run, network, [MEASURED])
