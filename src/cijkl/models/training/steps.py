"""What the steps of all trainings have in common: optimiser, rates, and gradients that are none."""

from __future__ import annotations

import math
from typing import Any

import lightning
import torch

__all__ = ["Steps"]


class Steps(lightning.LightningModule):
    """A training's optimiser and schedule.

    Parameters
    ----------
    config
        With ``learning_rate``, ``weight_decay``, ``warmup`` and ``final_rate``; with
        ``schedule`` ``plateau`` the rate is halved instead after some epochs without improvement.
    """

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self._skipped = 0

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

    def configure_optimizers(self) -> Any:
        """AdamW with a rate that rises linearly and falls as half a cosine, or step by step."""
        config = self.config
        left = float(config.final_rate)
        trained = [weight for weight in self.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(
            trained, lr=config.learning_rate, weight_decay=config.weight_decay
        )
        if getattr(config, "schedule", "cosine") == "plateau":
            falls = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, factor=0.5, patience=5, min_lr=left * config.learning_rate
            )
            return {
                "optimizer": optimizer,
                "lr_scheduler": {"scheduler": falls, "interval": "epoch", "monitor": "valid"},
            }
        steps = int(self.trainer.estimated_stepping_batches)
        warm = max(1, round(float(config.warmup) * steps))

        def rate(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            done = min(1.0, (step - warm) / max(1, steps - warm))
            return left + (1.0 - left) * 0.5 * (1.0 + math.cos(math.pi * done))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
