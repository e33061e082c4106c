"""How long the explorer takes over a store of a million results: opening, pages, filters, the map.

    python benchmarks/web_explorer.py --rows 1000000

The store is made from the results of a few crystals by SQL: every number is multiplied by a random
factor, every crystal has a name and a formula of its own. It is for timing only. Each question is
asked as the page asks it, in this process and without HTTP; times are the median of several, with
counts and maps that the explorer remembers cleared before each.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from ase.build import bulk

COUNT = 5
REGION = {
    "x": "K_hill", "y": "G_hill", "log_x": True, "log_y": True,
    "points": [[1.7, 1.2], [2.3, 1.5], [2.2, 2.1], [1.9, 2.2], [1.5, 1.8]],
}  # fmt: skip
FILTERS = {
    "a slider": {"ranges": {"K_hill": [50, 150]}},
    "four sliders": {"ranges": {"K_hill": [50, 150], "G_hill": [20, 90], "density": [2, 8],
                                "natoms": [1, 20]}},
    "elements": {"elements": ["O"], "without": ["H", "F"]},
    "SQL over columns in memory": {"condition": "E_max > 2 * E_min and stable"},
    "SQL over columns of the file": {"condition": "C11 > 3 * C12"},
    "part of an id": {"text": "99"},
    "a lasso": {"region": REGION},
}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, help="kept there, and used if it is there already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.store or Path(folder) / "many.duckdb"
        if not path.exists():
            began = time.perf_counter()
            make(path, arguments.rows)
            print(f"made a store of {path.stat().st_size / 1e6:.0f} MB in "
                  f"{time.perf_counter() - began:.0f} s")  # fmt: skip
        measure(path)


def measure(path: Path) -> None:
    from cijkl.web.explorer import Explorer
    from cijkl.web.explorer_filter import Filter
    from cijkl.web.explorer_queries import count, facts, page, points

    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    began, before = time.perf_counter(), memory()
    explorer = Explorer(path)
    explorer.prepare()
    say("open the store", time.perf_counter() - began, f"{(memory() - before) / 1e6:.0f} MB")
    began = time.perf_counter()
    total = facts(explorer)["total"]
    say("spans and histograms of all sliders", time.perf_counter() - began)
    print(f"{total} results")
    timed(explorer, "first page, by K", lambda: page(explorer, Filter()))
    timed(
        explorer, "first page, by a column of the file", lambda: page(explorer, Filter(), by="C44")
    )
    after = deep(explorer)
    timed(explorer, "a page in the middle", lambda: page(explorer, Filter(), after=after))
    timed(explorer, "map of all", lambda: points(explorer, Filter()))
    for name, given in FILTERS.items():
        chosen = Filter.model_validate(given)
        found = count(explorer, chosen)
        timed(explorer, f"{name}: count", lambda c=chosen: count(explorer, c), f"{found} rows")
        timed(explorer, f"{name}: page", lambda c=chosen: page(explorer, c))
        timed(explorer, f"{name}: map", lambda c=chosen: points(explorer, c))
    began = time.perf_counter()
    count(explorer, Filter.model_validate(FILTERS["elements"]))
    count(explorer, Filter.model_validate(FILTERS["elements"]))
    say("a count asked a second time, with the first", time.perf_counter() - began)
    explorer.close()


def deep(explorer) -> str:
    """The place after the middle row by K."""
    import json

    found = explorer.ask(
        'SELECT K_hill, "cijkl row" FROM held ORDER BY K_hill DESC NULLS LAST, "cijkl row" '
        "LIMIT 1 OFFSET (SELECT count(*) // 2 FROM held)"
    )
    return json.dumps(found[0])


def timed(explorer, name, work, more=""):
    seconds = []
    for _ in range(COUNT):
        # spans of columns stay, as they do for visitors
        for key in [key for key in explorer._answers if key[0] in ("count", "points")]:
            del explorer._answers[key]
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    say(name, statistics.median(seconds), more)


def say(name, seconds, more=""):
    print(f"{name:<48}{1e3 * seconds:>9.0f} ms  {more}", flush=True)


def memory() -> float:
    """Bytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def make(path: Path, rows: int) -> None:
    """A store of so many results, made of a few."""
    from cijkl.screening import Store
    from cijkl.screening.columns import VECTORS
    from cijkl.screening.schema import TABLES
    from cijkl.screening.tables import quoted

    seeds = path.with_name("seeds.duckdb")
    few(seeds)
    with Store(path, write=True) as store:
        connection = store.connection
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(f"ATTACH '{seeds}' AS seeds (READ_ONLY)")
        own = ", ".join(
            f"{quoted(name)} * exp(0.5 * (random() + random() - 1)) AS {quoted(name)}"
            if kind == "DOUBLE"
            else quoted(name)
            for name, kind in TABLES["results"].items()
            if name not in ("fingerprint", "run", *VECTORS)
        )
        connection.execute("CREATE TEMP TABLE numbers AS SELECT range AS n, md5(range::VARCHAR) AS "
                           f"name, range % 40 AS seed FROM range({rows})")  # fmt: skip
        symbols = "['O','Si','Al','Fe','Mg','Ca','Na','K','Ti','H','F','N','S','Cl','Cu','Zn']"
        connection.execute(
            "INSERT INTO crystals BY NAME SELECT left(name, 24) AS fingerprint, 'x-' || n AS id, "
            f"{symbols}[1 + n % 16] || {symbols}[1 + (n // 16) % 16] || '2' AS formula, "
            "'made' AS source, 1 + (random() * 60)::INTEGER AS natoms, 10.0 + 400 * random() AS "
            "volume, 8.0 + 30 * random() AS volume_per_atom, 30.0 AS mass_per_atom, 1.0 + 9 * "
            "random() AS density, c.spacegroup, c.spacegroup_symbol, c.crystal_system, c.structure "
            "FROM numbers JOIN (SELECT *, row_number() OVER () - 1 AS seed FROM seeds.crystals) c "
            "USING (seed)"
        )
        connection.execute("CREATE TEMP TABLE shuffled AS SELECT * FROM numbers ORDER BY name")
        # in another order than the crystals, as when an engine runs over a store again
        connection.execute(
            f"INSERT INTO results BY NAME SELECT left(name, 24) AS fingerprint, 1 AS run, {own} "
            "FROM shuffled JOIN (SELECT *, row_number() OVER () - 1 AS seed FROM seeds.results) r "
            "USING (seed)"
        )
    seeds.unlink()


