"""Models of tensors and of scalars on the dozen crystals of the examples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cijkl.datasets import known_moduli, load_dataset
from cijkl.elasticity.averages import youngs_from_bulk_shear
from cijkl.elasticity.directional import youngs_modulus_difference
from cijkl.elasticity.notation import rotate
from cijkl.errors import InputError
from cijkl.models.answers import answers
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.loop import train
from cijkl.models.weights import load_network
from cijkl.reproduction import Request, reproduce, tensor_training
from cijkl.reproduction.directional_errors import unsigned_difference
from cijkl.reproduction.tensor_models import Said, known, moduli_of
from cijkl.reproduction.tensor_tables import PRINTED

MEASURED = Path(__file__).parents[2] / "examples" / "measured.jsonl"
SMALL = {"layers": 1, "irreps": "4x0o+4x0e+2x1o+2x1e+2x2e+2x4e", "embedding": 4, "scalars": 4}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Short trainings of both networks; without the shipped model, which knows other crystals."""
    out = tmp_path_factory.mktemp("wen") / "run"
    told: list[str] = []
    request = Request(tensors=MEASURED, epochs=2, out=out, report=told.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tensor_training, "SETTINGS", SMALL)
        yield reproduce("wen-2024-table-1", request), request, told


def test_trained_there(run):
    """The errors again, from the weights in the folder."""
    outcome, request, told = run
    assert told == [
        "cijkl-1 learned from mp_moduli.jsonl.gz, mp_tensors.jsonl.gz; give it as --data or "
        "--tensors, to know what the model has not seen"
    ]
    table = outcome.table("Each model on crystals that it has not seen")
    examples = load_dataset(MEASURED)
    truth = {e.id: known_moduli(e) for e in examples}
    for label, folder in (("MatTen", "matten"), ("MatSca", "matsca")):
        used = json.loads((request.out / folder / "crystals.json").read_text())
        test = [name for name in truth if name not in used["learned"] + used["judged"]]
        assert (len(used["learned"]), len(used["judged"]), len(test)) == (9, 1, 2)
        network = load_network(request.out / folder / "weights.safetensors")
        crystals = [e.crystal for e in examples if e.id in test]
        said = {r["id"]: r["moduli"] for r in answers([network], crystals)}
        pairs = np.array(
            [
                [[truth[name][f"{x}_VRH"], said[name][x]["hill"] or np.nan] for x in "KG"]
                for name in test
            ]
        )
        youngs = youngs_from_bulk_shear(*pairs.transpose(1, 2, 0))
        for letter, (known_values, values) in zip(
            "KGE", (*pairs.transpose(1, 2, 0), youngs), strict=True
        ):
            error = np.abs(values - known_values)[np.isfinite(values)]
            # a tensor that is not stable has no moduli
            if len(error):
                assert table.column(label)[f"MAE {letter}"] == pytest.approx(error.mean(), rel=1e-4)
    # E of MatSca follows from its K and G, so the network has all three
    assert table.column("MatSca")["MAE E"] is not None


def test_the_print_is_shown(run, tmp_path):
    outcome, request, _ = run
    table = outcome.table("Each model")
    assert table.column("MatTen, printed")["MAE G"] == PRINTED["MatTen"]["MAE G"] == 8.38
    printed = tmp_path / "p.csv"
    printed.write_text("quantity,MatSca\nMAE K,7.0\n")
    again = Request(tensors=MEASURED, epochs=2, out=request.out, printed=printed)
    table = reproduce("wen-2024-table-1", again).table("Each model")
    ours = table.column("MatSca")["MAE K"]
    assert table.column("MatSca, difference")["MAE K"] == pytest.approx(round(ours, 2) - 7.0)
    assert table.column("MatTen, printed")["MAE K"] == 7.37
    counts = outcome.table("Crystals").column("unstable predictions")
    assert counts["MatTen, printed"] == 25


def test_what_was_trained_there_is_a_model(run, tmp_path):
    """Its folder names the crystals that it has seen, and so it is judged by the same others."""
    outcome, request, _ = run
    folder = str(request.out / "matsca")
    again = reproduce("wen-2024-table-1", Request(tensors=MEASURED, models=(folder,)))
    assert again.tables[0].column("MatSca") == outcome.tables[0].column("MatSca")
    assert not any("The epoch of" in note for note in again.notes)
    other = tmp_path / MEASURED.name
    other.write_text("\n".join(MEASURED.read_text().splitlines()[:5]))
    with pytest.raises(InputError, match="matsca learned from .*, which is not in these files"):
        reproduce("wen-2024-table-1", Request(tensors=other, models=(folder,)))


