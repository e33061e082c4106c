"""`cijkl distill` as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cijkl.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def at_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))


@pytest.mark.slow
def test_the_example_and_what_comes_of_it(tmp_path, capsys):
    """Slow: it trains, and then relaxes a crystal with what it trained."""
    pytest.importorskip("chgnet")
    out = tmp_path / "student"
    assert main(["distill", "examples/distill.yaml", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "judged by" in said and "meV/atom" in said
    name = said.splitlines()[-1].removeprefix("use it as --potential ")
    assert name == f"distilled:{out / 'student.safetensors'}"
    code = main(["compute", "examples/silicon.cif", "-p", name, "--json", "-", "--quiet"])
    record = json.loads(capsys.readouterr().out)
    assert (code, record["status"]) == (0, "ok")
    assert record["engine"]["name"] == name
    # again: nothing is done, and the errors are those that were written
    assert main(["distill", "examples/distill.yaml", "--out", str(out), "--json", "-"]) == 0
    errors = json.loads(capsys.readouterr().out)
    assert errors == json.loads((out / "errors.json").read_text())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("student: gpt\nhard: a.extxyz\n", "'gpt' cannot be trained"),
        ("student: chgnet\nhard: none.extxyz\n", "none.extxyz: no such file"),
        ("student: chgnet\nrate: 3\n", "'rate' is no setting"),
        ("- 1\n", "expected names and values"),
        ("a: [\n", "no configuration"),
        ("sweep: {sizes: [0]}\n", "expected whole numbers from 1"),
    ],
)
def test_one_clear_line(tmp_path, capsys, text, words):
    config = tmp_path / "config.yaml"
    config.write_text(text)
    assert main(["distill", str(config), "--out", str(tmp_path / "run")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("cijkl: ") and captured.err.count("\n") == 1
    assert words in captured.err


def test_no_such_file(tmp_path, capsys):
    assert main(["distill", "none.yaml", "--out", str(tmp_path)]) == 2
    assert "none.yaml: no configuration" in capsys.readouterr().err
