"""A screening by the learned model against a bare loop over it: what Dask and the store cost.

    python benchmarks/screening.py --data mp_unlabelled.jsonl.gz --counts 500,2000 --workers 1,2

Each run is a process of its own. The bare loop is `cijkl.predict` over the same crystals, which
writes nothing. Printed are seconds, crystals a second, processor time (of workers, too), memory
(the largest of all processes together, at most), the size of the store, and the overhead: processor
time of the screening over that of the loop, both less what they need for a single crystal, which is
the start of processes and of PyTorch. Where other work shares the machine, that ratio still holds
and seconds do not; --repeats takes the least of several.
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
        print(json.dumps(one(arguments.data, *map(int, arguments.one.split(",")))))
        return

    counts = [int(count) for count in arguments.counts.split(",")]
    workers = [0, *(int(count) for count in arguments.workers.split(","))]
    starts = {w: measured(arguments, 1, w) for w in workers}
    print(
        f"{'crystals':>9}{'workers':>9}{'seconds':>9}{'a second':>10}{'processor':>11}"
        f"{'ms each':>9}{'overhead':>10}{'memory':>9}{'store':>8}{'load':>6}"
    )
    points = []
    for count in counts:
        base = None
        for w in workers:
            load = os.getloadavg()[0]
            found = measured(arguments, count, w)
            used = found["processor"] - starts[w]["processor"]
            seconds = found["seconds"] - starts[w]["seconds"]
            base = used if w == 0 else base
            points.append((count, w, 1e3 * used / count))
            over = "" if w == 0 else f"{100.0 * (used / base - 1.0):.1f} %"
            print(
                f"{count:>9}{w or 'loop':>9}{seconds:>9.1f}{count / seconds:>10.1f}{used:>11.1f}"
                f"{1e3 * used / count:>9.2f}{over:>10}{found['memory'] / 1e9:>6.2f} GB"
                f"{found['store'] / 1e6:>5.1f} MB{load:>6.1f}",
                flush=True,
            )
    if arguments.picture:
        draw(points, arguments.picture)


def measured(arguments, count, workers):
    """The run with the least processor time of several, each in a process of its own."""
    found = []
    for _ in range(arguments.repeats):
        command = [sys.executable, __file__, "--data", str(arguments.data)]
        run = subprocess.run(
            [*command, "--one", f"{count},{workers}"], capture_output=True, text=True, check=True
        )
        found.append(json.loads(run.stdout.splitlines()[-1]))
    return min(found, key=lambda each: each["processor"])


def one(data, count, workers):
    """A loop (no workers) or a screening in this process."""
    begun, size = time.perf_counter(), 0
    if workers == 0:
        from cijkl import predict
        from cijkl.structures import read

        done = sum(1 for _ in predict(islice(read(data), count)))
    else:
        from cijkl import screen

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "store.duckdb"
            summary = screen(data, path, limit=count, workers=workers)
            done, size = summary.counts.settled, path.stat().st_size
    assert done == count, f"{done} of {count} done"
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
    for w in sorted({w for _, w, _ in points}):
        x, y = zip(*((c, ms) for c, number, ms in points if number == w), strict=True)
        label = "loop" if w == 0 else f"{w} worker{'s' * (w > 1)}"
        axes.plot(x, y, "o-", label=label)
    axes.set(xlabel="crystals", ylabel="processor time of each, ms", xscale="log", ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=150, bbox_inches="tight")


if __name__ == "__main__":
    main()
