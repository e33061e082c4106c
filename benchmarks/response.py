"""Elastic tensors: ours against matcalc's ElasticityCalc, same potential, same relaxed crystals.

    python benchmarks/response.py --data mp_moduli.jsonl.gz --large 7 \\
        --organic molecular_crystals.jsonl.gz --out response.jsonl

For each crystal, relaxed by us first: our linear response; matcalc's default, clamped ions; matcalc
with the ions of every strained cell relaxed (small strains, force criterion of our reference).
Everything runs in one process through one potential object. Printed are evaluations, the ratio of
times (matcalc / ours) and the largest difference of a constant relative to the largest constant.

Times are seconds of processor time, so that other load on the machine does not enter; set
OMP_NUM_THREADS=1, since those of several threads add up. Relaxing strained cells is stopped after
`--limit` (`--organic-limit`) evaluations a crystal: the time so far is then a lower bound, marked
`>`, and no constants are compared. A cell that matcalc gives up after its 500 steps is counted
(`loose`). Crystals that our response warns of (saddles, rough surfaces) count in the times, not in
the differences: relaxing a strained cell may lead them away. With `--out` each crystal is kept as a
line of JSON, and a run that is started again goes on from there.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
import warnings
from pathlib import Path

import numpy as np
from _crystals import sample
from _peers import Counted, calculator

from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, linear_response, relax, run
from cijkl.structures import primitive, read, symmetrise, symmetry
from cijkl.structures.groups import crystal_system

SMALL = (-0.004, -0.002, 0.002, 0.004)
ORGANIC = ("X23-DF2-CO2", "X23-DF2-urea", "X23-DF2-hexamine")
CELLS = 24


class LimitReachedError(Exception):
    """A peer has used the evaluations that it may."""


class Limited(Counted):
    """Counts evaluations and the cells that they were of, and stops at a limit."""

    def __init__(self, potential, limit):
        super().__init__(potential)
        self.limit, self.cells, self.cell = limit, 0, None

    def __call__(self, atoms):
        if self.count == self.limit:
            raise LimitReachedError
        if self.cell is None or not np.array_equal(self.cell, atoms.cell.array):
            self.cells, self.cell = self.cells + 1, atoms.cell.array.copy()
        return super().__call__(atoms)


class Loose(logging.Handler):
    """Counts the relaxations that matcalc gives up, which only its log tells."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def emit(self, record):
        self.count += "Max|F|" in record.getMessage()


class CountingPotential:
    """A potential that counts the crystals that it evaluates."""

    def __init__(self, potential):
        self.potential, self.count = potential, 0

    def evaluate(self, structures):
        self.count += len(structures)
        return self.potential.evaluate(structures)


def ours(atoms, group, potential):
    counting = CountingPotential(potential)
    start = time.process_time()
    response = run(linear_response(atoms, group), counting)
    return response, time.process_time() - start, counting.count


def matcalc(atoms, potential, stiffness, limit=None, **options):
    """Evaluations, seconds and, if the limit was not reached, the gap to our constants."""
    from matcalc import ElasticityCalc

    counted, loose, gap = Limited(potential, limit), Loose(), None
    task = ElasticityCalc(calculator(counted), relax_structure=False, units_GPa=True, **options)
    log = logging.getLogger("matcalc.backend._ase")
    log.addHandler(loose)
    log.propagate = False
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tensor = np.array(task.calc(atoms.copy())["elastic_tensor"].voigt)
            gap = float(np.abs(tensor - stiffness).max() / np.abs(stiffness).max())
        except LimitReachedError:
            pass
    seconds = time.process_time() - start
    log.removeHandler(loose)
    return {
        "calls": counted.count,
        "seconds": seconds,
        "gap": gap,
        "cells": counted.cells,
        "loose": loose.count,
    }


def prepared(atoms, potential):
    cell = primitive(symmetrise(atoms, symmetry(atoms)))
    found = symmetry(cell)
    group = Group(found.rotations, found.permutations)
    relaxed = run(relax(symmetrise(cell, found), group, RelaxSettings()), potential)
    return relaxed, group, found


def compared(name, atoms, potential, limit):
    """Facts of one crystal; limit 0 leaves out the relaxation of strained cells."""
    reference, group, found = prepared(atoms, potential)
    facts = {
        "name": name,
        "potential": potential.name,
        "atoms": len(reference.atoms),
        "group": found.symbol,
        "system": crystal_system(found.number),
    }
    if not reference.converged:
        return {**facts, "skipped": f"not relaxed: {reference.diagnostics[0].code}"}
    response, seconds, calls = ours(reference.atoms, group, potential)
    codes = [note.code for note in response.diagnostics]
    if "negative_curvature" in codes:
        return {**facts, "skipped": "negative_curvature: no tensor"}
    facts |= {"ours": {"calls": calls, "seconds": seconds}, "codes": codes}
    facts["clamped"] = matcalc(reference.atoms, potential, response.stiffness, fmax=3e-4)
    if limit:
        facts["relaxed"] = matcalc(
            reference.atoms, potential, response.stiffness, limit,
            relax_deformed_structures=True, fmax=3e-4, norm_strains=SMALL, shear_strains=SMALL,
        )  # fmt: skip
    return facts


