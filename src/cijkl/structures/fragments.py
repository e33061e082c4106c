"""Molecules of a crystal without their hydrogen atoms, and which molecules are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.structures.bonds import bonds
from cijkl.structures.molecules import components

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Fragment", "correspondence", "fragments"]

Array = NDArray[np.float64]
Graph = tuple[tuple[int, ...], bytes]

#: correspondences of two molecules that are all tried
_MOST_MAPPINGS = 1000
#: cost of taking one atom for another of a different kind, A^2
_FORBIDDEN = 1e6


@dataclass(frozen=True, eq=False)
class Fragment:
    """The heavy atoms of one molecule (all atoms where there are no others), whole in space.

    Parameters
    ----------
    atoms
        Indices (m,) in the crystal.
    positions
        (m, 3), A.
    linked
        (m, m) whether two atoms are bonded.
    colours
        (m,) numbers that are equal for atoms which the bonds do not tell apart, in any crystal.
    """

    atoms: NDArray[np.intp]
    positions: Array
    linked: NDArray[np.bool_]
    colours: NDArray[np.int64]

    @cached_property
    def kind(self) -> tuple[int, ...]:
        """Equal for molecules of the same atoms and bonds."""
        return tuple(sorted(self.colours.tolist()))

    @cached_property
    def graph(self) -> Graph:
        """Colours and bonds of the atoms, in their order."""
        return tuple(self.colours.tolist()), self.linked.tobytes()

    @cached_property
    def centre(self) -> Array:
        """Mean position (3), A."""
        return np.asarray(self.positions.mean(axis=0))

    @cached_property
    def gyration(self) -> Array:
        """Mean outer product (3, 3) of the positions about the centre, A^2."""
        arms = self.positions - self.centre
        return np.asarray(arms.T @ arms / len(arms))

    @property
    def radius(self) -> float:
        """Radius of gyration, A."""
        return float(np.sqrt(np.trace(self.gyration)))

    @property
    def reach(self) -> float:
        """Distance of the farthest atom from the centre, A."""
        return float(np.linalg.norm(self.positions - self.centre, axis=1).max())


def fragments(atoms: Atoms) -> tuple[Fragment, ...]:
    """Give the molecules of the cell, one `Fragment` each, in the order of their first atoms.

    Raises
    ------
    InputError
        If the bonds connect atoms without end: such a crystal has no molecules.
    """
    found = sorted(components(atoms), key=lambda component: int(component.atoms[0]))
    if any(component.dimension for component in found):
        raise InputError(
            f"{atoms.get_chemical_formula(mode='hill')} is no crystal of finite molecules: "
            "its bonds form chains, layers or a framework"
        )
    pairs = bonds(atoms)
    linked = np.zeros((len(atoms), len(atoms)), dtype=bool)
    linked[pairs.i, pairs.j] = True
    result = []
    for component in found:
        whole = atoms.positions[component.atoms] + component.offsets @ atoms.cell.array
        heavy = atoms.numbers[component.atoms] != 1
        kept = heavy if heavy.any() else ~heavy
        members = component.atoms[kept]
        inner = linked[np.ix_(members, members)]
        colours = _colours(atoms.numbers[members], inner)
        result.append(Fragment(members, whole[kept], inner, colours))
    return tuple(result)


def correspondence(first: Fragment, second: Fragment, placed: Array) -> NDArray[np.intp]:
    """Which atom of one molecule stands for which of another of the same kind.

    Parameters
    ----------
    placed
        Positions (m, 3) of the atoms of `first`, moved onto `second`.

    Returns
    -------
    (m,): atom k of `first` is atom ``result[k]`` of `second`. Of all correspondences that keep
    elements and bonds, that with the least squared distance.
    """
    squared = ((placed[:, None] - second.positions[None]) ** 2).sum(-1)
    every = _mappings(first.graph, second.graph)
    if len(every) < _MOST_MAPPINGS:
        costs = squared[np.arange(len(placed)), every].sum(axis=1)
        return np.asarray(every[costs.argmin()])
    # too many to try: the nearest atoms, which are a correspondence where the molecules lie alike
    from scipy.optimize import linear_sum_assignment

    differs = first.colours[:, None] != second.colours[None]
    return np.asarray(linear_sum_assignment(squared + _FORBIDDEN * differs)[1])


@lru_cache(maxsize=512)
def _mappings(first: Graph, second: Graph) -> NDArray[np.intp]:
    """Correspondences (c, m) that keep colours and bonds, as many as are tried."""
    colours, linked = _arrays(first)
    others, joined = _arrays(second)
    order = _walk(linked)
    image = np.full(len(order), -1)
    used = np.zeros(len(order), dtype=bool)

    def extend(depth: int) -> Iterator[list[int]]:
        if depth == len(order):
            yield image.tolist()
            return
        atom, before = order[depth], order[:depth]
        for other in np.flatnonzero((others == colours[atom]) & ~used):
            if (joined[other, image[before]] == linked[atom, before]).all():
                image[atom], used[other] = other, True
                yield from extend(depth + 1)
                image[atom], used[other] = -1, False

    return np.array(list(islice(extend(0), _MOST_MAPPINGS)), dtype=np.intp)


def _arrays(graph: Graph) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    colours = np.array(graph[0], dtype=np.int64)
    return colours, np.frombuffer(graph[1], dtype=bool).reshape(len(colours), -1)


def _walk(linked: NDArray[np.bool_]) -> list[int]:
    """Atoms in an order in which each but the first is bonded to an earlier one."""
    order, waiting = [0], set(range(1, len(linked)))
    while waiting:
        # heavy atoms that only hydrogen joins, as in a proton between two oxygens, have no bond
        following = next((k for k in sorted(waiting) if linked[k, order].any()), min(waiting))
        order.append(following)
        waiting.remove(following)
    return order


def _colours(numbers: NDArray[np.int_], linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Classes of atoms by element, neighbours, neighbours' neighbours and so on."""
    colours = [int(z) for z in numbers]
    neighbours = [np.flatnonzero(row) for row in linked]
    for _ in range(len(colours)):
        # hashes of tuples of integers do not depend on the process
        refined = [
            hash((colour, *sorted(colours[k] for k in near)))
            for colour, near in zip(colours, neighbours, strict=True)
        ]
        if len(set(refined)) == len(set(colours)):
            break
        colours = refined
    return np.array(colours, dtype=np.int64)
