"""Crystals for the benchmarks: a seeded sample of a file, or the repository's examples."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cijkl.structures import primitive, read, symmetry
from cijkl.structures.groups import crystal_system

EXAMPLES = Path(__file__).parents[1] / "examples"
SYSTEMS = (
    "triclinic",
    "monoclinic",
    "orthorhombic",
    "tetragonal",
    "trigonal",
    "hexagonal",
    "cubic",
)


def sample(data=None, count=24, max_atoms=24, seed=7, min_atoms=2):
    """(name, atoms) of `count` crystals, spread evenly over the seven crystal systems.

    `data` is a file that `cijkl.structures.read` knows. Sizes are those of the primitive cell.
    """
    if data is None:
        for path in sorted(EXAMPLES.glob("*.cif")):
            atoms = next(iter(read(path))).atoms
            if len(primitive(atoms)) <= max_atoms:
                yield path.stem, atoms
        return
    crystals = [c for c in read(data) if hasattr(c, "atoms") and len(c.atoms) <= 4 * max_atoms]
    order = np.random.default_rng(seed).permutation(len(crystals))
    wanted = {name: -(-count // len(SYSTEMS)) for name in SYSTEMS}
    given = 0
    for index in order:
        crystal = crystals[index]
        system = crystal_system(symmetry(crystal.atoms).number)
        if wanted[system] and min_atoms <= len(primitive(crystal.atoms)) <= max_atoms:
            wanted[system] -= 1
            yield f"{crystal.id} {crystal.atoms.get_chemical_formula()}"[:21], crystal.atoms
            given += 1
            if given == count:
                return
