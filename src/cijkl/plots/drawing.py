"""What of a periodic crystal is drawn: which copies of its atoms, and which bonds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ase

__all__ = ["BOND_FACTOR", "Drawing", "bond_pairs", "drawing"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: longest bond per sum of covalent radii
BOND_FACTOR = 1.2
#: fractional distance from a face within which an atom is repeated on the other side
_FACE = 0.02

# Metals for the purpose of drawing bonds: all elements but these non-metals and metalloids.
_NON_METALS = frozenset(
    [1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 51, 52, 53, 54, 85, 86]
)


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
    cell = np.asarray(atoms.cell.array, float)
    numbers = np.asarray(atoms.numbers, np.int64)
    fractional = np.asarray(atoms.get_scaled_positions(wrap=True), float)
    fractional = np.where(fractional > 1.0 - 1e-6, 0.0, fractional)
    first, second, shifts = bond_pairs(numbers, fractional, cell)
    whole = _molecules(fractional, first, second, shifts)
    if whole is None:
        copies = [(index, shift) for index, f in enumerate(fractional) for shift in _face_shifts(f)]
    else:
        fractional = whole
        copies = [(index, (0, 0, 0)) for index in range(len(numbers))]
        first, second, shifts = bond_pairs(numbers, fractional, cell)
    indices = np.array([index for index, _ in copies], dtype=np.int64)
    moved = fractional[indices] + np.array([shift for _, shift in copies], float)
    return Drawing(
        positions=moved @ cell,
        fractional=moved,
        numbers=numbers[indices],
        indices=indices,
        bonds=_between(copies, first, second, shifts),
        cell=cell,
    )


def bond_pairs(numbers: Index, fractional: Array, cell: Array) -> tuple[Index, Index, Index]:
    """Bonds of a periodic crystal, each in both directions: from, to, cell shift (m, 3) of `to`."""
    import ase
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    atoms = ase.Atoms(numbers=numbers, scaled_positions=fractional, cell=cell, pbc=True)
    # The list is made for the positions as they are, wrapped or not.
    atoms.positions = fractional @ cell
    first, second, shifts, length = neighbor_list(
        "ijSd", atoms, cutoff=BOND_FACTOR * covalent_radii[numbers]
    )
    metal = ~np.isin(numbers, list(_NON_METALS))
    both = metal[first] & metal[second] & (not metal.all())
    hydrogen = (numbers[first] == 1) & (numbers[second] == 1) & (length > 0.9)
    kept = ~(both | hydrogen) & (length > 0.1)
    return first[kept], second[kept], shifts[kept].astype(np.int64)


def _molecules(fractional: Array, first: Index, second: Index, shifts: Index) -> Array | None:
    """Fractional positions of molecules made whole, or None if anything is infinite or single."""
    neighbours: list[list[tuple[int, Index]]] = [[] for _ in fractional]
    for i, j, shift in zip(first, second, shifts, strict=True):
        neighbours[i].append((int(j), shift))
    offset: dict[int, Index] = {}
    result = fractional.copy()
    for start in range(len(fractional)):
        if start in offset:
            continue
        offset[start] = np.zeros(3, np.int64)
        members, queue = [start], [start]
        while queue:
            i = queue.pop()
            for j, shift in neighbours[i]:
                place = offset[i] + shift
                if j not in offset:
                    offset[j] = place
                    members.append(j)
                    queue.append(j)
                elif (offset[j] != place).any():
                    return None
        if len(members) == 1:
            return None
        result[members] += np.array([offset[j] for j in members])
        result[members] -= np.floor(result[members].mean(axis=0) + 1e-6)
    return result


def _face_shifts(fractional: Array) -> list[tuple[int, int, int]]:
    """Lattice shifts that repeat an atom near a face of the cell on the opposite faces."""
    options = [
        (0, 1) if f < _FACE else (0, -1) if f > 1.0 - _FACE else (0,) for f in fractional.tolist()
    ]
    return [(i, j, k) for i in options[0] for j in options[1] for k in options[2]]


def _between(
    copies: list[tuple[int, tuple[int, int, int]]], first: Index, second: Index, shifts: Index
) -> Index:
    """Bonds of the crystal whose two ends are both among the copies, once each."""
    place = {(index, *shift): number for number, (index, shift) in enumerate(copies)}
    bonded: dict[int, list[tuple[int, Index]]] = {}
    for i, j, shift in zip(first.tolist(), second.tolist(), shifts, strict=True):
        bonded.setdefault(i, []).append((j, shift))
    found = set()
    for number, (index, shift) in enumerate(copies):
        for j, step in bonded.get(index, []):
            target = place.get((j, *(int(s) for s in np.add(shift, step))))
            if target is not None and target != number:
                found.add((min(number, target), max(number, target)))
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
