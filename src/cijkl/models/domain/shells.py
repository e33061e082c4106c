"""First shells of neighbours: what each atom of a crystal has around it.

The shell has no sharp end. A neighbour that is farther than the nearest by the share t, both
relative to the sums of the covalent radii, weighs exp(-(t / 0.15)^2), so that nothing jumps when an
atom moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets.splits import ELEMENT_GROUPS
from cijkl.models.elements import KNOWN
from cijkl.models.graphs import Graph
from cijkl.structures.bonds import covalent_radii

__all__ = ["GROUP", "GROUPS", "Shells"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: relative distance beyond the nearest neighbour at which a neighbour's weight is 1 / e
_WIDTH = 0.15
#: groups of the periodic table, see `datasets.ELEMENT_GROUPS`
GROUPS = len(ELEMENT_GROUPS)
#: group of each element from hydrogen to `KNOWN`
GROUP = np.array(
    [
        next(g for g, members in enumerate(ELEMENT_GROUPS.values()) if number in members)
        for number in range(1, KNOWN + 1)
    ]
)


class Shells:
    """First shells of the n atoms of one crystal.

    Parameters
    ----------
    graph
        Of a single crystal, with at least some twelve neighbours of each atom. Elements beyond
        `KNOWN` are taken for the last known.
    """

    def __init__(self, graph: Graph) -> None:
        count = len(graph.numbers)
        #: A^3 per atom
        self.volume = float(graph.volumes[0]) / count
        #: atomic numbers less one, which are rows of tables
        self.elements: Indices = np.minimum(graph.numbers, KNOWN) - 1
        self.first, self.second = graph.first, graph.second
        length = np.sqrt(np.einsum("ij,ij->i", graph.vectors, graph.vectors))
        self._directions = graph.vectors / length[:, None]
        radii = covalent_radii(graph.numbers)
        relative = length / (radii[graph.first] + radii[graph.second])
        nearest = np.full(count, np.inf)
        np.minimum.at(nearest, graph.first, relative)
        weights = np.exp(-(((relative / nearest[graph.first] - 1.0) / _WIDTH) ** 2))
        #: number of neighbours, (n,)
        self.coordination: Array = np.bincount(graph.first, weights, count).astype(float)
        #: of each edge, their sum being 1 for each atom
        self.weights: Array = weights / self.coordination[graph.first]
        #: mean distance of the neighbours, A, (n,)
        self.distances = self.mean(length)
        #: standard deviation of the neighbours' distances over the sums of the radii, (n,)
        self.unevenness: Array = np.sqrt(
            np.maximum(self.mean(relative**2) - self.mean(relative) ** 2, 0.0)
        )

    def mean(self, values: Array) -> Array:
        """Mean (n,) over the shell of each atom, of values (m,) of the edges."""
        total = np.bincount(self.first, self.weights * values, len(self.elements))
        return total.astype(float)

    def lopsidedness(self) -> Array:
        """Length (n,) of the mean of the directions to the neighbours.

        It is 0 for an atom in the middle of them and 1 for one with all on the same side.
        """
        centre = np.stack([self.mean(component) for component in self._directions.T])
        return np.asarray(np.sqrt((centre**2).sum(0)))
