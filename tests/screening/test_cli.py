"""`cijkl screen` and `cijkl query` as a user runs them, on a cluster inside this process."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ase.build import bulk

from cijkl.cli import main
from cijkl.screening import Store

pytest.importorskip("duckdb")
pytest.importorskip("distributed")


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def cijkl(capsys) -> Callable[..., Run]:
    def run(*arguments: object) -> Run:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return run


@pytest.fixture
def screening(cijkl, cluster, small_model, tmp_path) -> Callable[..., Run]:
    """``cijkl screen`` with the small model into one store."""

    def run(*arguments: object) -> Run:
        return cijkl(
            "screen", *arguments, "--store", tmp_path / "store.duckdb",
            "--model", small_model, "--scheduler", cluster,
        )  # fmt: skip

    return run


def record(name: str, symbol: str, a: float, **more: Any) -> dict[str, Any]:
    atoms = bulk(symbol, "fcc", a=a, cubic=more.pop("cubic", False))
    return {
        "id": name,
        "lattice": atoms.cell.array.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
        **more,
    }


@pytest.fixture
def folder(tmp_path) -> Path:
    """Four good crystals, one of them twice, among garbage, emptiness and a crowd."""
    place = tmp_path / "inputs"
    place.mkdir()
    (place / "a-empty.cif").touch()
    (place / "b-garbage.cif").write_bytes(bytes(range(256)) * 40)
    crowd = bulk("Cu", "fcc", a=3.6).repeat(18)
    lines = [
        record("copper", "Cu", 3.61, band_gap=0.0),
        {"id": "huge", "lattice": crowd.cell.array.tolist(), "species": ["Cu"] * len(crowd),
         "frac": crowd.get_scaled_positions().tolist()},
        record("cubic", "Cu", 3.61, cubic=True),
        record("flat", "Au", 4.08) | {"lattice": [[1, 0, 0], [2, 0, 0], [0, 0, 1]]},
        record("silver", "Ag", 4.09, band_gap=0.5),
        record("gold", "Au", 4.08, band_gap=1.5),
    ]  # fmt: skip
    text = "\n".join([*map(json.dumps, lines[:3]), "", "{broken", *map(json.dumps, lines[3:])])
    with gzip.open(place / "c.jsonl.gz", "wt") as file:
        file.write(text)
    (place / "d-none.extxyz").write_text("")
    (place / "e.vasp").write_text("x\n1.0\n0 2 2\n2 0 2\n2 2 0\nAl\n1\nDirect\n0 0 0\n")
    return place


def test_garbage_emptiness_and_crowds_among_good_ones(screening, cijkl, folder, tmp_path, rows):
    lines = tmp_path / "out" / "all.jsonl"
    run = screening(folder, "--json", lines)
    assert run.code == 1
    complaints = run.err.splitlines()
    assert all(line.startswith("cijkl: ") for line in complaints)
    assert len(complaints) == 6
    assert any("at most 5000" in line for line in complaints)
    assert run.out.startswith("11 crystals: 4 computed, 6 failed, 1 duplicates; in ")

    records = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [r["id"] for r in records if r["status"] == "ok"] == [
        "copper", "cubic", "silver", "gold", "e",
    ]  # fmt: skip
    assert len(records) == 11
    assert [r["id"] for r in records][:4] == ["a-empty", "b-garbage", "copper", "huge"]
    copper, again = records[2], next(r for r in records if r["id"] == "cubic")
    assert again["C"] == copper["C"]
    assert [note["code"] for note in again["warnings"]].count("duplicate") == 1
    assert "copper" in again["warnings"][-1]["message"]

    before = rows(tmp_path / "store.duckdb")
    run = screening(folder)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("11 crystals: 11 known already; in ")
    assert rows(tmp_path / "store.duckdb") == before


def test_nothing_that_can_be_read(screening, folder, tmp_path):
    run = screening(folder / "a-empty.cif", tmp_path / "no-such.cif")
    assert (run.code, run.out) == (2, "")
    assert len(run.err.splitlines()) == 2
    assert not (tmp_path / "store.duckdb").exists()


def test_conditions_limits_and_standard_output(screening, folder):
    run = screening(
        folder / "c.jsonl.gz", "--where", "band_gap > 0.1", "--keep", "stable", "--json", "-"
    )
    # what cannot be read cannot be judged, and fails
    assert run.code == 1
    records = [json.loads(line) for line in run.out.splitlines()]
    assert [r["id"] for r in records if r["status"] == "ok"] == ["silver", "gold"]
    assert "left out because a value is unknown: band_gap (" in run.err
    run = screening(folder / "c.jsonl.gz", "--limit", "1", "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")


def test_a_store_is_asked(screening, cijkl, folder, tmp_path):
    screening(folder, "--quiet")
    store = tmp_path / "store.duckdb"
    run = cijkl("query", "--store", store, "--top", "2", "--by", "K_hill")
    assert (run.code, run.err) == (0, "")
    assert len(run.out.splitlines()) == 3
    assert run.out.split()[:4] == ["id", "formula", "spacegroup_symbol", "K_hill"]
    run = cijkl("query", "-s", store, "SELECT count(*) AS n FROM failures")
    assert run.out.split() == ["n", "6"]
    run = cijkl("query", "-s", store)
    assert "4 results" in run.err
    assert "done" in run.out
    path = tmp_path / "out.csv"
    run = cijkl("query", "-s", store, "--csv", path, "--parquet", tmp_path / "out.parquet")
    assert (run.code, run.out) == (0, "")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 5
    run = cijkl("query", "-s", store, "DROP TABLE results")
    assert (run.code, run.out) == (2, "")
    assert "read-only" in run.err
    assert len(run.err.splitlines()) == 1


def test_a_store_is_an_input(screening, cijkl, cluster, folder, tmp_path, small_model):
    screening(folder, "--quiet")
    other = tmp_path / "other.duckdb"
    run = cijkl(
        "screen", f"store:{tmp_path / 'store.duckdb'}?where=natoms = 1", "--store", other,
        "--model", small_model, "--scheduler", cluster,
    )  # fmt: skip
    assert run.code == 0, run.err
    with Store(other) as first, Store(tmp_path / "store.duckdb") as second:
        query = "SELECT id, band_gap, C11 FROM screened ORDER BY id"
        mine, theirs = (s.connection.execute(query).fetchall() for s in (first, second))
    assert [row[:2] for row in mine] == [row[:2] for row in theirs]
    for one, another in zip(mine, theirs, strict=True):
        assert one[2] == pytest.approx(another[2], rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--potential", "chgnet"], "--potential is for --engine compute"),
        (["--engine", "compute"], "--model is for --engine predict"),
        (["--set", "inorganic"], "inorganic-2025"),
        (["--workers", "2"], "leave workers out"),
        (["--memory", "much"], "no amount of memory"),
        (["--where", "band_gap >"], "condition"),
        (["--slurm", "no-such.yaml"], "not both"),
    ],
)
def test_wrong_usage_is_one_line(screening, folder, arguments, message):
    run = screening(folder / "c.jsonl.gz", *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert len(run.err.splitlines()) == 1


@pytest.mark.slow
def test_jobs_of_slurm(cijkl, folder, tmp_path, small_model, monkeypatch):
    """A stand-in for SLURM runs the scripts of jobs at once, as processes of this machine."""
    pytest.importorskip("dask_jobqueue")
    commands = tmp_path / "bin"
    commands.mkdir()
    script = "#!/bin/sh\ncp $1 {0}/job\nsetsid sh {0}/job > {0}/log 2>&1 &\necho $! >> {0}/pids\n"
    (commands / "sbatch").write_text(
        script.format(tmp_path) + 'echo "Submitted batch job $!"\n', encoding="ascii"
    )
    (commands / "scancel").write_text('#!/bin/sh\nkill -- -"$1"\n', encoding="ascii")
    for command in commands.iterdir():
        command.chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    monkeypatch.chdir(tmp_path)
    profile = tmp_path / "profile.yaml"
    profile.write_text(
        "jobs: 1\ncores: 1\nmemory: 2GB\nwalltime: '00:10:00'\nqueue: any\ninterface: lo\n"
    )
    run = cijkl(
        "screen", folder / "e.vasp", "--store", tmp_path / "s.duckdb", "--model", small_model,
        "--slurm", profile,
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "1 computed" in run.out
    # the job has gone
    deadline = time.monotonic() + 60
    pids = (tmp_path / "pids").read_text(encoding="ascii").split()
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("content", ["- 1\n", "cores: [\n", "no_such_option: 3\ncores: 1\n"])
def test_profiles_that_are_none(cijkl, folder, tmp_path, content):
    pytest.importorskip("dask_jobqueue")
    profile = tmp_path / "profile.yaml"
    profile.write_text(content)
    run = cijkl("screen", folder / "e.vasp", "-s", tmp_path / "s.duckdb", "--slurm", profile)
    assert run.code == 2
    assert len(run.err.splitlines()) == 1
    assert "profile" in run.err
