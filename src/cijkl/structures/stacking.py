"""Stacks of flat rings in a crystal, by their geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.bonds import Pairs, bonds, pairs_within
from cijkl.structures.molecules import components

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures.networks import Contact

__all__ = ["Ring", "Stack", "rings", "stacks"]

Array = NDArray[np.float64]

#: atoms of a ring
SIZES = (5, 6)
#: elements of aromatic rings: B, C, N, O, P, S, Se
ELEMENTS = (5, 6, 7, 8, 15, 16, 34)
#: farthest that an atom is from the mean plane of a flat ring, A
FLAT = 0.1
#: largest angle between the planes of a stack, degrees
TILT = 20.0
#: distance of the planes of a stack, A
SEPARATION = (3.0, 3.9)
#: farthest that the centre of one ring is beside that of the other, A
OFFSET = 2.2


@dataclass(frozen=True, eq=False)
class Ring:
    """A flat ring of five or six unsaturated atoms.

    Parameters
    ----------
    atoms
        Indices, in the order of the ring.
    centre, normal
        (3), A, in the molecule as its `components` offsets make it whole; unit vector (3).
    molecule
        Number of its molecule in the order of `components`.
    """

    atoms: tuple[int, ...]
    centre: Array
    normal: Array
    molecule: int


@dataclass(frozen=True)
class Stack:
    """Two rings face to face, of different molecules or images of one.

    Parameters
    ----------
    rings
        Numbers of the rings.
    distance
        Between the centres, A.
    separation
        Of the planes, A, mean of both.
    offset
        Of the centres within the planes, A.
    angle
        Between the planes, degrees.
    direction
        Unit vector (3) from centre to centre, Cartesian.
    contact
        The two molecules, and the translation from one to the other.
    """

    rings: tuple[int, int]
    distance: float
    separation: float
    offset: float
    angle: float
    direction: tuple[float, float, float]
    contact: Contact


def rings(atoms: Atoms) -> tuple[Ring, ...]:
    """Give the flat rings of five or six atoms with three bonds at most, as in benzene or uracil.

    Flat means that no atom is more than 0.1 A from the mean plane.
    """
    linked = bonds(atoms)
    degree = np.bincount(linked.i, minlength=len(atoms))
    inner = np.isin(atoms.numbers, ELEMENTS) & (degree <= 3)
    result = []
    for number, component in enumerate(components(atoms)):
        places = np.zeros((len(atoms), 3))
        places[component.atoms] = atoms.positions[component.atoms]
        places[component.atoms] += component.offsets @ atoms.cell.array
        members = {int(a) for a in component.atoms[inner[component.atoms]]}
        for cycle in _cycles(members, linked):
            points = places[list(cycle)]
            centre = points.mean(axis=0)
            normal = np.linalg.svd(points - centre)[2][2]
            if np.abs((points - centre) @ normal).max() <= FLAT:
                result.append(Ring(cycle, centre, normal, number))
    return tuple(result)


def stacks(atoms: Atoms, found: tuple[Ring, ...] | None = None) -> tuple[Stack, ...]:
    """Give the stacked pairs of flat rings of the cell, each once, nearest first.

    Two rings are stacked if their planes are within 20 degrees of each other and 3.0 to 3.9 A
    apart, and their centres no more than 2.2 A beside each other: about the distance of a ring's
    centre from the hydrogen beyond its rim, where two rings still overlap.

    Parameters
    ----------
    found
        The `rings` of the crystal, if known.

    References
    ----------
    C. Janiak, J. Chem. Soc. Dalton Trans. 3885 (2000): stacked rings are 3.3 to 3.8 A apart and
    slipped by 1 to 2 A.
    """
    from ase import Atoms as Points

    known = rings(atoms) if found is None else found
    if not known:
        return ()
    centres = Points(
        numbers=[6] * len(known),
        positions=[ring.centre for ring in known],
        cell=atoms.cell,
        pbc=True,
    )
    near = pairs_within(centres, float(np.hypot(SEPARATION[1], OFFSET)) + 0.01)
    result = []
    for i, j, shift, distance in zip(near.i, near.j, near.offset, near.distance, strict=True):
        step = (int(shift[0]), int(shift[1]), int(shift[2]))
        # each pair once; a ring and its own image along one of two opposite translations
        if i > j or (i == j and step < (0, 0, 0)):
            continue
        one, other = known[i], known[j]
        if one.molecule == other.molecule and not any(step):
            continue
        vector = other.centre + shift @ atoms.cell.array - one.centre
        tilt = float(np.degrees(np.arccos(min(1.0, abs(one.normal @ other.normal)))))
        separation = 0.5 * float(abs(vector @ one.normal) + abs(vector @ other.normal))
        offset = float(np.sqrt(max(0.0, distance**2 - separation**2)))
        if tilt > TILT or offset > OFFSET or not SEPARATION[0] <= separation <= SEPARATION[1]:
            continue
        x, y, z = (float(v) for v in vector / distance)
        contact = (one.molecule, other.molecule, step)
        result.append(
            Stack((int(i), int(j)), float(distance), separation, offset, tilt, (x, y, z), contact)
        )
    return tuple(sorted(result, key=lambda stack: (stack.distance, stack.rings)))


def _cycles(members: set[int], linked: Pairs) -> Iterator[tuple[int, ...]]:
    """Rings of `SIZES` atoms without a bond across, each once."""
    neighbours: dict[int, set[int]] = {atom: set() for atom in members}
    for i, j in zip(linked.i.tolist(), linked.j.tolist(), strict=True):
        if i in members and j in members:
            neighbours[i].add(j)

    def extend(path: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        closed = len(path) > 2 and path[0] in neighbours[path[-1]]
        if closed and len(path) in SIZES and path[1] < path[-1]:
            yield path
        if closed or len(path) == max(SIZES):
            return
        for atom in sorted(neighbours[path[-1]]):
            # a bond back to an inner atom would cut the ring short
            if atom > path[0] and atom not in path and not neighbours[atom] & set(path[1:-1]):
                yield from extend((*path, atom))

    for start in sorted(members):
        yield from extend((start,))