def organic(path):
    """Three small molecular crystals of a file."""
    for crystal in read(path):
        if crystal.id in ORGANIC and hasattr(crystal, "atoms"):
            yield crystal.id[:21], crystal.atoms


def cases(arguments):
    """(name, atoms, name of the potential, limit), the crystals of one size after the other."""
    limit = 0 if arguments.no_relaxed else arguments.limit
    small = sample(arguments.data, arguments.count, arguments.max_atoms)
    for name, atoms in small:
        yield name, atoms, arguments.potential, limit
    if arguments.organic:
        limit_here = 0 if arguments.no_relaxed else arguments.organic_limit
        for name, atoms in organic(arguments.organic):
            yield name, atoms, arguments.organic_potential, limit_here
    if arguments.data and arguments.large:
        large = sample(arguments.data, arguments.large, 40, min_atoms=10)
        for name, atoms in sorted(large, key=lambda case: len(primitive(case[1]))):
            yield name, atoms, arguments.potential, limit


def row(facts):
    """One line of the table."""
    line = f"{facts['name']:<22}{facts['atoms']:>6}{facts['group']:>10} |"
    if "skipped" in facts:
        return f"{line} {facts['skipped']}"
    mine, clamped, relaxed = facts["ours"], facts["clamped"], facts.get("relaxed")
    line += f"{mine['calls']:>6}{mine['seconds']:>7.2f} |"
    if relaxed:
        bound = ">" if relaxed["gap"] is None else " "
        line += f"{relaxed['calls']:>7}{bound}{relaxed['seconds'] / mine['seconds']:>8.1f}"
        if relaxed["gap"] is None:
            line += f"  in cell {min(relaxed['cells'], CELLS):>2} |"
        else:
            line += f"{100 * relaxed['gap']:>8.2f} % |"
    line += f"{clamped['calls']:>5}{clamped['seconds'] / mine['seconds']:>8.2f}"
    line += f"{100 * clamped['gap']:>8.1f} %"
    loose = f" loose={relaxed['loose']}" if relaxed and relaxed["loose"] else ""
    return f"{line} {' '.join(facts['codes'])}{loose}"


def geometric(values):
    return float(np.exp(np.mean(np.log(values)))) if values else float("nan")


def summary(found):
    """Means over the crystals, in sentences."""
    done = [facts for facts in found if "skipped" not in facts]
    systems = {facts["system"] for facts in done}
    slow = [facts for facts in done if "relaxed" in facts]
    cut = sum(facts["relaxed"]["gap"] is None for facts in slow)
    exact = [facts["relaxed"]["gap"] for facts in slow if not facts["codes"]]
    gaps = [gap for gap in exact if gap is not None] or [np.nan]
    times = [facts["relaxed"]["seconds"] / facts["ours"]["seconds"] for facts in slow]
    quick = [facts["clamped"]["seconds"] / facts["ours"]["seconds"] for facts in done]
    return (
        f"{len(done)} crystals of {len(systems)} crystal systems\n"
        f"time of matcalc with relaxed ions / ours: geometric mean {geometric(times):.1f} "
        f"({len(times)} crystals; {cut} of them stopped at the limit count with the time so "
        "far, a lower bound)\n"
        f"constants of the {np.isfinite(gaps).sum()} crystals without a warning apart by at most "
        f"{100 * max(gaps):.2f} %, median {100 * np.median(gaps):.2f} % of the largest\n"
        f"time of matcalc with clamped ions / ours: {geometric(quick):.2f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="JSON Lines of crystals; the examples by default")
    parser.add_argument("--count", type=int, default=21, help="small crystals")
    parser.add_argument("--max-atoms", type=int, default=6, help="of the small crystals")
    parser.add_argument("--large", type=int, default=0, help="crystals of 10 to 40 atoms")
    parser.add_argument("--organic", type=Path, help="JSON Lines of molecular crystals")
    parser.add_argument("--potential", default="sevennet-0")
    parser.add_argument("--organic-potential", default="sevennet-0+d3")
    parser.add_argument("--limit", type=int, default=2400, help="evaluations of strained cells")
    parser.add_argument("--organic-limit", type=int, default=600)
    parser.add_argument("--no-relaxed", action="store_true", help="leave out the slow part")
    parser.add_argument("--out", type=Path, help="JSON Lines of results, continued if there")
    arguments = parser.parse_args()
    found = []
    if arguments.out and arguments.out.exists():
        found = [json.loads(line) for line in arguments.out.read_text().splitlines()]
    known = {facts["name"]: facts for facts in found}
    print(
        f"{'crystal':<22}{'atoms':>6}{'group':>10} |{'calls':>6}{'s':>7} | relaxed ions: calls, "
        "time ratio, gap | clamped: calls, time ratio, gap"
    )
    for name, atoms, potential, limit in cases(arguments):
        if name not in known:
            known[name] = compared(name, atoms, load(potential), limit)
            if arguments.out:
                with arguments.out.open("a") as out:
                    out.write(json.dumps(known[name]) + "\n")
        print(row(known[name]), flush=True)
    print(summary(list(known.values())))


if __name__ == "__main__":
    main()
