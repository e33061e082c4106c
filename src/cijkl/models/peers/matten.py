"""MatTen: the stiffness of a crystal from an equivariant network; and MatSca, its scalar variant.

Wen, Horton, Munro, Huck and Persson, Digital Discovery 3, 869 (2024), with the sizes of the
released model. Three layers of gated convolutions and a fourth without gate, the mean over the
atoms, and the harmonic components 2x0e + 2x2e + 1x4e of the stiffness. Nothing makes the tensor
positive definite. MatSca ends with scalars instead.

Deviations: features of the elements, and their mixing, start with unit spread, since in the release
they are so small that the batch norms hardly see them; components are learned in units of their
spread, which the release offers but its final configuration leaves out; and one MatSca answers
with K and G at once, where the authors' configurations have one target each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cijkl.elasticity.harmonic import mandel_basis
from cijkl.errors import InputError
from cijkl.models.batches import MODULI, Batch, Output
from cijkl.models.graphs import GraphSettings
from cijkl.models.losses import irreps_loss, moduli_loss
from cijkl.models.moduli import log10_moduli_of_stiffness
from cijkl.models.network import Network
from cijkl.models.peers.matten_settings import PUBLISHED, REDUCED, MatTenSettings

if TYPE_CHECKING:
    from cijkl.models.targets import Targets

__all__ = ["PUBLISHED", "REDUCED", "MatScaNetwork", "MatTenNetwork", "MatTenSettings"]

#: the harmonic components, and the size of each
_STIFFNESS = "2x0e+2x2e+1x4e"
_SIZES = (1, 1, 5, 5, 9)


class MatTenNetwork(Network):
    """The stiffness of crystals, by its harmonic components.

    `fit_scale` comes first, with the labels that are to be learned: the network gives components
    in units of their spread.

    Parameters
    ----------
    settings
        Sizes.

    Raises
    ------
    InputError
        If e3nn is not installed.
    """

    judged_by = "valid_loss"

    mean: Tensor
    scale: Tensor
    basis: Tensor

    def __init__(self, settings: MatTenSettings = PUBLISHED) -> None:
        super().__init__()
        from cijkl.models.peers.equivariant import Irreps, Linear
        from cijkl.models.peers.equivariant_trunk import Trunk

        self.settings = settings
        pooled = f"{settings.scalars}x0e+2x2e+1x4e"
        self.trunk = Trunk(settings, pooled)
        self.head = Linear(Irreps(pooled), Irreps(_STIFFNESS))
        basis = torch.from_numpy(mandel_basis().copy())
        self.register_buffer("basis", basis, persistent=False)
        self.register_buffer("mean", torch.zeros(21, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(21, dtype=torch.float64))

    @property
    def graph(self) -> GraphSettings:
        """Neighbours that the network expects."""
        return GraphSettings("within", cutoff=self.settings.cutoff)

    def fit_scale(self, targets: Targets) -> None:
        """Take mean and spread of the isotropic components, and the mean size of the others.

        Raises
        ------
        InputError
            If no crystal has a tensor.
        """
        components = self._components(targets.stiffness[:, 0])
        components = components[~torch.isnan(components).any(1)]
        if not len(components):
            raise InputError("no crystal has a stiffness tensor to learn from")
        # anisotropic parts average to zero over all orientations of a crystal
        self.mean.zero_()
        self.mean[:2] = components[:, :2].mean(0)
        parts = torch.split(components - self.mean, list(_SIZES), dim=1)
        spreads = [part.square().mean().sqrt().clamp(min=1e-3) for part in parts]
        self.scale.copy_(torch.cat([s.expand(n) for s, n in zip(spreads, _SIZES, strict=True)]))

    def normalised(self, stiffness: Tensor) -> Tensor:
        """Components (b, 21) in units of their spread, of (b, 6, 6), Mandel form, GPa.

        NaN where the stiffness is: what `losses.irreps_loss` compares with `irreps`.
        """
        return (self._components(stiffness) - self.mean) / self.scale

    def irreps(self, batch: Batch) -> Tensor:
        """Components (b, 21) in units of their spread, 2x0e + 2x2e + 1x4e."""
        components: Tensor = self.head(self.trunk(batch))
        return components

    def stiffness(self, irreps: Tensor) -> Tensor:
        """Stiffness (b, 6, 6), Mandel form, GPa, float64, of components of `irreps`."""
        components = irreps.double() * self.scale + self.mean
        return torch.einsum("bk,kij->bij", components, self.basis.double())

    def teaches(self, targets: Targets) -> Tensor:
        """Those with a tensor."""
        return ~torch.isnan(targets.stiffness[:, 0, 0, 0])

    def loss(self, batch: Batch, targets: Targets) -> Tensor:
        """Mean squared error of the components."""
        return irreps_loss(self.irreps(batch), self.normalised(targets.stiffness[:, 0]).float())

    def forward(self, batch: Batch) -> Output:
        """The stiffness, which may be indefinite, and its moduli, NaN where it is.

        Raises
        ------
        InputError
            If an element is unknown.
        """
        stiffness = self.stiffness(self.irreps(batch))
        return Output(log10_moduli_of_stiffness(stiffness), stiffness=stiffness)

    def _components(self, stiffness: Tensor) -> Tensor:
        return torch.einsum("bij,kij->bk", stiffness.double(), self.basis.double())


class MatScaNetwork(Network):
    """K_VRH and G_VRH of crystals; it learns their logarithms.

    Parameters
    ----------
    settings
        Sizes.

    Raises
    ------
    InputError
        If e3nn is not installed.
    """

    mean: Tensor
    scale: Tensor
    #: which of `MODULI` it says
    columns = (MODULI.index("K_VRH"), MODULI.index("G_VRH"))

    def __init__(self, settings: MatTenSettings = PUBLISHED) -> None:
        super().__init__()
        from cijkl.models.peers.equivariant_trunk import Trunk

        self.settings = settings
        self.trunk = Trunk(settings, f"{settings.scalars}x0e")
        self.head = nn.Linear(settings.scalars, len(self.columns))
        self.register_buffer("mean", torch.zeros(len(self.columns)))
        self.register_buffer("scale", torch.ones(len(self.columns)))

    @property
    def graph(self) -> GraphSettings:
        """Neighbours that the network expects."""
        return GraphSettings("within", cutoff=self.settings.cutoff)

    def fit_scale(self, targets: Targets) -> None:
        """Take mean and spread of the logarithms of K and G.

        Raises
        ------
        InputError
            If no crystal has one of them.
        """
        for place, column in enumerate(self.columns):
            values = targets.log10_moduli[:, column]
            values = values[~torch.isnan(values)]
            if not len(values):
                raise InputError(f"no crystal has a label of {MODULI[column]}")
            self.mean[place] = values.mean()
            # equal labels have no spread to scale by
            spread = values.std(correction=0)
            self.scale[place] = spread if spread > 0.0 else 1.0

    def loss(self, batch: Batch, targets: Targets) -> Tensor:
        """Mean squared error of the logarithms."""
        return moduli_loss(self(batch), targets)

    def forward(self, batch: Batch) -> Output:
        """`Output.log10_moduli` (b, 6) with K_VRH and G_VRH, NaN elsewhere.

        Raises
        ------
        InputError
            If an element is unknown.
        """
        values = self.head(self.trunk(batch)) * self.scale + self.mean
        moduli = values.new_full((len(batch), len(MODULI)), torch.nan)
        moduli[:, list(self.columns)] = values
        return Output(moduli)
