"""Tensors by a potential, with relaxed and with held ions, for a network to learn beside DFT's.

    python benchmarks/potential_tensors.py --data mp_moduli.jsonl.gz --max-atoms 24 \
        --potential sevennet-l3i5 --relaxed relaxed.jsonl --clamped clamped.jsonl

The cells are taken as they are: second derivatives at the structure that the labels belong to.
Crystals whose ions are at no minimum are left out of the first file. A run that was broken off goes
on where it ended. The files are what `tensors` of a training's configuration names.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials import load
from cijkl.response.deformation import Group
from cijkl.response.drive import run
from cijkl.response.linear import LinearSettings, Response, linear_response
from cijkl.structures import Crystal, Unreadable, primitive, read, symmetrise, symmetry

#: GPa: tensors with an eigenvalue below the first or a constant above the second are no crystal's
SOFTEST, STIFFEST = 1.0, 2000.0
#: eV/A^2, curvature of the ions below which there is no minimum
NEGATIVE = -0.02


def main() -> None:
    """Compute the tensors that are missing in the files."""
    options = arguments()
    crystals = [c for c in unique(options.data) if len(c.atoms) <= options.max_atoms]
    order = np.random.default_rng(0).permutation(len(crystals))[options.part :: options.parts]
    done = known(options.relaxed) | known(options.clamped)
    potential = load(options.potential)
    settings = LinearSettings(tolerance=4e-3, max_products=60, probes=0)
    begun, count = time.perf_counter(), 0
    with options.relaxed.open("a") as relaxed, options.clamped.open("a") as clamped:
        for crystal in (crystals[i] for i in order):
            if crystal.id in done:
                continue
            try:
                response = respond(crystal, potential, settings)
            except InputError as error:
                print(f"{crystal.id}: {error}", file=sys.stderr)
                continue
            minimum = response.converged and response.lowest_curvature > NEGATIVE
            if minimum and sound(response.stiffness):
                write(relaxed, crystal, response.stiffness)
            if response.clamped is not None and sound(response.clamped):
                write(clamped, crystal, response.clamped)
            count += 1
            if count % 50 == 0:
                rate = count / (time.perf_counter() - begun)
                print(f"{count} of {len(order)}, {rate:.2f} a second", file=sys.stderr, flush=True)


def respond(crystal: Crystal, potential: Any, settings: LinearSettings) -> Response:
    """Second derivatives at a crystal's symmetric primitive cell, in the frame of the input."""
    atoms = crystal.atoms
    cell = primitive(symmetrise(atoms, symmetry(atoms)))
    group = symmetry(cell)
    cell = symmetrise(cell, group)
    return run(
        linear_response(cell, Group(group.rotations, group.permutations), settings), potential
    )


def sound(stiffness: np.ndarray) -> bool:
    """Whether a tensor can be learned from."""
    return bool(np.linalg.eigvalsh(stiffness)[0] > SOFTEST and np.abs(stiffness).max() < STIFFEST)


def write(file: Any, crystal: Crystal, stiffness: np.ndarray) -> None:
    """One line of a data set."""
    atoms = crystal.atoms
    row = {
        "id": crystal.id,
        "lattice": atoms.cell.array.tolist(),
        "species": atoms.get_chemical_symbols(),
        "frac": atoms.get_scaled_positions(wrap=False).tolist(),
        "C": np.round(0.5 * (stiffness + stiffness.T), 2).tolist(),
    }
    file.write(json.dumps(row) + "\n")
    file.flush()


def known(path: Path) -> set[str]:
    """Ids in a file of an earlier run."""
    return {json.loads(line)["id"] for line in path.open()} if path.exists() else set()


def unique(paths: list[Path]) -> list[Crystal]:
    """Crystals of all files, each id once."""
    found: dict[str, Crystal] = {}
    for path in paths:
        for item in read(path):
            if not isinstance(item, Unreadable):
                found.setdefault(item.id, item)
    return list(found.values())


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--potential", default="sevennet-l3i5")
    parser.add_argument("--max-atoms", type=int, default=24)
    parser.add_argument("--relaxed", type=Path, required=True)
    parser.add_argument("--clamped", type=Path, required=True)
    parser.add_argument(
        "--part", type=int, default=0, help="of --parts, for processes side by side"
    )
    parser.add_argument("--parts", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
