"""The documentation says what the code does: keys, options, codes, numbers."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from cijkl import layout
from cijkl.cli.main import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))
CHECKER = doctest.OutputChecker()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), re.M | re.S)


def rows(part: str) -> list[list[str]]:
    """Cells of the lines of a table whose first cell is code."""
    lines = re.findall(r"^\| `.*\|$", part, re.M)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def in_words(kind: Any) -> str:
    """A type of the layout as the page writes it."""
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(map(in_words, get_args(kind)))
    if get_origin(kind) is Literal:
        return " or ".join(f'`"{value}"`' for value in get_args(kind))
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        words = {float: "list of numbers", str: "list of texts", list[float]: "matrix"}
        return words.get(item) or f"list of {in_words(item)}"
    if get_origin(kind) is dict:
        return "object"
    words = {int: "integer", float: "number", str: "text", bool: "true or false"}
    if kind is type(None):
        return "null"
    return words.get(kind) or f"[{kind.__name__}](#{kind.__name__.lower()})"


@pytest.mark.parametrize("name", sorted(set(layout.__all__) - {"Properties"}))
def test_every_key_of_the_record_is_explained(name):
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text("record.md"), re.M | re.S)
    assert match, f"record.md has no section {name}"
    documented = {row[0].strip("`"): row for row in rows(match.group(1))}
    hints = get_type_hints(getattr(layout, name))
    assert list(documented) == list(hints)
    for key, kind in hints.items():
        _, kind_in_words, _, meaning = documented[key]
        assert kind_in_words == in_words(kind), key
        assert meaning.endswith(".")


def test_the_page_of_the_record_has_no_section_too_many():
    sections = set(re.findall(r"^## (\w+)$", text("record.md"), re.M))
    assert sections == set(layout.__all__) - {"Properties"}


@pytest.mark.parametrize("verb", sorted(app.commands))
def test_every_option_is_explained(verb):
    page = text("cli.md")
    match = re.search(rf"^## {verb}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert match
    shared = page[page.index("## Output that verbs share") : page.index("## analyze")]
    for option in app.commands[verb].params:
        if option.opts[0].startswith("--"):
            for name in [*option.opts, *option.secondary_opts]:
                assert f"`{name}" in match.group(1) + shared, name


def codes_in_the_source() -> set[str]:
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            getattr(node.targets[0], "id", ""): node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
        }
        for node in ast.walk(tree):
            first: ast.expr | None = None
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Diagnostic":
                first = node.args[0]
                if isinstance(first, ast.Name):
                    first = constants.get(first.id, first)
            # readers of tensors keep their doubts as pairs of code and message
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and "readers" in path.parts:
                first = node.elts[0] if _is_sentence(node.elts[1]) else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def test_every_warning_is_explained():
    documented = [row[0].strip("`") for row in rows(text("warnings.md"))]
    assert len(documented) == len(set(documented))
    assert set(documented) == codes_in_the_source()


def test_the_page_of_potentials_is_that_of_the_catalogue():
    spec = importlib.util.spec_from_file_location("potentials_page", DOCS / "potentials.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert text("potentials.md") == module.page(), "run: python docs/potentials.py"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "pycon")])
def test_python_examples_give_what_they_show(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=FLAGS)
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(page, "pycon"), 1):
        test = parser.get_doctest(block, names, f"{page}, block {number}", page, 0)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_commands_give_what_they_show(page, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": "80"}
    for block in blocks(page, "console"):
        command, _, expected = block.partition("\n")
        assert command.startswith("$ ")
        run = subprocess.run(
            command[2:], shell=True, cwd=tmp_path, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout
        assert CHECKER.check_output(expected, run.stdout, FLAGS), f"{command}\n{run.stdout}"


def test_every_warning_is_weighed():
    page = text("trust.md")
    table = page[page.index("## Which warning means what") : page.index("## Before you publish")]
    named = re.findall(r"`([a-z_]+)`", re.sub(r"`C_error`", "", table))
    assert sorted(named) == sorted(row[0].strip("`") for row in rows(text("warnings.md")))
