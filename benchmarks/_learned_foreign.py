"""Tables of `learned.py` for crystals unlike those of the training, and the files they need."""

from __future__ import annotations

import json

import numpy as np
from _learned import ensemble

from cijkl.datasets import leave_element_group_out
from cijkl.elasticity import extrema
from cijkl.errors import CijklError
from cijkl.potentials import load
from cijkl.response import Group, RelaxSettings, relax, run
from cijkl.structures import primitive, symmetrise, symmetry

MOST_ATOMS = 20


def folder_name(group):
    return group.replace(" ", "_")


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


def print_groups(model, everything, kept, folder):
    """Errors of networks on the element groups that they never saw, beside those of the model.

    The model is judged on crystals of the group in the fold that it did not see either, and so are
    the networks, besides all crystals of the group.
    """
    print("\nelement groups left out: MAE of log10 K and log10 G")
    print(
        f"{'':<16}{'all n':>7}{'K':>8}{'G':>8}{'fold n':>8}{'K':>8}{'G':>8}{'   model':>10}{'G':>8}"
    )
    numbers = [atoms.numbers for atoms in everything.atoms]
    for group, rows in leave_element_group_out(numbers):
        path = folder / folder_name(group)
        if not path.is_dir():
            continue
        blind = ensemble([path])
        fresh = rows & kept
        cells = f"{group:<16}"
        for who, chosen, counted in (
            (blind, rows, True),
            (blind, fresh, True),
            (model, fresh, False),
        ):
            part = everything.of(chosen)
            cells += f"{len(part):>8}"[: 8 if counted else 0]
            said = np.log10(who.predict_graphs(part.graphs).moduli[:, [2, 5]] / part.truth)
            bulk, shear = np.nanmean(np.abs(said), axis=0) if len(part) else (np.nan, np.nan)
            cells += f"{bulk:>{8 if counted else 10}.4f}{shear:>8.4f}"
        print(cells)


def write_without(everything, folder):
    """One file for each element group, of the crystals that have none of it."""
    numbers = [atoms.numbers for atoms in everything.atoms]
    for group, rows in leave_element_group_out(numbers):
        path = folder / folder_name(group) / "data.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            for i in np.flatnonzero(~rows):
                file.write(json.dumps(record(everything.examples[i])) + "\n")
        print(f"{path}: {int((~rows).sum())} of {len(rows)} crystals")


def record(example):
    atoms = example.crystal.atoms
    row = {
        "id": example.id,
        "lattice": atoms.cell.array.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
        **example.moduli,
    }
    if example.stiffness is not None:
        row["C"] = example.stiffness.tolist()
    return row
