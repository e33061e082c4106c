"""A cluster inside this process, small crystals, and stores as sets of rows."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ase import Atoms
from ase.build import bulk

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    """A module beside the tests under its own name, so that workers find it by that name too."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def frail() -> ModuleType:
    return _load("frail_engine")


@pytest.fixture(scope="session")
def rows() -> Any:
    return _load("stored").rows


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a cluster of threads."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as running:
        yield running.scheduler_address


@pytest.fixture
def crystals() -> list[Atoms]:
    """Thirty crystals with ids and band gaps, all different."""
    found = []
    for number in range(30):
        a = 4.0 + 0.05 * number
        atoms = bulk("NaCl" if number % 2 else "MgO", "rocksalt", a=a)
        atoms.info.update(id=f"c{number}", band_gap=0.1 * number)
        found.append(atoms)
    return found
