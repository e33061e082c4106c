"""Runs of the command line inside this process, and small inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cijkl.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Standard output as JSON Lines; fails if anything else is on it."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaints(self) -> list[str]:
        return self.err.splitlines()


@pytest.fixture
def cijkl(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """``cijkl("analyze", path, "--json", "-")`` as in a shell."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def examples() -> Path:
    return EXAMPLES


@pytest.fixture
def silicon(tmp_path: Path) -> Path:
    """The two-atom cell of silicon."""
    return write_crystal(tmp_path / "silicon.jsonl", "silicon")


def write_crystal(path: Path, *names: str, species: str = "Si", a: float = 5.43) -> Path:
    h = a / 2
    records = (
        {
            "id": name,
            "lattice": [[0, h, h], [h, 0, h], [h, h, 0]],
            "species": [species, species],
            "frac": [[0, 0, 0], [0.25, 0.25, 0.25]],
        }
        for name in names
    )
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def cubic_text(c11: float, c12: float, c44: float) -> str:
    rows = [[c11, c12, c12], [c12, c11, c12], [c12, c12, c11]]
    upper = [" ".join(map(str, row)) + " 0 0 0" for row in rows]
    lower = [" ".join(str(c44 if i == j else 0) for j in range(6)) for i in range(3, 6)]
    return "\n".join(upper + lower) + "\n"
