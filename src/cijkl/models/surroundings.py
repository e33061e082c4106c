"""What every layer of a network sees around the atoms of a batch, computed once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cijkl.models.batches import Batch
from cijkl.models.spherical import spherical_harmonics

__all__ = ["Surroundings", "surroundings"]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Neighbours of each atom in rows of equal length, d the largest number of neighbours.

    Parameters
    ----------
    neighbours
        Index of each neighbour, (n, d); 0 where there is none.
    lengths
        A, (n, d); 1 where there is none.
    present
        1 where there is a neighbour, otherwise 0, (n, d, 1).
    harmonics
        Real spherical harmonics of the directions to them, degrees 0 to 4: five tensors
        (n, d, 2 l + 1); 0 where there is no neighbour.
    """

    neighbours: Tensor
    lengths: Tensor
    present: Tensor
    harmonics: list[Tensor]


def surroundings(batch: Batch) -> Surroundings:
    """Surroundings of the atoms of a batch."""
    count = len(batch.numbers)
    degrees = torch.bincount(batch.first, minlength=count)
    before = degrees.cumsum(0) - degrees
    column = torch.arange(len(batch.first), device=batch.first.device) - before[batch.first]
    shape = (count, int(degrees.max()))
    neighbours = batch.second.new_zeros(shape)
    neighbours[batch.first, column] = batch.second
    lengths = batch.vectors.new_ones(shape)
    length = batch.vectors.norm(dim=1)
    lengths[batch.first, column] = length
    present = batch.vectors.new_zeros((*shape, 1))
    present[batch.first, column] = 1.0
    padded = []
    for harmonic in spherical_harmonics(batch.vectors / length[:, None]):
        rows = harmonic.new_zeros((*shape, harmonic.shape[1]))
        rows[batch.first, column] = harmonic
        padded.append(rows)
    return Surroundings(neighbours, lengths, present, padded)
