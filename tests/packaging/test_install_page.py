"""The page on installing knows every extra."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_extra_is_there():
    listed = set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.M))
    working = {"test", "docs", "lint", "bench"}
    assert listed | working == set(PROJECT["optional-dependencies"])
    assert not listed & working


def test_all_is_what_the_page_says():
    (every,) = PROJECT["optional-dependencies"]["all"]
    within = set(re.search(r"\[(.+)\]", every)[1].split(","))
    listed = set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.M)) - {"all"}
    (line,) = re.findall(r"^\| `all` \| all of these but (.+?) \|", PAGE, re.M)
    assert listed - within == set(re.findall(r"`([\w-]+)`", line))


def test_its_python_is_that_of_the_package():
    (version,) = re.findall(r"needs Python (\d+\.\d+) or later", PAGE)
    assert PROJECT["requires-python"] == f">={version}"


def test_its_commands_of_make_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make ([\w-]+)", PAGE, re.M)
    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)
