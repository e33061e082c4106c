"""`cijkl screen --engine compute` with SevenNet-0 on the smallest crystals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ase.build import bulk

from cijkl import compute
from cijkl.cli import main
from cijkl.screening import Store, query

pytest.importorskip("duckdb")
pytest.importorskip("distributed")
pytest.importorskip("sevenn")
# a potential is loaded, four crystals are relaxed, and two of them a second time
pytestmark = pytest.mark.slow

#: name, symbol, structure, lattice constant (A) of what relaxes within seconds; no potential here
#: knows astatine
CRYSTALS = (
    ("silicon", "Si", "diamond", 5.43),
    ("astatine", "At", "fcc", 6.1),
    ("copper", "Cu", "fcc", 3.61),
    ("nickel", "Ni", "fcc", 3.52),
)


def line(name: str, symbol: str, structure: str, a: float, *, cubic: bool = False) -> str:
    atoms = bulk(symbol, structure, a=a, cubic=cubic)
    return json.dumps({
        "id": name, "lattice": atoms.cell.array.tolist(), "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
    })  # fmt: skip


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> Path:
    """The crystals, and copper again in its cubic cell."""
    path = tmp_path_factory.mktemp("computed") / "four.jsonl"
    again = line("copper again", "Cu", "fcc", 3.61, cubic=True)
    path.write_text("\n".join([*(line(*each) for each in CRYSTALS), again]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def screening(inputs, cluster):
    """``cijkl screen --engine compute`` of these into one store; gives its exit code."""

    def run(*arguments: str) -> int:
        return main([
            "screen", str(inputs), "--store", str(inputs.with_name("store.duckdb")),
            "--scheduler", cluster, "--engine", "compute", "--potential", "sevennet-0",
            "--fmax", "0.01", *arguments,
        ])  # fmt: skip

    return run


def test_tensors_by_a_potential(screening, inputs, capsys):
    store = inputs.with_name("store.duckdb")
    assert screening() == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("5 crystals: 3 computed, 1 failed, 1 duplicates; in ")
    # on a busy machine, how far it is may stand there too
    (complaint,) = (line for line in printed.err.splitlines() if "(astatine): " in line)
    assert "At" in complaint

    with Store(store) as opened:
        records = {record["id"]: record for record in opened.records()}
        failures = opened.connection.execute("SELECT id, formula, reason, tries FROM failures")
        ((name, formula, reason, tries),) = failures.fetchall()
    assert (name, formula, tries) == ("astatine", "At", 1)
    assert reason in complaint
    # the very numbers of the function
    for expected in compute(inputs, "sevennet-0", fmax=0.01, workers=1):
        name = expected.record["id"]
        if name in records:
            ours = [pytest.approx(row, abs=0.05) for row in expected.record["C"]]
            assert records[name]["C"] == ours
            assert records[name]["engine"]["settings"] == expected.record["engine"]["settings"]
    assert set(records) == {"silicon", "copper", "nickel"}

    rows = {row["id"]: row for row in query(store, "SELECT * FROM screened")}
    # silicon by PBE: K 89, C44 76 GPa (Materials Project, mp-149), within what the potential errs
    assert rows["silicon"]["K_hill"] == pytest.approx(89, rel=0.15)
    assert rows["silicon"]["C44"] == pytest.approx(76, rel=0.25)
    for name, row in rows.items():
        relaxation, response = records[name]["relaxation"], records[name]["response"]
        assert row["evaluations"] == records[name]["engine"]["evaluations"] > 5
        assert row["seconds"] > 0.0
        assert row["volume_change_percent"] == relaxation["volume_change_percent"]
        # of the crystal that was put in, and of the relaxed one
        change = 100.0 * (row["relaxed_volume"] / row["volume"] - 1.0)
        assert change == pytest.approx(relaxation["volume_change_percent"], abs=1e-6)
        assert row["C_error_max"] == max(abs(x) for line in response["C_error"] for x in line)


def test_nothing_is_computed_twice_and_other_settings_are_other_results(screening, inputs, capsys):
    store = inputs.with_name("store.duckdb")
    if not store.exists():
        screening("--quiet")
    capsys.readouterr()
    assert screening() == 0
    assert capsys.readouterr().out.startswith("5 crystals: 5 known already; in ")
    screening("--pressure", "20", "--where", "formula = 'Cu' or formula = 'Si'", "--quiet")
    found = query(store, "SELECT id, K_hill, relaxed_volume FROM screened ORDER BY run, id")
    assert [row["id"] for row in found] == ["copper", "nickel", "silicon", "copper", "silicon"]
    by_run = [{row["id"]: row for row in some} for some in (list(found)[:3], list(found)[3:])]
    for name in ("copper", "silicon"):
        free, pressed = (rows[name] for rows in by_run)
        # by 20 GPa over K, a little less since K grows
        shrunk = 1.0 - pressed["relaxed_volume"] / free["relaxed_volume"]
        assert 0.5 * 20.0 / free["K_hill"] < shrunk < 20.0 / free["K_hill"]
        assert pressed["K_hill"] > free["K_hill"]


def test_what_is_refused_at_the_start(screening, capsys):
    assert screening("--potential", "nothing") == 2
    (complaint,) = capsys.readouterr().err.splitlines()
    assert "'nothing'" in complaint
