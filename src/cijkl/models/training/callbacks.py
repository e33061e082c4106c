"""What happens around the steps of a training: progress, Ctrl-C, random numbers."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from types import FrameType
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback

__all__ = ["Interrupted", "Interruption", "Progress", "RandomState"]

#: seconds between lines where there is no terminal
_PERIOD = 30.0


class Interrupted(Exception):
    """Ctrl-C was pressed while a training ran."""


class Interruption(Callback):
    """Ends a training between two steps once Ctrl-C was pressed; pressed again, at once.

    A context manager around the training. Lightning's own way ends the process.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> Interruption:
        # only the main thread may say what signals do
        with suppress(ValueError):
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def on_train_batch_start(self, *_: Any) -> None:
        """Stop here if asked to: the epochs that ended are in the checkpoint."""
        if self._asked:
            raise Interrupted

    def on_validation_batch_start(self, *_: Any) -> None:
        """The same while the training is judged."""
        if self._asked:
            raise Interrupted


class RandomState(Callback):
    """Keeps the state of the random numbers in checkpoints.

    With it a training that is taken up again ends with the weights that it would have had.
    """

    def state_dict(self) -> dict[str, Any]:
        """Of torch on the processor and on the GPUs."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        return {"cpu": torch.get_rng_state(), "cuda": cuda}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from there."""
        torch.set_rng_state(state_dict["cpu"])
        if state_dict["cuda"] and torch.cuda.device_count() == len(state_dict["cuda"]):
            torch.cuda.set_rng_state_all(state_dict["cuda"])


class Progress(Callback):
    """A bar on standard error, or a line every half minute where that is no terminal.

    Parameters
    ----------
    intro
        What is said before.
    error
        What the error ``valid`` is.
    """

    def __init__(self, intro: str, error: str) -> None:
        self._intro = intro
        self._error = error
        self._bar: Any = None
        self._began = self._told = 0.0
        self._first = 0
        self._best = float("inf")

    def on_train_start(self, trainer: lightning.Trainer, *_: Any) -> None:
        """Note the time."""
        self._began = self._told = time.monotonic()
        self._first = trainer.current_epoch
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                BarColumn(bar_width=20),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True),
            )
            self._bar.add_task("epoch 1", total=None)
            self._say_intro()
            self._bar.start()

    def on_train_batch_end(self, trainer: lightning.Trainer, *arguments: Any) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(0, **self._where(trainer, int(arguments[-1]) + 1))

    def on_validation_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """Note the error; say so where it is time to."""
        if trainer.sanity_checking:
            return
        error = float(trainer.callback_metrics["valid"])
        self._best = min(self._best, error)
        now = time.monotonic()
        if self._bar is None and now - self._told > _PERIOD:
            self._told = now
            where = self._where(trainer, int(trainer.num_training_batches))
            self._say_intro()
            print(where["description"], file=sys.stderr, flush=True)

    def on_fit_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        """Leave the bar."""
        self._close()

    def on_exception(self, *_: Any) -> None:
        """Leave the bar."""
        self._close()

    def _say_intro(self) -> None:
        if self._intro:
            print(self._intro, file=sys.stderr, flush=True)
            self._intro = ""

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _where(self, trainer: lightning.Trainer, batches: int) -> dict[str, Any]:
        """State of the bar: epochs done, their number, and all of it in words."""
        total = int(trainer.max_epochs or 0)
        done = trainer.current_epoch + batches / int(trainer.num_training_batches)
        here = done - self._first
        left = (time.monotonic() - self._began) * (total - done) / here if here > 0 else 0.0
        text = f"epoch {trainer.current_epoch + 1} of {total}"
        if self._best < float("inf"):
            text += f", {self._error} {self._best:.4f} at best"
        text += f", {timedelta(seconds=round(max(left, 0.0)))} left at most"
        return {"completed": done, "total": total, "description": text}
