"""Many crystals through a graph network, as few passes of it as the device's memory allows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from cijkl.potentials.base import Evaluation
from cijkl.potentials.checking import check_result, check_structure
from cijkl.potentials.edges import Edges, join, neighbours
from cijkl.potentials.torch_tools import split_by_size

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["evaluate_in_passes"]


def evaluate_in_passes(
    name: str,
    structures: Sequence[Atoms],
    run: Callable[[Edges], list[Evaluation]],
    *,
    cutoff: float,
    elements: Collection[int],
    limit: int,
) -> list[Evaluation]:
    """Check crystals, evaluate them side by side, check the results; see `Potential.evaluate`.

    Parameters
    ----------
    name
        Of the potential, for errors.
    structures
        Crystals.
    run
        One pass of the network over the edges of several crystals.
    cutoff
        A.
    elements
        Atomic numbers that the network knows.
    limit
        Edges in one pass.
    """
    for index, atoms in enumerate(structures):
        check_structure(name, atoms, index, elements)
    graphs = [neighbours(atoms, cutoff) for atoms in structures]
    results: list[Evaluation] = []
    for start, stop in split_by_size([len(graph) for graph in graphs], limit):
        results += run(join(graphs[start:stop]))
    return [
        check_result(name, atoms, index, result)
        for index, (atoms, result) in enumerate(zip(structures, results, strict=True))
    ]
