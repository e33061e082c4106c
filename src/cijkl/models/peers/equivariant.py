"""Layers of features that turn with the crystal, as in tensor field networks.

Features are kinds of irreps side by side, (atoms, channels x components of each kind), in the
convention of e3nn (Geiger and Smidt, arXiv:2207.09453).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cijkl.errors import InputError
from cijkl.models.peers.edge_sums import Block, Pair, edge_sums

try:
    from e3nn.nn import (
        BatchNorm,
        FullyConnectedNet,
        Gate,
    )
    from e3nn.o3 import Irrep, Irreps, Linear, wigner_3j
except ImportError as error:
    raise InputError(
        "equivariant networks need e3nn; install it with: pip install 'cijkl[train]'"
    ) from error

__all__ = ["Convolution", "ElementLinear", "EquivariantLayer", "Irreps", "Linear", "gate"]


class ElementLinear(nn.Module):
    """Mixes channels of the same kind, with weights of its own for each element.

    This is the fully connected tensor product with the one-hot vector of the element, but for the
    scale: here the outputs are as large as the inputs, there they shrink by sqrt(elements).

    Parameters
    ----------
    inputs, outputs
        Kinds of the features, each of them once.
    elements
        Number of elements.
    """

    def __init__(self, inputs: Irreps, outputs: Irreps, elements: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.places: list[int | None] = []
        self.inputs = inputs
        kinds = [kind.ir for kind in inputs]
        size = 0
        for kind in outputs:
            place = kinds.index(kind.ir) if kind.ir in kinds else None
            self.places.append(place)
            size += 0 if place is None else inputs[place].mul * kind.mul
        self.weight = nn.Parameter(torch.randn(elements, size))

    def forward(self, features: Tensor, species: Tensor) -> Tensor:
        """Features (n, outputs) of features (n, inputs) and the numbers of the elements (n,)."""
        atoms, columns = len(features), self.inputs.slices()
        weight = self.weight.index_select(0, species)
        parts = []
        begin = 0
        for kind, place in zip(self.outputs, self.places, strict=True):
            if place is None:
                parts.append(features.new_zeros(atoms, kind.dim))
                continue
            channels = self.inputs[place].mul
            end = begin + channels * kind.mul
            matrix = weight[:, begin:end].view(atoms, kind.mul, channels)
            own = features[:, columns[place]].reshape(atoms, channels, kind.ir.dim)
            parts.append((torch.bmm(matrix, own) * channels**-0.5).view(atoms, kind.dim))
            begin = end
        return torch.cat(parts, dim=1)


class Convolution(nn.Module):
    """Sum of the messages to each atom, the paths side by side.

    Parameters
    ----------
    inputs
        Kinds of the features, each of them once.
    harmonics
        Kinds of the edges' spherical harmonics, one channel of each.
    wanted
        Kinds of output; paths to others are left out.
    width
        Number of functions of the length that the weights are combinations of.

    Attributes
    ----------
    outputs
        Kinds of the outputs, each once, sorted.
    """

    def __init__(self, inputs: Irreps, harmonics: Irreps, wanted: Irreps, width: int) -> None:
        super().__init__()
        self.pairs: list[Pair] = []
        self.paths: list[list[tuple[Irrep, str]]] = []
        channels: dict[Irrep, int] = {}
        kinds = {kind.ir for kind in wanted}
        weights = 0
        for feature, columns in zip(inputs, inputs.slices(), strict=True):
            for harmonic, rows in zip(harmonics, harmonics.slices(), strict=True):
                results = [ir for ir in feature.ir * harmonic.ir if ir in kinds]
                if not results:
                    continue
                for result in results:
                    channels[result] = channels.get(result, 0) + feature.mul
                shape = len(results), feature.mul, feature.ir.dim
                end = weights + len(results) * feature.mul
                self.pairs.append(Pair(columns, shape, rows, slice(weights, end)))
                self.paths.append(
                    [(ir, self._coupling(feature.ir.l, harmonic.ir.l, ir.l)) for ir in results]
                )
                weights = end
        self.outputs = Irreps([(channels[ir], ir) for ir in sorted(channels)])
        self.weight = nn.Parameter(torch.randn(weights, width))

    def _coupling(self, first: int, second: int, result: int) -> str:
        """Name of the buffer with the coefficients (m1 x m2, m3) of three degrees."""
        name = f"coupling_{first}_{second}_{result}"
        if not hasattr(self, name):
            # a component of the result has the mean square of a product of components
            matrix = wigner_3j(first, second, result, dtype=torch.float64).flatten(0, 1)
            self.register_buffer(name, matrix * (2 * result + 1) ** 0.5, persistent=False)
        return name

    def forward(
        self, features: Tensor, harmonics: Tensor, radial: Tensor, blocks: Sequence[Block]
    ) -> Tensor:
        """Sums (n, outputs) of features (n, inputs), Y (m, ...) and functions of length (m, k)."""
        atoms = len(features)
        weight = self.weight * self.weight.shape[1] ** -0.5
        sums = edge_sums(features, harmonics, radial, weight, self.pairs, blocks)
        parts: dict[Irrep, list[Tensor]] = {kind.ir: [] for kind in self.outputs}
        for pair, paths, own in zip(self.pairs, self.paths, sums, strict=True):
            own = own.view(atoms, -1, *pair.shape).permute(2, 0, 3, 4, 1)
            own = own.reshape(len(paths), atoms * pair.shape[1], -1)
            for (kind, name), path in zip(paths, own.unbind(), strict=True):
                coupled = path @ getattr(self, name).to(path.dtype)
                parts[kind].append(coupled.view(atoms, -1))
        return torch.cat([part for kind in self.outputs for part in parts[kind.ir]], dim=1)


class EquivariantLayer(nn.Module):
    """Self-connection plus messages of the neighbours, gated and normalised if so wished.

    Mixing before and after the convolution and the self-connection all have weights for each
    element.

    Parameters
    ----------
    inputs, outputs
        Kinds of the features, each of them once. Outputs that no path leads to are left out.
    harmonics
        Kinds of the edges' spherical harmonics.
    elements
        Number of elements.
    radial
        Widths of the network of the length: its inputs and its hidden layers.
    neighbours
        Of an atom, on the average: the sum of messages is divided by its root.
    gated
        Whether a gate and a batch norm follow.
    """

    def __init__(
        self,
        inputs: Irreps,
        outputs: Irreps,
        harmonics: Irreps,
        elements: int,
        radial: Sequence[int],
        neighbours: float,
        gated: bool,
    ) -> None:
        super().__init__()
        self.gate = gate(_reached(inputs, harmonics, outputs)) if gated else None
        mixed = outputs if self.gate is None else self.gate.irreps_in
        self.outputs = outputs if self.gate is None else self.gate.irreps_out
        self.norm = None if self.gate is None else BatchNorm(self.outputs)
        self.scale = neighbours**-0.5
        self.radial = FullyConnectedNet(list(radial), torch.nn.functional.silu, out_act=True)
        self.before = ElementLinear(inputs, inputs, elements)
        self.convolution = Convolution(inputs, harmonics, mixed, radial[-1])
        self.after = ElementLinear(self.convolution.outputs, mixed, elements)
        self.self_connection = ElementLinear(inputs, mixed, elements)

    def forward(
        self,
        features: Tensor,
        species: Tensor,
        harmonics: Tensor,
        lengths: Tensor,
        blocks: Sequence[Block],
    ) -> Tensor:
        """New features of the atoms.

        Parameters
        ----------
        features
            (n, inputs).
        species
            Numbers of the elements, from 0, (n,).
        harmonics
            Of the edges, (m, ...).
        lengths
            Functions of the edges' lengths, (m, radial[0]).
        blocks
            Of `edge_sums.neighbourhoods`.
        """
        sums = self.convolution(
            self.before(features, species), harmonics, self.radial(lengths), blocks
        )
        mixed: Tensor = self.after(sums * self.scale, species)
        mixed = mixed + self.self_connection(features, species)
        if self.gate is None or self.norm is None:
            return mixed
        gated: Tensor = self.norm(self.gate(mixed))
        return gated


def gate(outputs: Irreps) -> Gate:
    """Even scalars by SiLU, odd ones by tanh, the rest times a sigmoid of an even scalar each."""
    scalars = Irreps([kind for kind in outputs if kind.ir.l == 0])
    tensors = Irreps([kind for kind in outputs if kind.ir.l > 0])
    functions = {1: torch.nn.functional.silu, -1: torch.tanh}
    gates = Irreps([(tensors.num_irreps, (0, 1))] if len(tensors) else [])
    return Gate(
        scalars,
        [functions[kind.ir.p] for kind in scalars],
        gates,
        [torch.sigmoid] * len(gates),
        tensors,
    )


def _reached(inputs: Irreps, harmonics: Irreps, outputs: Irreps) -> Irreps:
    """The outputs that a product of the inputs and the harmonics can give."""
    results = {ir for a in inputs for b in harmonics for ir in a.ir * b.ir}
    return Irreps([kind for kind in outputs if kind.ir in results])
