"""What `learned.py` says of crystals that a potential has relaxed."""

from __future__ import annotations

import numpy as np

from cijkl.elasticity import extrema
from cijkl.errors import CijklError
from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, relax, run
from cijkl.structures import primitive, symmetrise, symmetry

MOST_ATOMS = 20


def print_relaxed(model, held, count, potential, seed=7):
    """Change of the predicted E_max when a potential has relaxed the crystal."""
    potential_name, potential = potential, load(potential)
    settings = RelaxSettings(fmax=2e-3, smax=0.05)
    pairs, failed = [], 0
    for i in np.random.default_rng(seed).permutation(len(held)):
        if len(pairs) == count:
            break
        cell = primitive(symmetrise(held.atoms[i], symmetry(held.atoms[i])))
        if len(cell) > MOST_ATOMS:
            continue
        found = symmetry(cell)
        cell = symmetrise(cell, found)
        try:
            end = run(relax(cell, Group(found.rotations, found.permutations), settings), potential)
        except CijklError:
            failed += 1
            continue
        if end.converged:
            pairs.append((cell, end.atoms))
        else:
            failed += 1
    before, after = (
        extrema(model.predict([pair[k] for pair in pairs]).stiffness, "E").max.value for k in (0, 1)
    )
    volumes = np.array([b.get_volume() / a.get_volume() - 1.0 for a, b in pairs])
    change = np.abs(after - before)
    print(f"\nE_max of {len(pairs)} crystals relaxed with {potential_name} ({failed} failed)")
    print(
        f"mean change {change.mean():.2f} GPa (median {np.median(change):.2f}), relative "
        f"{100 * np.mean(change / before):.1f} %; mean change of volume "
        f"{100 * np.abs(volumes).mean():.1f} %"
    )
    return {"change of E_max when relaxed by a potential (GPa)": float(change.mean())}
