"""CGCNN and five regressions on the dozen crystals of the examples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from cijkl.datasets import known_moduli, load_dataset
from cijkl.errors import InputError
from cijkl.models.answers import answers
from cijkl.models.training.callbacks import Interrupted, Interruption
from cijkl.models.weights import load_network, read_card
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.moduli_models import LABELS, QUANTITIES

MEASURED = Path(__file__).parents[2] / "examples" / "measured.jsonl"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training of the bulk modulus, and its folder."""
    out = tmp_path_factory.mktemp("liu") / "run"
    request = Request(data=MEASURED, epochs=2, out=out)
    return reproduce("liu-2025-fig-3", request), request, out / "cgcnn-K-formula"


def test_errors_are_those_of_the_weights(run):
    """The table's numbers again, from the files that the training left."""
    outcome, _, folder = run
    table = outcome.table("K (Hill): mean absolute error")
    assert table.columns == ("quantity", "CGCNN", *LABELS.values())
    used = json.loads((folder / "crystals.json").read_text())
    examples = load_dataset(MEASURED)
    truth = {example.id: known_moduli(example)["K_VRH"] for example in examples}
    test = [name for name in truth if name not in used["learned"] + used["judged"]]
    assert (len(used["learned"]), len(used["judged"]), len(test)) == (8, 2, 2)
    said = {
        record["id"]: record["moduli"]["K"]["hill"]
        for record in answers(
            [load_network(folder / "weights.safetensors")], [e.crystal for e in examples]
        )
    }
    for names, part in ((used["learned"], "training"), (test, "test")):
        known = np.array([truth[name] for name in names])
        error = np.array([said[name] for name in names]) - known
        r2 = 1.0 - (error**2).sum() / ((known - known.mean()) ** 2).sum()
        ours = table.column("CGCNN")
        assert ours[f"MAE {part}"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
        assert ours[f"R2 {part}"] == pytest.approx(r2, rel=1e-4)


def test_regressions_learn_the_training_part_alone(run):
    outcome, _, _ = run
    table = outcome.table("K (Hill): mean absolute error")
    assert tuple(row[0] for row in table.rows) == QUANTITIES
    # 500 trees know eight crystals by heart, and have never seen the others
    boosted = table.column("XGBoost")
    assert boosted["MAE training"] < 1.0 < 20.0 < boosted["MAE validation"]
    assert outcome.table("Parts").rows[2] == ("test", 2, 2, 0)


def test_figures_show_what_the_table_says(run):
    outcome, _, _ = run
    bars = outcome.figures["errors"]()
    errors = {trace.name: trace.y for trace in bars.data if trace.yaxis == "y"}
    column = outcome.table("K (Hill): mean absolute error").column("CGCNN")
    for part in ("training", "validation", "test"):
        assert errors[part][0] == pytest.approx(column[f"MAE {part}"])
    parity = outcome.figures["parity"]()
    points = {
        axis: sum(len(t.x) for t in parity.data if t.mode == "markers" and t.xaxis == axis)
        for axis in ("x", "x2", "x3")
    }
    assert points == {"x": 8, "x2": 2, "x3": 2}
    notes = [note.text.partition("<br>")[0] for note in parity.layout.annotations]
    assert notes == [f"<b>CGCNN, {part}</b>" for part in ("training", "validation", "test")]
    assert parity.layout.xaxis2.title.text == "known K (GPa)"
    models = outcome.figures["models"]()
    assert sum(len(t.x) for t in models.data if t.mode == "markers") == 6 * 2


def test_what_is_done_is_not_done_again(run):
    outcome, request, folder = run
    before = (folder / "metrics.csv").read_text()
    assert reproduce("liu-2025-fig-3", request).tables[0] == outcome.tables[0]
    assert (folder / "metrics.csv").read_text() == before
    assert read_card(folder / "weights.safetensors")["epochs"] == 2


def test_another_training_is_refused(run, tmp_path):
    _, request, _ = run
    out = request.out
    with pytest.raises(InputError, match=r"another epochs \(2, not 5\); give another folder"):
        reproduce("liu-2025-fig-3", Request(data=MEASURED, epochs=5, out=out))
    fewer = tmp_path / "fewer.jsonl"
    fewer.write_text("\n".join(MEASURED.read_text().splitlines()[:-1]))
    with pytest.raises(InputError, match="on other crystals or another split"):
        reproduce("liu-2025-fig-3", Request(data=fewer, epochs=2, out=out))


def test_interrupted_and_taken_up(tmp_path, monkeypatch, run):
    """Stopped in its second epoch, it ends with the weights of a training in one go."""
    _, _, folder = run
    begun = Interruption.on_train_batch_start

    def stop(self, trainer, *rest):
        if trainer.current_epoch == 1:
            raise Interrupted
        begun(self, trainer, *rest)

    again = Request(data=MEASURED, epochs=2, out=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Interruption, "on_train_batch_start", stop)
        with pytest.raises(KeyboardInterrupt):
            reproduce("liu-2025-fig-3", again)
    mine = tmp_path / folder.name
    assert not (mine / "weights.safetensors").exists()
    reproduce("liu-2025-fig-3", again)
    one, other = (load_file(place / "weights.safetensors") for place in (folder, mine))
    for name, weight in one.items():
        np.testing.assert_allclose(other[name], weight, rtol=1e-5, atol=1e-7)


def test_random_split_and_print(tmp_path):
    printed = tmp_path / "printed.csv"
    printed.write_text("quantity,CGCNN\nMAE test,12.5\nR2 test,0.9\n")
    outcome = reproduce(
        "liu-2025-fig-2", Request(data=MEASURED, epochs=1, split="random", printed=printed)
    )
    table = outcome.table("G (Hill)")
    assert table.column("CGCNN, printed")["MAE test"] == 12.5
    ours = table.column("CGCNN")["MAE test"]
    assert table.column("CGCNN, difference")["MAE test"] == pytest.approx(
        round(ours, 3) - 12.5, abs=1e-8
    )
    assert any("drawn at random, as in the paper" in note for note in outcome.notes)
    # nothing of a training without a folder is left
    assert sorted(path.name for path in tmp_path.iterdir()) == ["printed.csv"]


def test_nothing_to_learn(tmp_path):
    path = tmp_path / "tensors.jsonl"
    line = json.loads(MEASURED.read_text().splitlines()[0])
    path.write_text(json.dumps({k: v for k, v in line.items() if k != "C"} | {"G_VRH": 40.0}))
    with pytest.raises(InputError, match="no crystal of .* has a bulk modulus"):
        reproduce("liu-2025-fig-3", Request(data=path))
