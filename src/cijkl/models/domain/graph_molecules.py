"""Molecules in a graph, whose edges hold all bonds, so that no neighbour is looked for again."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from cijkl.models.graphs import Graph
from cijkl.structures.bonds import BOND_SCALE, covalent_radii
from cijkl.structures.molecules import MOLECULAR_ELEMENTS

__all__ = ["is_molecular"]

Array = NDArray[np.float64]

#: A, by which two ways to one atom may differ and yet lead to the same place
_SAME_PLACE = 1e-3


def is_molecular(graph: Graph) -> bool:
    """Whether a crystal consists of finite molecules of non-metals, as `structures.is_molecular`.

    Parameters
    ----------
    graph
        Of a single crystal.

    Notes
    -----
    A bond that leads from an atom whose place is known to one whose place is known, and not to that
    place, closes a loop through the crystal.
    """
    if not {int(number) for number in np.unique(graph.numbers)} <= MOLECULAR_ELEMENTS:
        return False
    radii = covalent_radii(graph.numbers)
    lengths = np.linalg.norm(graph.vectors, axis=1)
    bonded = lengths < BOND_SCALE * (radii[graph.first] + radii[graph.second])
    neighbours: list[list[tuple[int, Array]]] = [[] for _ in graph.numbers]
    for i, j, vector in zip(
        graph.first[bonded].tolist(),
        graph.second[bonded].tolist(),
        graph.vectors[bonded],
        strict=True,
    ):
        neighbours[i].append((j, vector))
    places: dict[int, Array] = {}
    for start in range(len(graph.numbers)):
        if start in places:
            continue
        places[start] = np.zeros(3)
        queue = deque([start])
        while queue:
            i = queue.popleft()
            for j, vector in neighbours[i]:
                arrival = places[i] + vector
                if j not in places:
                    places[j] = arrival
                    queue.append(j)
                elif np.abs(arrival - places[j]).max() > _SAME_PLACE:
                    return False
    return bool(bonded.any())
