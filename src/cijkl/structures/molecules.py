"""Molecules, chains, layers and frameworks: what the bonds of a crystal connect."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cijkl.structures.bonds import BOND_SCALE, Pairs, bonds

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["Component", "components", "dimensionality", "is_molecular", "molecules"]

#: elements of molecular crystals: H, B to F, Si to Cl, Ge to Br, Te, I and the noble gases
MOLECULAR_ELEMENTS = frozenset(
    (1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 32, 33, 34, 35, 36, 52, 53, 54)
)


@dataclass(frozen=True, eq=False)
class Component:
    """Atoms that bonds connect, through cell faces where needed.

    Parameters
    ----------
    atoms
        Indices (m,), rising.
    offsets
        Lattice translation (m, 3) of each atom that makes the component whole.
    dimension
        In how many directions it extends without end: 0 molecule or ion, 1 chain, 2 layer,
        3 framework.
    """

    atoms: NDArray[np.intp]
    offsets: NDArray[np.int_]
    dimension: int


def components(atoms: Atoms, scale: float = BOND_SCALE) -> tuple[Component, ...]:
    """Give the bonded components of a crystal, largest first.

    Parameters
    ----------
    scale
        Two atoms are bonded up to this times the sum of their covalent radii.

    Notes
    -----
    Walking the bonds from one atom gives every other a lattice translation. A bond that returns
    to an atom with another translation closes a loop around the crystal; the rank of these
    differences is the dimension.
    """
    found = bonds(atoms, scale)
    neighbours = _neighbours(found, len(atoms))
    offsets = np.zeros((len(atoms), 3), dtype=int)
    seen = np.zeros(len(atoms), dtype=bool)
    result = []
    for start in range(len(atoms)):
        if seen[start]:
            continue
        seen[start] = True
        members = [start]
        loops: set[tuple[int, ...]] = set()
        queue = deque([start])
        while queue:
            i = queue.popleft()
            for j, shift in neighbours[i]:
                arrival = offsets[i] + shift
                if not seen[j]:
                    seen[j] = True
                    offsets[j] = arrival
                    members.append(j)
                    queue.append(j)
                elif (arrival != offsets[j]).any():
                    loops.add(tuple(int(x) for x in arrival - offsets[j]))
        order = np.array(sorted(members))
        rank = int(np.linalg.matrix_rank(np.array(list(loops)))) if loops else 0
        result.append(Component(order, offsets[order], rank))
    return tuple(sorted(result, key=lambda c: (-len(c.atoms), c.atoms[0])))


def dimensionality(atoms: Atoms) -> int:
    """Give the largest dimension of the components: 0 for a molecular crystal, 2 for graphite."""
    return max(component.dimension for component in components(atoms))


def is_molecular(atoms: Atoms) -> bool:
    """Whether the crystal consists of finite molecules or ions of non-metals only.

    Such crystals are held together by dispersion and hydrogen bonds, which not every potential
    describes. A crystal of single atoms, such as argon, does not count.
    """
    if not {int(z) for z in atoms.numbers} <= MOLECULAR_ELEMENTS:
        return False
    found = components(atoms)
    return len(found[0].atoms) > 1 and all(component.dimension == 0 for component in found)


def molecules(atoms: Atoms) -> tuple[Atoms, ...]:
    """Give each finite component as whole, non-periodic atoms, largest first."""
    result = []
    for component in components(atoms):
        if component.dimension == 0:
            molecule = atoms[component.atoms]
            molecule.positions += component.offsets @ atoms.cell.array
            molecule.set_cell(None)
            molecule.pbc = False
            result.append(molecule)
    return tuple(result)


def _neighbours(found: Pairs, count: int) -> list[list[tuple[int, NDArray[np.int_]]]]:
    neighbours: list[list[tuple[int, NDArray[np.int_]]]] = [[] for _ in range(count)]
    for i, j, shift in zip(found.i.tolist(), found.j.tolist(), found.offset, strict=True):
        neighbours[i].append((j, shift))
    return neighbours
