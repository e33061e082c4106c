"""Whether two crystals are one in two places: a rotation or reflection and a shift map them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.cells import primitive

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["isometric"]

Array = NDArray[np.float64]

#: lattice vectors may differ by this share of their length, atoms by this much, A: what rounding of
#: coordinates does, and far less than an atom moves from one layer stack to another
LENGTH, PLACE = 2e-3, 0.03
#: coefficients of a reduced cell's vectors in another reduced cell of the same lattice
_STEPS = np.array(list(product(range(-2, 3), repeat=3)))


def isometric(first: Atoms, second: Atoms) -> bool:
    """Whether a motion of space, reflections included, maps one crystal onto the other.

    Cells, origins and the order of atoms do not matter. Both are compared as primitive cells: each
    motion that maps one lattice on the other is tried with each shift that takes one atom of the
    rarest element to another.

    Examples
    --------
    >>> from ase.build import bulk
    >>> copper = bulk("Cu", "fcc", a=3.61)
    >>> isometric(copper, bulk("Cu", "fcc", a=3.61, cubic=True))
    True
    >>> isometric(copper, bulk("Cu", "hcp", a=2.553, c=4.169))
    False
    """
    one, other = _reduced(first), _reduced(second)
    if sorted(one.numbers) != sorted(other.numbers):
        return False
    return any(_maps(one, other, steps) for steps in _lattice_maps(one, other))


def _reduced(atoms: Atoms) -> Atoms:
    """A primitive cell with the shortest vectors."""
    import spglib

    result = primitive(atoms)
    lattice = spglib.niggli_reduce(result.cell.array)
    if lattice is not None:
        result.set_cell(lattice, scale_atoms=False)
    return result


def _lattice_maps(one: Atoms, other: Atoms) -> Iterator[NDArray[np.int_]]:
    """Integer matrices (3, 3): the vectors of one lattice in terms of the other's."""
    wanted = one.cell.array
    lengths = np.linalg.norm(wanted, axis=1)
    vectors = _STEPS @ other.cell.array
    norms = np.linalg.norm(vectors, axis=1)
    fitting = [np.flatnonzero(np.abs(norms - length) <= LENGTH * length) for length in lengths]
    metric = wanted @ wanted.T
    allowed = 2.0 * LENGTH * np.outer(lengths, lengths)
    for i, j in product(fitting[0], fitting[1]):
        if abs(vectors[i] @ vectors[j] - metric[0, 1]) > allowed[0, 1]:
            continue
        third = vectors[fitting[2]]
        close = np.abs(third @ vectors[i] - metric[0, 2]) <= allowed[0, 2]
        close &= np.abs(third @ vectors[j] - metric[1, 2]) <= allowed[1, 2]
        for k in fitting[2][close]:
            steps = _STEPS[[i, j, k]]
            if abs(round(np.linalg.det(steps))) == 1:
                yield steps


def _maps(one: Atoms, other: Atoms, steps: NDArray[np.int_]) -> bool:
    """Whether some shift makes the atoms fit, once the lattices do."""
    cell = steps @ other.cell.array
    mine = one.get_scaled_positions()
    theirs = np.linalg.solve(cell.T, other.positions.T).T
    kinds, counts = np.unique(one.numbers, return_counts=True)
    rarest = kinds[counts.argmin()]
    anchor = mine[one.numbers == rarest][0]
    # anchors differ by rounding, too: the shift itself may be off by as much as an atom
    for place in theirs[other.numbers == rarest]:
        shifted = mine - anchor + place
        if all(
            _fit(shifted[one.numbers == kind], theirs[other.numbers == kind], cell)
            for kind in kinds
        ):
            return True
    return False


def _fit(first: Array, second: Array, cell: Array) -> bool:
    """Whether each point has one of the others at its place; fractional, cell in A."""
    difference = first[:, None] - second
    difference -= np.rint(difference)
    distance = np.linalg.norm(difference @ cell, axis=-1)
    nearest = distance.argmin(axis=1)
    return bool((distance.min(axis=1) <= PLACE).all() and len(np.unique(nearest)) == len(nearest))
