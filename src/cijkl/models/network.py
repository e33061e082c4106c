"""What every network has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from cijkl.models.batches import Batch, Output
from cijkl.models.graphs import GraphSettings
from cijkl.models.targets import Targets

__all__ = ["Network"]


class Network(nn.Module, ABC):
    """Crystals in, what it says of their elasticity out.

    Its weights and the settings it was made with determine all that it says.
    """

    #: a frozen dataclass of the network's own
    settings: Any
    #: what decides which epoch was best: error of log10 K and G, or the loss on the judged crystals
    judged_by = "valid"
    #: whether it normalises over the atoms of a batch, of which there must be two then
    norms_batches = False

    @property
    @abstractmethod
    def graph(self) -> GraphSettings:
        """Which neighbours it sees."""

    @abstractmethod
    def forward(self, batch: Batch) -> Output:
        """What it says of the crystals of a batch."""

    def fit_scale(self, targets: Targets) -> None:
        """Take mean and spread of what is to be learned, before the training."""

    @abstractmethod
    def loss(self, batch: Batch, targets: Targets) -> Tensor:
        """What its training makes small."""

    def teaches(self, targets: Targets) -> Tensor:
        """Which crystals (b,) have a label that it can learn from."""
        return ~torch.isnan(targets.log10_moduli).all(1)

    def __call__(self, batch: Batch) -> Output:
        """See `forward`."""
        output: Output = super().__call__(batch)
        return output
