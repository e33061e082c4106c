"""Labelled crystals as graphs and targets, and the batches of an epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from cijkl.errors import InputError
from cijkl.models.batches import collate
from cijkl.models.graph_cache import cached_graphs, graphs_or_none
from cijkl.models.graphs import Graph, GraphSettings
from cijkl.models.targets import Targets, stack, targets_of

if TYPE_CHECKING:
    from cijkl.datasets import Example

__all__ = ["LabelledGraphs", "batches", "labelled_graphs", "merged"]

Array = NDArray[np.float64]

#: largest difference of two cells of the same crystal, A
_SAME_CELL = 0.02


@dataclass(frozen=True, eq=False)
class LabelledGraphs:
    """Crystals as a network and its training take them.

    Parameters
    ----------
    ids, formulas
        Of each crystal.
    graphs
        Of each crystal.
    targets
        Of all, in the same order.
    """

    ids: list[str]
    formulas: list[str]
    graphs: list[Graph]
    targets: Targets

    def __len__(self) -> int:
        return len(self.graphs)

    def subset(self, keep: NDArray[np.bool_]) -> LabelledGraphs:
        """Those that a mask keeps."""
        rows = np.flatnonzero(keep)
        return LabelledGraphs(
            [self.ids[i] for i in rows],
            [self.formulas[i] for i in rows],
            [self.graphs[i] for i in rows],
            self.targets[rows],
        )

    def joined(self, more: LabelledGraphs) -> LabelledGraphs:
        """These and further ones."""
        return LabelledGraphs(
            self.ids + more.ids,
            self.formulas + more.formulas,
            self.graphs + more.graphs,
            stack([self.targets, more.targets]),
        )


def merged(parts: Sequence[Sequence[Example]]) -> list[Example]:
    """Examples of several files; labels of a crystal that is in more than one are put together.

    A stiffness is taken over only into the same cell, since its frame belongs to that. Crystals of
    other formulas that share an id by chance, as numbers of lines do, stay apart.
    """
    found: dict[str, Example] = {}
    for example in (example for part in parts for example in part):
        identifier = name = example.crystal.id
        number = 1
        while name in found and found[name].formula != example.formula:
            number += 1
            name = f"{identifier}#{number}"
        if name not in found:
            if name != identifier:
                example = replace(example, crystal=replace(example.crystal, id=name))
            found[name] = example
            continue
        first, cell = found[name], example.crystal.atoms.cell.array
        if np.abs(first.crystal.atoms.cell.array - cell).max() < _SAME_CELL:
            stiffness = first.stiffness if first.stiffness is not None else example.stiffness
            moduli = {**example.moduli, **first.moduli}
            found[name] = replace(first, moduli=moduli, stiffness=stiffness)
        elif first.stiffness is None and example.stiffness is not None:
            found[name] = replace(example, moduli={**example.moduli, **first.moduli})
    return list(found.values())


def labelled_graphs(
    examples: Sequence[Example],
    settings: GraphSettings,
    sources: Sequence[str],
    tensors: Mapping[str, Mapping[str, Array]] | None = None,
    cache: str | PathLike[str] | None = None,
) -> LabelledGraphs:
    """Graphs and targets of examples; those that have no graph are left out.

    Parameters
    ----------
    settings
        Of the graphs.
    sources
        Of tensors, see `Targets`.
    tensors
        For each further source, the stiffness (6, 6), Voigt, GPa, of crystals by their id.
    cache
        Folder where graphs are kept for the next time; None to keep none.

    Raises
    ------
    InputError
        If nothing is left.
    """
    tensors = tensors or {}
    structures = [example.crystal.atoms for example in examples]
    if cache is None:
        found = graphs_or_none(structures, settings)
    else:
        found = cached_graphs(structures, settings, cache)
    kept, graphs, targets = [], [], []
    for example, graph in zip(examples, found, strict=True):
        if graph is None:
            continue
        name = example.crystal.id
        known = {s: of_source[name] for s, of_source in tensors.items() if name in of_source}
        kept.append(example)
        graphs.append(graph)
        targets.append(targets_of(example, sources, known))
    if not kept:
        raise InputError("none of the crystals can be trained on")
    return LabelledGraphs(
        [example.crystal.id for example in kept],
        [example.formula for example in kept],
        graphs,
        stack(targets),
    )


def batches(
    data: LabelledGraphs, size: int, shuffle: bool = False, *, alone: bool = True
) -> DataLoader[int]:
    """Batches (`Batch`, `Targets`) of so many crystals, for Lightning.

    Parameters
    ----------
    alone
        Whether one crystal may be left for the last batch. If not, it waits for another epoch,
        whose order is another if they are shuffled.
    """
    return DataLoader(
        _Rows(len(data)),
        batch_size=size,
        shuffle=shuffle,
        drop_last=not alone and len(data) > size and len(data) % size == 1,
        collate_fn=lambda rows: (collate([data.graphs[i] for i in rows]), data.targets[rows]),
    )


class _Rows(Dataset[int]):
    """Row numbers, which `collate_fn` turns into a batch."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> int:
        if not 0 <= index < self.count:
            raise IndexError(index)
        return index
