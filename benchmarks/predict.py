"""Whole records by the learned model: many crystals, one at a time, and the command from cold.

    python benchmarks/predict.py --data mp_moduli.jsonl.gz

Cells of nine atoms, as in `learned.py`, which times the networks alone. Each record has all
properties, global extremes over directions included. Times are of the processor, on one thread, the
least of several repeats; the command's time on the clock is given too, since loading waits for the
disk.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _crystals import EXAMPLES

from cijkl import predict
from cijkl.models import load_model
from cijkl.structures import read


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines of crystals")
    parser.add_argument("--model", default="cijkl-1")
    parser.add_argument("--atoms", type=int, default=9)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--alone", type=int, default=60, help="crystals that are asked one by one")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    model = load_model(arguments.model)
    crystals = [c for c in read(arguments.data) if len(c.atoms) == arguments.atoms]
    drawn = np.random.default_rng(0).permutation(len(crystals))[: arguments.count]
    crystals = [crystals[i] for i in drawn]
    assert all(result.record["status"] == "ok" for result in predict(crystals[:20], model))

    together = min(
        seconds(lambda: list(predict(crystals, model))) for _ in range(arguments.repeats)
    )
    alone = [
        min(seconds(lambda c=c: list(predict([c], model))) for _ in range(arguments.repeats))
        for c in crystals[: arguments.alone]
    ]
    print(f"{len(crystals)} crystals of {arguments.atoms} atoms, load {os.getloadavg()[0]:.1f}")
    print(f"records a second and core, many at once: {len(crystals) / together:.0f}")
    print(
        f"one crystal, model loaded: median {1e3 * statistics.median(alone):.1f} ms, "
        f"90th percentile {1e3 * np.quantile(alone, 0.9):.1f} ms"
    )
    processor, clock = zip(*(cold() for _ in range(arguments.repeats)), strict=True)
    print(f"`cijkl predict` from cold: {min(processor):.2f} s, {min(clock):.2f} s on the clock")


def seconds(work):
    """Of the processor."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def cold():
    """Seconds of the processor and on the clock of the command for one CIF."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        command = ["predict", str(EXAMPLES / "corundum.cif"), "--json", f"{folder}/record.json"]
        program = "from cijkl.cli import main; main()"
        subprocess.run([sys.executable, "-c", program, *command], check=True, capture_output=True)
    clock, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock


if __name__ == "__main__":
    main()
