"""`cijkl evaluate --faces` as a user runs it."""

from __future__ import annotations

import importlib.util
import json
import shutil

import numpy as np
import pytest
import torch

from cijkl.models.networks import build
from cijkl.models.weights import save_network

CHROME = any(shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser"))


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(1)
    folder = tmp_path / "model"
    folder.mkdir()
    network = build("log_stiffness", {"width": 12, "layers": 1, "channels": 3, "radial": 5})
    save_network(network, "log_stiffness", folder / "log_stiffness.safetensors")
    return folder


@pytest.fixture
def results(tmp_path, examples):
    """Silicon's constants ten per cent too large, as --json writes them."""
    first = json.loads((examples / "measured.jsonl").read_text().splitlines()[0])
    record = {"id": "silicon", "status": "ok", "C": (1.1 * np.array(first["C"])).tolist()}
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(record) + "\n")
    return path


def silicon(examples, tmp_path, quantity=""):
    path = tmp_path / "faces.csv"
    path.write_text(
        "compound,cif,face,E,uncertainty,quantity\n"
        + "".join(
            f"silicon,{examples / 'silicon.cif'},{face},{value},2,{quantity}\n"
            for face, value in (("100", 130.13), ("110", 169.10), ("111", 187.85))
        )
    )
    return path


def test_results_of_before(cijkl, examples, tmp_path, results):
    table = silicon(examples, tmp_path, "normal")
    run = cijkl("evaluate", "--faces", table, "--results", results, "--json", "-")
    assert run.code == 0, run.err
    (found,) = run.records
    assert found["by"] == str(results)
    errors = found["errors"]["E"]
    assert errors["count"] == 3
    assert errors["bias"] == pytest.approx(0.1 * (130.13 + 169.10 + 187.85) / 3, abs=0.01)
    assert errors["median_relative_error"] == pytest.approx(0.1, abs=1e-3)
    assert errors["pearson"] == pytest.approx(1.0)


def test_the_table_and_the_figure(cijkl, examples, tmp_path, results):
    table = silicon(examples, tmp_path)
    run = cijkl(
        "evaluate", "--faces", table, "--results", results, "--html", tmp_path / "out"
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "(1 1 1)" in run.out
    assert "130.1 ± 2.0" in run.out
    assert "Spearman" in run.out
    page = (tmp_path / "out" / "faces.html").read_text()
    assert "Plotly.newPlot" in page
    for text in ("measured E (GPa)", "E by indentation", "silicon (1 1 0)", "MAE"):
        assert text in page
    assert f"wrote {tmp_path / 'out' / 'faces.html'}" in run.complaints


def test_a_model(cijkl, examples, model):
    run = cijkl("evaluate", "--faces", examples / "faces.csv", "-m", model, "--json", "-")
    assert run.code == 0, run.err
    (found,) = run.records
    assert (found["faces"], found["compounds"]) == (8, 3)
    said = {(row["compound"], tuple(row["hkl"])): row["E"] for row in found["rows"]}
    # against the verb that says it face by face
    run = cijkl(
        "predict", examples / "alpha-quartz.cif", "-m", model, "--hkl", "1 0 0", "--json", "-"
    )
    assert said["quartz", (1, 0, -1, 0)] == pytest.approx(run.records[0]["directions"][0]["E"])


@pytest.mark.slow
def test_a_potential(cijkl, examples, tmp_path):
    run = cijkl(
        "evaluate", "--faces", silicon(examples, tmp_path, "normal"), "-p", "sevennet-0",
        "--json", "-",
    )  # fmt: skip
    assert run.code == 0, run.err
    errors = run.records[0]["errors"]["E"]
    # the potential is soft in shear; the order of the faces is right
    assert -60 < errors["bias"] < 0
    assert errors["spearman"] == pytest.approx(1.0)


@pytest.mark.skipif(not CHROME or not importlib.util.find_spec("kaleido"), reason="no browser")
def test_png(cijkl, examples, tmp_path, results):
    run = cijkl(
        "evaluate", "--faces", silicon(examples, tmp_path), "--results", results,
        "--png", tmp_path, "-q",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert (tmp_path / "faces.png").read_bytes().startswith(b"\x89PNG")
    assert run.out == ""


def test_faces_without_a_result_are_told(cijkl, examples, results):
    run = cijkl("evaluate", "--faces", examples / "faces.csv", "--results", results, "--json", "-")
    assert run.code == 1
    assert len(run.complaints) == 5
    assert all("no result for its structure" in line for line in run.complaints)
    assert "faces.csv:8:" in run.complaints[0]
    assert run.records[0]["missing"] == 5


def test_bad_input_is_one_line(cijkl, examples, tmp_path, results):
    table = examples / "faces.csv"
    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "zzz", "status": "ok", "C": null}\n')
    empty = tmp_path / "empty.csv"
    empty.write_text("compound,cif\n")
    for arguments, message in (
        ((), "give a dataset, or measured faces"),
        ((examples / "measured.jsonl", "--faces", table), "give a dataset, or measured faces"),
        (("--faces", tmp_path / "none.csv"), "no such file"),
        (("--faces", empty), "no column face"),
        (("--faces", table, "--target", "K_VRH"), "are for a dataset"),
        (("--faces", table, "--results", other), "no result has the name"),
        (("--faces", table, "--potential", "sevenet-0"), "did you mean sevennet-0"),
    ):
        run = cijkl("evaluate", *arguments)
        assert run.code == 2, arguments
        assert message in run.err
        assert len(run.complaints) == 1, run.err
