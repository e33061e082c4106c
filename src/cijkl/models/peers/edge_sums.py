"""Sums over the edges of each atom, of features times weights times spherical harmonics.

The message along an edge e from atom j to atom i is, for every path p of an input feature of
degree l1 with the edge's spherical harmonic of degree l2 to an output of degree l3,

    m_e[p, u, m3] = w_e[p, u] * sum over m1, m2 of C_p[m1, m2, m3] x_j[u, m1] Y_e[m2],

with Clebsch-Gordan coefficients C, channels u and weights w from a network of the length (Thomas
et al., arXiv:1802.08219; Batzner et al., Nat. Commun. 13, 2453 (2022), eq. 4). Written edge by
edge it is bound by memory. Here the sum over the edges of an atom comes first,

    t_i[m2, p, u, m1] = sum over e of Y_e[m2] (w_e[p, u] x_j[u, m1]),

a product of matrices whose inner index is the edge, and C couples m1 with m2 once for each atom.
Atoms are taken in blocks that stay in the processor's cache, and nothing of the size of the edges
is kept for the backward pass, which forms it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cijkl.models.batches import Batch

__all__ = ["Block", "Pair", "edge_sums", "neighbourhoods"]

#: atoms in one block; a GPU wants few large ones
_BLOCK = {"cpu": 16}
_LARGE_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Block:
    """Atoms with about as many neighbours, in rows that the largest number k of them fills.

    Parameters
    ----------
    atoms
        Which atoms, (b,).
    edges, sources
        The edges of each and the atoms at their other ends, (b, k).
    real
        False where a row is only filled up, (b, k).
    """

    atoms: Tensor
    edges: Tensor
    sources: Tensor
    real: Tensor


def neighbourhoods(batch: Batch) -> list[Block]:
    """All atoms of a batch with their edges, in blocks."""
    degrees = torch.bincount(batch.first, minlength=len(batch.numbers))
    starts = degrees.cumsum(0) - degrees
    size = _BLOCK.get(batch.first.device.type, _LARGE_BLOCK)
    blocks = []
    for atoms in torch.split(degrees.argsort(stable=True), size):
        along = torch.arange(int(degrees[atoms].max()), device=atoms.device)
        real = along < degrees[atoms, None]
        # any edge may fill a row up: its harmonics are set to zero
        edges = torch.where(real, starts[atoms, None] + along, 0)
        blocks.append(Block(atoms, edges, batch.second[edges], real))
    return blocks


@dataclass(frozen=True)
class Pair:
    """All paths that start from one input feature and one degree of the harmonics.

    Parameters
    ----------
    columns
        Of the features, channels x m1.
    shape
        Number of paths, of channels u and of components m1.
    harmonics
        Columns of the harmonics, m2.
    weights
        Rows of the weights, paths x channels.
    """

    columns: slice
    shape: tuple[int, int, int]
    harmonics: slice
    weights: slice

    @property
    def size(self) -> int:
        """Of the sum over the edges of an atom."""
        paths, channels, components = self.shape
        return paths * channels * components * self.orders

    @property
    def orders(self) -> int:
        """How many m2 there are."""
        return int(self.harmonics.stop - self.harmonics.start)


def edge_sums(
    features: Tensor,
    harmonics: Tensor,
    radial: Tensor,
    weight: Tensor,
    pairs: Sequence[Pair],
    blocks: Sequence[Block],
) -> tuple[Tensor, ...]:
    """The sums t for each pair, (atoms, m2 x paths x channels x m1).

    Parameters
    ----------
    features
        Of the atoms, (n, channels x m1 of all features).
    harmonics
        Of the edges, (m, m2 of all degrees).
    radial
        Functions of the edges' lengths, (m, h).
    weight
        (paths x channels of all pairs, h): the weights w of the edges are `radial @ weight.T`.
    """
    sums = _Sums.apply(  # type: ignore[no-untyped-call]  # untyped in PyTorch
        features, harmonics, radial, weight, pairs, blocks
    )
    # split, not sliced: the gradient of each slice would be as large as the whole
    return torch.split(sums, [pair.size for pair in pairs], dim=1)


class _Sums(torch.autograd.Function):
    """The sums of all pairs side by side, and their gradients."""

    @staticmethod
    def forward(
        context: Any,
        features: Tensor,
        harmonics: Tensor,
        radial: Tensor,
        weight: Tensor,
        pairs: Sequence[Pair],
        blocks: Sequence[Block],
    ) -> Tensor:
        context.save_for_backward(features, harmonics, radial, weight)
        context.pairs, context.blocks = pairs, blocks
        sums = features.new_empty(len(features), sum(pair.size for pair in pairs))
        for block in blocks:
            sent, angular, _, weights = _of_block(block, features, harmonics, radial, weight)
            own = [
                torch.bmm(
                    angular[:, pair.harmonics], _weighted(pair, sent, weights).transpose(1, 2)
                )
                for pair in pairs
            ]
            sums[block.atoms] = torch.cat([each.flatten(1) for each in own], dim=1)
        return sums

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, harmonics, radial, weight = context.saved_tensors
        turns = context.needs_input_grad[1]
        by_features, by_weight = torch.zeros_like(features), torch.zeros_like(weight)
        by_radial, by_harmonics = torch.zeros_like(radial), torch.zeros_like(harmonics)
        sizes = [pair.size for pair in context.pairs]
        for block in context.blocks:
            sent, angular, functions, weights = _of_block(
                block, features, harmonics, radial, weight
            )
            by_sent, by_weights = torch.zeros_like(sent), torch.empty_like(weights)
            by_angular = torch.zeros_like(angular)
            pulls = torch.split(upstream[block.atoms], sizes, dim=1)
            for pair, flat in zip(context.pairs, pulls, strict=True):
                pull = flat.view(len(flat), pair.orders, -1)
                if turns:
                    product = torch.bmm(pull, _weighted(pair, sent, weights))
                    by_angular[:, pair.harmonics].add_(product)
                back = torch.bmm(pull.transpose(1, 2), angular[:, pair.harmonics])
                back = back.view(len(flat), *pair.shape, -1)
                x, w = _factors(pair, sent, weights)
                by_weights[:, pair.weights].copy_((back * x).sum(3).flatten(1, 2))
                by_sent[:, pair.columns].add_((back * w).sum(1).flatten(1, 2))
            by_weight += torch.bmm(by_weights, functions).sum(0)
            by_functions = torch.matmul(weight.T, by_weights)
            _add(by_radial, block.edges, by_functions, block.real)
            _add(by_features, block.sources, by_sent, block.real)
            if turns:
                _add(by_harmonics, block.edges, by_angular, block.real)
        return by_features, by_harmonics, by_radial, by_weight, None, None


def _of_block(
    block: Block, features: Tensor, harmonics: Tensor, radial: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Features (b, ., k), Y (b, ., k), functions of length (b, k, .) and weights (b, ., k)."""
    # edges are the last axis of what is multiplied, so that the products run along it
    sent = features[block.sources].transpose(1, 2).contiguous()
    angular = (harmonics[block.edges] * block.real[:, :, None]).transpose(1, 2).contiguous()
    functions = radial[block.edges]
    return sent, angular, functions, torch.matmul(weight, functions.transpose(1, 2))


def _factors(pair: Pair, sent: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Features (b, 1, u, m1, k) and weights (b, p, u, 1, k) of a pair."""
    paths, channels, components = pair.shape
    atoms, _, edges = sent.shape
    x = sent[:, pair.columns].view(atoms, 1, channels, components, edges)
    w = weights[:, pair.weights].view(atoms, paths, channels, 1, edges)
    return x, w


def _weighted(pair: Pair, sent: Tensor, weights: Tensor) -> Tensor:
    """w x of the head of this file, (b, paths x channels x m1, k)."""
    x, w = _factors(pair, sent, weights)
    return (w * x).flatten(1, 3)


def _add(total: Tensor, places: Tensor, values: Tensor, real: Tensor) -> None:
    """Add values (b, ., k) of the real edges to rows of the total."""
    total.index_add_(0, places[real], values.transpose(1, 2)[real])
