"""What a small screened set looks like, from its store."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce
from cijkl.screening import Predict, query, screen

pytest.importorskip("duckdb")


def crystals() -> list[Atoms]:
    """Cubic, hexagonal and tetragonal ones, with band gaps."""
    found = [bulk("MgO", "rocksalt", a=4.1 + 0.1 * number) for number in range(4)]
    found += [bulk("ZnS", "wurtzite", a=3.8 + 0.1 * number) for number in range(3)]
    tetragonal = bulk("NaCl", "rocksalt", a=5.6, cubic=True)
    tetragonal.set_cell(tetragonal.cell * [[1], [1], [1.1]], scale_atoms=True)
    found += [tetragonal, bulk("W", "bcc", a=3.16), bulk("UO", "rocksalt", a=5.0)]
    for number, atoms in enumerate(found):
        atoms.info.update(id=f"c{number}", band_gap=0.5 * number)
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory, small_model):
    distributed = pytest.importorskip("distributed")
    path = tmp_path_factory.mktemp("screened") / "all.duckdb"
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as cluster:
        screen(
            crystals(), path, engine=Predict(str(small_model)), scheduler=cluster.scheduler_address
        )
    return path


def test_systems_and_sizes(store):
    outcome = reproduce("liu-2025-fig-4", Request(store=store))
    assert outcome.table("Crystal systems").rows == (
        ("cubic", 6, 60.0), ("hexagonal", 3, 30.0), ("tetragonal", 1, 10.0),
    )  # fmt: skip
    assert outcome.table("Atoms in the cell").rows[0] == ("1 to 10", 10, 100.0)
    assert sum(outcome.figures["sizes"]().data[0].y) == 10
    assert outcome.notes[0].startswith("10 crystals by small (")
    # band gaps 0, 3.5, 4 and 4.5 eV are none of the paper's, and neither is uranium
    assert "of these 4 have another gap, 0 an unknown one, and 1 a radioactive" in outcome.notes[1]


def test_elements(store):
    outcome = reproduce("liu-2025-fig-5", Request(store=store))
    (table,) = outcome.tables
    assert table.rows[0] == ("O", 5, 50.0)
    assert table.column("crystals") == {
        "O": 5, "Mg": 4, "S": 3, "Zn": 3, "Cl": 1, "Na": 1, "U": 1, "W": 1,
    }  # fmt: skip
    assert set(outcome.figures) == {"elements", "frequencies"}


def test_moduli(store):
    rows = list(query(store, "SELECT crystal_system, K_hill, G_hill FROM screened"))
    bulk_moduli = np.array([row["K_hill"] for row in rows])
    ratio = bulk_moduli / np.array([row["G_hill"] for row in rows])
    outcome = reproduce("liu-2025-fig-6", Request(store=store))
    assert outcome.table("Hill's moduli").column("median")["K"] == pytest.approx(
        np.median(bulk_moduli)
    )
    row = outcome.table("K, G and Pugh's ratio").rows[0]
    assert row[:2] == ("all", 10)
    assert row[4:] == pytest.approx((np.median(ratio), 100.0 * np.mean(ratio > 1.75)))
    figure = outcome.figures["map"]()
    assert sum(len(t.x) for t in figure.data if t.type == "scattergl") == 10
    panels = reproduce("liu-2025-fig-7", Request(store=store)).tables[0]
    hexagonal = np.array([r["crystal_system"] == "hexagonal" for r in rows])
    assert panels.column("crystals") == {"cubic": 6, "hexagonal": 3, "tetragonal": 1}
    assert panels.column("median K, GPa")["hexagonal"] == pytest.approx(
        np.median(bulk_moduli[hexagonal])
    )


def test_crystals_or_a_store():
    for request in (Request(), Request(data="a.cif", store="b.duckdb")):
        with pytest.raises(InputError, match="liu-2025-fig-4 needs either a store"):
            reproduce("liu-2025-fig-4", request)
    with pytest.raises(InputError, match="no such store"):
        reproduce("liu-2025-fig-4", Request(store="none.duckdb"))


@pytest.mark.slow  # worker processes start
def test_crystals_are_screened_first(tmp_path):
    """As a user runs it: workers import the program that started them."""
    from ase.io import write

    path = tmp_path / "crystals.extxyz"
    write(path, crystals())
    arguments = ("--data", path, "--out", tmp_path / "run", "--json", tmp_path / "out.json")
    run = subprocess.run(
        [sys.executable, "-c", "from cijkl.cli import main; raise SystemExit(main())",
         "reproduce", "liu-2025-fig-4", *map(str, arguments)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    # gaps 0.5 to 3.0 eV
    systems = json.loads((tmp_path / "out.json").read_text())["tables"][0]["rows"]
    assert systems == [["cubic", 3, 50.0], ["hexagonal", 3, 50.0]]
    # the store is left
    store = tmp_path / "run" / "inorganic-2025" / "screened.duckdb"
    assert reproduce("liu-2025-fig-5", Request(store=store)).notes[1].startswith("All have a band")
