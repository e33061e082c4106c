"""Networks of molecules that contacts join: chains, sheets, and the directions they run in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

__all__ = ["Contact", "Network", "networks"]

Array = NDArray[np.float64]
#: one molecule, another, and the lattice translation of the other
Contact = tuple[int, int, tuple[int, int, int]]


@dataclass(frozen=True)
class Network:
    """Molecules that contacts join, through cell faces where needed.

    Parameters
    ----------
    molecules
        Their numbers, rising.
    dimension
        In how many directions it extends without end: 0 a finite group, 1 a chain, 2 a sheet, 3 a
        framework.
    directions
        Lattice vectors [uvw] along it: none of a finite group, that along a chain, the two shortest
        in a sheet, none of a framework, which runs everywhere.
    plane
        Indices (hkl) of a sheet, else None.
    """

    molecules: tuple[int, ...]
    dimension: int
    directions: tuple[tuple[int, int, int], ...]
    plane: tuple[int, int, int] | None


def networks(count: int, contacts: Iterable[Contact], cell: Array) -> tuple[Network, ...]:
    """Give the networks of two or more molecules, or of one with its images, largest first.

    Parameters
    ----------
    count
        Molecules of the cell.
    contacts
        Each in one direction or both.
    cell
        (3, 3) rows, A.

    Notes
    -----
    Walking the contacts from one molecule gives every other a lattice translation. Where a contact
    leads back to a molecule with another translation, the difference is a period of the network,
    and the rank of all periods is its dimension.
    """
    joined: list[list[tuple[int, NDArray[np.int_]]]] = [[] for _ in range(count)]
    for one, other, shift in contacts:
        joined[one].append((other, np.array(shift)))
        joined[other].append((one, -np.array(shift)))
    places: dict[int, NDArray[np.int_]] = {}
    found = []
    for start in range(count):
        if start in places or not joined[start]:
            continue
        places[start] = np.zeros(3, dtype=int)
        members, periods, queue = [start], set(), deque([start])
        while queue:
            here = queue.popleft()
            for there, step in joined[here]:
                arrival = places[here] + step
                if there not in places:
                    places[there] = arrival
                    members.append(there)
                    queue.append(there)
                elif (arrival != places[there]).any():
                    periods.add(tuple(int(x) for x in arrival - places[there]))
        found.append(_network(members, np.array(sorted(periods)).reshape(-1, 3), cell))
    return tuple(sorted(found, key=lambda n: (-n.dimension, -len(n.molecules), n.molecules)))


def _network(members: list[int], periods: NDArray[np.int_], cell: Array) -> Network:
    rank = int(np.linalg.matrix_rank(periods)) if len(periods) else 0
    directions: tuple[tuple[int, int, int], ...] = ()
    plane = None
    if rank == 1:
        directions = (_indices(periods[0]),)
    elif rank == 2:
        other = next(p for p in periods if np.cross(periods[0], p).any())
        plane = _indices(np.cross(periods[0], other))
        directions = _shortest_within(plane, cell)
    return Network(tuple(sorted(members)), rank, directions, plane)


def _shortest_within(
    plane: tuple[int, int, int], cell: Array
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """The two shortest lattice vectors, not parallel, in a lattice plane."""
    reach = max(2, *(abs(index) for index in plane))
    steps = np.array(list(product(range(-reach, reach + 1), repeat=3)))
    inside = steps[(steps @ np.array(plane) == 0) & steps.any(axis=1)]
    lengths = np.linalg.norm(inside @ cell, axis=1)
    # of equally long ones those with small and positive indices
    order = np.lexsort((-inside.sum(axis=1), np.abs(inside).sum(axis=1), lengths.round(6)))
    first = inside[order[0]]
    second = next(v for v in inside[order] if np.cross(first, v).any())
    return _indices(first), _indices(second)


def _indices(vector: NDArray[np.int_]) -> tuple[int, int, int]:
    """Whole numbers without a common divisor, the first that is not zero positive."""
    reduced = vector // int(np.gcd.reduce(vector))
    u, v, w = (int(x) for x in reduced * int(np.sign(reduced[np.flatnonzero(reduced)[0]])))
    return u, v, w
