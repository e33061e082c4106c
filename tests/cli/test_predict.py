"""`cijkl predict` and `cijkl models` as a user runs them, with small random networks."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from cijkl.cli.predict import predict
from cijkl.models import DEFAULT_MODEL, catalogue

from .conftest import write_crystal
from .test_errors import STRUCTURES, refused, write

#: the package hands out a function of the same name
room = import_module("cijkl.models.catalogue")


@pytest.fixture
def model(small_model):
    return ("--model", small_model)


def test_the_defaults_are_those_of_the_function():
    defaults = {option.name: option.default for option in predict.params}
    assert defaults["model"] == DEFAULT_MODEL
    assert defaults["symprec"] == 1e-2


def test_silicon(cijkl, silicon, model, tmp_path):
    run = cijkl("predict", silicon, *model, "--json", tmp_path / "si.jsonl", "--html", tmp_path)
    assert run.code == 0
    assert run.err == f"wrote {tmp_path / 'silicon.html'}\n"
    assert "bulk K" in run.out
    assert "±" in run.out
    record = json.loads((tmp_path / "si.jsonl").read_text())
    assert record["structure"]["spacegroup"] == 227
    assert record["engine"]["name"] == "small"
    assert record["uncertainty"]["K_90"] > 0.0
    assert "relaxation" not in record
    c = record["C"]
    assert c[0][1] == pytest.approx(c[1][2])
    assert c[0][3] == pytest.approx(0.0, abs=1e-6)


def test_one_failure_among_good_ones(cijkl, model, tmp_path):
    good = write_crystal(tmp_path / "good.jsonl", *(f"a{n}" for n in range(9)))
    bad = tmp_path / "bad.cif"
    bad.write_text("hello")
    alien = write_crystal(tmp_path / "alien.jsonl", "og", species="Og", a=7.0)
    run = cijkl("predict", bad, good, "nowhere.cif", alien, *model, "--json", "-")
    assert run.code == 1
    found = [(record["id"], record["status"]) for record in run.records]
    expected = [("bad", "failed"), *((f"a{n}", "ok") for n in range(9))]
    assert found == [*expected, ("nowhere.cif", "failed"), ("og", "failed")]
    first, second, third = run.complaints
    assert first.startswith(f"cijkl: {bad}: no data block")
    assert second == "cijkl: nowhere.cif: no such file or folder"
    assert third.startswith(f"cijkl: {alien}:1 (og): the model does not know Og")


def test_a_layer_is_refused_with_advice(cijkl, model, tmp_path):
    from ase.build import graphene

    atoms = graphene(a=2.46, vacuum=6.0)
    atoms.pbc = True
    atoms.write(tmp_path / "sheet.vasp", format="vasp")
    run = cijkl("predict", tmp_path / "sheet.vasp", *model)
    assert run.code == 1
    assert run.out == ""
    (line,) = run.complaints
    assert "cijkl compute" in line


@pytest.mark.parametrize("kind", STRUCTURES)
def test_bad_structure(cijkl, tmp_path, model, kind):
    name, content, expected = STRUCTURES[kind]
    path = write(tmp_path, name, content)
    target = tmp_path / "kept.jsonl"
    target.write_text("before\n")
    run = cijkl("predict", path, *model, "--json", target)
    refused(run, expected)
    assert str(path) in run.err
    assert target.read_text() == "before\n"


OPTIONS = {
    "no structure": ((), "STRUCTURE"),
    "no such structure": (("nowhere.cif",), "no such file"),
    "no such model": (("SILICON", "-m", "cijkl-0"), "no model or file is called 'cijkl-0'"),
    "a crystal for a model": (("SILICON", "-m", "SILICON"), "no file of weights"),
    "symprec": (("SILICON", "--symprec", "0"), "positive"),
    "unknown option": (("SILICON", "--potential", "x"), "--potential"),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_bad_option(cijkl, silicon, kind):
    arguments, expected = OPTIONS[kind]
    given = [silicon if word == "SILICON" else word for word in arguments]
    refused(cijkl("predict", *given), expected)


def test_a_missing_package_is_named_with_its_command(cijkl, silicon, model, monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    refused(cijkl("predict", silicon, *model), "pip install 'cijkl[predict]'")


def test_quiet(cijkl, silicon, model):
    run = cijkl("predict", silicon, *model, "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")


def test_the_start_needs_little_beside_torch(silicon, small_model):
    code = (
        "import sys; from cijkl.cli import main; "
        f"main(['predict', {str(silicon)!r}, '-m', {str(small_model)!r}, '--quiet']); "
        "print([name for name in ('pymatgen', 'e3nn', 'lightning', 'sklearn', 'scipy.stats', "
        "'plotly', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_models(cijkl):
    run = cijkl("models", "--json", "-")
    assert run.code == 0
    assert [record["name"] for record in run.records] == [entry.name for entry in catalogue()]


def test_models_are_listed_with_what_is_known_of_them(cijkl, monkeypatch, small_model):
    monkeypatch.setattr(room, "SHIPPED", small_model.parent)
    run = cijkl("models")
    assert run.code == 0
    assert "small" in run.out
    assert "2 networks" in run.out
    monkeypatch.setattr(room, "SHIPPED", small_model / "nothing")
    run = cijkl("models")
    assert (run.code, run.out) == (0, "")
    assert "no model comes" in run.err
