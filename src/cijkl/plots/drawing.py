"""What of a periodic crystal is drawn: which copies of its atoms, and which bonds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ase

    from cijkl.structures.bonds import Pairs

__all__ = ["Drawing", "drawing"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: fractional distance from a face within which an atom is repeated on the other side
FACE = 0.02
#: neighbours in a metal are bonded up to this times the shortest distance
NEAREST = 1.1
#: H to H bonds longer than this (A) are none
HYDROGEN_BOND = 0.9

# Metals for the purpose of drawing bonds: all elements but these non-metals and metalloids.
_NON_METALS = (
    (1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36)
    + (51, 52, 53, 54, 85, 86)
)  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """Copies of atoms to draw.

    Parameters
    ----------
    positions, fractional
        (n, 3), A and in units of the cell.
    numbers, indices
        (n,), atomic number, and which atom of the cell it copies.
    bonds
        (m, 2), pairs of drawn atoms.
    cell
        (3, 3), rows are vectors, A.
    """

    positions: Array
    fractional: Array
    numbers: Index
    indices: Index
    bonds: Index
    cell: Array


def drawing(atoms: ase.Atoms) -> Drawing:
    """Whole molecules with their centre in the cell, or a network's cell with its faces closed.

    Parameters
    ----------
    atoms
        Periodic crystal.
    """
    from cijkl.structures.molecules import is_molecular

    placed = atoms.copy()
    placed.pbc = True
    cell = np.asarray(placed.cell.array, float)
    if is_molecular(placed):
        fractional = _whole_molecules(placed)
        shifts = [(index, (0, 0, 0)) for index in range(len(fractional))]
    else:
        fractional = np.asarray(placed.get_scaled_positions(wrap=True), float)
        fractional = np.where(fractional > 1.0 - 1e-6, 0.0, fractional)
        shifts = [(i, shift) for i, f in enumerate(fractional) for shift in _face_shifts(f)]
    placed.positions = fractional @ cell
    indices = np.array([index for index, _ in shifts], dtype=np.int64)
    moved = fractional[indices] + np.array([shift for _, shift in shifts], float)
    return Drawing(
        positions=moved @ cell,
        fractional=moved,
        numbers=np.asarray(placed.numbers, np.int64)[indices],
        indices=indices,
        bonds=_between(shifts, _drawn_bonds(placed)),
        cell=cell,
    )


def _whole_molecules(atoms: ase.Atoms) -> Array:
    """Fractional positions (n, 3) of unbroken molecules whose centres lie in the cell."""
    from cijkl.structures.molecules import components

    fractional = atoms.positions @ np.linalg.inv(atoms.cell.array)
    for component in components(atoms):
        whole = fractional[component.atoms] + component.offsets
        fractional[component.atoms] = whole - np.floor(whole.mean(axis=0) + 1e-6)
    return np.asarray(fractional, float)


def _drawn_bonds(atoms: ase.Atoms) -> Pairs:
    """Bonds worth drawing: none of two metals in a compound, or of hydrogens of two molecules.

    In a metal only the nearest neighbours of an atom count.
    """
    from cijkl.structures.bonds import bonds

    found = bonds(atoms)
    metal = ~np.isin(atoms.numbers, _NON_METALS)
    if metal.all():
        nearest = np.full(len(atoms), np.inf)
        np.minimum.at(nearest, found.i, found.distance)
        limit = NEAREST * np.maximum(nearest[found.i], nearest[found.j])
        return found.where(found.distance < limit)
    metals = metal[found.i] & metal[found.j]
    hydrogens = (atoms.numbers[found.i] == 1) & (atoms.numbers[found.j] == 1)
    return found.where(~metals & ~(hydrogens & (found.distance > HYDROGEN_BOND)))


def _face_shifts(fractional: Array) -> list[tuple[int, int, int]]:
    """Lattice shifts that repeat an atom near a face of the cell on the opposite faces."""
    options = [
        (0, 1) if f < FACE else (0, -1) if f > 1.0 - FACE else (0,) for f in fractional.tolist()
    ]
    return [(i, j, k) for i in options[0] for j in options[1] for k in options[2]]


def _between(copies: list[tuple[int, tuple[int, int, int]]], pairs: Pairs) -> Index:
    """Bonds of the crystal whose two ends are both among the copies, once each."""
    place = {(index, *shift): number for number, (index, shift) in enumerate(copies)}
    bonded: dict[int, list[tuple[int, list[int]]]] = {}
    for i, j, shift in zip(pairs.i.tolist(), pairs.j.tolist(), pairs.offset.tolist(), strict=True):
        bonded.setdefault(i, []).append((j, shift))
    found = set()
    for number, (index, (u, v, w)) in enumerate(copies):
        for j, (a, b, c) in bonded.get(index, []):
            target = place.get((j, u + a, v + b, w + c))
            if target is not None and target != number:
                found.add((min(number, target), max(number, target)))
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
