"""What a screening of millions of crystals would wait for: store, lookups, scheduler, submitter.

    python benchmarks/screening_scale.py --what lookups --rows 100000,1000000,10000000
    python benchmarks/screening_scale.py --what store --rows 1000000
    python benchmarks/screening_scale.py --what dask
    python benchmarks/screening_scale.py --what submitter --data mp_unlabelled.jsonl.gz --count 4000

*store*: commits of 2,000 made-up results, as `cijkl screen` does them, into one file; time of a
commit and size of the file as it grows. *lookups*: what is asked for each batch of 128 crystals
(are these known, which of the store could they be), in a store with so many crystals. *dask*:
batches of 128 crystals that go to a worker and back while nothing is done with them. *submitter*:
the process that reads, sends, gathers and writes, for each crystal, where the engine costs nothing.
All times are processor time unless they say otherwise.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase.build import bulk

BATCH, COMMIT = 128, 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--what", choices=["store", "lookups", "dask", "submitter"], required=True)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="for files, in place of the usual one")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        sizes = [int(size) for size in options.rows.split(",")]
        if options.what == "store":
            store(Path(folder), max(sizes))
        elif options.what == "lookups":
            for size in sizes:
                lookups(Path(folder), size)
        elif options.what == "dask":
            dask(options.workers, options.count)
        else:
            submitter(Path(folder), options.data, options.count, options.workers)


def store(folder: Path, rows: int) -> None:
    """Commits until there are so many rows."""
    from cijkl.screening import Identity, Store

    path = folder / "grown.duckdb"
    identity = Identity("made", "1", {})
    first = outcome()
    print(f"a packed record {len(first.record)} bytes, a packed crystal "
          f"{len(first.crystal['structure'])}")  # fmt: skip
    shown = {10**power * part for power in range(4, 9) for part in (1, 3)}
    with Store(path, write=True) as opened:
        run = opened.begin_run(identity, "a benchmark")
        spent: list[float] = []
        for start in range(0, rows, COMMIT):
            some = [varied(first, number) for number in range(start, start + COMMIT)]
            began = time.process_time()
            opened.commit(some, identity, run)
            spent.append(time.process_time() - began)
            if start + COMMIT in shown or start + COMMIT >= rows:
                size = path.stat().st_size
                print(f"{start + COMMIT:>9} rows: {1e3 * np.median(spent[-10:]):6.0f} ms a commit, "
                      f"longest so far {1e3 * max(spent):.0f} ms; file {size / 1e6:7.0f} MB, "
                      f"{size / (start + COMMIT):.0f} bytes each; "
                      f"memory {memory() / 1e6:.0f} MB", flush=True)  # fmt: skip


def lookups(folder: Path, rows: int) -> None:
    """What the intake asks of a store with so many crystals."""
    from cijkl.screening import Identity, Store
    from cijkl.screening.fingerprint import VOLUME

    path = folder / f"{rows}.duckdb"
    identity = Identity("made", "1", {})
    with Store(path, write=True) as opened:
        fill(opened, rows)
        gc.collect()
        held = memory()
        new = [(os.urandom(12).hex(), f"n{number}") for number in range(BATCH)]
        old = sample(opened, "digest, id", "links")
        names = [row[0] for row in sample(opened, "fingerprint", "links")]
        facts = sample(opened, "formula, volume_per_atom", "crystals")
        asked = [(digest, *fact) for (digest, _), fact in zip(new, facts, strict=True)]
        found = {
            "known, all new": timed(lambda: opened.known(new)),
            "known, all old": timed(lambda: opened.known(old)),
            "done": timed(lambda: opened.done(names, identity, "")),
            "alike": timed(lambda: opened.alike(asked, VOLUME)),
        }
        alike = sum(map(len, opened.alike(asked, VOLUME).values()))
        first = outcome()
        some = [varied(first, number) for number in range(COMMIT)]
        run = opened.begin_run(identity, "a benchmark")
        found[f"commit of {COMMIT}"] = timed(lambda: opened.commit(some, identity, run), 1)
        peak = memory()
    listed = ", ".join(f"{name} {1e3 * seconds:.1f} ms" for name, seconds in found.items())
    print(f"{rows:>9} crystals: {listed}; {alike} alike; memory {held / 1e6:.0f} MB, after "
          f"{peak / 1e6:.0f} MB; file {path.stat().st_size / 1e6:.0f} MB", flush=True)  # fmt: skip


def sample(opened: Any, columns: str, table: str) -> list[Any]:
    """As many rows as a batch has, taken at random."""
    query = f"SELECT {columns} FROM {table} USING SAMPLE {BATCH} ROWS (reservoir, 1)"
    return list(opened.connection.execute(query).fetchall())


def fill(opened: Any, rows: int) -> None:
    """Crystals and links by SQL; formulas repeat as in a database, a dozen for each."""
    symbols = "['O','Si','Al','Fe','Mg','Ca','Na','K','Ti','H','F','N','S','Cl','Cu','Zn']"
    opened.connection.execute(
        "INSERT INTO crystals BY NAME SELECT left(md5(range::VARCHAR), 24) AS fingerprint, "
        f"'x' || range AS id, {symbols}[1 + (hash(range) % 16)::BIGINT] || "
        f"{symbols}[1 + (hash(range + 1) % 16)::BIGINT] || "
        f"((hash(range) // 1000) % greatest({rows} // 3000, 1)) AS formula, "
        "'made' AS source, 10 AS natoms, 8.0 + 30 * random() AS volume_per_atom, "
        "md5(range::VARCHAR)::BLOB || md5(random()::VARCHAR)::BLOB AS structure "
        f"FROM range({rows})"
    )
    opened.connection.execute(
        "INSERT INTO links BY NAME SELECT left(md5('d' || range), 24) AS digest, "
        "'x' || range AS id, 'made' AS source, left(md5(range::VARCHAR), 24) AS fingerprint, "
        f"FALSE AS duplicate FROM range({rows})"
    )
    opened.connection.execute(
        "INSERT INTO results BY NAME SELECT fingerprint, 'made' AS engine, 'x' AS settings "
        "FROM links"
    )
    opened.connection.execute("CHECKPOINT")


def dask(workers: int, count: int) -> None:
    """Batches there and back."""
    from distributed import Client, LocalCluster

    from cijkl.screening.work import Item
    from cijkl.structures import Crystal

    rng = np.random.default_rng(0)
    atoms = bulk("MgO", "rocksalt", a=4.2).repeat((2, 2, 1))
    items = []
    for number in range(BATCH):
        one = atoms.copy()
        one.positions += rng.normal(0.0, 0.01, one.positions.shape)
        items.append(Item(Crystal(f"c{number}", one, "made"), f"{number:024x}"))
    with (
        LocalCluster(workers, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.submit(length, tuple(items)).result()
        batches = max(1, count // BATCH)
        began, wall = time.process_time(), time.perf_counter()
        flying = []
        for number in range(batches):
            flying.append(client.submit(length, tuple(items), key=f"b{number}", pure=False))
            if len(flying) > 2 * workers:
                assert flying.pop(0).result() == BATCH
        for future in flying:
            future.result()
        spent, wall = time.process_time() - began, time.perf_counter() - wall
    each = 1e3 * spent / batches
    print(f"{batches} batches of {BATCH} crystals of {len(atoms)} atoms: {each:.1f} ms a batch for "
          f"scheduler and client, {each / BATCH:.3f} ms a crystal; "
          f"{batches / wall:.0f} batches a second")  # fmt: skip


def length(items: Any) -> int:
    """All that a worker does here."""
    return len(items)


@dataclass(frozen=True)
class Nothing:
    """An engine that costs nothing: one record for all crystals, with their names."""

    record: Any
    atoms: int = 2_000
    crystals: int = BATCH

    def identity(self) -> Any:
        from cijkl.screening import Identity

        return Identity("nothing", "1", {})

    def results(self, crystals: Any) -> list[Any]:
        from cijkl.record import Result

        return [Result({**self.record, "id": crystal.id}) for crystal in crystals]


def submitter(folder: Path, data: Path, count: int, workers: int) -> None:
    """Processor time of the submitting process alone, and of reading alone."""
    from itertools import islice

    from cijkl import analyze
    from cijkl.screening import screen
    from cijkl.structures import read

    record = analyze(np.diag([300.0, 300, 300, 100, 100, 100]), bulk("Si")).record
    for each in read(data):  # what is imported on the way
        assert each.id
        break
    began = time.process_time()
    read_ones = sum(1 for _ in islice(read(data), count))
    reading = (time.process_time() - began) / read_ones
    engine = Nothing(record)
    screen(data, folder / "first.duckdb", engine=engine, limit=1, workers=workers)
    for part in (count // 4, count):
        began, wall = time.process_time(), time.perf_counter()
        path = folder / f"{part}.duckdb"
        summary = screen(data, path, engine=engine, limit=part, workers=workers)
        done = summary.counts.settled
        spent, wall = time.process_time() - began, time.perf_counter() - wall
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"{done} crystals: {1e3 * spent / done:.2f} ms each in the submitting process, "
              f"{1e3 * reading:.2f} ms of them to read; {done / wall:.0f} a second with {workers} "
              f"workers; {path.stat().st_size / done:.0f} bytes each; largest memory "
              f"{most / 1e3:.0f} MB", flush=True)  # fmt: skip


def outcome() -> Any:
    """A result as a worker sends it."""
    from cijkl import analyze
    from cijkl.screening.columns import result_row
    from cijkl.screening.outcome import Link, Outcome
    from cijkl.screening.packing import pack
    from cijkl.screening.work import crystal_row
    from cijkl.structures import Crystal

    atoms = bulk("MgO", "rocksalt", a=4.2).repeat((2, 2, 1))
    rng = np.random.default_rng(0)
    root = rng.normal(size=(6, 6))
    record: Any = analyze(root @ root.T + 6.0 * np.eye(6), atoms, id="x", source="made").record
    row = crystal_row(Crystal("x", atoms, "made"), "x")
    link = Link("x", "made", "x", {"band_gap": 1.0})
    return Outcome(link, "result", "x", row, result_row(record), pack(record))


def varied(first: Any, number: int) -> Any:
    """Another one: other names, numbers and bytes."""
    rng = np.random.default_rng(number)
    name = rng.bytes(12).hex()
    factor = rng.uniform(0.5, 1.5)
    row = {k: v * factor if isinstance(v, float) else v for k, v in first.row.items()}
    crystal = {
        **first.crystal,
        "fingerprint": name,
        "id": f"x{number}",
        "volume": first.crystal["volume"] * factor,
        "volume_per_atom": first.crystal["volume_per_atom"] * factor,
        # compressed bytes cannot be compressed again
        "structure": rng.bytes(len(first.crystal["structure"])),
    }
    link = replace(first.link, id=f"x{number}", digest=rng.bytes(12).hex())
    record = rng.bytes(len(first.record))
    return replace(first, link=link, fingerprint=name, crystal=crystal, row=row, record=record)


def timed(work: Any, repeats: int = 5) -> float:
    """Median of the processor time."""
    spent = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return float(np.median(spent))


def memory() -> float:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
