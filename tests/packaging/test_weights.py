"""The weights that come with cijkl: cards, checksums, and their names on records."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cijkl
from cijkl.cli.main import main
from cijkl.errors import InputError
from cijkl.shipped import ROOMS, card_of, checksum, shipped

EXAMPLES = Path(__file__).parents[2] / "examples"
SOURCE = Path(cijkl.__file__).parent
WORDS = ("name", "version", "date", "data", "licence", "scope", "limits", "reference")


def test_every_file_of_weights_in_the_package_is_listed():
    folders = {path.parent for path in SOURCE.rglob("*.safetensors")}
    assert folders == {ROOMS[weights.kind] / weights.name for weights in shipped()}
    assert [weights.name for weights in shipped()] == ["cijkl-1", "cijkl-mol-1"]


@pytest.mark.parametrize("weights", shipped(), ids=lambda weights: weights.name)
def test_the_card_is_complete(weights):
    card = weights.card
    assert card["name"] == weights.name
    assert all(isinstance(card[key], str) and card[key] for key in WORDS)
    assert "CC BY 4.0" in card["licence"]
    assert "Materials Project (Jain et al." in card["licence"]
    assert len(card["metrics"]) >= 5
    assert all(isinstance(value, float) for value in card["metrics"].values())
    assert card["trained_on"]
    assert (SOURCE.parents[1] / card["reference"]).is_file()


@pytest.mark.parametrize("weights", shipped(), ids=lambda weights: weights.name)
def test_the_checksum_is_that_of_the_files(weights):
    files = sorted((ROOMS[weights.kind] / weights.name).glob("*.safetensors"))
    joined = b"".join(file.read_bytes() for file in files)
    assert hashlib.sha256(joined).hexdigest().startswith(weights.sha256)
    assert len(weights.sha256) == 16
    assert weights.megabytes == pytest.approx(len(joined) / 1e6, abs=0.05)


def test_the_checksum_sees_every_byte_and_the_order(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_bytes(b"one")
    second.write_bytes(b"two")
    before = checksum([first, second])
    assert checksum([second, first]) != before
    second.write_bytes(b"twp")
    assert checksum([first, second]) != before


def test_the_card_of_the_potential_says_what_its_file_says():
    pytest.importorskip("safetensors")
    from cijkl.potentials.distilled import read_student_card
    from cijkl.potentials.molecular import DISPERSION, WEIGHTS

    card, inside = card_of("cijkl-mol-1").card, read_student_card(WEIGHTS)
    assert (card["name"], card["version"]) == (inside["name"], inside["version"])
    assert inside["dispersion_in_use"] == DISPERSION
    trained = card["trained_on"]
    assert trained["student"] == inside["student"]
    assert trained["frames"] == inside["frames"]
    assert f"{inside['frames']} frames" in card["data"]
    assert trained["crystals_learned"] == len(inside["learned"])
    assert trained["crystals_held_out"] == len(inside["held_out"])
    errors, metrics = inside["errors"]["held_out"], card["metrics"]
    assert errors["forces_eV_A"] == [
        metrics["the same of sevennet-l3i5+d3 (eV/A)"],
        metrics["MAE forces of held-out frames (eV/A)"],
    ]
    assert errors["stress_GPa"] == [
        metrics["the same of sevennet-l3i5+d3 (GPa)"],
        metrics["MAE stress of held-out frames (GPa)"],
    ]


def test_the_version_names_the_weights(capsys):
    assert main(["--version"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"cijkl {cijkl.__version__}"
    assert rest == [
        f"{w.kind} {w.name}, version {w.card['version']}, sha256 {w.sha256}" for w in shipped()
    ]


def test_the_version_needs_nothing_heavy():
    code = (
        "import sys; from cijkl.cli import main; main(['--version']); "
        "print({'numpy', 'torch', 'safetensors', 'ase'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "set()"


def test_a_prediction_names_its_weights():
    (result,) = cijkl.predict(EXAMPLES / "silicon.cif")
    weights = card_of("cijkl-1")
    engine = result.record["engine"]
    assert engine["settings"]["weights"] == (
        f"cijkl-1 {weights.card['version']} sha256:{weights.sha256}"
    )
    assert engine["version"] == f"cijkl {cijkl.__version__}, weights {weights.version}"


def test_weights_of_ones_own_are_told_apart(small_model):
    from cijkl.models import load_model

    both = [load_model(small_model / f"{seed}.safetensors") for seed in range(2)]
    named = []
    for model in both:
        (result,) = cijkl.predict(EXAMPLES / "silicon.cif", model)
        named.append(result.record["engine"]["settings"]["weights"])
    assert named == [f"{model.name} own sha256:{model.sha256}" for model in both]
    assert both[0].sha256 != both[1].sha256


def test_the_potential_for_molecules_names_its_weights():
    pytest.importorskip("sevenn")
    pytest.importorskip("dftd3")
    from cijkl.potentials import load

    weights = card_of("cijkl-mol-1")
    settings = load("cijkl-mol-1").settings
    assert settings["network.weights"] == f"cijkl-mol-1 {weights.version} sha256:{weights.sha256}"


@pytest.mark.parametrize("weights", shipped(), ids=lambda weights: weights.name)
def test_a_card_is_printed(weights, capsys):
    assert main(["models", "--card", weights.name]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith(f"{weights.name} ({weights.kind}, version {weights.version}")
    assert weights.sha256 in said
    assert all(label in said for label in weights.card["metrics"])
    for key in ("scope", "limits", "licence"):
        assert weights.card[key] in said
    assert main(["models", "--card", weights.name, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        **weights.card,
        "kind": weights.kind,
        "sha256": weights.sha256,
    }


def test_an_unknown_card_is_one_line(capsys):
    assert main(["models", "--card", "cijkl-2"]) == 2
    said = capsys.readouterr().err
    assert said == "cijkl: no weights called 'cijkl-2' come with cijkl; it has: " + (
        "cijkl-1, cijkl-mol-1\n"
    )
    with pytest.raises(InputError):
        card_of("cijkl-2")
