"""What an installed cijkl must do, wherever it was installed from and whatever else is there.

``python tests/packaging/installed.py PYTHON`` asks the cijkl of that interpreter, from a folder of
its own, so that nothing of the checkout is found.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def check(python: Path) -> None:
    """Run cijkl as a user would.

    Raises
    ------
    AssertionError
        Something is missing or wrong.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for example in ("quartz.txt", "alpha-quartz.cif", "corundum.cif"):
            shutil.copy(EXAMPLES / example, folder)
        _check_place(python, folder)
        _check_version(python, folder)
        _check_analyze(python, folder)
        _check_predict(python, folder)


def _check_place(python: Path, folder: Path) -> None:
    code = "import cijkl, sys; print(cijkl.__file__); print(sys.prefix)"
    place, prefix = _run([python, "-c", code], folder).splitlines()
    assert Path(place).is_relative_to(prefix), f"{place} is not the installed package"


def _check_version(python: Path, folder: Path) -> None:
    code = "from importlib.metadata import version; print(version('cijkl'))"
    version = _run([python, "-c", code], folder).strip()
    first, *weights = _cijkl(python, folder, "--version").splitlines()
    assert first == f"cijkl {version}"
    assert [line.split(",")[0] for line in weights] == ["model cijkl-1", "potential cijkl-mol-1"]


def _check_analyze(python: Path, folder: Path) -> None:
    arguments = ["quartz.txt", "--structure", "alpha-quartz.cif", "--html", "q.html", "--json", "-"]
    (record,) = _records(_cijkl(python, folder, "analyze", *arguments))
    # of the tensor itself: K by Voigt is the mean of the nine constants of its upper left corner
    rows = [row[:3] for row in record["C"][:3]]
    assert abs(record["moduli"]["K"]["voigt"] - sum(map(sum, rows)) / 9) < 1e-6
    page = (folder / "q.html").read_text(encoding="utf-8")
    assert len(page) > 100_000 and page.rstrip().endswith("</html>")


def _check_predict(python: Path, folder: Path) -> None:
    (record,) = _records(_cijkl(python, folder, "predict", "corundum.cif", "--json", "-"))
    assert record["status"] == "ok" and record["stable"]
    assert record["engine"]["settings"]["weights"].startswith("cijkl-1 ")
    # Gieske and Barsch, phys. stat. sol. 29, 121 (1968), measured 254.4 GPa; PBE gives some 232
    assert 200.0 < record["moduli"]["K"]["hill"] < 270.0


def _cijkl(python: Path, folder: Path, *arguments: str) -> str:
    return _run([python.with_name("cijkl"), *arguments], folder)


def _run(command: list[str | Path], folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, f"{command}: {run.stderr}"
    return run.stdout


def _records(lines: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.splitlines()]


if __name__ == "__main__":
    check(Path(sys.argv[1]).absolute())
    print("the installed cijkl works")
