"""Worker processes: the same results, whatever happens to the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.response import compute
from cijkl.structures import Unreadable

from .frail import alive

HERE = str(Path(__file__).parent)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def frail(tmp_path, monkeypatch):
    """A potential that workers can import, and where to see which processes it ran in."""
    monkeypatch.syspath_prepend(HERE)
    from frail import Frail

    return lambda delay=0.0: Frail(tmp_path, delay)


def metals(*symbols):
    lattice = {"Al": 4.0, "Cu": 3.6, "Ag": 4.1, "Au": 4.1, "Ni": 3.5, "Pd": 3.9, "Pt": 3.95}
    for index, symbol in enumerate(symbols):
        atoms = bulk(symbol, a=lattice[symbol] * (1.0 + 0.003 * (index % 5)))
        atoms.info["id"] = f"{index}-{symbol}"
        yield atoms


def timeless(result):
    """A record without what cannot be the same twice."""
    record = dict(result.record)
    record["engine"] = {k: v for k, v in record["engine"].items() if k != "seconds"}
    for part in ("relaxation", "response"):
        if part in record:
            record[part] = {k: v for k, v in record[part].items() if k != "seconds"}
    return record


def test_results_are_those_of_one_process_in_order(frail):
    symbols = ["Cu", "Al", "Ni", "Ag", "Au"] * 3
    given = [*metals(*symbols), Unreadable("bad", "nowhere", "no such file")]
    alone = [timeless(result) for result in compute(given, frail(), workers=1)]
    potential = frail()
    shared = list(compute(given, potential, workers=2))
    assert [timeless(result) for result in shared] == alone
    assert [record["status"] for record in alone] == ["ok"] * 15 + ["failed"]
    assert len(potential.processes() - {os.getpid()}) == 2
    assert not any(alive(pid) for pid in potential.processes() - {os.getpid()})
    assert shared[3].tensor.voigt.tolist() == alone[3]["C"]
    assert len(shared[3].atoms) == 1


def test_a_deadly_crystal_fails_alone(frail):
    symbols = ["Cu", "Pt", "Al", "Pd", "Ni", "Cu"]
    potential = frail()
    results = list(compute(metals(*symbols), potential, workers=2))
    assert [r.record["id"] for r in results] == [f"{i}-{s}" for i, s in enumerate(symbols)]
    assert [r.ok for r in results] == [True, False, True, True, True, True]
    error = results[1].record["error"]
    assert error.startswith("the worker died twice while computing this crystal (SIGKILL)")
    assert results[1].record["formula"] == "Pt"
    assert results[1].record["engine"]["name"] == "frail"
    assert not any(alive(pid) for pid in potential.processes())


def test_a_worker_killed_from_outside_costs_nothing(frail):
    potential = frail(delay=0.05)
    symbols = ["Cu", "Al", "Ni", "Ag"] * 3
    results = compute(metals(*symbols), potential, workers=2)
    first = next(results)
    victim = max(potential.processes())
    os.kill(victim, signal.SIGKILL)
    rest = list(results)
    assert [r.record["id"] for r in (first, *rest)] == [f"{i}-{s}" for i, s in enumerate(symbols)]
    assert all(result.ok for result in rest)
    assert len(potential.processes()) == 3
    assert not any(alive(pid) for pid in potential.processes())


def test_leaving_early_ends_the_workers(frail):
    potential = frail(delay=0.05)
    drawn = []

    def source():
        for atoms in metals(*["Cu"] * 1000):
            drawn.append(atoms)
            yield atoms

    results = compute(source(), potential, workers=2)
    next(results)
    time.sleep(1.0)
    # nobody takes results, so no more is drawn than keeps two workers supplied
    assert len(drawn) <= 6
    results.close()
    assert not any(alive(pid) for pid in potential.processes())


def test_an_interruption_while_workers_start(frail, monkeypatch):
    start = threading.Thread.start

    def interrupted(thread):
        if thread.name == "cijkl worker 1":
            raise KeyboardInterrupt
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    potential = frail()
    with pytest.raises(KeyboardInterrupt):
        list(compute(metals("Cu", "Al"), potential, workers=2))
    assert not [t for t in threading.enumerate() if t.name.startswith("cijkl worker")]
    assert not any(alive(pid) for pid in potential.processes())


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
from ase.build import bulk
from cijkl.response import compute
from frail import Frail

crystals = (bulk("Cu", a=3.6) for _ in range(1000))
for result in compute(crystals, Frail({folder!r}, 0.02), workers=2):
    print(result.record["id"], result.record["status"], flush=True)
"""


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_its_parent(frail, tmp_path, kind):
    # the script has no guard around its code, and is not run again by the workers
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(here=HERE, folder=str(tmp_path))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline() for _ in range(5)]
    assert lines == [f"{i} ok\n" for i in range(5)]
    process.send_signal(kind)
    out, err = process.communicate(timeout=60)
    assert process.returncode == -kind
    assert [line.split()[1] for line in out.splitlines()] == ["ok"] * len(out.splitlines())
    assert len(out.splitlines()) < 900
    if kind == signal.SIGINT:
        assert err.rstrip().endswith("KeyboardInterrupt")
    workers = frail().processes()
    assert len(workers) == 2
    deadline = time.monotonic() + 20
    while any(running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(running(pid) for pid in workers)


def test_workers_that_cannot_start_are_done_without(frail, monkeypatch):
    import cijkl.response.worker_process as module

    monkeypatch.setattr(module, "__name__", "cijkl.no_such_module")
    potential = frail()
    results = list(compute(metals("Cu", "Al", "Ni"), potential, workers=2))
    assert [result.ok for result in results] == [True] * 3
    assert potential.processes() == {os.getpid()}


def test_a_crystal_that_cannot_be_sent_is_computed_here(frail):
    crystals = list(metals("Cu", "Al", "Ni"))
    crystals[1].info["handle"] = lambda: None
    potential = frail()
    results = list(compute(crystals, potential, workers=2))
    assert [result.record["id"] for result in results] == ["0-Cu", "1-Al", "2-Ni"]
    assert all(result.ok for result in results)
    assert os.getpid() in potential.processes()


def test_what_workers_cannot_do_is_refused():
    class Local:
        name, version, settings = "local", "test", {}

        def evaluate(self, structures):
            raise AssertionError

    with pytest.raises(InputError, match="give its name"):
        compute([], Local(), workers=2)
    assert list(compute([], Local())) == []
    with pytest.raises(InputError, match="positive number of processes"):
        compute([], Local(), workers=0)


@pytest.mark.slow
def test_a_real_potential_survives_a_killed_worker():
    from cijkl.potentials import load

    load("sevennet-0")
    before = children()
    crystals = list(metals(*["Cu", "Al", "Ni", "Ag"] * 2))
    results = compute(crystals, "sevennet-0", workers=2, fmax=1e-3)
    first = next(results)
    os.kill(max(children() - before), signal.SIGKILL)
    shared = [timeless(result) for result in (first, *results)]
    assert children() == before
    alone = [timeless(r) for r in compute(crystals, "sevennet-0", workers=1, fmax=1e-3)]
    assert [record["id"] for record in shared] == [record["id"] for record in alone]
    for a, b in zip(shared, alone, strict=True):
        assert a["status"] == b["status"] == "ok"
        assert a["C"] == [pytest.approx(row, abs=1e-6) for row in b["C"]]


def running(pid):
    """Whether a process is there and no zombie, as which whoever adopts orphans may leave it."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return state.stdout.strip()[:1] not in ("", "Z")


def children():
    """Ids of the processes that this one started."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True)
    rows = [line.split() for line in listing.stdout.splitlines()]
    return {int(row[0]) for row in rows if int(row[1]) == os.getpid() and row[2] != "ps"}
