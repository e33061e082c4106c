"""Crystals as graphs: every atom and the neighbours that a learned model sees around it.

Neighbours at the same distance are kept or dropped together, so that a graph has the symmetry of
its crystal and does not depend on the cell, the origin or the order of the atoms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Graph", "GraphSettings", "crystal_graph", "join"]

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

#: A, apart by more than which two neighbours belong to different shells
_GAP = 0.01
#: the same, where no such gap is found
_SMALL_GAP = 1e-3
#: of the neighbours asked for, the share that `shells` gives at least
_FEWEST = 1 / 3
#: A, beyond which no neighbour is looked for
_FARTHEST = 50.0


@dataclass(frozen=True)
class GraphSettings:
    """Which neighbours an atom has.

    Parameters
    ----------
    recipe
        ``shells``: whole shells, at most `neighbours` atoms. ``nearest``: at least `neighbours`
        atoms, the shell of the last one whole, none beyond `cutoff`. ``within``: all that are
        nearer than `cutoff`.
    neighbours
        Number of neighbours; ``within`` does not use it.
    cutoff
        A; ``shells`` does not use it.
    """

    recipe: Literal["shells", "nearest", "within"]
    neighbours: int = 12
    cutoff: float = 8.0


@dataclass(frozen=True, eq=False)
class Graph:
    """One crystal, or several side by side.

    Parameters
    ----------
    numbers
        Atomic numbers, (n,).
    crystal
        Which crystal each atom belongs to, (n,).
    volumes
        Of each crystal's cell, A^3, (b,).
    first, second
        Atoms of each edge, (m,), sorted by the first and then by length.
    vectors
        From the first atom to the second, A, (m, 3).
    """

    numbers: Indices
    crystal: Indices
    volumes: Array
    first: Indices
    second: Indices
    vectors: Array

    @property
    def counts(self) -> Indices:
        """Atoms in each crystal, (b,)."""
        return np.bincount(self.crystal, minlength=len(self.volumes))


def crystal_graph(atoms: Atoms, settings: GraphSettings) -> Graph:
    """Graph of one crystal.

    Raises
    ------
    InputError
        If an atom has too few neighbours, or two atoms share a place.
    """
    positions, cell = np.asarray(atoms.positions), np.asarray(atoms.cell.array)
    first, second, vectors, lengths = _neighbours(positions, cell, settings)
    if len(lengths) and lengths.min() < 1e-3:
        raise InputError("two atoms share a place")
    keep = _kept(first, lengths, len(positions), settings)
    if len(positions) > len(np.unique(first[keep])):
        raise InputError(f"an atom has no neighbour within {settings.cutoff:g} A")
    return Graph(
        numbers=np.asarray(atoms.numbers, np.int64),
        crystal=np.zeros(len(positions), np.int64),
        volumes=np.array([abs(np.linalg.det(cell))]),
        first=first[keep],
        second=second[keep],
        vectors=vectors[keep],
    )


def join(graphs: Sequence[Graph]) -> Graph:
    """Several crystals side by side, in order."""
    atoms = np.cumsum([0] + [len(graph.numbers) for graph in graphs])
    crystals = np.cumsum([0] + [len(graph.volumes) for graph in graphs])
    return Graph(
        numbers=np.concatenate([graph.numbers for graph in graphs]),
        crystal=np.concatenate([g.crystal + n for g, n in zip(graphs, crystals, strict=False)]),
        volumes=np.concatenate([graph.volumes for graph in graphs]),
        first=np.concatenate([g.first + n for g, n in zip(graphs, atoms, strict=False)]),
        second=np.concatenate([g.second + n for g, n in zip(graphs, atoms, strict=False)]),
        vectors=np.concatenate([graph.vectors for graph in graphs]),
    )


def _neighbours(
    positions: Array, cell: Array, settings: GraphSettings
) -> tuple[Indices, Indices, Array, Array]:
    """Edges sorted by first atom and length, as many as the recipe may need."""
    if settings.recipe != "shells":
        return _list(positions, cell, settings.cutoff)
    # a sphere that holds a quarter more atoms than asked for, at the crystal's mean density
    volume = abs(np.linalg.det(cell)) / len(positions)
    cutoff = float((1.9 * settings.neighbours * volume / (4.0 / 3.0 * np.pi)) ** (1 / 3))
    while True:
        edges = _list(positions, cell, cutoff)
        fewest = np.bincount(edges[0], minlength=len(positions)).min()
        if fewest >= settings.neighbours + 2:
            return edges
        if cutoff > _FARTHEST:
            raise InputError(f"an atom has only {fewest} neighbours within {cutoff:.0f} A")
        cutoff *= 1.2


def _list(positions: Array, cell: Array, cutoff: float) -> tuple[Indices, Indices, Array, Array]:
    from matscipy.neighbours import neighbour_list

    first, second, vectors, lengths = neighbour_list(
        "ijDd", positions=positions, cell=cell, pbc=[True] * 3, cutoff=cutoff
    )
    order = np.lexsort((lengths, first))
    return (
        first[order].astype(np.int64),
        second[order].astype(np.int64),
        vectors[order],
        lengths[order],
    )


def _kept(
    first: Indices, lengths: Array, count: int, settings: GraphSettings
) -> npt.NDArray[np.bool_]:
    """Which of the sorted edges belong to the graph."""
    keep = np.ones(len(first), bool)
    if settings.recipe == "within":
        return keep
    starts = np.searchsorted(first, np.arange(count + 1))
    for begin, end in pairwise(starts):
        around = lengths[begin:end]
        if settings.recipe == "shells":
            last = _whole_shells(around, settings.neighbours)
        else:
            last = _shell_of(around, settings.neighbours)
        keep[begin + last : end] = False
    return keep


def _whole_shells(lengths: Array, most: int) -> int:
    """How many of the sorted neighbours make whole shells, at most `most`."""
    gaps = np.diff(lengths[: most + 1])
    for gap in (_GAP, _SMALL_GAP):
        ends = np.flatnonzero(gaps > gap) + 1
        if len(ends) and ends[-1] >= _FEWEST * most:
            break
    return int(ends[-1]) if len(ends) else most


def _shell_of(lengths: Array, count: int) -> int:
    """How many of the sorted neighbours reach to the end of the shell of number `count`."""
    if len(lengths) <= count:
        return len(lengths)
    gaps = np.flatnonzero(np.diff(lengths[count - 1 :]) > _GAP)
    return count + int(gaps[0]) if len(gaps) else len(lengths)
