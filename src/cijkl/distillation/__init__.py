"""Distillation: a potential that knows better, or frames of DFT, teach a faster one.

`distill` trains a student, CHGNet or SevenNet, on labels of DFT (hard) and of a teacher (soft), and
writes weights that ``load("distilled:FILE")`` gives as a potential. It
needs PyTorch, which is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cijkl.distillation.config import RECIPES, DistillConfig, read_config

if TYPE_CHECKING:
    from cijkl.distillation.training import distill, name_to_load

__all__ = ["RECIPES", "DistillConfig", "distill", "name_to_load", "read_config"]


def __getattr__(name: str) -> Any:
    if name in ("distill", "name_to_load"):
        from cijkl.distillation import training

        return getattr(training, name)
    raise AttributeError(f"module 'cijkl.distillation' has no attribute {name!r}")
