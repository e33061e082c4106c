"""A screening by the learned model against a bare loop over it: what Dask and the store cost.

    python benchmarks/screening.py --data mp_unlabelled.jsonl.gz --counts 500,2000 --workers 1,2

Each run is a process of its own. A bare loop is `cijkl.predict` over the same crystals; it writes
nothing. A screening by n workers is compared with n loops at a time, each over its share of the
crystals: two processors that share caches and memory are slower than one alone, which is not what
Dask and the store cost. Printed are seconds, crystals a second, processor time (of workers, too),
memory (the largest of all processes together, at most), the size of the store, and the overhead:
processor time of the screening over that of the loops, both less what they need for a single
crystal, which is the start of processes and of PyTorch. Where other work shares the machine, that
ratio still holds and seconds do not; --repeats takes the least of several.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--counts", default="500,1000,2000")
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--picture", type=Path, help="seconds of processor time for each crystal")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        way, *numbers = arguments.one.split(",")
        print(json.dumps(one(arguments.data, way, *map(int, numbers))))
        return

    counts = [int(count) for count in arguments.counts.split(",")]
    workers = [int(count) for count in arguments.workers.split(",")]
    ways = [(way, w) for w in workers for way in ("loop", "screen")]
    starts = {way: measured(arguments, way[1], *way) for way in ways}
    print(
        f"{'crystals':>9}{'way':>16}{'seconds':>9}{'a second':>10}{'processor':>11}"
        f"{'ms each':>9}{'overhead':>10}{'memory':>10}{'store':>9}{'load':>6}"
    )
    points, base = [], 1.0
    for count in counts:
        for way in ways:
            load = os.getloadavg()[0]
            found = measured(arguments, count, *way)
            used = found["processor"] - starts[way]["processor"]
            seconds = found["seconds"] - starts[way]["seconds"]
            base = used if way[0] == "loop" else base
            points.append((count, name(*way), 1e3 * used / count))
            over = "" if way[0] == "loop" else f"{100.0 * (used / base - 1.0):.1f} %"
            print(
                f"{count:>9}{name(*way):>16}{seconds:>9.1f}{count / seconds:>10.1f}{used:>11.1f}"
                f"{1e3 * used / count:>9.2f}{over:>10}{found['memory'] / 1e9:>7.2f} GB"
                f"{found['store'] / 1e6:>6.1f} MB{load:>6.1f}",
                flush=True,
            )
    if arguments.picture:
        draw(points, arguments.picture)


def name(way, workers):
    """What the table calls a way of going through the crystals."""
    thing = "loop" if way == "loop" else "worker"
    return f"{workers} {thing}{'s' * (workers > 1)}"


def measured(arguments, count, way, workers):
    """The run with the least processor time of several, each in processes of its own."""
    found = [side_by_side(arguments.data, count, way, workers) for _ in range(arguments.repeats)]
    return min(found, key=lambda each: each["processor"])


def side_by_side(data, count, way, workers):
    """One screening, or as many loops at a time as it would have workers."""
    command = [sys.executable, __file__, "--data", str(data), "--one"]
    tasks = (
        [f"screen,{count},{workers}"]
        if way == "screen"
        else [f"loop,{count},{workers},{part}" for part in range(workers)]
    )
    runs = [subprocess.Popen([*command, task], stdout=subprocess.PIPE, text=True) for task in tasks]
    found = [json.loads(run.communicate()[0].splitlines()[-1]) for run in runs]
    return {
        "seconds": max(each["seconds"] for each in found),
        "store": max(each["store"] for each in found),
        **{key: sum(each[key] for each in found) for key in ("processor", "memory")},
    }


def one(data, way, count, workers, part=0):
    """Part of a loop, or a screening, in this process."""
    begun, size, expected = time.perf_counter(), 0, count
    if way == "loop":
        from cijkl import predict
        from cijkl.structures import read

        mine = islice(read(data), part, count, workers)
        done, expected = sum(1 for _ in predict(mine)), len(range(part, count, workers))
    else:
        from cijkl import screen

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.duckdb"
            summary = screen(data, path, limit=count, workers=workers)
            done, size = summary.counts.settled, path.stat().st_size
    assert done == expected, f"{done} of {expected} done"
    mine, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "seconds": time.perf_counter() - begun,
        "processor": sum(each.ru_utime + each.ru_stime for each in (mine, children)),
        "memory": 1024 * (mine.ru_maxrss + workers * children.ru_maxrss),
        "store": size,
    }


def draw(points, path):
    """Processor time of a crystal against the number of crystals."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(5, 3.2))
    for way in dict.fromkeys(way for _, way, _ in points):
        x, y = zip(*((c, ms) for c, which, ms in points if which == way), strict=True)
        axes.plot(x, y, "o-", label=way)
    axes.set(xlabel="crystals", ylabel="processor time of each, ms", xscale="log", ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main()
