"""All that determines a training, as one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from cijkl.errors import InputError

__all__ = ["TrainingConfig", "read_config", "write_config"]


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Parameters
    ----------
    network
        ``log_stiffness``, ``cgcnn``, ``matten`` or ``matsca``.
    settings
        Of the network, by name; what is left out has its default.
    loss
        Weights of the parts of the loss, for ``log_stiffness``.
    data
        Files of labelled crystals; labels of crystals with the same id are put together.
    tensors
        Files of tensors from further sources, by the name of the source.
    folds, fold
        The crystals are split by formula into so many folds; this one is not trained on, and says
        when to stop. With one fold, a tenth of the formulas is kept for that.
    start
        Weights to start from; None for random ones.
    epochs, patience
        Passes over the data at most, and without improvement.
    batch_size
        Crystals.
    learning_rate, warmup, weight_decay, clip, average
        Of AdamW: the largest rate, the share of all steps in which it is reached, the decay of
        weights; the largest norm of a gradient; the decay of the running mean of the weights, by
        which the network is judged and kept.
    seed
        Of weights, order and dropout.
    split_seed
        Of the folds.
    precision
        Of Lightning: ``32-true``, ``16-mixed``, ``bf16-mixed``.
    """

    network: str = "log_stiffness"
    settings: Mapping[str, Any] = field(default_factory=dict)
    loss: Mapping[str, float] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    tensors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folds: int = 5
    fold: int = 0
    start: str | None = None
    epochs: int = 60
    patience: int = 60
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup: float = 0.05
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998
    seed: int = 1
    split_seed: int = 7
    precision: str = "32-true"


def read_config(path: str | Path) -> TrainingConfig:
    """Read a training's YAML file.

    Raises
    ------
    InputError
        If it cannot be read, or holds what no training has.
    """
    import yaml

    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: no training configuration: {reason}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected names and values, one a line")
    known = {item.name for item in fields(TrainingConfig)}
    if unknown := sorted(set(map(str, content)) - known):
        raise InputError(
            f"{path}: {unknown[0]!r} is no setting; known are {', '.join(sorted(known))}"
        )
    content["data"] = tuple(content.get("data", ()))
    content["tensors"] = {k: tuple(v) for k, v in content.get("tensors", {}).items()}
    return TrainingConfig(**content)


def write_config(config: TrainingConfig, path: str | Path) -> None:
    """Write the file that repeats a training."""
    import yaml

    content = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(config).items()}
    content["tensors"] = {k: list(v) for k, v in config.tensors.items()}
    content["settings"] = {
        k: list(v) if isinstance(v, tuple) else v for k, v in config.settings.items()
    }
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
