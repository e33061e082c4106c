"""The default network: the matrix logarithm of the stiffness from a crystal graph.

With S = ln C in Mandel form, C = exp(S) is positive definite whatever S is. Rotations act on Mandel
matrices by orthogonal matrices, with which the exponential commutes; so if S turns with the crystal
and has its symmetry, C does too.

Invariant features of the atoms are updated by gated messages. Each layer also forms moments of the
surroundings, A_clm = sum over neighbours j of w_cl(j) Y_lm(j). Their power spectrum, and their
projections on the direction of each edge, go back into the update, so that angles between edges
are seen without listing triples. The last moments and their products of degree 2 and 4, weighted by
invariants and averaged over the atoms, make the anisotropic part of S.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from cijkl.elasticity.harmonic import mandel_basis
from cijkl.models.batches import Batch, Output
from cijkl.models.elements import KNOWN, atomic_radii, element_features
from cijkl.models.graphs import GraphSettings
from cijkl.models.losses import LogStiffnessLoss, log_stiffness_loss
from cijkl.models.moduli import log10_moduli
from cijkl.models.network import Network
from cijkl.models.spherical import coupling
from cijkl.models.surroundings import Surroundings, surroundings
from cijkl.models.targets import Targets

__all__ = ["LogStiffnessNetwork", "LogStiffnessSettings"]

_DEGREES = 5
#: GPa, moduli of a crystal of which nothing is known
_USUAL_BULK, _USUAL_SHEAR = 80.0, 36.0
#: A^3 per atom
_USUAL_VOLUME = 15.0
#: channels of degree 2 and 4 of a crystal
_POOLED = 12
#: factors that keep sums over some twenty neighbours near 1
_MOMENT_SCALE, _MESSAGE_SCALE, _ANISOTROPY_SCALE = 0.25, 0.2, 0.1


@dataclass(frozen=True)
class LogStiffnessSettings:
    """Size of the network.

    Parameters
    ----------
    width
        Features of an atom.
    layers
        Updates of the features.
    channels
        Moments of each degree.
    radial
        Gaussians of the distance, and as many of the distance over the sum of the atomic radii.
    neighbours
        Of each atom at most.
    dropout
        Share of features that training leaves out.
    sources
        Where tensors to learn from come from; the first is what the network answers.
    """

    width: int = 80
    layers: int = 3
    channels: int = 16
    radial: int = 20
    neighbours: int = 24
    dropout: float = 0.1
    sources: tuple[str, ...] = ("dft",)


class LogStiffnessNetwork(Network):
    """S of the crystals of a batch; see the module's text.

    Parameters
    ----------
    settings
        Its size.
    weights
        Of the parts of its loss.
    """

    def __init__(
        self, settings: LogStiffnessSettings, weights: LogStiffnessLoss | None = None
    ) -> None:
        super().__init__()
        self.settings = settings
        self.weights = weights or LogStiffnessLoss()
        self.elements = _Elements(settings.width)
        self.radial = _Radial(settings.radial)
        radial = 2 * settings.radial
        self.moments = nn.ModuleList(
            [_Moments(settings, radial) for _ in range(settings.layers + 1)]
        )
        self.updates = nn.ModuleList([_Update(settings, radial) for _ in range(settings.layers)])
        self.products = _Products(settings)
        self.head = _Head(settings)

    @property
    def graph(self) -> GraphSettings:
        """The graph that the network reads."""
        return GraphSettings("shells", self.settings.neighbours)

    def forward(self, batch: Batch) -> Output:
        """What the network says, by its first source."""
        log_stiffness = self.by_source(batch, surroundings(batch))[:, 0]
        return Output(log10_moduli(log_stiffness), log_stiffness=log_stiffness)

    def loss(self, batch: Batch, targets: Targets) -> Tensor:
        """Error of the moduli and of the tensors of all sources."""
        predicted = self.by_source(batch, surroundings(batch))
        return log_stiffness_loss(predicted, targets, self.weights)

    def teaches(self, targets: Targets) -> Tensor:
        """Those with moduli or a tensor from any source."""
        tensors = ~torch.isnan(targets.log_stiffness[:, :, 0, 0]).all(1)
        return tensors | super().teaches(targets)

    def first_source(self) -> LogStiffnessNetwork:
        """The same network without what only training with further sources needs."""
        settings = replace(self.settings, sources=self.settings.sources[:1])
        network = LogStiffnessNetwork(settings, self.weights)
        state = {
            key: value[: len(network.state_dict()[key])] for key, value in self.state_dict().items()
        }
        network.load_state_dict(state)
        return network.train(self.training)

    def by_source(self, batch: Batch, around: Surroundings) -> Tensor:
        """S of each crystal according to each source, (b, s, 6, 6)."""
        radial = self.radial(batch.numbers, around)
        features = self.elements(batch.numbers)
        for moments, update in zip(self.moments, self.updates, strict=False):
            features = update(features, radial, around, moments(features, radial, around))
        last = self.moments[-1](features, radial, around)
        invariants, second, fourth = self.products(batch, features, last)
        log_stiffness: Tensor = self.head(batch, invariants, second, fourth)
        return log_stiffness


class _Elements(nn.Module):
    """Features (n, width) of atoms by their element: known properties and a learned vector."""

    table: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        table = torch.tensor(element_features(), dtype=torch.float32)
        self.register_buffer("table", table, persistent=False)
        self.learned = nn.Embedding(KNOWN, width)
        nn.init.normal_(self.learned.weight, std=0.3)
        self.known = nn.Linear(table.shape[1], width)

    def forward(self, numbers: Tensor) -> Tensor:
        result: Tensor = self.learned(numbers - 1) + self.known(self.table[numbers - 1])
        return result


class _Radial(nn.Module):
    """Gaussians (n, d, 2 count) of distances, in A and over the sum of the atomic radii."""

    radii: Tensor
    centres: Tensor
    relative_centres: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        radii = torch.tensor(atomic_radii(), dtype=torch.float32)
        self.register_buffer("radii", radii, persistent=False)
        self.register_buffer("centres", torch.linspace(0.7, 7.0, count), persistent=False)
        self.register_buffer("relative_centres", torch.linspace(0.5, 3.0, count), persistent=False)

    def forward(self, numbers: Tensor, around: Surroundings) -> Tensor:
        radii = self.radii[numbers - 1]
        relative = around.lengths / (radii[:, None] + radii[around.neighbours])
        parts = [
            _gaussians(around.lengths, self.centres),
            _gaussians(relative, self.relative_centres),
        ]
        return torch.cat(parts, -1)


def _gaussians(values: Tensor, centres: Tensor) -> Tensor:
    """Gaussians whose width is the distance of their centres."""
    spacing = centres[1] - centres[0]
    return torch.exp(-(((values[..., None] - centres) / spacing) ** 2))


class _Moments(nn.Module):
    """Moments of the surroundings: five tensors (n, channels, 2 l + 1)."""

    def __init__(self, settings: LogStiffnessSettings, radial: int) -> None:
        super().__init__()
        self.size = _DEGREES * settings.channels
        self.atom = nn.Linear(settings.width, 2 * self.size)
        self.edge = nn.Linear(radial, self.size, bias=False)

    def forward(self, features: Tensor, radial: Tensor, around: Surroundings) -> list[Tensor]:
        centre, neighbour = self.atom(features).split(self.size, -1)
        weights = self.edge(radial) * (1.0 + centre[:, None])
        weights = weights * torch.sigmoid(neighbour)[around.neighbours]
        return [
            torch.bmm(w.transpose(1, 2), harmonic) * _MOMENT_SCALE
            for w, harmonic in zip(weights.chunk(_DEGREES, -1), around.harmonics, strict=True)
        ]


class _Update(nn.Module):
    """One layer: messages, then new features of the atoms."""

    def __init__(self, settings: LogStiffnessSettings, radial: int) -> None:
        super().__init__()
        width, channels = settings.width, settings.channels
        self.atom = nn.Linear(width, 4 * width)
        self.edge = nn.Linear(radial, 2 * width, bias=False)
        self.angle = nn.Linear(channels, 2 * width, bias=False)
        self.spectrum = nn.Linear(_DEGREES * channels, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(settings.dropout)
        self.mix = nn.Sequential(nn.Linear(2 * width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(
        self, features: Tensor, radial: Tensor, around: Surroundings, moments: list[Tensor]
    ) -> Tensor:
        centre, neighbour = self.atom(features).chunk(2, -1)
        projections = torch.bmm(
            torch.cat(around.harmonics[1:], -1), torch.cat(moments[1:], -1).transpose(1, 2)
        )
        edges = self.edge(radial) + self.angle(projections)
        edges = edges + centre[:, None] + neighbour[around.neighbours]
        gate, core = edges.chunk(2, -1)
        messages = (torch.sigmoid(gate) * F.silu(core) * around.present).sum(1) * _MESSAGE_SCALE
        spectrum = [moments[0].squeeze(-1)] + [m.square().mean(-1) for m in moments[1:]]
        angular = self.spectrum(torch.tanh(torch.cat(spectrum, 1)))
        mixed = torch.cat([self.norm(features + messages), angular], 1)
        result: Tensor = features + self.mix(self.dropout(mixed))
        return result


class _Products(nn.Module):
    """Moments and their products of degree 2 and 4, weighted and averaged over the atoms."""

    def __init__(self, settings: LogStiffnessSettings) -> None:
        super().__init__()
        channels = settings.channels
        self.mixing = nn.ParameterList(
            [nn.Parameter(_scaled(channels, 2 * channels)) for _ in range(_DEGREES)]
        )
        self.paths = [
            (a, b, degree)
            for degree in (2, 4)
            for a in range(1, _DEGREES)
            for b in range(a, _DEGREES)
            if b - a <= degree <= a + b and (a + b + degree) % 2 == 0
        ]
        for a, b, degree in self.paths:
            _keep(self, _name(a, b, degree), coupling(a, b, degree))
        counts = [
            channels * (1 + sum(path[2] == degree for path in self.paths)) for degree in (2, 4)
        ]
        self.counts = counts
        self.gate = nn.Sequential(
            nn.Linear(settings.width, 64), nn.SiLU(), nn.Linear(64, sum(counts))
        )
        self.reduce = nn.ParameterList([nn.Parameter(_scaled(n, _POOLED)) for n in counts])
        self.invariants = nn.Linear(settings.width, 2 * settings.width)
        self.dropout = nn.Dropout(settings.dropout)

    def forward(
        self, batch: Batch, features: Tensor, moments: list[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        mixed = [w.T @ moment for moment, w in zip(moments, self.mixing, strict=True)]
        left, right = zip(*[m.chunk(2, 1) for m in mixed], strict=True)
        found: dict[int, list[Tensor]] = {2: [left[2]], 4: [left[4]]}
        for a, b, degree in self.paths:
            tensor = getattr(self, _name(a, b, degree))
            found[degree].append(_coupled(left[a], right[b], tensor))
        gates = self.dropout(self.gate(features)).split(self.counts, 1)
        pooled = [
            batch.mean(reduce.T @ (torch.cat(found[degree], 1) * gate[..., None]))
            for degree, gate, reduce in zip((2, 4), gates, self.reduce, strict=True)
        ]
        return batch.mean(F.silu(self.invariants(features))), pooled[0], pooled[1]


class _Head(nn.Module):
    """From what was averaged over the atoms to S by each source, (b, s, 6, 6)."""

    basis: Tensor
    usual: Tensor
    scale: Tensor
    couple_222: Tensor
    couple_224: Tensor

    def __init__(self, settings: LogStiffnessSettings) -> None:
        super().__init__()
        width = 2 * settings.width
        inputs = width + 1 + 2 * _POOLED
        self.sources = len(settings.sources)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(settings.dropout)
        self.isotropic = nn.Sequential(
            nn.Linear(inputs, 128), nn.SiLU(), nn.Linear(128, 2 * self.sources)
        )
        # for each source two mixtures and their squares of degree 2, one and a product of degree 4
        self.anisotropic = nn.Sequential(
            nn.Linear(inputs, 128), nn.SiLU(), nn.Linear(128, (3 * _POOLED + 3) * self.sources)
        )
        _keep(self, "basis", mandel_basis())
        # of an isotropic crystal S = ln(3 K) P0 + ln(2 G) P1, and the basis has P1 / sqrt(5)
        usual = [math.log(3 * _USUAL_BULK), 5**0.5 * math.log(2 * _USUAL_SHEAR)]
        self.register_buffer("usual", torch.tensor(usual), persistent=False)
        self.register_buffer("scale", torch.tensor([1.0, 5**0.5]), persistent=False)
        _keep(self, "couple_222", coupling(2, 2, 2))
        _keep(self, "couple_224", coupling(2, 2, 4))

    def forward(self, batch: Batch, invariants: Tensor, second: Tensor, fourth: Tensor) -> Tensor:
        size = torch.log(batch.volumes / batch.counts / _USUAL_VOLUME)[:, None]
        norms = [torch.log1p(t.square().mean(-1)) for t in (second, fourth)]
        given = self.dropout(torch.cat([self.norm(invariants), size, *norms], 1))
        l0 = self.isotropic(given).view(-1, self.sources, 2) * self.scale + self.usual
        weights = self.anisotropic(given).view(-1, self.sources, 3 * _POOLED + 3)
        two, four, more = weights.split([2 * _POOLED, _POOLED, 3], -1)
        l2 = two.unflatten(-1, (2, _POOLED)) @ second[:, None] * _ANISOTROPY_SCALE
        l4 = four[..., None, :] @ fourth[:, None] * _ANISOTROPY_SCALE
        square = _coupled(l2[..., 0, :], l2[..., 0, :], self.couple_222)
        l2 = l2 + more[..., :2, None] * square[..., None, :]
        product = _coupled(l2[..., 0, :], l2[..., 1, :], self.couple_224)
        l4 = l4.squeeze(-2) + more[..., 2:] * product
        vector = torch.cat([l0, l2.flatten(-2), l4], -1)
        log_stiffness: Tensor = torch.einsum("bsk,kij->bsij", vector, self.basis)
        return log_stiffness


def _coupled(left: Tensor, right: Tensor, tensor: Tensor) -> Tensor:
    """Product (..., k) of two harmonic tensors (..., i) and (..., j) by a coupling (i, j, k)."""
    pairs = (left[..., :, None] * right[..., None, :]).flatten(-2)
    return torch.matmul(pairs, tensor.flatten(0, 1))


def _scaled(rows: int, columns: int) -> Tensor:
    """Random weights that keep the size of what they mix."""
    return torch.randn(rows, columns) / math.sqrt(rows)


def _name(first: int, second: int, degree: int) -> str:
    return f"couple_{first}{second}{degree}"


def _keep(module: nn.Module, name: str, constant: NDArray[np.float64]) -> None:
    """A constant of a module, which its saved weights need not hold."""
    module.register_buffer(name, torch.tensor(constant, dtype=torch.float32), persistent=False)