def few(path: Path) -> None:
    """Forty crystals with random constants."""
    from cijkl import analyze
    from cijkl.screening import Identity, Store
    from cijkl.screening.columns import result_row
    from cijkl.screening.fingerprint import digest, profile
    from cijkl.screening.outcome import Link, Outcome
    from cijkl.screening.packing import pack
    from cijkl.screening.work import crystal_row
    from cijkl.structures import Crystal

    rng = np.random.default_rng(0)
    outcomes = []
    for number in range(40):
        atoms = bulk("MgO", "rocksalt", a=3.5 + 0.07 * number)
        root = rng.normal(size=(6, 6))
        stiffness = np.exp(rng.uniform(0.5, 4.5)) * (root @ root.T + 6.0 * np.eye(6)) / 6.0
        record = dict(analyze(stiffness, atoms, id=f"s{number}", source="made").record)
        crystal = Crystal(f"s{number}", atoms, "made")
        name = profile(atoms).fingerprint
        row = crystal_row(crystal, name)
        facts = ("spacegroup", "spacegroup_symbol", "crystal_system")
        row |= {key: record["structure"][key] for key in facts}
        link = Link(crystal.id, "made", digest(atoms), {})
        outcomes.append(Outcome(link, "result", name, row, result_row(record), pack(record)))
    with Store(path, write=True) as store:
        identity = Identity("random", "1", {})
        store.commit(outcomes, identity, store.begin_run(identity, "a benchmark"))


if __name__ == "__main__":
    main()
