"""Relaxation of cell and ions: evaluations of ours against ASE's LBFGS with FrechetCellFilter.

    python benchmarks/relaxation.py --data mp_moduli.jsonl.gz --count 24

Both start from the same structures with the same potential in one process and stop at the same
force and stress. ASE's filter mixes stress and force in one criterion; it gets the one that makes
it stop once both of ours are met, and its evaluations are counted up to there.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from _crystals import sample
from _peers import Counted, calculator

from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, relax, run
from cijkl.structures import primitive, symmetrise, symmetry
from cijkl.units import EV_PER_A3_TO_GPA


def by_ase(atoms, potential, settings, exp_cell_factor=None):
    """Evaluations that ASE needs until both criteria are met; None if it does not get there."""
    from ase.filters import FrechetCellFilter
    from ase.optimize import LBFGS

    counted = Counted(potential)
    atoms = atoms.copy()
    atoms.calc = calculator(counted)
    options = {} if exp_cell_factor is None else {"exp_cell_factor": exp_cell_factor}
    optimiser = LBFGS(FrechetCellFilter(atoms, **options), logfile=None)
    for _ in optimiser.irun(fmax=1e-9, steps=settings.max_steps):
        answer = counted.last
        fmax = np.abs(answer.forces).max()
        smax = np.abs(answer.stress).max() * EV_PER_A3_TO_GPA
        if fmax <= settings.fmax and smax <= settings.smax:
            return counted.count, atoms
        if counted.count >= settings.max_steps:
            break
    return None, atoms


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="JSON Lines of crystals; the examples by default")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--potential", default="sevennet-0")
    parser.add_argument("--fmax", type=float, default=2e-3, help="eV/A")
    parser.add_argument("--smax", type=float, default=0.02, help="GPa")
    parser.add_argument("--max-atoms", type=int, default=24)
    arguments = parser.parse_args()
    settings = RelaxSettings(fmax=arguments.fmax, smax=arguments.smax, max_steps=400)
    potential = load(arguments.potential)
    ratios, tuned = [], []
    print(f"{'crystal':<22}{'atoms':>6}{'group':>10}{'ours':>6}{'ASE':>6}{'ASE*':>6}{'dE meV':>9}")
    for name, atoms in sample(arguments.data, arguments.count, arguments.max_atoms):
        cell = primitive(symmetrise(atoms, symmetry(atoms)))
        found = symmetry(cell)
        cell = symmetrise(cell, found)
        start = time.perf_counter()
        ours = run(relax(cell, Group(found.rotations, found.permutations), settings), potential)
        seconds = time.perf_counter() - start
        theirs, relaxed = by_ase(cell, potential, settings)
        better, _ = by_ase(cell, potential, settings, max(1.0, len(cell) / 10))
        energy = potential.evaluate([relaxed])[0].energy
        gap = 1e3 * (ours.evaluation.energy - energy) / len(cell)
        shown = str(ours.evaluations) if ours.converged else f"({ours.evaluations})"
        print(
            f"{name:<22}{len(cell):>6}{found.symbol:>10}{shown:>6}{theirs or '-':>6}"
            f"{better or '-':>6}{gap:>9.2f}  {seconds:.1f} s"
            + "".join(f" {note.code}" for note in ours.diagnostics),
            flush=True,
        )
        if ours.converged and theirs:
            ratios.append(ours.evaluations / theirs)
        if ours.converged and better:
            tuned.append(ours.evaluations / better)
    print(
        f"evaluations, ours / ASE's default: geometric mean {np.exp(np.mean(np.log(ratios))):.3f} "
        f"({len(ratios)} crystals)\nevaluations, ours / ASE with exp_cell_factor max(1, N/10) (*): "
        f"{np.exp(np.mean(np.log(tuned))):.3f} ({len(tuned)} crystals)"
    )


if __name__ == "__main__":
    main()
