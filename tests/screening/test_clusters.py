"""Clusters that others started: a scheduler at an address, and the jobs that SLURM gets."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ase.build import bulk

from cijkl.screening import screen
from cijkl.screening.cluster import Cluster, _slurm

pytest.importorskip("duckdb")
pytest.importorskip("distributed")


def until(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError


@pytest.fixture
def scheduler(tmp_path) -> Iterator[str]:
    """Address of a scheduler with two workers, each a process that a user started."""
    file = tmp_path / "scheduler.json"
    run = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker"]
    at = ["--scheduler-file", str(file)]
    commands = [
        [*run, *at, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        [*work, *at, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
    ]
    log = (tmp_path / "log").open("w")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path, env=environment)
        for command in commands
    ]
    try:
        until(lambda: file.exists() and file.stat().st_size)
        yield json.loads(file.read_text(encoding="utf-8"))["address"]
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30.0)
        log.close()


@pytest.mark.slow  # a scheduler and two workers start as processes, and import PyTorch
def test_a_scheduler_that_others_started(scheduler, small_model, tmp_path):
    from distributed import Client

    assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+", scheduler)
    crystals = [bulk("Cu", "fcc", a=3.0 + 0.01 * number) for number in range(300)]
    store = tmp_path / "store.duckdb"
    first = screen(crystals, store, model=small_model, scheduler=scheduler)
    assert first.counts.computed == 300
    # it goes on without us, and serves the next run
    with Client(scheduler, set_as_default=False, timeout=20) as client:
        held = client.run(lambda: __import__("os").getpid())
        assert len(set(held.values())) == 2
        assert os.getpid() not in held.values()
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0
    again = screen(crystals, store, model=small_model, scheduler=scheduler)
    assert (again.counts.known, again.counts.computed) == (300, 0)


@pytest.mark.slow  # a worker starts as a process
def test_batches_that_are_done_leave_no_memory_taken():
    pytest.importorskip("psutil")
    run = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "passing.py")],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    # of each byte that passed; with the usual log of messages it is 2, one of them the answer
    assert float(run.stdout) < 0.2


@pytest.fixture
def submitted(tmp_path, monkeypatch) -> Callable[[], list[str]]:
    """Scripts that were given to a stand-in for ``sbatch``, which runs none of them."""
    commands, scripts = tmp_path / "bin", tmp_path / "scripts"
    commands.mkdir()
    scripts.mkdir()
    (commands / "sbatch").write_text(
        f'#!/bin/sh\ncp "$1" {scripts}/$$\necho "Submitted batch job $$"\n', encoding="ascii"
    )
    (commands / "scancel").write_text(f"#!/bin/sh\nrm {scripts}/$1\n", encoding="ascii")
    for command in commands.iterdir():
        command.chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    monkeypatch.chdir(tmp_path)
    return lambda: [path.read_text(encoding="utf-8") for path in scripts.iterdir()]


@pytest.mark.parametrize(("workers", "jobs"), [(None, 3), (16, 2)])
def test_the_jobs_that_slurm_gets(submitted, tmp_path, workers, jobs):
    pytest.importorskip("dask_jobqueue")
    profile = tmp_path / "profile.yaml"
    profile.write_text(
        "jobs: 3\ncores: 8\nmemory: 32GB\nwalltime: '04:00:00'\nqueue: standard\n"
        "account: physics\ninterface: lo\njob_script_prologue: ['module load cijkl']\n",
        encoding="utf-8",
    )
    options = Cluster(workers=workers, slurm=profile).profile
    assert options is not None
    with _slurm(options, workers):
        scripts = until(lambda: (found := submitted()) and len(found) == jobs and found)
    for script in scripts:
        lines = script.splitlines()
        for asked in ("-p standard", "-A physics", "-t 04:00:00", "--cpus-per-task=8"):
            assert f"#SBATCH {asked}" in lines
        assert any(re.fullmatch(r"#SBATCH --mem=30G|#SBATCH --mem=3\d{4}M", x) for x in lines)
        # one thread for each process, before and beside what the user wants
        assert lines.index("export OMP_NUM_THREADS=1") < lines.index("module load cijkl")
        (command,) = (line for line in lines if "dask_worker" in line)
        assert command.startswith(f"{sys.executable} -m distributed.cli.dask_worker tcp://")
        assert "--nworkers 8" in command
        assert "--nthreads 1" in command
    # none is left behind
    until(lambda: submitted() == [])


def test_a_model_is_loaded_once_for_all_batches(cluster, small_model, tmp_path):
    from cijkl.models.catalogue import _load

    crystals = [bulk("Cu", "fcc", a=3.0 + 0.01 * number) for number in range(60)]
    _load.cache_clear()
    screen(crystals, tmp_path / "s.duckdb", model=small_model, scheduler=cluster, crystals=10)
    seen = _load.cache_info()
    # two workers, which here are threads of this process and may both begin at once
    assert seen.hits >= 5
    assert seen.misses <= 2


@pytest.mark.parametrize(("sizes", "expected"), [
    ([1] * 20, [8, 8, 4]),
    ([12] * 6, [1, 1, 1, 1, 1, 1]),
    ([4, 4, 4, 1, 1, 1, 1, 12, 1], [3, 5, 1]),
])  # fmt: skip
def test_batches_are_sized_by_atoms_and_number(frail, cluster, tmp_path, sizes, expected):
    """A batch is complete with ten atoms or eight crystals."""
    folder = tmp_path / "begun"
    folder.mkdir()
    crystals = []
    for number, count in enumerate(sizes):
        atoms = bulk("Cu", "fcc", a=3.0 + 0.05 * number).repeat((count, 1, 1))
        atoms.info["id"] = f"c{number:02d}"
        crystals.append(atoms)
    engine = frail.Frail(atoms=10, crystals=8, folder=str(folder))
    screen(crystals, tmp_path / "s.duckdb", engine=engine, scheduler=cluster)
    first = sorted(int(path.name[1:3]) for path in folder.iterdir())
    ends = [*first[1:], len(sizes)]
    assert [end - start for start, end in zip(first, ends, strict=True)] == expected
