"""Help, version, and the examples that the help shows."""

from __future__ import annotations

import json
import re
import shlex
import warnings

import pytest

import cijkl as package
from cijkl.cli.main import app, main

VERBS = sorted(app.commands)


def test_the_version(cijkl):
    run = cijkl("--version")
    assert run.code == 0
    assert run.out.startswith(f"cijkl {package.__version__}\n")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_verb(cijkl, flag):
    run = cijkl(flag)
    assert (run.code, run.err) == (0, "")
    assert all(re.search(rf"^  {verb}\b", run.out, re.M) for verb in VERBS)


def test_every_verb_has_a_python_function():
    assert callable(package.analyze)
    assert callable(package.compute)


# a server does not end by itself; tests/web/test_serve.py starts one
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "serve"])
def test_the_example_in_the_help_runs(cijkl, verb, examples, tmp_path, monkeypatch):
    run = cijkl(verb, "--help")
    assert run.code == 0
    (example,) = re.findall(r"^\s+(cijkl .+)$", run.out, re.M)
    assert max(map(len, run.out.splitlines())) <= 80
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(examples)
    if verb == "query":
        # it asks what the example of screen makes
        cijkl("screen", "examples/silicon.cif", "--store", "all.duckdb", "--workers", "1")
    again = cijkl(*shlex.split(example)[1:])
    assert again.code == 0
    assert again.err == ""
    assert again.out


def test_options_of_the_contract():
    options = {
        verb: {name for option in app.commands[verb].params for name in option.opts}
        for verb in VERBS
    }
    assert options["analyze"] >= {"tensor", "--structure", "--hkl", "--json", "--html", "--quiet"}
    assert options["compute"] >= {
        "structures", "--potential", "--method", "--fmax", "--pressure", "--json", "--html",
        "--quiet",
    }  # fmt: skip


def test_the_list_of_potentials(cijkl, tmp_path):
    from cijkl.potentials import catalogue

    names = [entry.name for entry in catalogue()]
    shown = cijkl("potentials")
    assert shown.code == 0
    assert all(re.search(rf"^{re.escape(name)} \(", shown.out, re.M) for name in names)
    piped = cijkl("potentials", "--json", "-")
    assert [record["name"] for record in piped.records] == names
    for key in ("installed", "licence", "training_data", "recommended_use", "install_command"):
        assert all(key in record for record in piped.records)
    target = tmp_path / "new" / "list.jsonl"
    assert cijkl("potentials", "--json", target).out == ""
    assert [json.loads(line)["name"] for line in target.read_text().splitlines()] == names


def test_warnings_of_libraries_do_not_reach_the_user(capsys, monkeypatch, examples):
    def warn(*_args, **_kwargs):
        warnings.warn("an internal matter", stacklevel=1)
        return iter(())

    monkeypatch.setattr("cijkl.analysis.analyze_file", warn)
    main(["analyze", str(examples / "quartz.txt"), "--json", "-"])
    assert capsys.readouterr().err == ""
