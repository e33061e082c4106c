"""Training that starts from a model which knows much already."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from cijkl.errors import InputError
from cijkl.models.catalogue import SHIPPED, weight_files
from cijkl.models.training.config import TrainingConfig

__all__ = ["fine_tuning", "members"]


def fine_tuning(start: str | Path, learn: str | None = None) -> TrainingConfig:
    """Give the configuration for a start from a file of weights, without data.

    Some twenty crystals say by how much moduli are larger or smaller than the model thinks, and
    not more: with them, a change of all weights learns them by heart and spoils others.

    Parameters
    ----------
    start
        File of weights.
    learn
        As in `TrainingConfig`; by default ``level`` where the network has one.
    """
    from cijkl.models.weights import read_card

    card = read_card(start)
    settings = {name: value for name, value in card["settings"].items() if name != "sources"}
    learn = learn or ("level" if card["network"] == "log_stiffness" else "all")
    return TrainingConfig(
        network=card["network"],
        settings=settings,
        start=str(start),
        learn=learn,
        epochs=30,
        patience=30,
        batch_size=8,
        learning_rate=2e-2 if learn == "level" else 1e-4,
        warmup=0.1,
        weight_decay=0.0 if learn == "level" else 0.02,
        average=0.9,
    )


def members(model: str | PathLike[str]) -> list[Path]:
    """Give the files of weights of a model: a name, a file, or a folder of one or several.

    Raises
    ------
    InputError
        If there are none.
    """
    place = Path(model).expanduser()
    if place.is_file():
        return [place]
    if not place.is_dir():
        place = SHIPPED / str(model)
    if files := weight_files(place):
        return files
    raise InputError(f"no model or file of weights is called '{model}'")
