"""What no crystal can be: the tests that every structure passes before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.bonds import cell_heights, closest_pair, pairs_within
from cijkl.structures.building import not_periodic

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["MAX_ATOMS", "accept", "refuse_impossible"]

#: default for the largest crystal
MAX_ATOMS = 5000
#: atoms closer than this fraction of the sum of their covalent radii cannot be
TOO_CLOSE = 0.5
#: two atoms of one element closer than this (A) are one atom listed twice
SAME_SITE = 0.1
#: volume per atom (A^3) below and above which there is no crystal: solid hydrogen at 100 GPa has
#: 2.3, caesium 116
VOLUME_PER_ATOM = (1.5, 400.0)
#: longest component of a lattice vector, A
MAX_LENGTH = 1e4
#: shortest distance between opposite faces of a cell, A
MIN_HEIGHT = 0.7


def accept(atoms: Atoms, max_atoms: int = MAX_ATOMS) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the same crystal in usable form, and what had to be changed.

    The inverse of a left-handed cell is right-handed, has the same lattice, planes and
    directions, and leaves every atom where it is. Atoms of one element within `SAME_SITE` of
    each other become one.

    Raises
    ------
    InputError
        As `refuse_impossible`.
    """
    notes: list[Diagnostic] = []
    _refuse_cell(atoms, max_atoms)
    if np.linalg.det(atoms.cell.array) < 0:
        atoms = atoms.copy()
        atoms.set_cell(-atoms.cell.array)
        notes.append(
            Diagnostic(
                "left_handed_cell",
                "The lattice vectors were left-handed; all three are inverted, the atoms stay.",
            )
        )
    near = closest_pair(atoms, TOO_CLOSE)
    if near is not None:
        atoms, merged = _merge(atoms)
        if merged:
            near = closest_pair(atoms, TOO_CLOSE)
            notes.append(
                Diagnostic(
                    "duplicate_atoms",
                    f"{merged} atoms lay within {SAME_SITE} A of another of the same element and "
                    "were merged with it.",
                )
            )
    _refuse_contacts(atoms, near)
    return atoms, tuple(notes)


def refuse_impossible(atoms: Atoms, max_atoms: int = MAX_ATOMS) -> None:
    """Raise if a structure is no crystal that could be computed.

    Raises
    ------
    InputError
        No atoms, more than `max_atoms`, no three-dimensional cell or periodicity, numbers that
        are not finite, unknown elements, atoms closer than half the sum of their covalent radii,
        or a volume per atom outside `VOLUME_PER_ATOM`.
    """
    _refuse_cell(atoms, max_atoms)
    _refuse_contacts(atoms, closest_pair(atoms, TOO_CLOSE))


def _refuse_contacts(atoms: Atoms, near: tuple[int, int, float, float] | None) -> None:
    per_atom = abs(float(np.linalg.det(atoms.cell.array))) / len(atoms)
    low, high = VOLUME_PER_ATOM
    if near is not None:
        i, j, distance, ratio = near
        first, second = (f"{atoms.symbols[k]} (atom {k + 1})" for k in (i, j))
        what = f"{first} and {second} are" if i != j else f"{first} and its own image are"
        raise InputError(
            f"{what} {distance:.2f} A apart, {100 * ratio:.0f} % of the sum of their covalent "
            f"radii; at least {100 * TOO_CLOSE:.0f} % is needed, so check coordinates and cell"
        )
    if not low <= per_atom <= high:
        raise InputError(
            f"the volume per atom is {per_atom:.3g} A^3; crystals have {low} to {high:.0f}, "
            "so check the cell (lengths in A) and for missing atoms"
        )


def _refuse_cell(atoms: Atoms, max_atoms: int) -> None:
    if len(atoms) == 0:
        raise InputError("there are no atoms")
    if len(atoms) > max_atoms:
        raise InputError(f"{len(atoms)} atoms; at most {max_atoms} are allowed (option max_atoms)")
    cell = atoms.cell.array
    given = int(np.any(cell != 0, axis=1).sum())
    if given < 3 or not atoms.pbc.all():
        raise InputError(not_periodic(min(given, int(atoms.pbc.sum()))))
    if not (np.isfinite(cell).all() and np.isfinite(atoms.positions).all()):
        raise InputError("the cell or a position is not finite (NaN or infinity)")
    if np.abs(cell).max() > MAX_LENGTH or np.abs(atoms.positions).max() > 1e4 * MAX_LENGTH:
        raise InputError(
            f"a lattice vector or position is larger than {MAX_LENGTH:.0f} A; check its unit (A)"
        )
    if (atoms.numbers < 1).any():
        k = int(np.argmax(atoms.numbers < 1))
        raise InputError(f"atom {k + 1} has no known element")
    lengths = np.linalg.norm(cell, axis=1)
    # relative, so that three long and nearly coplanar vectors are also seen
    if abs(float(np.linalg.det(cell / lengths[:, None]))) < 1e-4:
        raise InputError("the cell has no volume: its lattice vectors lie in one plane")
    height = float(cell_heights(cell).min())
    if height < MIN_HEIGHT:
        raise InputError(f"the cell is only {height:.3g} A thick; check its lengths (A) and angles")


def _merge(atoms: Atoms) -> tuple[Atoms, int]:
    """Merge groups of atoms that lie on one site, each at the mean of its members."""
    near = pairs_within(atoms, SAME_SITE)
    near = near.where((atoms.numbers[near.i] == atoms.numbers[near.j]) & (near.i < near.j))
    if len(near.i) == 0:
        return atoms, 0
    owner = np.arange(len(atoms))
    shift = np.zeros((len(atoms), 3))
    for i, j, offset in zip(near.i, near.j, near.offset, strict=True):
        if owner[j] == j and owner[i] == i:
            owner[j], shift[j] = i, offset
    positions = atoms.positions + shift @ atoms.cell.array
    keep = owner == np.arange(len(atoms))
    merged = atoms[keep]
    sums = np.zeros((len(atoms), 3))
    np.add.at(sums, owner, positions)
    merged.positions = sums[keep] / np.bincount(owner, minlength=len(atoms))[keep][:, None]
    merged.info = dict(atoms.info)
    return merged, int(len(atoms) - keep.sum())
