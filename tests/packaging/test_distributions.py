"""Wheel and sdist: what is in them, and that what they install works outside the checkout."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest

import cijkl

from .installed import check

pytest.importorskip("hatchling")
# a build takes some 2 s of processor time, to ask what was installed some 8 s
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "cijkl"
#: bytes; PyPI takes 100 MB
LIMIT = 40_000_000
NOT_SOURCE = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".git"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a wheel and an sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "hatchling", "build", "-d", folder, "-t", "sdist", "-t", "wheel")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    (path,) = built.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def wheel_of_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    pip = (sys.executable, "-m", "pip", "--quiet")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, sdist)
    (path,) = folder.glob("*.whl")
    return path


def test_their_names_and_sizes(wheel, sdist):
    assert wheel.name == f"cijkl-{cijkl.__version__}-py3-none-any.whl"
    assert sdist.name == f"cijkl-{cijkl.__version__}.tar.gz"
    assert wheel.stat().st_size < LIMIT
    assert sdist.stat().st_size < LIMIT


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    inside = {PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()}
    about = f"cijkl-{cijkl.__version__}.dist-info"
    assert {path.parts[0] for path in inside} == {"cijkl", about}
    package = {path for path in inside if path.parts[0] == "cijkl"}
    assert package == {PurePosixPath("cijkl", path) for path in _files(SOURCE)}
    # what is read at run time and is no code
    kinds = {path.suffix for path in package}
    assert kinds >= {".safetensors", ".json", ".csv", ".j2", ".css", ".js", ".typed"}
    assert PurePosixPath("cijkl/py.typed") in package
    assert len([path for path in package if path.name == "card.json"]) == 2
    licences = {path.name for path in inside if "licenses" in path.parts}
    assert licences == {"LICENSE", "LICENSE-WEIGHTS"}


def test_the_wheel_says_what_it_is(wheel):
    about = _metadata(wheel)
    assert about["Name"] == "cijkl"
    assert about["Version"] == cijkl.__version__
    assert about["License-Expression"] == "BSD-3-Clause AND CC-BY-4.0"
    assert about["Requires-Python"] == ">=3.11"
    assert about["Description-Content-Type"] == "text/markdown"
    assert {"predict", "sevennet", "web", "all"} <= set(about.get_all("Provides-Extra"))
    needed = [line for line in about.get_all("Requires-Dist") if "extra ==" not in line]
    assert not [line for line in needed if line.startswith("torch")]


def test_the_sdist_holds_what_its_tests_need(sdist):
    with tarfile.open(sdist) as archive:
        inside = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in archive.getnames()}
    for folder in ("src", "tests", "docs", "examples", "benchmarks", "recipe"):
        assert {PurePosixPath(folder, path) for path in _files(ROOT / folder)} <= inside, folder
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "LICENSE-WEIGHTS", "CITATION.cff"):
        assert PurePosixPath(name) in inside
    assert not [path for path in inside if NOT_SOURCE & set(path.parts) or path.suffix == ".pyc"]


def test_the_sdist_makes_the_same_wheel(wheel, wheel_of_sdist):
    first, second = (zipfile.ZipFile(path) for path in (wheel, wheel_of_sdist))
    assert sorted(first.namelist()) == sorted(second.namelist())
    # the last one is the list of the others with their checksums
    (record,) = (name for name in first.namelist() if name.endswith("/RECORD"))
    assert first.read(record) == second.read(record)


def test_what_is_installed_works_elsewhere(wheel, tmp_path):
    pytest.importorskip("torch")
    check(_environment(tmp_path, wheel))


def _environment(folder: Path, wheel: Path) -> Path:
    """Python of a fresh environment with the wheel, which borrows the packages of this one.

    The path to them is that of a folder, in which no .pth file counts, so that an editable cijkl
    there stays out of sight.
    """
    place = folder / "environment"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--python", python)
    _run(*pip, "install", "--no-deps", "--no-index", wheel)
    (packages,) = place.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")
    return python


def _files(folder: Path) -> set[PurePosixPath]:
    """Files of a folder that git has or may have, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode:
        # tests that run from an sdist
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    else:
        found = (Path(line) for line in listed.stdout.splitlines() if (folder / line).is_file())
    return {PurePosixPath(path) for path in found if not NOT_SOURCE & set(path.parts)}


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return message_from_bytes(archive.read(f"cijkl-{cijkl.__version__}.dist-info/METADATA"))


def _run(*command: str | Path) -> None:
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
