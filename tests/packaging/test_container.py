"""The Dockerfile names what there is. It is not built here, for that needs a daemon and images."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from cijkl.cli.main import app

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
KNOWN = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "RUN", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """Instructions of the file, continued lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (name, rest.strip())
        for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


STEPS = instructions()


def all_of(name: str) -> list[str]:
    return [rest for step, rest in STEPS if step == name]


def test_every_line_is_an_instruction():
    assert {step for step, _ in STEPS} == KNOWN
    assert STEPS[0][0] == "FROM"


def test_its_python_is_one_that_the_package_takes():
    for image in all_of("FROM"):
        version = re.fullmatch(r"python:(\d+\.\d+)-slim(?: AS \w+)?", image)[1]
        assert version in SpecifierSet(PROJECT["requires-python"])


def test_what_it_copies_is_there_and_sent_to_the_builder():
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = 0
    for line in all_of("COPY"):
        *sources, _ = line.split()
        if sources[0].startswith("--from="):
            assert f" AS {sources[0].removeprefix('--from=')}" in all_of("FROM")[0]
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            hidden = False
            for rule in rules:
                if fnmatch(source, rule.removeprefix("!")):
                    hidden = not rule.startswith("!")
            assert not hidden, f"{source} is left out by .dockerignore"
            copied += 1
    assert copied >= 5


def test_what_the_build_reads_is_copied():
    copied = {word for line in all_of("COPY") for word in line.split()}
    assert {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml", "src"} <= copied


def test_its_extras_exist():
    (extras,) = [rest.removeprefix("EXTRAS=") for rest in all_of("ARG")]
    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    assert "[${EXTRAS}]" in " ".join(all_of("RUN"))


def test_torch_is_held_to_the_version_of_the_tests():
    assert "torch==" in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    (install,) = [line for line in all_of("RUN") if "download.pytorch.org/whl/cpu" in line]
    assert install.count("--constraint /tmp/constraints.txt") == 2


def test_what_it_starts_is_a_verb_with_its_options():
    (entry,), (command,) = all_of("ENTRYPOINT"), all_of("CMD")
    assert json.loads(entry) == list(PROJECT["scripts"])
    verb, *options = json.loads(command)
    context = app.commands[verb].make_context(verb, list(options))
    assert context.params["host"] == "0.0.0.0"
    assert [str(context.params["port"])] == all_of("EXPOSE")


def test_it_does_not_run_as_root():
    names = [step for step, _ in STEPS]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name == "RUN")
    (user,) = all_of("USER")
    assert f"useradd --create-home --uid 1000 {user}" in " ".join(all_of("RUN"))


@pytest.mark.parametrize("variable", ["CIJKL_CACHE", "CIJKL_TOKEN"])
def test_its_variables_are_known_to_the_package(variable):
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert variable in text
    assert any(
        f'"{variable}"' in path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")
    )


def test_shell_lines_are_shell():
    for line in all_of("RUN"):
        run = subprocess.run(["sh", "-n", "-c", line], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
