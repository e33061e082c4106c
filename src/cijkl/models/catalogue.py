"""The learned models: those that come with cijkl, and those that users have trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError, MissingPackageError
from cijkl.shipped import CARD, ROOMS, checksum, read_card

if TYPE_CHECKING:
    from cijkl.models.domain import Domain
    from cijkl.models.ensemble import Ensemble
    from cijkl.models.uncertainty import Calibration

__all__ = [
    "DEFAULT_MODEL",
    "SHIPPED",
    "Model",
    "ModelInfo",
    "catalogue",
    "load_model",
    "weight_files",
]

#: the model used where none is named
DEFAULT_MODEL = "cijkl-1"

#: one folder for each model: ``card.json`` and the weights of its networks
SHIPPED = ROOMS["model"]
_WEIGHTS = "*.safetensors"
#: as a training writes them, one folder for each network
_TRAINED = "*/weights.safetensors"
_NEEDED = ("torch", "safetensors", "matscipy")


@dataclass(frozen=True)
class ModelInfo:
    """Facts about a model, for a person who must choose one.

    Parameters
    ----------
    name
        What `load_model` takes.
    version, date
        Of the weights.
    members
        Networks in it.
    megabytes
        Size of the weights.
    sha256
        Beginning of their checksum, see `cijkl.shipped.checksum`.
    data
        What it was trained on.
    licence
        Of the weights, and whom the data are owed to.
    metrics
        What was measured of it, by name; log10 of GPa where the name says so, else GPa or a share.
    scope
        What it is meant for.
    limits
        What it is not meant for.
    reference
        Where the method is described.
    """

    name: str
    version: str
    date: str
    members: int
    megabytes: float
    sha256: str
    data: str
    licence: str
    metrics: Mapping[str, float]
    scope: str
    limits: str
    reference: str


@dataclass(frozen=True, eq=False)
class Model:
    """A model that is ready to answer.

    Parameters
    ----------
    name, version
        As on its card; of a user's own, the name of its file or folder, and ``own``.
    sha256
        Beginning of the checksum of its weights, see `cijkl.shipped.checksum`.
    ensemble
        Its networks.
    calibration
        What their disagreement means; None for one that was never calibrated.
    domain
        What it was trained on, to know what is foreign; None where nothing was noted.
    card
        All that is known of it.
    """

    name: str
    version: str
    sha256: str
    ensemble: Ensemble
    calibration: Calibration | None
    domain: Domain | None
    card: Mapping[str, Any]


def catalogue() -> tuple[ModelInfo, ...]:
    """The models that come with cijkl."""
    return tuple(_info(folder) for folder in _shipped())


def load_model(model: str | PathLike[str] = DEFAULT_MODEL) -> Model:
    """A model by name or path; it is read once in a process, unless its files change.

    Parameters
    ----------
    model
        A name of the `catalogue`; or a file of weights, a folder of such files, a training's
        folder, or a folder of several trainings, whose networks then answer together.

    Raises
    ------
    InputError
        There is no such model, or its files cannot be used.
    MissingPackageError
        What the networks need is not installed.
    """
    for name in _NEEDED:
        if find_spec(name) is None:
            raise MissingPackageError(
                f"predicting needs {name}; install it with: pip install 'cijkl[predict]'"
            )
    folder, files = _files(model)
    card = folder / CARD
    read = [*files, card] if card.is_file() else files
    return _load(folder, tuple(files), tuple(path.stat().st_mtime_ns for path in read))


def weight_files(folder: Path) -> list[Path]:
    """Files of weights in a folder, or in folders of trainings within it."""
    return sorted(folder.glob(_WEIGHTS)) or sorted(folder.glob(_TRAINED))


def _shipped() -> list[Path]:
    return sorted(card.parent for card in SHIPPED.glob(f"*/{CARD}"))


def _files(model: str | PathLike[str]) -> tuple[Path, list[Path]]:
    """Where a model lies: the place that names it, and its files of weights."""
    shipped = {folder.name: folder for folder in _shipped()}
    place = shipped.get(str(model)) or Path(model).expanduser()
    if place.is_file():
        return place.resolve(), [place.resolve()]
    if place.is_dir():
        place = place.resolve()
        if files := weight_files(place):
            return place, files
        raise InputError(f"{model}: the folder holds no weights (.safetensors)")
    known = ", ".join(shipped) or "none"
    raise InputError(f"no model or file is called '{model}'; the models are: {known}")


@lru_cache(maxsize=4)
def _load(place: Path, files: Sequence[Path], times: Sequence[int]) -> Model:
    """The model of some files that were written at some times."""
    from cijkl.models.ensemble import Ensemble
    from cijkl.models.log_stiffness import LogStiffnessNetwork
    from cijkl.models.weights import load_network

    members: list[LogStiffnessNetwork] = []
    for file in files:
        network = load_network(file)
        if not isinstance(network, LogStiffnessNetwork):
            kind = type(network).__name__
            raise InputError(f"{file}: a {kind} does not predict tensors together with others")
        members.append(network)
    if len({member.graph for member in members}) > 1:
        raise InputError(f"{place}: its networks see different neighbours, so they do not fit")
    card = read_card(place) if (place / CARD).is_file() else {}
    return Model(
        name=str(card.get("name", place.stem)),
        version=str(card.get("version", "own")),
        sha256=checksum(files),
        ensemble=Ensemble(members),
        calibration=_calibration(card),
        domain=_domain(card),
        card=card,
    )


def _calibration(card: Mapping[str, Any]) -> Calibration | None:
    if card.get("calibration") is None:
        return None
    from cijkl.models.uncertainty import Calibration

    return Calibration.load(card["calibration"])


def _domain(card: Mapping[str, Any]) -> Domain | None:
    if card.get("domain") is None:
        return None
    from cijkl.models.domain import Domain

    return Domain.load(card["domain"])


def _info(folder: Path) -> ModelInfo:
    card, files = read_card(folder), sorted(folder.glob(_WEIGHTS))
    words = {
        key: str(card.get(key, ""))
        for key in ("version", "date", "data", "licence", "scope", "limits", "reference")
    }
    return ModelInfo(
        name=folder.name,
        members=len(files),
        megabytes=round(sum(file.stat().st_size for file in files) / 1e6, 1),
        sha256=checksum(files),
        metrics=card.get("metrics", {}),
        **words,
    )
