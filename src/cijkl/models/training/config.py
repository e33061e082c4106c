"""All that determines a training, as one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from cijkl.errors import InputError
from cijkl.models.training.checks import check_values, files, write_yaml

__all__ = ["TrainingConfig", "known", "plain", "read_config", "write_config"]

_WORDS = {
    "precision": ("32-true", "16-mixed", "bf16-mixed"),
    "learn": ("all", "level"),
    "keep": ("best", "last"),
}
_LEAST = {"folds": 1, "fold": 0}


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
    target
        Modulus that a table of labels without header holds, such as ``K_VRH``.
    log10
        True if the moduli of the files are log10 of GPa, False if they are GPa, however small.
    tensors
        Files of tensors from further sources, by the name of the source.
    predicted
        Files of what better models say of crystals without labels: learned as the labels are, with
        half their weight.
    folds, fold
        The crystals are split by formula into so many folds; this one is not trained on, and says
        when to stop. With one fold, a tenth of the formulas is kept for that.
    reserved
        A further fold that is neither trained on nor judged by, for a test afterwards.
    start
        Weights to start from; None for random ones.
    learn
        ``all``, or ``level``: of ``log_stiffness`` only the two numbers by which all K and all G
        are larger or smaller, which is what few crystals can say.
    epochs, patience
        Passes over the data at most, and without improvement.
    keep
        ``best`` or ``last`` epoch's weights.
    batch_size
        Crystals.
    learning_rate, warmup, final_rate, weight_decay, clip, average
        Of AdamW: the largest rate, the share of all steps in which it is reached, and the share of
        it that is left at the end; the decay of weights; the largest norm of a gradient; the decay
        of the running mean of the weights, by which the network is judged and kept.
    seed
        Of weights, order and dropout.
    split_seed
        Of the folds.
    precision
        Of Lightning: ``32-true``, ``16-mixed``, ``bf16-mixed``.

    Raises
    ------
    InputError
        For values that no training can have.
    """

    network: str = "log_stiffness"
    settings: Mapping[str, Any] = field(default_factory=dict)
    loss: Mapping[str, float] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    target: str | None = None
    log10: bool | None = None
    tensors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    predicted: tuple[str, ...] = ()
    folds: int = 5
    fold: int = 0
    reserved: int | None = None
    start: str | None = None
    learn: str = "all"
    epochs: int = 60
    patience: int = 60
    keep: str = "best"
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup: float = 0.05
    final_rate: float = 0.0
    weight_decay: float = 0.02
    clip: float = 1.0
    average: float = 0.998
    seed: int = 1
    split_seed: int = 7
    precision: str = "32-true"

    def __post_init__(self) -> None:
        check_values(self, least=_LEAST, words=_WORDS)
        if self.fold >= max(self.folds, 1):
            raise InputError(f"fold {self.fold} of {self.folds}; the first is 0")
        if self.reserved is not None and self.reserved == self.fold:
            raise InputError(f"fold {self.fold} judges, so it cannot be reserved")
        if self.learn == "level" and self.network != "log_stiffness":
            raise InputError(f"{self.network} has no level that could be learned alone")


def known() -> tuple[str, ...]:
    """Names of all settings."""
    return tuple(item.name for item in fields(TrainingConfig))


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
    if unknown := sorted(set(map(str, content)) - set(known())):
        raise InputError(
            f"{path}: {unknown[0]!r} is no setting; known are {', '.join(sorted(known()))}"
        )
    try:
        content["data"] = files("data", content.get("data"))
        tensors = content.get("tensors") or {}
        if not isinstance(tensors, dict):
            raise InputError("tensors: expected the name of each source and its files")
        content["tensors"] = {str(k): files(f"tensors: {k}", v) for k, v in tensors.items()}
        content["predicted"] = files("predicted", content.get("predicted"))
        return TrainingConfig(**content)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def write_config(config: TrainingConfig, path: str | Path) -> None:
    """Write the file that repeats a training."""
    write_yaml(plain(config), path)


def plain(config: TrainingConfig) -> dict[str, Any]:
    """Give a configuration as what YAML and JSON hold: dictionaries, lists and plain values."""
    content = asdict(config)
    content["data"] = list(config.data)
    content["tensors"] = {k: list(v) for k, v in config.tensors.items()}
    content["predicted"] = list(config.predicted)
    content["settings"] = {
        k: list(v) if isinstance(v, tuple) else v for k, v in config.settings.items()
    }
    return content
