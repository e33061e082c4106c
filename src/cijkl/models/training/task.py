"""A network, its loss and its optimiser, as Lightning takes them."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch
from torch import Tensor

from cijkl.models.batches import MODULI, Batch
from cijkl.models.network import Network
from cijkl.models.targets import Targets
from cijkl.models.training.config import TrainingConfig

__all__ = ["Task"]


class Task(lightning.LightningModule):
    """Training of one network.

    Parameters
    ----------
    network
        To be trained.
    config
        How.
    """

    def __init__(self, network: Network, config: TrainingConfig) -> None:
        super().__init__()
        self.network = network
        self.config = config
        self._errors: list[Tensor] = []
        self._skipped = 0

    def training_step(self, batch: tuple[Batch, Targets], index: int) -> Tensor:
        """Loss of one batch."""
        loss = self.network.loss(*batch)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(batch[1]))
        return loss

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Leave out a step whose gradient is not finite: one crystal would end the training."""
        gradients = [p.grad for p in self.parameters() if p.grad is not None]
        finite = torch.stack([g.isfinite().all() for g in gradients]).all()
        if not finite:
            self._skipped += 1
            for gradient in gradients:
                gradient.zero_()

    def on_train_epoch_end(self) -> None:
        """Tell how many steps were left out."""
        self.log("skipped_steps", float(self._skipped))
        self._skipped = 0

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

    def configure_optimizers(self) -> Any:
        """AdamW with a rate that rises linearly and falls as half a cosine."""
        config = self.config
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        steps = int(self.trainer.estimated_stepping_batches)
        warm = max(1, round(config.warmup * steps))

        def rate(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            done = min(1.0, (step - warm) / max(1, steps - warm))
            left = config.final_rate
            return left + (1.0 - left) * 0.5 * (1.0 + math.cos(math.pi * done))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
