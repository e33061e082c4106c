"""Elastic tensors: ours against matcalc's ElasticityCalc, same potential, same relaxed crystals.

    python benchmarks/response.py --data mp_moduli.jsonl.gz --organic molecular_crystals.jsonl.gz

For each crystal, relaxed by us first: our linear response; matcalc with the ions of every strained
cell relaxed (small strains, force criterion of our reference); matcalc's default, clamped ions.
Everything runs in one process through one potential object. Printed are evaluations, the ratio of
wall times (matcalc / ours) and the largest difference of a constant relative to the largest
constant. Crystals that our response warns of (saddles, rough surfaces) count in the times, not in
the differences: relaxing a strained cell may lead them away. `--no-relaxed` leaves out the slow
part.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from _crystals import sample
from _peers import Counted, calculator

from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, linear_response, relax, run
from cijkl.structures import primitive, read, symmetrise, symmetry

SMALL = (-0.004, -0.002, 0.002, 0.004)
ORGANIC = ("X23-DF2-CO2", "X23-DF2-urea", "X23-DF2-hexamine")


class CountingPotential:
    """A potential that counts the crystals that it evaluates."""

    def __init__(self, potential):
        self.potential, self.count = potential, 0

    def evaluate(self, structures):
        self.count += len(structures)
        return self.potential.evaluate(structures)


def ours(atoms, group, potential):
    counting = CountingPotential(potential)
    start = time.perf_counter()
    response = run(linear_response(atoms, group), counting)
    return response, time.perf_counter() - start, counting.count


def matcalc(atoms, potential, **options):
    from matcalc import ElasticityCalc

    counted = Counted(potential)
    task = ElasticityCalc(calculator(counted), relax_structure=False, units_GPa=True, **options)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = task.calc(atoms.copy())
    seconds = time.perf_counter() - start
    return np.array(found["elastic_tensor"].voigt), seconds, counted.count


def prepared(atoms, potential):
    cell = primitive(symmetrise(atoms, symmetry(atoms)))
    found = symmetry(cell)
    group = Group(found.rotations, found.permutations)
    relaxed = run(relax(symmetrise(cell, found), group, RelaxSettings()), potential)
    return relaxed, group, found.symbol


def organic(path, count=3, max_atoms=40):
    """Small molecular crystals of a file."""
    given = 0
    for crystal in read(path):
        if not hasattr(crystal, "atoms"):
            continue
        atoms = crystal.atoms
        if crystal.id in ORGANIC and len(atoms) <= max_atoms:
            yield crystal.id[:21], atoms
            given += 1
            if given == count:
                return


def geometric(values):
    return float(np.exp(np.mean(np.log(values)))) if values else float("nan")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="JSON Lines of crystals; the examples by default")
    parser.add_argument("--organic", type=Path, help="JSON Lines of molecular crystals")
    parser.add_argument("--count", type=int, default=21)
    parser.add_argument("--max-atoms", type=int, default=40)
    parser.add_argument("--potential", default="sevennet-0")
    parser.add_argument("--organic-potential", default="sevennet-0+d3")
    parser.add_argument("--no-relaxed", action="store_true")
    arguments = parser.parse_args()
    potential = load(arguments.potential)
    cases = [
        (*case, potential) for case in sample(arguments.data, arguments.count, arguments.max_atoms)
    ]
    if arguments.organic:
        other = load(arguments.organic_potential)
        cases += [(*case, other) for case in organic(arguments.organic)]
    relaxed_ratios, clamped_ratios, gaps = [], [], []
    print(
        f"{'crystal':<22}{'atoms':>6}{'group':>10} | {'calls':>5}{'s':>7} | relaxed ions: calls,"
        " time ratio, gap | clamped: calls, time ratio, gap"
    )
    for name, atoms, model in cases:
        reference, group, symbol = prepared(atoms, model)
        if not reference.converged:
            print(f"{name:<22} not relaxed: {reference.diagnostics[0].code}", flush=True)
            continue
        response, seconds, calls = ours(reference.atoms, group, model)
        scale = np.abs(response.stiffness).max()
        line = f"{name:<22}{len(reference.atoms):>6}{symbol:>10} | {calls:>5}{seconds:>7.2f} |"
        if not arguments.no_relaxed:
            tensor, slow, count = matcalc(
                reference.atoms, model, relax_deformed_structures=True, fmax=3e-4,
                norm_strains=SMALL, shear_strains=SMALL,
            )  # fmt: skip
            gap = np.abs(tensor - response.stiffness).max() / scale
            line += f"{count:>8}{slow / seconds:>9.1f}{100 * gap:>8.2f} % |"
            relaxed_ratios.append(slow / seconds)
            if not response.diagnostics:
                gaps.append(gap)
        tensor, quick, count = matcalc(reference.atoms, model, fmax=3e-4)
        gap = np.abs(tensor - response.stiffness).max() / scale
        line += f"{count:>6}{quick / seconds:>8.2f}{100 * gap:>8.1f} %"
        clamped_ratios.append(quick / seconds)
        codes = " ".join(note.code for note in response.diagnostics)
        print(f"{line} {codes}", flush=True)
    print(
        f"time of matcalc with relaxed ions / ours: geometric mean {geometric(relaxed_ratios):.1f} "
        f"({len(relaxed_ratios)} crystals)\n"
        f"constants of the {len(gaps)} crystals without a warning apart by at most "
        f"{100 * max(gaps, default=np.nan):.2f} %, median {100 * np.median(gaps or [np.nan]):.2f} "
        "% of the largest\n"
        f"time of matcalc with clamped ions / ours: {geometric(clamped_ratios):.2f}"
    )


if __name__ == "__main__":
    main()
