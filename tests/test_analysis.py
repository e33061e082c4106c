"""The Python function `analyze`: frames, doubts, files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read

from cijkl.analysis import analyze, analyze_file
from cijkl.elasticity import ElasticTensor
from cijkl.errors import Diagnostic, InputError
from cijkl.properties import ieee_rotation
from cijkl.structures import symmetry

SILICON = ElasticTensor.from_constants("cubic", C11=165.64, C12=63.94, C44=79.51)


@pytest.fixture(scope="module")
def quartz(request):
    return read(request.config.rootpath / "examples" / "alpha-quartz.cif")


@pytest.fixture(scope="module")
def tensor(request):
    return np.loadtxt(request.config.rootpath / "examples" / "quartz.txt")


def codes(result) -> list[str]:
    return [warning["code"] for warning in result.record["warnings"]]


def test_a_tensor_that_fits_its_crystal_raises_no_doubt(tensor, quartz):
    assert codes(analyze(tensor, quartz)) == []


def test_a_tensor_in_another_frame_is_doubted(tensor, quartz):
    turned = ElasticTensor(tensor).rotate([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    result = analyze(turned, quartz)
    assert codes(result) == ["symmetry_mismatch"]
    assert "frame" in result.record["warnings"][0]["message"]


def test_the_frame_is_honoured(tensor, quartz):
    """The same crystal, its tensor once in the input frame and once in the IEEE frame."""
    turned = quartz.copy()
    angle = np.radians(40.0)
    rotation = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    turned.set_cell(quartz.cell.array @ rotation.T, scale_atoms=True)
    to_ieee = ieee_rotation(turned, symmetry(turned))
    in_input = ElasticTensor(tensor).rotate(rotation)
    in_ieee = in_input.rotate(to_ieee)
    faces = [(1, 0, 1), (0, 1, 1), (1, 1, 2)]
    first = analyze(in_input, turned, hkl=faces)
    second = analyze(in_ieee, turned, hkl=faces, frame="ieee")
    assert codes(first) == codes(second) == []
    assert second.record["frame"] == "ieee"
    for one, other in zip(first.record["directions"], second.record["directions"], strict=True):
        assert one["E"] == pytest.approx(other["E"])
        assert one["G"] == pytest.approx(other["G"])
        assert to_ieee @ one["direction"] == pytest.approx(other["direction"])
    for one, other in zip(first.record["criteria"], second.record["criteria"], strict=True):
        assert one["value"] == pytest.approx(other["value"])


def test_only_one_tensor():
    with pytest.raises(InputError, match="one tensor"):
        analyze(np.stack([SILICON.voigt] * 2))


def test_indices_without_a_crystal():
    with pytest.raises(InputError, match="structure"):
        analyze(SILICON, hkl=[(1, 0, 0)])


def test_warnings_and_formula_are_passed_on():
    result = analyze(SILICON, warnings=[Diagnostic("code", "text")], formula="Si")
    assert codes(result) == ["code"]
    assert result.record["formula"] == "Si"
    assert analyze(SILICON, bulk("Si", "diamond", a=5.43)).record["formula"] == "Si"


def test_a_file_is_read_at_once_but_analysed_one_by_one(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        analyze_file(tmp_path / "nowhere.txt")
    path = tmp_path / "two.jsonl"
    path.write_text(json.dumps({"id": "a", "C": SILICON.voigt.tolist()}) + "\n{}\n")
    results = analyze_file(path)
    path.unlink()
    good, bad = results
    assert (good.ok, bad.ok) == (True, False)
    assert bad.record["error"].startswith("two.jsonl: ")


def test_the_structure_of_the_record_is_used(tmp_path):
    path = tmp_path / "si.json"
    cell = [[0, 2.715, 2.715], [2.715, 0, 2.715], [2.715, 2.715, 0]]
    structure = {"lattice": cell, "species": ["Si", "Si"], "frac": [[0, 0, 0], [0.25] * 3]}
    path.write_text(json.dumps({"C": SILICON.voigt.tolist(), "structure": structure}))
    (result,) = analyze_file(path, hkl=[(1, 1, 1)])
    assert result.record["structure"]["spacegroup"] == 227
    assert len(result.record["directions"]) == 1
    structure["species"] = ["Si"]
    path.write_text(json.dumps({"C": SILICON.voigt.tolist(), "structure": structure}))
    (result,) = analyze_file(path)
    assert codes(result) == ["structure_unused"]
    assert result.record["structure"] is None


def test_the_file_says_the_frame_unless_the_caller_does(tmp_path):
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"C": SILICON.voigt.tolist(), "frame": "ieee"}))
    (said,) = analyze_file(path)
    (overruled,) = analyze_file(path, frame="input")
    assert said.record["frame"] == "ieee"
    assert overruled.record["frame"] == "input"
