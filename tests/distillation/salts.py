"""Small crystals with labels: rock salts of two atoms, displaced and strained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk

from cijkl.distillation.lesson import Labels, Lesson

CELLS = {"NaCl": 5.64, "LiF": 4.03, "MgO": 4.21, "KBr": 6.60, "CaS": 5.70, "AgCl": 5.55}


def salt(name: str, seed: int = 0) -> Atoms:
    """One of them, near its equilibrium."""
    random = np.random.default_rng(seed)
    atoms = bulk(name, "rocksalt", a=CELLS[name])
    strain = random.normal(0.0, 0.02, (3, 3))
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain + strain.T), scale_atoms=True)
    atoms.positions += random.normal(0.0, 0.05, (2, 3))
    return atoms


def random_labels(atoms: Atoms, seed: int, energy: float = 0.0) -> Labels:
    """Labels of no method at all."""
    random = np.random.default_rng(seed)
    stress = random.normal(0.0, 0.02, (3, 3))
    return Labels(
        energy + random.normal(0.0, 0.3),
        random.normal(0.0, 0.5, (len(atoms), 3)),
        0.5 * (stress + stress.T),
    )


def lesson(name: str, seed: int = 0, **labels: Labels) -> Lesson:
    """A lesson on one of them."""
    return Lesson(f"{name}-{seed}", name, name, "crystal", salt(name, seed), **labels)


def write_frames(path: Path, names: tuple[str, ...] = tuple(CELLS), each: int = 3) -> Path:
    """An extxyz file of so many frames of each, with labels of no method."""
    lines = []
    for name in names:
        for seed in range(each):
            atoms = salt(name, seed)
            labels = random_labels(atoms, seed + 100, energy=-7.0)
            voigt = labels.stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
            cell = " ".join(f"{x:.8f}" for x in atoms.cell.array.ravel())
            lines += [
                "2",
                f'Lattice="{cell}" Properties=species:S:1:pos:R:3:dft_forces:R:3 '
                f"system={name.lower()} dft_energy={labels.energy:.8f} "
                f'dft_stress="{" ".join(f"{x:.8f}" for x in voigt)}" pbc="T T T"',
            ]
            for symbol, position, force in zip(
                atoms.get_chemical_symbols(), atoms.positions, labels.forces, strict=True
            ):
                numbers = " ".join(f"{x:.8f}" for x in (*position, *force))
                lines.append(f"{symbol} {numbers}")
    path.write_text("\n".join(lines) + "\n")
    return path
