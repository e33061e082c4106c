"""Pairs of neighbouring atoms under periodic boundary conditions, and chemical bonds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["Pairs", "bonds", "cell_heights", "closest_pair", "covalent_radii", "pairs_within"]

#: two atoms are bonded up to the sum of their covalent radii times this
BOND_SCALE = 1.2
#: pairs times lattice translations that are tried directly; above it a cell list is used
BRUTE_FORCE = 400_000


@dataclass(frozen=True)
class Pairs:
    """Directed pairs of atoms: from atom i in the cell to atom j in the cell at `offset`.

    Parameters
    ----------
    i, j
        Atom indices (m,).
    offset
        Lattice translation of atom j (m, 3), integers.
    distance
        (m,), A.
    """

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    offset: NDArray[np.int_]
    distance: NDArray[np.float64]

    def where(self, keep: NDArray[np.bool_]) -> Pairs:
        """Give the pairs for which `keep` (m,) is true."""
        return Pairs(self.i[keep], self.j[keep], self.offset[keep], self.distance[keep])


def pairs_within(atoms: Atoms, cutoff: float) -> Pairs:
    """Give every directed pair of atoms closer than a cutoff (A), images of one atom included."""
    cell = atoms.cell.array
    reach = np.floor(cutoff / cell_heights(cell) + 0.5).astype(int)
    trials = len(atoms) ** 2 * float(np.prod(2.0 * reach + 1))
    if trials > BRUTE_FORCE:
        from ase.neighborlist import neighbor_list

        i, j, shift, distance = neighbor_list("ijSd", atoms, cutoff)
        return Pairs(i, j, shift, distance)
    fractional = atoms.positions @ np.linalg.inv(cell)
    difference = fractional[None, :, :] - fractional[:, None, :]
    nearest = -np.rint(difference).astype(int)
    if not reach.any():
        # the cell is so wide that only the nearest image can be within the cutoff
        vector = (difference + nearest) @ cell
        squared = np.einsum("ijk,ijk->ij", vector, vector)
        np.fill_diagonal(squared, np.inf)
        i, j = np.nonzero(squared < cutoff * cutoff)
        return Pairs(i, j, nearest[i, j], np.sqrt(squared[i, j]))
    shifts = np.stack(
        np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    offset = nearest[:, :, None, :] + shifts
    vector = (difference[:, :, None, :] + offset) @ cell
    squared = np.einsum("ijsk,ijsk->ijs", vector, vector)
    keep = squared < cutoff * cutoff
    same = (offset == 0).all(axis=-1) & np.eye(len(atoms), dtype=bool)[:, :, None]
    i, j, s = np.nonzero(keep & ~same)
    return Pairs(i, j, offset[i, j, s], np.sqrt(squared[i, j, s]))


def closest_pair(atoms: Atoms, fraction: float) -> tuple[int, int, float, float] | None:
    """Give the pair of atoms that is closest relative to its covalent radii.

    Parameters
    ----------
    fraction
        Only pairs closer than this times the sum of the covalent radii are looked for.

    Returns
    -------
    tuple or None
        (i, j, distance in A, distance over the sum of the radii), or None if all are farther.
    """
    radii = covalent_radii(atoms.numbers)
    found = pairs_within(atoms, 2 * fraction * float(radii.max()))
    ratio = found.distance / (radii[found.i] + radii[found.j])
    if len(ratio) == 0 or ratio.min() >= fraction:
        return None
    k = int(ratio.argmin())
    i, j = sorted((int(found.i[k]), int(found.j[k])))
    return i, j, float(found.distance[k]), float(ratio[k])


def bonds(atoms: Atoms, scale: float = BOND_SCALE) -> Pairs:
    """Give the directed pairs closer than `scale` times the sum of their covalent radii.

    References
    ----------
    Radii: B. Cordero et al., Dalton Trans. 2832 (2008), as tabulated by ASE.
    """
    radii = covalent_radii(atoms.numbers)
    found = pairs_within(atoms, 2 * scale * float(radii.max()))
    return found.where(found.distance < scale * (radii[found.i] + radii[found.j]))


def covalent_radii(numbers: NDArray[np.int_]) -> NDArray[np.float64]:
    """Give covalent radii (n,), A; 1.5 for elements without a published one (Z above 96)."""
    from ase.data import covalent_radii as table

    radii = np.asarray(table)[numbers]
    return np.where(numbers > 96, 1.5, radii)


def cell_heights(cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the distance (3,) between opposite faces of a cell (rows are vectors), A."""
    return np.asarray(1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0))
