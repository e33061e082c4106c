"""A network and its loss, as Lightning takes them."""

from __future__ import annotations

import torch
from torch import Tensor

from cijkl.models.batches import MODULI, Batch
from cijkl.models.network import Network
from cijkl.models.targets import Targets
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.steps import Steps

__all__ = ["Task"]


class Task(Steps):
    """Training of one network.

    Parameters
    ----------
    network
        To be trained.
    config
        How.
    """

    def __init__(self, network: Network, config: TrainingConfig) -> None:
        super().__init__(config)
        self.network = network
        self._errors: list[Tensor] = []

    def training_step(self, batch: tuple[Batch, Targets], index: int) -> Tensor:
        """Loss of one batch."""
        loss = self.network.loss(*batch)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(batch[1]))
        return loss

    def validation_step(self, batch: tuple[Batch, Targets], index: int) -> None:
        """Keep the errors of one batch."""
        graphs, targets = batch
        output = self.network(graphs)
        self._errors.append((output.log10_moduli - targets.log10_moduli).abs())
        if output.log_stiffness is not None:
            difference = output.log_stiffness.double() - targets.log_stiffness[:, 0]
            distance = torch.linalg.matrix_norm(difference)
            distance = distance[~torch.isnan(distance)]
            if len(distance):
                self.log("valid_tensor", distance.mean(), batch_size=len(distance))
        self.log("valid_loss", self.network.loss(graphs, targets), batch_size=len(targets))

    def on_validation_epoch_end(self) -> None:
        """Mean errors of all batches: of log10 K_VRH and log10 G_VRH, and of both together."""
        errors = torch.cat(self._errors).nanmean(0)
        self._errors.clear()
        both = [errors[MODULI.index(name)] for name in ("K_VRH", "G_VRH")]
        self.log("valid_K", both[0])
        self.log("valid_G", both[1])
        self.log("valid", torch.stack(both).nanmean(), prog_bar=True)
