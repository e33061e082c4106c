"""How the cost of a tensor grows with the number of atoms.

    python benchmarks/scaling.py --data molecular_crystals.jsonl.gz --picture scaling.png

Relaxes one crystal of about each size, computes its tensor, and prints and draws evaluations and
seconds against the number of atoms in the primitive cell.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, linear_response, relax, run
from cijkl.structures import primitive, read, symmetrise, symmetry

SIZES = (12, 22, 32, 48, 80, 120, 180, 250)


def nearest(path, sizes, seed=3):
    """One crystal for each size: the nearest in atoms of the primitive cell, chosen at random."""
    crystals = [c for c in read(path) if hasattr(c, "atoms")]
    counts = np.array([len(primitive(c.atoms)) for c in crystals])
    rng = np.random.default_rng(seed)
    for size in sizes:
        gap = np.abs(counts - size)
        best = np.flatnonzero(gap == gap.min())
        yield crystals[int(rng.choice(best))]


def measure(crystal, potential, settings):
    cell = primitive(symmetrise(crystal.atoms, symmetry(crystal.atoms)))
    found = symmetry(cell)
    group = Group(found.rotations, found.permutations)
    start = time.perf_counter()
    relaxed = run(relax(symmetrise(cell, found), group, settings), potential)
    middle = time.perf_counter()
    response = run(linear_response(relaxed.atoms, group), potential)
    return {
        "id": crystal.id,
        "atoms": len(cell),
        "group": found.symbol,
        "operations": group.order,
        "relax": (relaxed.evaluations, middle - start, relaxed.converged),
        "response": (response.evaluations, time.perf_counter() - middle, response.converged),
        "codes": [n.code for n in relaxed.diagnostics + response.diagnostics],
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }


def draw(rows, path, potential):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    rows = sorted(rows, key=lambda row: row["atoms"])
    atoms = [row["atoms"] for row in rows]
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), constrained_layout=True)
    for axis, index, label in ((axes[0], 0, "evaluations"), (axes[1], 1, "seconds, one core")):
        for key, marker in (("relax", "o"), ("response", "s")):
            axis.loglog(atoms, [row[key][index] for row in rows], marker + "-", label=key)
        axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        for one in (axis.xaxis, axis.yaxis):
            one.set_major_formatter("{x:g}")
            one.set_minor_formatter(ticker.NullFormatter())
        axis.set_xlabel("atoms in the primitive cell")
        axis.set_ylabel(label)
        axis.grid(which="both", alpha=0.25)
    axes[0].legend()
    figure.suptitle(f"Cost of an elastic tensor with {potential}")
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines of crystals")
    parser.add_argument("--potential", default="sevennet-0+d3")
    parser.add_argument("--largest", type=int, default=250)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    potential, rows = load(arguments.potential), []
    print("| crystal | atoms | group | relax: calls, s | response: calls, s | memory, GB |")
    print("|---" * 6 + "|")
    sizes = [size for size in SIZES if size <= arguments.largest]
    for crystal in nearest(arguments.data, sizes):
        row = measure(crystal, potential, RelaxSettings(max_steps=400))
        rows.append(row)
        calls = [
            f"{count}, {seconds:.0f}" + ("" if converged else " (unconverged)")
            for count, seconds, converged in (row["relax"], row["response"])
        ]
        print(
            f"| {row['id']} | {row['atoms']} | {row['group']} | {calls[0]} | {calls[1]} | "
            f"{row['memory']:.1f} | {' '.join(row['codes'])}",
            flush=True,
        )
        if arguments.picture:
            draw(rows, arguments.picture, arguments.potential)


if __name__ == "__main__":
    main()
