"""CGCNN: K or G of a crystal from the elements and the lengths of the bonds around each atom.

Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018), with the settings by which Liu et al., Acta
Phys. Sin. 74, 120702 (2025), trained it on bulk and shear moduli. One deviation: the shell of the
twelfth neighbour is kept whole, so that an atom may have more than twelve. The published choice
among equally distant neighbours depends on the order of the atoms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from cijkl.errors import InputError
from cijkl.models.batches import MODULI, Batch, Output
from cijkl.models.graphs import GraphSettings
from cijkl.models.losses import moduli_loss
from cijkl.models.network import Network
from cijkl.models.peers.element_attributes import LAST_ELEMENT, element_attributes

if TYPE_CHECKING:
    from cijkl.models.targets import Targets

__all__ = ["CGCNNNetwork", "CGCNNSettings", "Convolution"]


@dataclass(frozen=True)
class CGCNNSettings:
    """What is published, but for `target`.

    Parameters
    ----------
    target
        ``K`` or ``G``: the Hill average that the network answers with.
    width
        Features of an atom.
    hidden
        Features of each layer after the pooling.
    layers
        Convolutions.
    hidden_layers
        Layers after the pooling and before the answer.
    neighbours
        Around each atom, at least.
    cutoff
        A, beyond which there is no neighbour.
    step
        A, between the centres of the Gaussians from 0 to `cutoff`, and their width.
    """

    target: Literal["K", "G"]
    width: int = 64
    hidden: int = 128
    layers: int = 3
    hidden_layers: int = 2
    neighbours: int = 12
    cutoff: float = 8.0
    step: float = 0.2

    def __post_init__(self) -> None:
        if self.target not in ("K", "G"):
            raise InputError(f"CGCNN learns 'K' or 'G', not '{self.target}'")
        sizes = (self.width, self.hidden, self.layers, self.hidden_layers, self.neighbours)
        if min(sizes) < 1 or not 0.0 < self.step < self.cutoff:
            raise InputError(
                "CGCNN needs sizes of at least 1 and a step between 0 and the cut-off; "
                f"these are {self}"
            )


class Convolution(nn.Module):
    """Gated convolution: equation 5 of the paper, batch norms and outer softplus as in its code.

    With z = v_i + v_j + u_ij (chained) over the edges from atom i,

        v_i' = softplus(v_i + N2[sum_j sigmoid(N1[W_f z + b_f]) * softplus(N1[W_s z + b_s])]).

    Parameters
    ----------
    width
        Features of an atom.
    edge_width
        Features of an edge.
    """

    def __init__(self, width: int, edge_width: int) -> None:
        super().__init__()
        # the first half of the rows are the gate's, the second half the core's
        self.linear = nn.Linear(2 * width + edge_width, 2 * width)
        self.edge_norm = nn.BatchNorm1d(2 * width)
        self.atom_norm = nn.BatchNorm1d(width)

    def forward(self, atoms: Tensor, edges: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """Features of the atoms (n, width) after the convolution.

        Parameters
        ----------
        atoms
            Features of the atoms, (n, width).
        edges
            Features of the edges, (m, edge_width).
        first, second
            Atoms of each edge, (m,).
        """
        width = atoms.shape[1]
        # linear in the three parts, so those of the atoms are multiplied once for each atom
        of_first, of_second, of_edge = torch.split(
            self.linear.weight, [width, width, edges.shape[1]], dim=1
        )
        mixed = torch.addmm(self.linear.bias, edges, of_edge.T)
        mixed = mixed + (atoms @ of_first.T)[first] + (atoms @ of_second.T)[second]
        gate, core = self.edge_norm(mixed).chunk(2, dim=1)
        messages = torch.sigmoid(gate) * softplus(core)
        gathered = messages.new_zeros(atoms.shape).index_add(0, first, messages)
        return softplus(atoms + self.atom_norm(gathered))


class CGCNNNetwork(Network):
    """Crystal graph convolutional network for one modulus.

    It learns log10 of the modulus in GPa; `fit_scale` gives it the labels' mean and spread first.

    Parameters
    ----------
    settings
        Sizes, and which modulus.
    """

    norms_batches = True
    attributes: Tensor
    centres: Tensor
    mean: Tensor
    scale: Tensor

    def __init__(self, settings: CGCNNSettings) -> None:
        super().__init__()
        self.settings = settings
        table = torch.tensor(element_attributes(), dtype=torch.get_default_dtype())
        count = round(settings.cutoff / settings.step) + 1
        self.register_buffer("attributes", table)
        self.register_buffer("centres", settings.step * torch.arange(count))
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))
        self.embedding = nn.Linear(table.shape[1], settings.width)
        self.convolutions = nn.ModuleList(
            Convolution(settings.width, count) for _ in range(settings.layers)
        )
        sizes = [settings.width] + settings.hidden_layers * [settings.hidden]
        self.dense = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(sizes))
        self.answer = nn.Linear(settings.hidden, 1)

    @property
    def graph(self) -> GraphSettings:
        """Neighbours that the network expects."""
        return GraphSettings("nearest", self.settings.neighbours, self.settings.cutoff)

    @property
    def column(self) -> int:
        """Which of `MODULI` the network answers with."""
        return MODULI.index(f"{self.settings.target}_VRH")

    def fit_scale(self, targets: Targets) -> None:
        """Take the mean and the standard deviation of the labels that there are.

        Raises
        ------
        InputError
            If no crystal has a label of this modulus.
        """
        values = targets.log10_moduli[:, self.column].double()
        values = values[~torch.isnan(values)]
        if not len(values):
            raise InputError(f"no crystal has a label of {MODULI[self.column]}")
        spread = values.std(correction=0)
        self.mean.copy_(values.mean())
        # equal labels have no spread to scale by
        self.scale.copy_(spread if spread > 0.0 else torch.ones(()))

    def loss(self, batch: Batch, targets: Targets) -> Tensor:
        """Mean squared error of the logarithm."""
        return moduli_loss(self(batch), targets)

    def forward(self, batch: Batch) -> Output:
        """`Output.log10_moduli` (b, 6) with the one modulus, NaN elsewhere.

        Raises
        ------
        InputError
            If an element lies beyond the table of attributes.
        """
        lowest, highest = (int(limit) for limit in batch.numbers.aminmax())
        if lowest < 1 or highest > LAST_ELEMENT:
            unknown = lowest if lowest < 1 else highest
            raise InputError(f"CGCNN knows the elements 1 to {LAST_ELEMENT}, not {unknown}")
        atoms = self.embedding(self.attributes)[batch.numbers]
        lengths = batch.vectors.norm(dim=1)
        edges = torch.exp(-(((lengths[:, None] - self.centres) / self.settings.step) ** 2))
        for convolution in self.convolutions:
            atoms = convolution(atoms, edges, batch.first, batch.second)
        features = softplus(batch.mean(atoms))
        for layer in self.dense:
            features = softplus(layer(features))
        moduli = atoms.new_full((len(batch), len(MODULI)), torch.nan)
        moduli[:, self.column] = self.mean + self.scale * self.answer(features)[:, 0]
        return Output(log10_moduli=moduli)
