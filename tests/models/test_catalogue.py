"""Which models there are, and how they are found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

import cijkl
from cijkl.errors import InputError, MissingPackageError
from cijkl.models import DEFAULT_MODEL, catalogue, load_model, predict
from cijkl.models.networks import build
from cijkl.models.weights import save_network
from cijkl.structures import read

#: the package hands out a function of the same name
room = import_module("cijkl.models.catalogue")
EXAMPLES = Path(__file__).parents[2] / "examples"
CARD = {"name", "version", "date", "data", "licence", "metrics", "scope", "limits", "reference"}


@pytest.fixture
def own(small_model, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(small_model, tmp_path / "own"))


def test_a_folder_with_a_card(small_model):
    model = load_model(small_model)
    assert (model.name, model.version, len(model.ensemble)) == ("small", "0.1", 2)
    assert model.calibration.crystals == 30
    assert model.domain is None


def test_weights_without_a_card(small_model, tmp_path):
    alone = load_model(small_model / "1.safetensors")
    assert (alone.name, alone.version, len(alone.ensemble)) == ("1", "own", 1)
    assert alone.calibration is None
    for number in range(2):
        run = tmp_path / "trainings" / f"run{number}"
        run.mkdir(parents=True)
        shutil.copy(small_model / f"{number}.safetensors", run / "weights.safetensors")
    single, both = load_model(run), load_model(tmp_path / "trainings")
    assert (single.name, len(single.ensemble)) == ("run1", 1)
    assert (both.name, len(both.ensemble)) == ("trainings", 2)
    copper = bulk("Cu")
    expected = load_model(small_model).ensemble.predict([copper])
    np.testing.assert_allclose(both.ensemble.predict([copper]).stiffness, expected.stiffness)


def test_a_model_is_read_once_unless_its_files_change(own):
    first = load_model(own)
    assert load_model(str(own)) is first
    copper = bulk("Cu")
    before = first.ensemble.predict([copper]).stiffness
    shutil.copy(own / "0.safetensors", own / "1.safetensors")
    os.utime(own / "1.safetensors", ns=(1, 1))
    again = load_model(own)
    assert again is not first
    assert np.abs(again.ensemble.predict([copper]).stiffness - before).max() > 0.1
    card = json.loads((own / "card.json").read_text())
    (own / "card.json").write_text(json.dumps({**card, "version": "0.2"}))
    os.utime(own / "card.json", ns=(1, 1))
    assert load_model(own).version == "0.2"


def test_what_is_no_model(own, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no weights \(\.safetensors\)"):
        load_model(tmp_path / "empty")
    with pytest.raises(InputError, match="no model or file is called 'cijkl-0'"):
        load_model("cijkl-0")
    with pytest.raises(InputError, match="no file of weights"):
        load_model(EXAMPLES / "silicon.cif")
    (own / "card.json").write_text("{")
    with pytest.raises(InputError, match="no valid JSON"):
        load_model(own)
    (own / "card.json").write_text('{"calibration": {"level": 0.9}}')
    with pytest.raises(InputError, match="no calibration"):
        load_model(own)


def test_networks_that_do_not_fit_together(own):
    other = build("log_stiffness", {"width": 16, "layers": 1, "channels": 4, "neighbours": 12})
    save_network(other, "log_stiffness", own / "2.safetensors")
    with pytest.raises(InputError, match="different neighbours"):
        load_model(own)


def test_a_network_of_another_kind(tmp_path):
    save_network(build("cgcnn", {"target": "K"}), "cgcnn", tmp_path / "k.safetensors")
    with pytest.raises(InputError, match="CGCNNNetwork does not predict tensors"):
        load_model(tmp_path / "k.safetensors")


def test_a_missing_package_is_named_with_its_command(monkeypatch, small_model):
    monkeypatch.setattr(room, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(MissingPackageError, match=r"torch.*pip install 'cijkl\[predict\]'"):
        load_model(small_model)


def test_the_catalogue_reads_cards(own, monkeypatch):
    monkeypatch.setattr(room, "SHIPPED", own.parent)
    (entry,) = catalogue()
    assert (entry.name, entry.version, entry.members) == ("own", "0.1", 2)
    assert 0.0 < entry.megabytes < 1.0
    assert load_model("own").name == "small"


def test_the_list_needs_no_torch():
    code = (
        "import sys; from cijkl.models import catalogue; catalogue(); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_the_shipped_models_are_complete():
    assert DEFAULT_MODEL in [entry.name for entry in catalogue()]
    for entry in catalogue():
        card = json.loads((room.SHIPPED / entry.name / "card.json").read_text())
        assert set(card) >= CARD
        assert all(card[key] for key in CARD)
        assert "Materials Project" in entry.licence
        assert entry.megabytes < 25.0
        model = load_model(entry.name)
        assert model.name == entry.name
        assert model.calibration is not None
        assert model.calibration.level == 0.9
        assert model.domain is not None


def test_the_shipped_model_knows_the_examples():
    # measured constants or DFT, GPa: silicon, corundum, rutile, rock salt, zincite
    expected = {"silicon": 98, "corundum": 250, "rutile": 212, "NaCl": 25, "wurtzite-ZnO": 140}
    for name, bulk_modulus in expected.items():
        (result,) = predict(next(read(EXAMPLES / f"{name}.cif")))
        assert result.ok
        moduli, half = result.record["moduli"]["K"], result.record["uncertainty"]["K_90"]
        assert moduli["hill"] == pytest.approx(bulk_modulus, rel=0.2)
        assert 0.0 < half < 0.4 * bulk_modulus
        assert "out_of_domain" not in [warning["code"] for warning in result.record["warnings"]]


@pytest.mark.slow  # a potential's tensor of quartz
def test_the_sign_of_c14_of_quartz_is_that_of_a_potential():
    """The data had it the wrong way round; both answer in the axes of the file."""
    pytest.importorskip("sevenn")
    (said,) = predict(next(read(EXAMPLES / "alpha-quartz.cif")))
    (calculated,) = cijkl.compute(EXAMPLES / "alpha-quartz.cif", "sevennet-l3i5")
    assert calculated.tensor.voigt[0, 3] > 10.0
    assert said.tensor.voigt[0, 3] > 2.0
