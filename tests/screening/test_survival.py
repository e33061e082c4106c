"""What a screening survives, done to real processes; after each, the store is as if nothing was.

They are slow since each starts worker processes, some of them again and again.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.screening import Store, screen

pytest.importorskip("duckdb")
pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

HERE = Path(__file__).parent
PATIENCE = 240.0


def crystal(name: str, symbol: str, a: float) -> Atoms:
    atoms = bulk(symbol, "fcc", a=a)
    atoms.info = {"id": name, "band_gap": a / 10}
    return atoms


def write(path: Path, crystals: list[Atoms]) -> Path:
    lines = [
        {
            "id": atoms.info["id"],
            "band_gap": atoms.info["band_gap"],
            "lattice": atoms.cell.array.tolist(),
            "species": list(atoms.symbols),
            "frac": atoms.get_scaled_positions().tolist(),
        }
        for atoms in crystals
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def xenon(tmp_path) -> Path:
    """Eighty crystals that take a tenth of a second each."""
    return write(
        tmp_path / "xenon.jsonl", [crystal(f"x{n}", "Xe", 6.0 + 0.02 * n) for n in range(80)]
    )


@pytest.fixture
def begun(tmp_path) -> Path:
    """Folder in which the engine leaves a file for each batch that it begins."""
    folder = tmp_path / "begun"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path, begun):
    """Starts a screening of a file with two workers as a process, in a session of its own."""
    running: list[subprocess.Popen[str]] = []

    def process(structures: Path, store: Path, **options: Any) -> subprocess.Popen[str]:
        engine = {"atoms": 100, "crystals": 4, "folder": str(begun)}
        before = options.pop("before", None)
        given = {"engine": engine, "workers": 2, **options}
        given |= {"structures": str(structures), "store": str(store)}
        path = os.pathsep.join([str(HERE), *filter(None, sys.path)])
        found = subprocess.Popen(
            [sys.executable, str(HERE / "start.py"), json.dumps(given)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path}, preexec_fn=before,
        )  # fmt: skip
        running.append(found)
        return found

    yield process
    for each in running:
        if each.poll() is None:
            each.kill()
        each.communicate()


@pytest.fixture
def undisturbed(cluster, frail, rows, tmp_path):
    """Rows of the store that a screening in one piece makes of a file."""

    def of(structures: Path) -> dict[str, list[str]]:
        path = tmp_path / "undisturbed.duckdb"
        screen(structures, path, engine=frail.Frail(atoms=100, crystals=4), scheduler=cluster)
        return rows(path)

    return of


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return dict(json.loads(out.splitlines()[-1]))


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError


def batches(begun: Path, count: int) -> Callable[[], Any]:
    """Whether so many batches were begun; the processes that did, latest last."""

    def look() -> list[int] | None:
        files = sorted(begun.iterdir(), key=lambda file: file.name.split("-")[-1])
        pids = [file.read_text(encoding="ascii") for file in files]
        return [int(pid) for pid in pids if pid] if len(files) >= count else None

    return look


def test_a_worker_is_killed_amid_a_batch(start, xenon, begun, rows, undisturbed, tmp_path):
    store = tmp_path / "store.duckdb"
    run = start(xenon, store)
    for count in (3, 6):
        os.kill(until(batches(begun, count))[-1], signal.SIGKILL)
    counts = finished(run)
    assert (counts["computed"], counts["failed"]) == (80, 0)
    expected = undisturbed(xenon)
    assert rows(store) == expected
    assert finished(start(xenon, store))["known"] == 80
    assert rows(store) == expected


def test_the_submitting_process_is_killed(start, xenon, begun, rows, undisturbed, tmp_path):
    store = tmp_path / "store.duckdb"
    run = start(xenon, store, commit_every=0.5)
    # half of it, so that something is committed
    workers = until(batches(begun, 14))
    run.kill()
    run.communicate()
    # nobody is left behind
    until(lambda: not any(alive(pid) for pid in set(workers)))
    with Store(store) as opened:
        done = opened.counts()["results"]
        states = opened.connection.execute("SELECT state FROM runs").fetchall()
    assert states == [("running",)]
    counts = finished(start(xenon, store))
    assert counts["known"] == done
    assert 0 < done < 80
    assert counts["computed"] == 80 - done
    assert rows(store) == undisturbed(xenon)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a process whose parent was killed may wait to be buried
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text(encoding="ascii").split()[2] == "Z")


@pytest.mark.parametrize("symbol", ["He", "Ne"])
def test_a_crystal_that_ends_its_process(start, symbol, begun, rows, undisturbed, tmp_path):
    """Helium ends the process, neon takes all memory."""
    good = [crystal(f"c{n}", "Cu", 3.0 + 0.05 * n) for n in range(17)]
    bad = crystal("bad", symbol, 5.0)
    structures = write(tmp_path / "all.jsonl", [*good[:6], bad, *good[6:]])
    lines = structures.read_text(encoding="utf-8").splitlines()
    structures.write_text("\n".join([*lines[:6], "", *lines[7:]]), encoding="utf-8")
    expected = undisturbed(structures)
    structures.write_text("\n".join(lines), encoding="utf-8")
    store = tmp_path / "store.duckdb"
    counts = finished(start(structures, store, memory=500_000_000))
    assert (counts["computed"], counts["failed"]) == (17, 1)
    found = rows(store)
    assert found["results"] == expected["results"]
    (failure,) = found["failures"]
    assert "'id': 'bad'" in failure
    assert "the process died with this crystal" in failure
    # with others and alone, each begun once more since a process died
    assert "'tries': 2" in failure
    assert len([file for file in begun.iterdir() if file.name.startswith("bad-")]) == 2
    assert finished(start(structures, store))["known"] == 18
    assert rows(store) == found


def limited(size: int) -> Callable[[], None]:
    """For a child process: files end at a size, as they do on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [100_000, 600_000, 1_100_000])
