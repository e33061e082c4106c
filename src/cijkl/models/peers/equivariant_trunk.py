"""Convolutions and pooling of MatTen and MatSca: features of a crystal that turn with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cijkl.errors import InputError
from cijkl.models.batches import Batch
from cijkl.models.peers.edge_sums import neighbourhoods
from cijkl.models.peers.equivariant import EquivariantLayer, Irreps, Linear
from cijkl.models.spherical import spherical_harmonics

if TYPE_CHECKING:
    from cijkl.models.peers.matten_settings import MatTenSettings

__all__ = ["Trunk", "bessel"]

#: highest degree of the edges' harmonics
_DEGREE = 4


class Trunk(nn.Module):
    """Gated convolutions, one without gate, and the mean over the atoms.

    Parameters
    ----------
    settings
        Sizes.
    pooled
        Irreps of the crystal, in the notation of e3nn.

    Raises
    ------
    InputError
        If the settings' irreps are none, or lack a kind that is to be pooled.
    """

    def __init__(self, settings: MatTenSettings, pooled: str) -> None:
        super().__init__()
        self.settings = settings
        self.embedding = nn.Embedding(settings.elements, settings.embedding)
        inner = _irreps(settings.irreps)
        final = Irreps(pooled)
        harmonics = Irreps.spherical_harmonics(_DEGREE)
        features = Irreps([(settings.embedding, (0, 1))])
        radial = (settings.radial_basis, *settings.radial_hidden)
        # the last convolution forms only what the pooling reads
        wanted = Irreps([kind for kind in inner if kind.ir in {k.ir for k in final}])
        if len(wanted) < len(final):
            raise InputError(f"MatTen needs features of the kinds {pooled}, not {settings.irreps}")
        self.layers = nn.ModuleList()
        for number in range(settings.layers + 1):
            gated = number < settings.layers
            layer = EquivariantLayer(
                features,
                inner if gated else wanted,
                harmonics,
                settings.elements,
                radial,
                settings.neighbours,
                gated,
            )
            self.layers.append(layer)
            features = layer.outputs
        self.pooled = Linear(features, final)

    def forward(self, batch: Batch) -> Tensor:
        """Irreps (b, ...) of the crystals.

        Raises
        ------
        InputError
            If an element is unknown.
        """
        settings = self.settings
        lowest, highest = (int(limit) for limit in batch.numbers.aminmax())
        if lowest < 1 or highest > settings.elements:
            unknown = lowest if lowest < 1 else highest
            raise InputError(f"this network knows elements 1 to {settings.elements}, not {unknown}")
        species = batch.numbers - 1
        lengths = batch.vectors.norm(dim=1)
        harmonics = torch.cat(spherical_harmonics(batch.vectors / lengths[:, None]), dim=1)
        radial = bessel(lengths, settings.cutoff, settings.radial_basis)
        blocks = neighbourhoods(batch)
        features = self.embedding(species)
        for layer in self.layers:
            features = layer(features, species, harmonics, radial, blocks)
        pooled: Tensor = self.pooled(batch.mean(features))
        return pooled


def bessel(lengths: Tensor, cutoff: float, count: int) -> Tensor:
    """sqrt(2 count / c) sin(n pi r / c) / r for n = 1 ... count: (m, count), zero at r = c.

    Gasteiger, Gross and Guennemann, ICLR 2020, arXiv:2003.03123, eq. 7, times sqrt(count).
    """
    orders = torch.arange(1, count + 1, dtype=lengths.dtype, device=lengths.device)
    r = lengths[:, None]
    scale: float = (2.0 * count / cutoff) ** 0.5
    return scale * torch.sin(orders * torch.pi * r / cutoff) / r


def _irreps(text: str) -> Irreps:
    """Sorted irreps, each kind once, of their notation.

    Raises
    ------
    InputError
        If the notation is wrong.
    """
    try:
        irreps: Irreps = Irreps(text).sort().irreps.simplify()
    except ValueError as error:
        raise InputError(f"'{text}' is no list of irreps such as 16x0e+8x1o") from error
    return irreps
