"""The recipe for conda asks for what pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import cijkl

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
#: extras of those who work on cijkl itself, or that hold others
NOT_FOR_USERS = {"all", "test", "bench", "docs", "lint"}
#: as conda-forge calls what PyPI calls otherwise
NAMES = {
    "dftd3": "dftd3-python",
    "duckdb": "python-duckdb",
    "mace-torch": "pymace",
    "tblite": "tblite-python",
    "torch": "pytorch",
    "typing-extensions": "typing_extensions",
    "xgboost": "py-xgboost",
    "xgboost-cpu": "py-xgboost",
}


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))


def wanted(requirements: list[str]) -> dict[str, SpecifierSet]:
    """Bounds by conda's names, without our own extras."""
    found = {}
    for text in requirements:
        requirement = Requirement(text)
        if requirement.name != "cijkl":
            name = NAMES.get(requirement.name, requirement.name)
            found[name] = requirement.specifier
    return found


def given(requirements: list[str]) -> dict[str, SpecifierSet]:
    found = {}
    for text in requirements:
        name, _, bounds = text.partition(" ")
        assert name not in found, f"{name} stands there twice"
        found[name] = SpecifierSet(bounds)
    return found


def test_it_runs_with_what_the_package_and_predict_need(recipe):
    needed = wanted([*PROJECT["dependencies"], *EXTRAS["predict"]])
    run = given(
        [text for text in recipe["requirements"]["run"] if not text.startswith("python >=")]
    )
    assert run == needed


def test_it_bounds_what_the_other_extras_need(recipe):
    others = [
        text
        for extra, requirements in EXTRAS.items()
        if extra not in NOT_FOR_USERS
        for text in requirements
    ]
    run = wanted([*PROJECT["dependencies"], *EXTRAS["predict"]])
    needed = {name: bounds for name, bounds in wanted(others).items() if name not in run}
    assert given(recipe["requirements"]["run_constraints"]) == needed
    # conda knows no extras, so one package has one bound, whoever asks for it
    for text in others:
        requirement = Requirement(text)
        name = NAMES.get(requirement.name, requirement.name)
        assert name == "cijkl" or {**run, **needed}[name] == requirement.specifier, name


def test_extras_of_users_are_all_seen():
    assert {"predict", "sevennet", "web"} <= set(EXTRAS) - NOT_FOR_USERS
    assert set(EXTRAS) >= NOT_FOR_USERS


def test_version_python_and_licence_agree(recipe):
    assert recipe["context"]["version"] == cijkl.__version__
    assert f">={recipe['context']['python_min']}" == PROJECT["requires-python"]
    assert "python >=${{ python_min }}" in recipe["requirements"]["run"]
    assert recipe["about"]["summary"] == PROJECT["description"]
    assert recipe["about"]["license"] == PROJECT["license"]
    assert recipe["about"]["license_file"] == PROJECT["license-files"]
    assert all((ROOT / "recipe" / ".." / name).is_file() for name in PROJECT["license-files"])


def test_it_builds_and_enters_as_pyproject_says(recipe):
    (builder,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert builder in given(recipe["requirements"]["host"][1:])
    (entry,) = recipe["build"]["python"]["entry_points"]
    assert dict([entry.split(" = ")]) == PROJECT["scripts"]


def test_the_examples_that_it_runs_are_there(recipe):
    (commands,) = [part["script"] for part in recipe["tests"] if "script" in part]
    named = [word for line in commands for word in line.split() if word.startswith("examples/")]
    assert len(named) >= 3
    assert all((ROOT / name).is_file() for name in named)
