"""The stiffest crystals of a screening, and unconventional metals, from tensors that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from ase.build import bulk

from cijkl.analysis import analyze
from cijkl.elasticity.tensor import ElasticTensor
from cijkl.record import Result
from cijkl.reproduction import Request, reproduce
from cijkl.screening import Identity, screen

pytest.importorskip("duckdb")

#: C11, C12, C44, GPa, at room temperature: Kittel, Introduction to Solid State Physics, chapter 3,
#: for most; niobium and vanadium have C44 < (C11 - C12)/2
CONSTANTS = {
    "Cu": (168.0, 121.0, 75.0),
    "Al": (107.0, 61.0, 28.0),
    "Nb": (247.0, 135.0, 28.7),
    "V": (228.0, 119.0, 42.6),
    "C": (1076.0, 125.0, 576.0),
    "Si": (166.0, 64.0, 80.0),
}


@dataclass(frozen=True)
class Measured:
    """Gives the tensors above."""

    atoms: int = 20
    crystals: int = 8

    def identity(self) -> Identity:
        return Identity("measured", "measured 1", {})

    def results(self, crystals: Sequence[Any]) -> list[Result]:
        found = []
        for crystal in crystals:
            atoms = crystal.atoms
            found.append(analyze(tensor(atoms.symbols[0]), atoms, id=crystal.id, source="here"))
        return found


def tensor(symbol: str) -> np.ndarray:
    c11, c12, c44 = CONSTANTS[symbol]
    stiffness = np.diag([c11 - c12] * 3 + [c44] * 3)
    stiffness[:3, :3] += c12
    return stiffness


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    distributed = pytest.importorskip("distributed")
    crystals = []
    for symbol in CONSTANTS:
        atoms = bulk(symbol)
        atoms.info["id"] = f"c-{symbol}"
        crystals.append(atoms)
    path = tmp_path_factory.mktemp("stiffest") / "all.duckdb"
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as cluster:
        screen(crystals, path, engine=Measured(), scheduler=cluster.scheduler_address)
    return path


def test_stiffest_and_unconventional(store):
    outcome = reproduce("wen-2024-fig-5", Request(store=store))
    largest = outcome.tables[0]
    assert largest.title == "The 6 largest Young's moduli along a direction, GPa"
    # by each tensor's global maximum
    order = sorted(CONSTANTS, key=lambda s: -float(ElasticTensor(tensor(s)).extrema("E").max.value))
    assert [row[1] for row in largest.rows] == order
    # of diamond 1/S44-like closed form along <111>: 3/(S11 + 2 S12 + S44)
    s = np.linalg.inv(tensor("C"))
    assert largest.rows[0][4] == pytest.approx(3.0 / (s[0, 0] + 2 * s[0, 1] + s[3, 3]), rel=1e-5)
    metals = outcome.table("Cubic metals of one element")
    assert set(metals.column("formula").values()) == {"Nb", "V"}
    for row in metals.rows:
        s = np.linalg.inv(tensor(row[1]))
        assert row[3] == pytest.approx(1000 * (s[0, 0] - s[0, 1] - s[3, 3] / 2), rel=1e-4)
        # stiffest along <100>
        assert row[5] == pytest.approx(1.0 / s[0, 0], rel=1e-5)
    assert "2 of the 6 crystals of one element are unconventional cubic metals." in outcome.notes


def test_figures(store):
    outcome = reproduce("wen-2024-fig-5", Request(store=store))
    assert set(outcome.figures) == {"histogram", "stiffest", "unconventional"}
    histogram = outcome.figures["histogram"]()
    assert sum(histogram.data[0].y) == 6
    named = {note.text for note in histogram.layout.annotations}
    assert any("C" in text for text in named)
    drawn = outcome.figures["stiffest"]()
    assert drawn.layout.title.text == "Young's modulus of C, c-C"
    surface = drawn.data[0]
    radius = np.sqrt(np.asarray(surface.x) ** 2 + np.asarray(surface.y) ** 2
                     + np.asarray(surface.z) ** 2)  # fmt: skip
    diamond = float(ElasticTensor(tensor("C")).extrema("E").max.value)
    assert radius.max() == pytest.approx(diamond, rel=0.01)
