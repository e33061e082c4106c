"""SevenNet's convolution, the same numbers in less than half the time.

A message along an edge e from atom j to atom i is, for every path p of an input feature of
degree l1 with the edge's spherical harmonic of degree l2 to an output of degree l3,

    m_e[p, m3, u] = w_e[p, u] * sum over m1, m2 of C_p[m3, m1, m2] x_j[m1, u] Y_e[m2],

with Clebsch-Gordan coefficients C, channels u and weights w from a network of the distance
(Batzner et al., Nat. Commun. 13, 2453 (2022), eq. 4). e3nn forms it path by path, writes all
of it to memory and then sums it over the edges of each atom. Here

- the coupling of C and Y, which has no channels, comes first, and all paths of one input
  feature are one product of matrices;
- edges are taken in blocks that stay in the processor's cache, summed into the atoms at once,
  and formed again in the backward pass instead of being kept;
- both directions of a pair share the weights, which depend on the distance only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["EdgeConvolution", "make_trainable"]

#: Edges in one block. A block of 128 takes 4 MB at most; a GPU wants few large ones.
BLOCK = {"cpu": 128, "cuda": 100_000}


def make_trainable(network: nn.Module) -> None:
    """Let forces be differentiated by weights: slower, and all messages are kept in memory.

    Parameters
    ----------
    network
        Holds the convolutions.
    """
    for module in network.modules():
        if isinstance(module, _Paths):
            module.trainable = True


class EdgeConvolution(nn.Module):
    """Takes the place of an ``IrrepsConvolution`` of SevenNet, whose weights it uses.

    The edges that it is given must hold each pair twice, in the second half of the list in
    the direction opposite to the first half.

    Parameters
    ----------
    original
        The layer.
    """

    def __init__(self, original: Any) -> None:
        super().__init__()
        product = original.convolution
        self.weights = original.weight_nn
        self.denominator = original.denominator
        self.keys = (
            original.key_x,
            original.key_filter,
            original.key_weight_input,
            original.key_edge_idx,
        )
        first_weight = 0
        paths = []
        for step in product.instructions:
            paths.append((step, first_weight))
            first_weight += product.irreps_in1[step.i_in1].mul
        self.inputs = nn.ModuleList(
            _Paths(product, i, [path for path in paths if path[0].i_in1 == i])
            for i in range(len(product.irreps_in1))
        )
        self.outputs = len(product.irreps_out)

    def forward(self, data: dict[str, Tensor]) -> dict[str, Tensor]:
        """Replace the features of the atoms by the sums of their messages."""
        key_x, key_harmonics, key_distance, key_edges = self.keys
        features, harmonics = data[key_x], data[key_harmonics]
        target, source = data[key_edges]
        weights = self.weights(data[key_distance][: len(source) // 2])
        sums: list[Tensor] = [features] * self.outputs
        for part in self.inputs:
            for place, value in part(features, harmonics, weights, source, target):
                sums[place] = value
        data[key_x] = torch.cat(sums, dim=1) / self.denominator
        return data


class _Paths(nn.Module):
    """All paths that start from one input feature."""

    coupling: Tensor
    path_of_row: Tensor

    def __init__(self, product: Any, index: int, paths: Sequence[tuple[Any, int]]) -> None:
        super().__init__()
        from e3nn.o3 import wigner_3j

        self.channels = int(product.irreps_in1[index].mul)
        degree = product.irreps_in1[index].ir
        self.columns = product.irreps_in1.slices()[index]
        self.places = [step.i_out for step, _ in paths]
        self.weight_columns = [slice(start, start + self.channels) for _, start in paths]
        sizes = [product.irreps_out[place].ir.dim for place in self.places]
        ends = torch.tensor(sizes).cumsum(0).tolist()
        self.rows = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        coupling = torch.zeros(product.irreps_in2.dim, sum(sizes), degree.dim, dtype=torch.float64)
        for (step, _), rows in zip(paths, self.rows, strict=True):
            harmonic = product.irreps_in2[step.i_in2].ir
            output = product.irreps_out[step.i_out].ir
            coefficients = wigner_3j(degree.l, harmonic.l, output.l, dtype=torch.float64)
            coupling[product.irreps_in2.slices()[step.i_in2], rows] = (
                step.path_weight * coefficients.permute(1, 2, 0)
            )
        self.trainable = False
        self.register_buffer("coupling", coupling, persistent=False)
        self.register_buffer(
            "path_of_row",
            torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)),
            persistent=False,
        )

    def forward(
        self, features: Tensor, harmonics: Tensor, weights: Tensor, source: Tensor, target: Tensor
    ) -> list[tuple[int, Tensor]]:
        """Places in the output, and the summed messages (atoms, channels x size) for them."""
        atoms, edges = len(features), len(harmonics)
        _, rows, size = self.coupling.shape
        own = features[:, self.columns].reshape(atoms, self.channels, size)
        matrices = (harmonics @ self.coupling.flatten(1)).reshape(edges, rows, size)
        sum_messages = _sum_messages if self.trainable else _SumMessages.apply
        sums = sum_messages(
            own.transpose(1, 2).contiguous(),
            matrices,
            torch.stack([weights[:, columns] for columns in self.weight_columns], dim=1),
            source,
            target,
            self.path_of_row,
            self.rows,
        )
        return [
            (place, sums[:, rows].transpose(1, 2).reshape(atoms, -1))
            for place, rows in zip(self.places, self.rows, strict=True)
        ]


def _sum_messages(
    features: Tensor,
    matrices: Tensor,
    weights: Tensor,
    source: Tensor,
    target: Tensor,
    path_of_row: Tensor,
    rows: Sequence[slice],
) -> Tensor:
    """What `_SumMessages` gives, by operations that can be differentiated any number of times."""
    messages = torch.bmm(matrices, features[source])
    messages = messages * weights.index_select(1, path_of_row).repeat(2, 1, 1)
    sums = features.new_zeros(len(features), matrices.shape[1], features.shape[2])
    return sums.index_add(0, target, messages)


class _SumMessages(torch.autograd.Function):
    """sum over e of w_e[p(r), u] (M_e x_source(e))[r, u] for each target: (atoms, rows, u)."""

    @staticmethod
    def forward(
        context: Any,
        features: Tensor,
        matrices: Tensor,
        weights: Tensor,
        source: Tensor,
        target: Tensor,
        path_of_row: Tensor,
        rows: Sequence[slice],
    ) -> Tensor:
        context.save_for_backward(features, matrices, weights, source, target, path_of_row)
        context.rows = rows
        sums = features.new_zeros(len(features), matrices.shape[1], features.shape[2])
        for block, pairs in _blocks(len(source), features.device.type):
            messages = torch.bmm(matrices[block], features[source[block]])
            messages *= weights[pairs].index_select(1, path_of_row)
            sums.index_add_(0, target[block], messages)
        return sums

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        features, matrices, weights, source, target, path_of_row = context.saved_tensors
        by_features = torch.zeros_like(features)
        by_matrices = torch.empty_like(matrices)
        by_weights = torch.zeros_like(weights)
        for block, pairs in _blocks(len(source), features.device.type):
            sent = features[source[block]]
            pull = upstream[target[block]]
            product = torch.bmm(matrices[block], sent)
            product *= pull
            for path, rows in enumerate(context.rows):
                by_weights[pairs, path] += product[:, rows].sum(1)
            pull *= weights[pairs].index_select(1, path_of_row)
            torch.bmm(pull, sent.transpose(1, 2), out=by_matrices[block])
            by_features.index_add_(
                0, source[block], torch.bmm(matrices[block].transpose(1, 2), pull)
            )
        return by_features, by_matrices, by_weights, None, None, None, None


def _blocks(edges: int, device: str) -> list[tuple[slice, slice]]:
    """Slices of edges, none across the middle, and of the pairs that they belong to."""
    pairs = edges // 2
    starts = range(0, pairs, BLOCK[device])
    return [
        (slice(half + start, half + stop), slice(start, stop))
        for half in (0, pairs)
        for start in starts
        for stop in (min(start + BLOCK[device], pairs),)
    ]
