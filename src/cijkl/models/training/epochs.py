"""The epochs of any training: checkpoints, the mean of the weights, when to stop, Ctrl-C."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import lightning
    from torch import Tensor
    from torch.utils.data import DataLoader

__all__ = ["CHECKPOINT", "HISTORY", "Epochs", "kept_state", "run_epochs"]

#: what a training leaves in its folder: all to take it up again, a row for each epoch
CHECKPOINT, HISTORY = "latest.ckpt", "metrics.csv"


@dataclass(frozen=True)
class Epochs:
    """What the epochs of a training are like; the names are those of `TrainingConfig`.

    Parameters
    ----------
    judged_by
        Name of the logged error that says which epoch is best.
    error
        What that error is, for the progress.
    second_order
        Whether judging needs gradients, as forces do.
    """

    epochs: int
    patience: int
    precision: str
    clip: float
    average: float
    judged_by: str
    error: str
    second_order: bool = False


def run_epochs(
    task: lightning.LightningModule,
    learned: DataLoader[Any],
    judged: DataLoader[Any],
    folder: Path,
    settings: Epochs,
    intro: str | None,
) -> None:
    """Run the epochs, from the checkpoint in the folder if there is one.

    Parameters
    ----------
    task
        What is trained, and how.
    learned, judged
        Batches to learn from and to judge by.
    folder
        For checkpoints, history and logs.
    settings
        What the epochs are like.
    intro
        What comes before the progress, None shows none.

    Raises
    ------
    Interrupted
        After Ctrl-C.
    """
    import lightning
    import torch
    from lightning.pytorch import callbacks, loggers

    from cijkl.models.training.callbacks import Interruption, Progress, RandomState
    from cijkl.models.training.history import History

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    logs: list[Any] = [History(folder / HISTORY)]
    if find_spec("tensorboard") or find_spec("tensorboardX"):
        logs.append(loggers.TensorBoardLogger(folder, "", ""))
    with Interruption() as interruption, warnings.catch_warnings():
        # loaders without worker processes are fastest for data that is in memory
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        warnings.filterwarnings("ignore", ".*exists and is not empty.*")
        # networks that have no dropout are evaluated as they are used
        warnings.filterwarnings("ignore", ".*in eval mode.*")
        warnings.filterwarnings("ignore", ".*LeafSpec.*")
        trainer = lightning.Trainer(
            # the losses need float64, which Apple's GPUs do not have
            accelerator="gpu" if torch.cuda.is_available() else "cpu",
            devices=1,
            max_epochs=settings.epochs,
            precision=settings.precision,  # type: ignore[arg-type]  # one of Lightning's
            gradient_clip_val=settings.clip,
            inference_mode=not settings.second_order,
            callbacks=[
                RandomState(),
                callbacks.WeightAveraging(avg_fn=_running_mean(settings.average)),
                callbacks.EarlyStopping(settings.judged_by, patience=settings.patience),
                callbacks.ModelCheckpoint(
                    folder,
                    "best",
                    monitor=settings.judged_by,
                    mode="min",
                    enable_version_counter=False,
                ),
                callbacks.ModelCheckpoint(
                    folder, Path(CHECKPOINT).stem, enable_version_counter=False
                ),
                interruption,
                *([] if intro is None else [Progress(intro, settings.error)]),
            ],
            logger=logs,
            enable_progress_bar=False,
            enable_model_summary=False,
            log_every_n_steps=1,
        )
        checkpoint = folder / CHECKPOINT
        trainer.fit(
            task, learned, judged, ckpt_path=str(checkpoint) if checkpoint.exists() else None
        )


def kept_state(folder: Path, keep: str, prefix: str = "network.") -> Mapping[str, Tensor]:
    """Weights of the best epoch, or of the last.

    Parameters
    ----------
    keep
        ``best`` or ``last``.
    prefix
        Of the network's name in the task; it is cut off.
    """
    import torch

    name = CHECKPOINT if keep == "last" else "best.ckpt"
    checkpoint = torch.load(folder / name, map_location="cpu", weights_only=True)
    return {
        key.removeprefix(prefix): value
        for key, value in checkpoint["state_dict"].items()
        if key.startswith(prefix)
    }


def _running_mean(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Exponential mean of weights that forgets the random start quickly."""

    def average(mean: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not mean.is_floating_point():
            # a counter, as norms have
            return current
        step = float(count)
        return mean.lerp(current, 1.0 - min(decay, (1.0 + step) / (10.0 + step)))

    return average