def test_files_that_cannot_grow(start, size, rows, undisturbed, tmp_path):
    """Too small for the empty store, for the first crystals, and for all of them."""
    many = [crystal(f"c{n}", "Cu", 2.8 + 0.004 * n) for n in range(400)]
    structures = write(tmp_path / "many.jsonl", many)
    store = tmp_path / "store.duckdb"
    engine = {"atoms": 1000, "crystals": 40}
    run = start(structures, store, engine=engine, before=limited(size))
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2, err
    assert "the disk is full" in err
    assert len(err.strip().splitlines()) == 1
    counts = finished(start(structures, store, engine=engine))
    assert counts["computed"] + counts["known"] == 400
    assert rows(store) == undisturbed(structures)


def test_a_disk_that_is_full(start, rows, undisturbed, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        many = [crystal(f"c{n}", "Cu", 2.8 + 0.004 * n) for n in range(400)]
        structures = write(tmp_path / "many.jsonl", many)
        store = disk / "store.duckdb"
        engine = {"atoms": 1000, "crystals": 40}
        run = start(structures, store, engine=engine)
        _, err = run.communicate(timeout=PATIENCE)
        assert run.returncode == 2, err
        assert "the disk is full" in err
        enlarged = ["mount", "-o", "remount,size=50m", str(disk)]
        subprocess.run(enlarged, check=True, capture_output=True)
        counts = finished(start(structures, store, engine=engine))
        assert counts["computed"] + counts["known"] == 400
        assert rows(store) == undisturbed(structures)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_second_run_on_one_store(start, xenon, begun, rows, undisturbed, tmp_path):
    store = tmp_path / "store.duckdb"
    first = start(xenon, store)
    until(batches(begun, 1))
    second = start(xenon, store)
    _, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 2
    assert f"process {first.pid} has the store open" in err
    assert len(err.strip().splitlines()) == 1
    assert finished(first)["computed"] == 80
    assert rows(store) == undisturbed(xenon)


def test_ctrl_c_ends_in_good_order(start, xenon, begun, rows, undisturbed, tmp_path):
    store = tmp_path / "store.duckdb"
    run = start(xenon, store)
    until(batches(begun, 2))
    # as a terminal does: to all processes of the group
    os.killpg(run.pid, signal.SIGINT)
    counts = finished(run)
    assert counts["interrupted"]
    # what was in flight is finished
    assert 0 < counts["computed"] == 4 * len(list(begun.iterdir())) < 80
    with Store(store) as opened:
        assert opened.counts()["results"] == counts["computed"]
        assert opened.connection.execute("SELECT state FROM runs").fetchall() == [("interrupted",)]
    again = finished(start(xenon, store))
    assert again["known"] == counts["computed"]
    assert rows(store) == undisturbed(xenon)


def test_predictions_are_the_same_to_the_last_digit(start, small_model, rows, tmp_path):
    """Those of a screening whose submitting process was killed twice."""
    many = [crystal(f"c{n}", "Cu" if n % 2 else "Fe", 2.8 + 0.02 * n) for n in range(60)]
    structures = write(tmp_path / "many.jsonl", many)
    options = {"engine": "predict", "model": str(small_model), "crystals": 7}
    whole, parts = tmp_path / "whole.duckdb", tmp_path / "parts.duckdb"
    assert finished(start(structures, whole, **options))["computed"] == 60
    for last in (7, 30):
        run = start(structures, parts, **options, commit_every=0.0, die_after=last)
        run.communicate(timeout=PATIENCE)
        assert run.returncode == -signal.SIGKILL
    counts = finished(start(structures, parts, **options))
    assert 30 <= counts["known"] < 60
    assert counts["computed"] == 60 - counts["known"]
    assert rows(parts) == rows(whole)
