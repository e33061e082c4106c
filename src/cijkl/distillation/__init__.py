"""Distillation: a potential that knows better, or frames of DFT, teach a faster one.

`distill` trains a student, CHGNet or SevenNet, on labels of DFT (hard) and of a teacher (soft), and
writes weights that ``load("distilled:FILE")`` gives as a potential. `sweep` repeats that for ratios
of hard to soft labels and numbers of frames. They need PyTorch, which is imported when one is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cijkl.distillation.config import RECIPES, DistillConfig, read_config

if TYPE_CHECKING:
    from cijkl.distillation.sweeps import SweepConfig, read_sweep, sweep
    from cijkl.distillation.training import distill, name_to_load

__all__ = [
    "RECIPES",
    "DistillConfig",
    "SweepConfig",
    "distill",
    "name_to_load",
    "read_config",
    "read_sweep",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in ("distill", "name_to_load"):
        from cijkl.distillation import training

        return getattr(training, name)
    if name in ("SweepConfig", "read_sweep", "sweep"):
        from cijkl.distillation import sweeps

        return getattr(sweeps, name)
    raise AttributeError(f"module 'cijkl.distillation' has no attribute {name!r}")
