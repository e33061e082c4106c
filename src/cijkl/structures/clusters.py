"""Molecules around a molecule of a crystal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.bonds import cell_heights
from cijkl.structures.fragments import Fragment, fragments
from cijkl.structures.spacegroup import symmetry

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Cluster", "Packed", "around", "packed"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Packed:
    """A crystal as molecules.

    Parameters
    ----------
    cell
        (3, 3) rows, A.
    molecules
        Those of the cell.
    independent
        Numbers of the molecules of the largest kind that no symmetry operation takes to another.
    achiral
        Whether the crystal has a mirror, an inversion or another improper operation.
    """

    cell: Array
    molecules: tuple[Fragment, ...]
    independent: tuple[int, ...]
    achiral: bool


@dataclass(frozen=True, eq=False)
class Cluster:
    """Molecules near a molecule, which is the first.

    Parameters
    ----------
    molecules
        Whole and in place.
    centres
        (n, 3) of the molecules, seen from that of the first, A.
    """

    molecules: tuple[Fragment, ...]
    centres: Array


def packed(atoms: Atoms) -> Packed:
    """Give the molecules of a crystal, and which of them are independent.

    Raises
    ------
    InputError
        If it has no finite molecules.
    """
    molecules = fragments(atoms)
    group = symmetry(atoms)
    largest = max(molecules, key=lambda m: (len(m.atoms), m.kind)).kind
    orbits: dict[int, int] = {}
    for number, molecule in enumerate(molecules):
        if molecule.kind == largest:
            # an operation that takes one atom to another takes their molecules along
            orbits.setdefault(int(group.equivalent_atoms[molecule.atoms].min()), number)
    improper = bool((np.linalg.det(group.point_operations) < 0.0).any())
    return Packed(atoms.cell.array, molecules, tuple(orbits.values()), improper)


def around(
    crystal: Packed, centre: int, *, count: int | None = None, radius: float | None = None
) -> Cluster:
    """Give the molecules around one of a crystal, nearest first.

    Parameters
    ----------
    centre
        Number of the molecule in the middle.
    count
        Give so many molecules, the one in the middle included: those whose heavy atoms come
        nearest to its own. Of equally near ones, those with nearer centres.
    radius
        Give all whose centres are as near as this, A.
    """
    middle = crystal.molecules[centre]
    if radius is not None:
        return _cluster(middle, _images(crystal, middle, radius))
    assert count is not None
    reach = middle.reach + max(molecule.reach for molecule in crystal.molecules)
    limit = reach + 4.0
    while True:
        found = _images(crystal, middle, limit)
        gaps = np.array([_gap(middle, molecule) for molecule in found])
        # whatever has its centre beyond the limit is farther than this
        if np.count_nonzero(gaps <= limit - reach) >= count:
            break
        limit += 2.0
    centres = np.array([np.linalg.norm(m.centre - middle.centre) for m in found])
    order = np.lexsort((centres, gaps.round(4)))[:count]
    return _cluster(middle, [found[k] for k in order])


def _cluster(middle: Fragment, found: list[Fragment]) -> Cluster:
    centres = np.array([molecule.centre - middle.centre for molecule in found])
    return Cluster(tuple(found), centres)


def _images(crystal: Packed, middle: Fragment, radius: float) -> list[Fragment]:
    """All molecules with their centres within a radius (A), that in the middle first."""
    inverse = np.linalg.inv(crystal.cell)
    span = np.ceil(radius / cell_heights(crystal.cell)).astype(int) + 1
    steps = np.stack(
        np.meshgrid(*(np.arange(-s, s + 1) for s in span), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    result: list[tuple[float, Fragment]] = []
    for molecule in crystal.molecules:
        nearest = np.rint((middle.centre - molecule.centre) @ inverse)
        vectors = (steps + nearest) @ crystal.cell
        distances = np.linalg.norm(molecule.centre + vectors - middle.centre, axis=1)
        for k in np.flatnonzero(distances <= radius):
            moved = replace(molecule, positions=molecule.positions + vectors[k])
            result.append((-1.0 if _same(moved, middle) else float(distances[k]), moved))
    return [molecule for _, molecule in sorted(result, key=lambda pair: pair[0])]


def _same(one: Fragment, other: Fragment) -> bool:
    return one.atoms[0] == other.atoms[0] and bool(
        np.abs(one.positions[0] - other.positions[0]).max() < 1e-6
    )


def _gap(one: Fragment, other: Fragment) -> float:
    """Distance between the nearest atoms of two molecules; below zero for one and itself."""
    if _same(one, other):
        return -1.0
    vectors = one.positions[:, None] - other.positions[None]
    return float(np.sqrt((vectors**2).sum(-1).min()))
