"""What a network is given and what it answers, as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from cijkl.datasets.example import MODULI
from cijkl.models.graphs import Graph, join

__all__ = ["MODULI", "Batch", "Output", "collate"]


@dataclass(frozen=True, eq=False)
class Batch:
    """Crystals side by side.

    Parameters
    ----------
    numbers
        Atomic numbers, (n,).
    crystal
        Which crystal each atom belongs to, (n,).
    counts
        Atoms in each crystal, (b,), floating point.
    volumes
        Of each crystal's cell, A^3, (b,).
    first, second
        Atoms of each edge, (m,), sorted by the first and then by length.
    vectors
        From the first atom to the second, A, (m, 3).
    """

    numbers: Tensor
    crystal: Tensor
    counts: Tensor
    volumes: Tensor
    first: Tensor
    second: Tensor
    vectors: Tensor

    def __len__(self) -> int:
        return len(self.volumes)

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the atoms of each crystal, (b, ...), of values (n, ...)."""
        total = values.new_zeros((len(self), *values.shape[1:]))
        total = total.index_add(0, self.crystal, values)
        return total / self.counts.view(-1, *[1] * (values.dim() - 1))


@dataclass(frozen=True, eq=False)
class Output:
    """What a network says of the crystals of a batch; None for what it does not say.

    Parameters
    ----------
    log10_moduli
        (b, 6): log10 of the moduli in GPa, in the order of `MODULI`; NaN where not said.
    log_stiffness
        (b, 6, 6): matrix logarithm of the stiffness in GPa, Mandel form.
    stiffness
        (b, 6, 6): the stiffness, GPa, Mandel form.
    """

    log10_moduli: Tensor
    log_stiffness: Tensor | None = None
    stiffness: Tensor | None = None


def collate(graphs: Sequence[Graph], dtype: torch.dtype = torch.float32) -> Batch:
    """A batch of graphs."""
    graph = join(graphs)
    return Batch(
        numbers=torch.from_numpy(graph.numbers),
        crystal=torch.from_numpy(graph.crystal),
        counts=torch.from_numpy(graph.counts).to(dtype),
        volumes=torch.from_numpy(graph.volumes).to(dtype),
        first=torch.from_numpy(graph.first),
        second=torch.from_numpy(graph.second),
        vectors=torch.from_numpy(graph.vectors).to(dtype),
    )
