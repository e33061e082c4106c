"""Crystals as one set of edges, and edge gradients as forces and stresses.

The energy of a graph network depends on the positions only through the vectors r_e from
atom i(e) to atom j(e). With g_e = dE/dr_e,

    force on atom a    F_a = sum of g_e over e with i(e) = a  -  sum over e with j(e) = a,
    stress             sigma = (1/V) sum over e of r_e (x) g_e,

so that one gradient gives both, and a network needs to know neither cell nor strain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cijkl.potentials.base import Array, Evaluation

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Edges", "join", "neighbours"]

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges between neighbouring atoms of one crystal or of several, side by side.

    Parameters
    ----------
    numbers
        Atomic numbers, shape (n,).
    crystal
        Which crystal each atom belongs to, shape (n,).
    volumes
        Volume of each crystal, A^3, shape (b,).
    first, second
        Atoms of each edge, shape (m,). Each pair is there in both directions: the second half
        of the list holds the edges of the first half, reversed.
    vectors
        From the first atom to the second, A, shape (m, 3).
    """

    numbers: Indices
    crystal: Indices
    volumes: Array
    first: Indices
    second: Indices
    vectors: Array

    def __len__(self) -> int:
        return len(self.first)

    def evaluations(self, energies: Array, gradient: Array) -> list[Evaluation]:
        """Energy, forces and stress of each crystal.

        Parameters
        ----------
        energies
            Of each atom, eV, shape (n,).
        gradient
            Of the sum of energies by the edge vectors, eV/A, shape (m, 3).
        """
        count = len(self.volumes)
        totals = np.bincount(self.crystal, energies, count)
        atoms = len(self.numbers)
        forces = _sum_rows(gradient, self.first, atoms) - _sum_rows(gradient, self.second, atoms)
        virials = _sum_rows(
            (self.vectors[:, :, None] * gradient[:, None, :]).reshape(-1, 9),
            self.crystal[self.first],
            count,
        ).reshape(-1, 3, 3)
        stresses = (virials + virials.transpose(0, 2, 1)) / (2.0 * self.volumes[:, None, None])
        ends = np.searchsorted(self.crystal, np.arange(1, count))
        return [
            Evaluation(energy=float(energy), forces=force, stress=stress)
            for energy, force, stress in zip(totals, np.split(forces, ends), stresses, strict=True)
        ]


def neighbours(atoms: Atoms, cutoff: float) -> Edges:
    """All edges of a crystal that are shorter than the cutoff.

    The second half of the list holds the edges of the first half, reversed.

    Parameters
    ----------
    atoms
        A crystal.
    cutoff
        A.
    """
    from matscipy.neighbours import neighbour_list

    first, second, vectors, shift = neighbour_list("ijDS", atoms, cutoff)
    # Of each pair keep the direction in which the first difference that is not zero, of
    # index and then of cell, is positive; mirroring it makes the pair exact.
    order = np.column_stack([second - first, shift])
    leading = order[np.arange(len(order)), np.argmax(order != 0, axis=1)]
    keep = leading > 0
    first, second, vectors = first[keep], second[keep], vectors[keep]
    return Edges(
        numbers=np.asarray(atoms.numbers, dtype=np.int64),
        crystal=np.zeros(len(atoms), dtype=np.int64),
        volumes=np.array([atoms.get_volume()]),
        first=np.concatenate([first, second]).astype(np.int64),
        second=np.concatenate([second, first]).astype(np.int64),
        vectors=np.concatenate([vectors, -vectors]),
    )


def join(parts: Sequence[Edges]) -> Edges:
    """Several crystals side by side, in order; all reversed edges in the second half again."""
    if len(parts) == 1:
        return parts[0]
    atoms_before = np.cumsum([0] + [len(part.numbers) for part in parts[:-1]])
    crystals_before = np.cumsum([0] + [len(part.volumes) for part in parts[:-1]])

    def halves(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        middles = [len(array) // 2 for array in arrays]
        forward = [array[:middle] for array, middle in zip(arrays, middles, strict=True)]
        reverse = [array[middle:] for array, middle in zip(arrays, middles, strict=True)]
        return np.concatenate(forward + reverse)

    return Edges(
        numbers=np.concatenate([part.numbers for part in parts]),
        crystal=np.concatenate(
            [part.crystal + n for part, n in zip(parts, crystals_before, strict=True)]
        ),
        volumes=np.concatenate([part.volumes for part in parts]),
        first=halves([part.first + n for part, n in zip(parts, atoms_before, strict=True)]),
        second=halves([part.second + n for part, n in zip(parts, atoms_before, strict=True)]),
        vectors=halves([part.vectors for part in parts]),
    )


def _sum_rows(rows: Array, group: Indices, groups: int) -> Array:
    """Sum the rows (m, k) that belong to each group: shape (groups, k)."""
    columns = [np.bincount(group, column, groups) for column in rows.T]
    return np.stack(columns, axis=1).astype(np.float64)
