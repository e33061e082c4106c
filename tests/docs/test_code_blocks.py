"""Code that is shown but not run here is at least possible: names, verbs and options exist."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from cijkl.cli.main import app

from .pages import DOCS, ROOT, blocks

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
WITH_CODE = [page for page in PAGES if blocks(page)]


def of(page: Path, *languages: str) -> list[str]:
    """Texts of a page's blocks in some languages."""
    return [block.text for block in blocks(page) if block.language in languages]


def imported(code: str) -> list[tuple[str, str]]:
    """Pairs of module and name that code takes from cijkl."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [(node.value.id, node.attr)] if node.value.id == "cijkl" else []
    return [pair for pair in found if pair[0].partition(".")[0] == "cijkl"]


def is_there(module: str, name: str) -> bool:
    """Whether a module has a name, or a module of that name in it."""
    if hasattr(importlib.import_module(module), name):
        return True
    return importlib.util.find_spec(f"{module}.{name}") is not None


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_is_python_and_its_names_exist(page):
    for code in of(page, "python"):
        for module, name in imported(code):
            assert is_there(module, name), f"{module}.{name}"


def calls(text: str) -> list[list[str]]:
    """Words of each call of ``cijkl`` in a shell's text."""
    lines = text.replace("\\\n", " ").splitlines()
    prompt = "$ " if re.search(r"^\$ ", text, re.M) else ""
    found = []
    for line in lines:
        if not line.startswith(prompt):
            continue
        command = line.removeprefix(prompt)
        if command.startswith("cijkl "):
            command = re.split(r"(?<=\s)#|[|;&]\s", command)[0]
            found.append(shlex.split(command)[1:])
    return found


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_have_the_verbs_and_options_that_are_shown(page):
    for text in of(page, "console", "sh", "bash"):
        for verb, *words in calls(text):
            if verb.startswith("-"):
                continue
            assert verb in app.commands, verb
            known = {name for option in app.commands[verb].params for name in option.opts}
            shown = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
            assert shown <= known | {"--help", "-h"}, (verb, shown - known)


def test_wrong_code_is_found():
    assert imported("import cijkl\ncijkl.none(1)") == [("cijkl", "none")]
    assert not is_there("cijkl", "none")
    assert is_there("cijkl.potentials", "sevennet")
    assert calls("$ cijkl predict a.cif \\\n  --jsn x  # remark\nout\n") == [
        ["predict", "a.cif", "--jsn", "x"]
    ]
