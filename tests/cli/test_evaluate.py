"""`cijkl evaluate` as a user runs it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from ase.build import bulk

from cijkl.models.networks import build
from cijkl.models.weights import save_network

from ..models.training.crystals import CUBIC, write

#: the browser that kaleido draws with
CHROME = any(shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "set.jsonl")


def weights(folder: Path, name: str = "log_stiffness", **settings: object) -> Path:
    torch.manual_seed(1)
    folder.mkdir(exist_ok=True)
    network = build(name, settings)
    save_network(network, name, folder / f"{name}.safetensors")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return weights(tmp_path / "model", width=12, layers=1, channels=3, radial=5)


def results(path: Path, factor: float = 1.1, leave_out: str = "") -> Path:
    """Records in which every stiffness is too large by a factor."""
    lines = []
    for name, (_, (c11, c12, c44)) in CUBIC.items():
        tensor = np.diag([c11] * 3 + [c44] * 3).astype(float)
        tensor[:3, :3] += c12 * (1 - np.eye(3))
        shear = (c11 - c12) / 2
        k, g = (c11 + 2 * c12) / 3, (shear * 2 + c44 * 3) / 5
        reuss = 5 / (2 / shear + 3 / c44)
        record = {
            "id": name,
            "status": "ok",
            "C": (factor * tensor).tolist(),
            "frame": "input",
            "moduli": {"K": {"hill": factor * k}, "G": {"hill": factor * (g + reuss) / 2}},
            "uncertainty": {"K_90": 12.0, "G_90": 5.0},
        }
        if name == "W":
            record = {**record, "status": "failed", "C": None, "moduli": None}
        if name != leave_out:
            lines.append(json.dumps(record))
    path.write_text("\n".join(lines) + "\n")
    return path


def test_results_of_before(cijkl, data, tmp_path):
    run = cijkl("evaluate", data, "--results", results(tmp_path / "r.jsonl"), "--json", "-")
    assert run.code == 1  # tungsten failed
    assert run.complaints == ["cijkl: 1 of 12 crystals have no prediction; the first is W"]
    (found,) = run.records
    errors = found["errors"]["all"]
    moduli = np.array([(c[0] + 2 * c[1]) / 3 for name, (_, c) in CUBIC.items() if name != "W"])
    assert errors["K"]["count"] == 11
    assert errors["K"]["mae"] == pytest.approx(0.1 * moduli.mean(), rel=1e-6)
    assert errors["K"]["median_relative_error"] == pytest.approx(0.1)
    assert errors["log10_G"]["mae"] == pytest.approx(np.log10(1.1), rel=1e-6)
    assert errors["coverage"]["K"] == pytest.approx((0.1 * moduli <= 12.0).mean())
    assert errors["tensor"]["count"] == 11
    assert errors["tensor"]["ln_E_max"]["mae"] == pytest.approx(np.log(1.1))
    assert (found["missing"], found["unstable"]) == (1, 0)
    assert found["errors"].keys() == {"all", "cubic"}


def test_a_model(cijkl, data, model, tmp_path):
    run = cijkl("evaluate", data, "--model", model, "--json", tmp_path / "out" / "e.json")
    assert run.code == 0, run.err
    found = json.loads((tmp_path / "out" / "e.json").read_text())
    assert (found["crystals"], found["unstable"]) == (12, 0)
    assert found["errors"]["all"]["tensor"]["C"]["count"] == 12 * 21
    # the table says the same, in GPa
    row = re.search(r"^K \(GPa\) +12 +([\d.]+)", run.out, re.MULTILINE)
    assert row is not None
    assert float(row[1]) == pytest.approx(found["errors"]["all"]["K"]["mae"], rel=1e-2)
    assert re.search(r"^log10 K +12", run.out, re.MULTILINE)
    assert "0 predicted tensors unstable" in run.out
    # against what the model says one by one
    run = cijkl("predict", data, "--model", model, "--json", "-")
    said = np.array([record["moduli"]["K"]["hill"] for record in run.records])
    known = np.array([(c[0] + 2 * c[1]) / 3 for _, c in CUBIC.values()])
    assert found["errors"]["all"]["K"]["mae"] == pytest.approx(np.abs(said - known).mean())


def test_networks_of_single_moduli(cijkl, data, tmp_path):
    folder = weights(tmp_path / "pair", "cgcnn", target="K", width=6, hidden=5, layers=1)
    run = cijkl("evaluate", data, "--model", folder, "--json", "-")
    assert run.code == 0, run.err
    errors = run.records[0]["errors"]["all"]
    assert errors["K"]["count"] == 12
    assert errors["G"]["count"] == 0
    assert "tensor" not in errors


@pytest.mark.slow
def test_a_potential(cijkl, tmp_path):
    run = cijkl(
        *("evaluate", write(tmp_path / "si.jsonl", ["Si"])),
        *("--potential", "sevennet-0", "--json", "-"),
    )
    assert run.code == 0, run.err
    errors = run.records[0]["errors"]["all"]
    # PBE gives 89 GPa for the bulk modulus, measured are 97.8
    assert 0.0 < errors["K"]["mae"] < 14.0
    assert errors["tensor"]["count"] == 1


def test_pictures(cijkl, data, tmp_path):
    folder = tmp_path / "pictures"
    run = cijkl(
        "evaluate",
        data,
        "--results",
        results(tmp_path / "r.jsonl", leave_out="C"),
        "--html",
        folder,
    )
    assert run.code == 1
    page = (folder / "parity.html").read_text()
    assert "Plotly.newPlot" in page
    assert 'src="http' not in page
    for text in ("known K (GPa)", "predicted G (GPa)", "cubic", "MAE", "GaAs"):
        assert text in page
    assert f"wrote {folder / 'parity.html'}" in run.complaints


@pytest.mark.skipif(not CHROME or not importlib.util.find_spec("kaleido"), reason="no browser")
def test_png(cijkl, data, tmp_path):
    run = cijkl(
        "evaluate", data, "--results", results(tmp_path / "r.jsonl"), "--png", tmp_path, "-q"
    )
    assert run.code == 1, run.err
    assert (tmp_path / "parity.png").read_bytes().startswith(b"\x89PNG")
    assert run.out == ""


def test_png_without_kaleido(cijkl, data, tmp_path, monkeypatch):
    import cijkl.cli.evaluate as verb

    monkeypatch.setattr(verb, "find_spec", lambda name: None)
    run = cijkl("evaluate", data, "--results", results(tmp_path / "r.jsonl"), "--png", tmp_path)
    assert run.code == 2
    assert "pip install kaleido" in run.err
    assert len(run.complaints) == 1


def test_bad_input_is_one_line(cijkl, data, model, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "zzz", "status": "ok", "C": null, "moduli": null}\n')
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{\n")
    for arguments, message in (
        (("nowhere.jsonl",), "nowhere.jsonl: no such file or folder"),
        (("matbenc_log_kvrh",), "did you mean matbench_log_kvrh?"),
        ((data, "--potential", "sevenet-0"), "did you mean sevennet-0"),
        ((data, "--model", tmp_path / "none"), "no model or file of weights is called"),
        ((data, "--results", other), "no result has the id of a crystal"),
        ((data, "--results", broken), "broken.jsonl:1: no record of cijkl"),
        ((data, "--results", tmp_path / "none"), "No such file"),
        ((data, "--results", other, "--model", model), "give one of --model"),
    ):
        run = cijkl("evaluate", *arguments)
        assert run.code == 2, arguments
        assert message in run.err
        assert len(run.complaints) == 1, run.err


def test_crystals_that_cannot_be_predicted_are_told(cijkl, model, tmp_path):
    path = write(tmp_path / "set.jsonl", ["Si", "Cu"])
    layer = bulk("Si").repeat((2, 1, 1))
    layer.center(vacuum=12.0, axis=2)
    line = {
        "id": "layer",
        "lattice": layer.cell.array.tolist(),
        "species": list(layer.symbols),
        "frac": layer.get_scaled_positions().tolist(),
        "K_VRH": 20.0,
    }
    path.write_text(path.read_text() + json.dumps(line) + "\n")
    run = cijkl("evaluate", path, "--model", model, "--json", "-")
    assert run.code == 1
    assert any(line.startswith("cijkl: layer: ") for line in run.complaints)
    assert run.records[0]["crystals"] == 2