def test_by_system(run):
    _, request, _ = run
    outcome = reproduce("wen-2024-fig-3", request)
    rows = outcome.table("MatSca").rows
    assert [row[:2] for row in rows] == [("all", 2), ("cubic", 2)]
    assert rows[0][2:] == rows[1][2:]
    bars = outcome.figures["errors"]()
    (first,) = (t for t in bars.data if t.name == "MatSca" and t.yaxis == "y")
    assert list(first.x) == ["all", "cubic"]
    assert first.y[0] == pytest.approx(rows[0][2])


def test_a_folder_of_a_training(tmp_path):
    """Judged by its reserved fold, alone in its table."""
    config = TrainingConfig(
        network="matsca", settings=SMALL, data=(str(MEASURED),), folds=4, fold=1, reserved=2,
        epochs=1, batch_size=4,
    )  # fmt: skip
    train(config, tmp_path / "run", quiet=True)
    request = Request(tensors=MEASURED, models=(str(tmp_path / "run"),))
    outcome = reproduce("wen-2024-table-1", request)
    assert outcome.table("Crystals").rows[0] == ("MatSca", 3, 0)
    assert any(note.startswith("MatTen: a run of") for note in outcome.notes)
    with pytest.raises(InputError, match="no model or file of weights"):
        reproduce("wen-2024-table-1", Request(tensors=MEASURED, models=("none",)))
    with pytest.raises(InputError, match="wen-2024-fig-4 needs crystals with tensors"):
        reproduce("wen-2024-fig-4", Request())


@pytest.fixture
def answered(monkeypatch):
    """A model that errs by known factors on four of the crystals."""
    found = known(Request(tensors=MEASURED), "test")
    factors = np.array([1.2, 0.95, 1.0, 1.0])
    stiffness = np.full_like(found.stiffness, np.nan)
    stiffness[:4] = found.stiffness[:4] * factors[:, None, None]
    # in other axes: the mean over all directions stays
    stiffness[2] = rotate(stiffness[2], [[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    # not stable
    stiffness[3, 3, 3] *= -1.0
    unseen = np.arange(len(stiffness)) < 4
    said = Said("mine", unseen, stiffness, moduli_of(stiffness))
    monkeypatch.setattr(
        "cijkl.reproduction.tensor_tables.said_by_models", lambda request, found: [said]
    )
    return found, said


def test_directional_errors(answered):
    found, said = answered
    outcome = reproduce("wen-2024-fig-4", Request(tensors=MEASURED))
    row = outcome.table("mine: D").rows[0]
    unsigned = unsigned_difference(said.stiffness[2], found.stiffness[2])
    assert row[:2] == ("all", 3)
    assert row[2:4] == pytest.approx((0.05, 0.0), abs=1e-9)
    assert row[5:] == pytest.approx((0.25 / 3, 200 / 3, (0.25 + unsigned) / 3), abs=1e-6)
    # errors that cancel in D do not cancel in the last column
    assert abs(youngs_modulus_difference(said.stiffness[2], found.stiffness[2])) < 1e-9
    assert unsigned > 0.01
    figure = outcome.figures["difference"]()
    assert sum(sum(trace.y) for trace in figure.data) == 3


def test_unstable_tensors_have_no_moduli(answered):
    found, _ = answered
    outcome = reproduce("wen-2024-table-1", Request(tensors=MEASURED))
    assert outcome.table("Crystals").rows[0] == ("mine", 4, 1)
    table = outcome.table("Each model").column("mine")
    bulk = found.moduli["K"][:3]
    assert table["MAE K"] == pytest.approx((0.2 * bulk[0] + 0.05 * bulk[1]) / 3)
    assert table["MAE/MAD K"] == pytest.approx(table["MAE K"] / np.abs(bulk - bulk.mean()).mean())


def test_all_on_the_same_crystals(answered, monkeypatch):
    """A second model that is judged by others; two crystals are left for both."""
    _, said = answered
    others = Said(
        "yours", np.roll(said.unseen, 2), np.roll(said.stiffness, 2, 0),
        {k: np.roll(v, 2) for k, v in said.moduli.items()}, chose_epoch=True,
    )  # fmt: skip
    monkeypatch.setattr(
        "cijkl.reproduction.tensor_tables.said_by_models", lambda request, found: [said, others]
    )
    outcome = reproduce("wen-2024-table-1", Request(tensors=MEASURED))
    assert outcome.tables[1].title.startswith("All models on the 2 crystals that none has seen")
    assert any(note.startswith("The epoch of yours was chosen") for note in outcome.notes)
