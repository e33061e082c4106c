"""The routes as a program calls them: the same records as from the command line."""

from __future__ import annotations

import json

import pytest

import cijkl
from cijkl.layout import Record

from .conftest import EXAMPLES, form


def test_predict_gives_the_record_of_the_function(visitor, quartz, small_model):
    answer = visitor.post("/api/predict", files=form(quartz, "alpha-quartz.cif"))
    assert answer.status_code == 200
    assert answer.json()["kept"] is None
    (record,) = answer.json()["records"]
    (expected,) = cijkl.predict(EXAMPLES / "alpha-quartz.cif", small_model)
    ours = json.loads(json.dumps(expected.record))
    for each in (record, ours):
        each["engine"].pop("seconds")
    assert ours.pop("source").endswith(record.pop("source"))
    assert record["C"] == [pytest.approx(row, rel=1e-5, abs=1e-5) for row in ours["C"]]
    assert record.keys() == ours.keys()
    assert record["structure"] == ours["structure"]
    assert record["engine"] == ours["engine"]


def test_analyze_gives_the_record_of_the_function(visitor, quartz, tensor):
    files = form(tensor, "quartz.txt", "tensor") | form(quartz, "alpha-quartz.cif")
    answer = visitor.post("/api/analyze", files=files, data={"hkl": ["1 0 0", "10-11"]})
    assert answer.status_code == 200
    (record,) = answer.json()["records"]
    (crystal,) = cijkl.read(EXAMPLES / "alpha-quartz.cif")
    ((_, stiffness, _),) = cijkl.read_tensor(EXAMPLES / "quartz.txt")
    expected = cijkl.analyze(stiffness, crystal.atoms, hkl=[(1, 0, 0), (1, 0, -1, 1)]).record
    for key in ("C", "moduli", "directions", "acoustics", "structure"):
        assert record[key] == json.loads(json.dumps(expected[key])), key
    assert record["source"] == "quartz.txt"


def test_an_answer_has_the_layout_of_the_record(visitor, quartz):
    from pydantic import TypeAdapter

    answer = visitor.post("/api/predict", files=form(quartz))
    TypeAdapter(Record).validate_python(answer.json()["records"][0], strict=True)


def test_several_crystals_and_one_that_is_none(visitor, quartz):
    lines = [
        json.dumps({"id": "a", "lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Po"],
                    "frac": [[0, 0, 0]]}),
        "{broken",
    ]  # fmt: skip
    answer = visitor.post("/api/predict", files=form("\n".join(lines).encode(), "two.jsonl"))
    found = answer.json()["records"]
    assert [(each["id"], each["status"]) for each in found] == [("a", "ok"), ("two#2", "failed")]
    assert found[1]["source"] == "two.jsonl:2"


UREA_WITHOUT_HYDROGEN = {
    "id": "urea", "lattice": [[5.58, 0, 0], [0, 5.58, 0], [0, 0, 4.69]],
    "species": ["C", "C", "O", "O", "N", "N", "N", "N"],
    "frac": [[0, 0.5, 0.328], [0.5, 0, 0.672], [0, 0.5, 0.5963], [0.5, 0, 0.4037],
             [0.1447, 0.6447, 0.1785], [0.8553, 0.3553, 0.1785], [0.3553, 0.1447, 0.8215],
             [0.6447, 0.8553, 0.8215]],
}  # fmt: skip


def test_missing_hydrogen_is_refused_or_added_as_asked(visitor):
    files = form(json.dumps(UREA_WITHOUT_HYDROGEN).encode() + b"\n", "urea.jsonl")
    (refused,) = visitor.post("/api/predict", files=files).json()["records"]
    assert refused["status"] == "failed"
    assert "hydrogen" in refused["error"]
    data = {"hydrogens": "add"}
    (added,) = visitor.post("/api/predict", files=files, data=data).json()["records"]
    assert added["structure"]["natoms"] == 16


@pytest.mark.parametrize(
    ("files", "data", "status", "words"),
    [
        (form(b"hello"), {}, 422, "sent.cif: no data block"),
        (form(b" \n"), {}, 422, "the file is empty"),
        ({}, {}, 422, "structure: Field required"),
        (form(b"x"), {"model": "nothing"}, 422, "no model is called 'nothing'"),
        (form(b"x"), {"model": "../../../etc/passwd"}, 422, "no model is called"),
        (form(b"x"), {"symprec": "-1"}, 422, "symprec: Input should be greater than 0"),
    ],
)
def test_what_cannot_be_used_has_a_reason(visitor, files, data, status, words):
    answer = visitor.post("/api/predict", files=files, data=data)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]
    assert "/tmp" not in answer.text


def test_one_tensor_one_crystal(visitor, tensor, quartz):
    files = form(tensor, "q.txt", "tensor") | form(quartz + b"\n" + quartz)
    answer = visitor.post("/api/analyze", files=files)
    assert answer.status_code == 422
    assert "2 crystals" in answer.json()["error"]


def test_a_bad_tensor_is_told_by_its_own_name(visitor):
    answer = visitor.post("/api/analyze", files=form(b"1 2 3", "bad.txt", "tensor"))
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("bad.txt: 3 numbers found")


def test_what_there_is_to_choose_from(visitor):
    (model,) = visitor.get("/api/models").json()
    assert model["name"] == "small"
    names = [each["name"] for each in visitor.get("/api/potentials").json()]
    assert "mace" not in names
    assert "distilled" not in names
    if names:
        installed = {info.name for info in _installed()}
        assert set(names) == installed - {"mace", "distilled"}


def _installed():
    from cijkl.potentials import catalogue

    return [info for info in catalogue() if info.installed]


def test_the_documentation_of_the_api_is_complete(visitor):
    schema = visitor.get("/api/openapi.json").json()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (path, method)
            assert "413" in operation["responses"], (path, method)
    assert {"/api/predict", "/api/analyze", "/api/compute", "/api/jobs/{id}"} <= set(
        schema["paths"]
    )
