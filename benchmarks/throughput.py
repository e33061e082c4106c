"""Throughput of many small crystals: one process with one thread, workers, lockstep.

    python benchmarks/throughput.py --data mp_moduli.jsonl.gz --count 500

The ways run in turn on the same crystals, the potential loaded before and the start of workers
counted. Workers must give the records of one process, number for number; lockstep adds in another
order and may differ by rounding. Printed are crystals a second and ratios to one process; above 1
is faster. Where other work shares the machine (the load before each run), the seconds of processor
time, those of workers and their start included, say more: what an idle machine could give is at
most their ratio times the number of processors.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
from _crystals import EXAMPLES

from cijkl.potentials import load
from cijkl.response import compute, lockstep
from cijkl.response.processors import cores, processor_seconds, threads_for
from cijkl.response.single import algorithm
from cijkl.structures import primitive, read


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="JSON Lines of crystals; the examples by default")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--max-atoms", type=int, default=4)
    parser.add_argument("--potential", default="sevennet-0")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--ways", default="one,auto,lockstep", help="one must be among them")
    arguments = parser.parse_args()

    crystals = small(arguments.data, arguments.count, arguments.max_atoms)
    potential = load(arguments.potential)
    potential.evaluate([crystals[0].atoms])
    ways = {
        "one": lambda: list(compute(crystals, arguments.potential, workers=1)),
        "auto": lambda: list(compute(crystals, arguments.potential)),
        "lockstep": lambda: together(crystals, potential),
    }
    print(f"{len(crystals)} crystals, {arguments.potential}, {cores()} processors")
    print(
        f"{'way':<10}{'seconds':>9}{'a second':>10}{'ratio':>7}{'processor':>11}{'load':>6}"
        "  differences"
    )
    for _ in range(arguments.repeats):
        base, reference = None, None
        for name in arguments.ways.split(","):
            busy = os.getloadavg()[0]
            begun, used = time.perf_counter(), processor_seconds()
            results = ways[name]()
            seconds, used = time.perf_counter() - begun, processor_seconds() - used
            if reference is None:
                base, reference = seconds, results
            rate, ratio = len(crystals) / seconds, base / seconds
            said = difference(reference, results)
            print(
                f"{name:<10}{seconds:>9.1f}{rate:>10.2f}{ratio:>7.2f}{used:>11.1f}{busy:>6.1f}"
                f"  {said}",
                flush=True,
            )


def small(data, count, largest, seed=7):
    """Crystals whose primitive cell has 2 to `largest` atoms."""
    found = [c for c in read(data or EXAMPLES) if hasattr(c, "atoms")]
    found = [found[i] for i in np.random.default_rng(seed).permutation(len(found))]
    fitting = (
        c for c in found if len(c.atoms) <= 4 * largest and 2 <= len(primitive(c.atoms)) <= largest
    )
    return [c for c, _ in zip(fitting, range(count), strict=False)]


def together(crystals, potential):
    """Lockstep in this process, in the order of the input."""
    starts = (lambda clock, c=c: algorithm(c, potential, clock=clock) for c in crystals)
    with threads_for(crystals[0].atoms):
        pairs = sorted(lockstep(starts, potential), key=lambda pair: pair[0])
    return [result for _, result in pairs]


def difference(reference, results):
    """How two sets of results differ, in words."""
    same = sum(numbers(a) == numbers(b) for a, b in zip(reference, results, strict=True))
    if same == len(results):
        return "none"
    changes, outcomes = [0.0], 0
    for a, b in zip(reference, results, strict=True):
        if a.ok and b.ok:
            c, d = np.array(a.record["C"]), np.array(b.record["C"])
            changes.append(float(np.abs(c - d).max() / np.abs(c).max()))
        else:
            outcomes += a.ok != b.ok
    return (
        f"{len(results) - same} not identical; of the largest constant at most "
        f"{max(changes):.1e}, median {np.median(changes):.1e}; {outcomes} of other outcome"
    )


def numbers(result):
    """Everything on the record but times."""
    record = {**result.record, "engine": {**result.record["engine"], "seconds": None}}
    for part in ("relaxation", "response"):
        if part in record:
            record[part] = {**record[part], "seconds": None}
    return record


if __name__ == "__main__":
    main()
