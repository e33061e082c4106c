"""`--hkl` of analyze, predict and compute as a user runs them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from cijkl import ElasticTensor
from cijkl.errors import InputError
from cijkl.models.networks import build
from cijkl.models.weights import save_network
from cijkl.structures.indices import parse_indices

from .conftest import write_crystal


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(1)
    settings = {"width": 12, "layers": 1, "channels": 3, "radial": 5}
    folder = tmp_path / "model"
    folder.mkdir()
    network = build("log_stiffness", settings)
    save_network(network, "log_stiffness", folder / "log_stiffness.safetensors")
    return folder


def quartz(examples):
    return (
        "analyze", examples / "quartz.txt", "-s", examples / "alpha-quartz.cif", "--json", "-"
    )  # fmt: skip


def test_one_face_many_faces_and_four_indices(cijkl, examples):
    run = cijkl(*quartz(examples), "--hkl", "0 0 1", "--hkl", "(10-11)", "--hkl", "1 0 1")
    (record,) = run.records
    basal, four, three = record["directions"]
    assert four == three
    assert four["hkl"] == [1, 0, 1]
    tensor = ElasticTensor(record["C"])
    assert basal["M"] == pytest.approx(float(tensor.indentation_modulus([0, 0, 1])))
    assert basal["E"] == pytest.approx(1 / np.linalg.inv(record["C"])[2, 2])
    assert "faces" not in record


def test_the_table_of_all_faces(cijkl, examples):
    run = cijkl(*quartz(examples), "--hkl", "all", "--hkl", "001")
    (record,) = run.records
    assert len(record["directions"]) == 1
    assert sum(face["multiplicity"] for face in record["faces"]) >= 98
    spacings = [face["spacing"] for face in record["faces"]]
    assert (np.diff(spacings) < 1e-6).all()
    stiffest = max(record["faces"], key=lambda face: face["E"])
    assert stiffest["E"] <= record["directional"]["E"]["max"]["value"]


def test_a_page_shows_the_faces_unasked(cijkl, examples, tmp_path):
    page = tmp_path / "q.html"
    run = cijkl(*quartz(examples), "--html", page, "-q")
    assert len(run.records[0]["faces"]) == 17
    # and is content without a crystal
    run = cijkl("analyze", examples / "quartz.txt", "--json", "-", "--html", page, "-q")
    assert run.code == 0
    assert "faces" not in run.records[0]


def test_predict_reports_on_the_cell_as_given(cijkl, model, tmp_path):
    path = write_crystal(tmp_path / "si.jsonl", "a", "b")
    broken = tmp_path / "broken.cif"
    broken.write_text("hello")
    run = cijkl(
        "predict", broken, path, "--model", model, "--hkl", "111", "--hkl", "all", "--json", "-"
    )
    assert run.code == 1
    failed, *good = run.records
    assert failed["status"] == "failed"
    for record in good:
        # (111) of the primitive cell is one of the octahedron's too
        (found,) = record["directions"]
        assert np.abs(found["direction"]) == pytest.approx(np.full(3, 3**-0.5), abs=1e-6)
        assert 1 < len(record["faces"]) < 49


@pytest.mark.slow
def test_compute_reports_on_the_cell_as_given(cijkl, examples):
    """It relaxes the primitive cell; indices stay those of the cube."""
    run = cijkl(
        "compute", examples / "silicon.cif", "-p", "sevennet-0", "--workers", "1",
        "--hkl", "1 0 0", "--hkl", "1 1 1", "--hkl", "all", "--json", "-",
    )  # fmt: skip
    (record,) = run.records
    assert record["structure"]["natoms"] == 2
    edge, body = record["directions"]
    assert edge["direction"] == pytest.approx([1, 0, 0], abs=1e-9)
    assert record["directional"]["E"]["min"]["value"] == pytest.approx(edge["E"], rel=1e-6)
    assert record["directional"]["E"]["max"]["value"] == pytest.approx(body["E"], rel=1e-6)
    assert [face["hkl"] for face in record["faces"]][:3] == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_a_face_that_one_crystal_lacks_spares_the_others(cijkl, model, tmp_path):
    path = write_crystal(tmp_path / "si.jsonl", "a")
    run = cijkl("predict", path, "--model", model, "--hkl", "1 0 -1 0", "--json", "-")
    assert run.code == 0
    (record,) = run.records
    assert "face_unknown" in [warning["code"] for warning in record["warnings"]]
    assert "directions" not in record


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--hkl", "1 0 1 0"), "third"),
        (("--hkl", "1 0"), "three or four"),
        (("--hkl", "0 0 0 0"), "not all zero"),
        (("--uvw", "1 0 0 0"), "three numbers"),
    ],
)
def test_bad_indices_are_one_line(cijkl, examples, arguments, message):
    run = cijkl(*quartz(examples), *arguments)
    assert run.code == 2
    assert len(run.complaints) == 1
    assert message in run.err


def test_all_faces_need_a_crystal(cijkl, examples):
    run = cijkl("analyze", examples / "quartz.txt", "--hkl", "all")
    assert run.code == 2
    assert "--structure" in run.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1 0 -1 0", (1, 0, -1, 0)), ("10-10", (1, 0, -1, 0)), ("(0001)", (0, 0, 0, 1))],
)
def test_four_indices(text, expected):
    assert parse_indices(text, four=True) == expected
    with pytest.raises(InputError, match="three numbers"):
        parse_indices(text)
    assert json.dumps(parse_indices("100", four=True)) == "[1.0, 0.0, 0.0]"
