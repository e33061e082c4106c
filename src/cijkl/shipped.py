"""The weights that come with cijkl: which there are, their checksums and their cards.

Each set has a folder of its own that holds files of weights and ``card.json``. Nothing is imported
that takes time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cijkl.errors import InputError

__all__ = ["CARD", "ROOMS", "ShippedWeights", "card_of", "checksum", "read_card", "shipped"]

#: name of a card
CARD = "card.json"
_WEIGHTS = "*.safetensors"
#: where they lie
ROOMS: Mapping[Literal["model", "potential"], Path] = {
    "model": Path(__file__).parent / "models" / "shipped",
    "potential": Path(__file__).parent / "potentials" / "shipped",
}


@dataclass(frozen=True)
class ShippedWeights:
    """One set of weights.

    Parameters
    ----------
    name
        What ``--model`` or ``--potential`` takes.
    kind
        Which of the two.
    version
        Of the weights; others get another.
    sha256
        See `checksum`.
    megabytes
        Size of the files.
    card
        Data, licence, metrics, scope, limits and all else that is known of them.
    """

    name: str
    kind: Literal["model", "potential"]
    version: str
    sha256: str
    megabytes: float
    card: Mapping[str, Any]


def shipped() -> tuple[ShippedWeights, ...]:
    """All sets of weights, models before potentials."""
    return tuple(
        _read(kind, card.parent)
        for kind, room in ROOMS.items()
        for card in sorted(room.glob(f"*/{CARD}"))
    )


def card_of(name: str) -> ShippedWeights:
    """The weights of that name.

    Raises
    ------
    InputError
        None come with cijkl.
    """
    everything = {weights.name: weights for weights in shipped()}
    if name not in everything:
        known = ", ".join(everything)
        raise InputError(f"no weights called '{name}' come with cijkl; it has: {known}")
    return everything[name]


def checksum(files: Iterable[Path]) -> str:
    """First 16 hexadecimal digits of the SHA-256 of files, one after the other, in this order.

    They name a set of weights: ``cat 1.safetensors 2.safetensors | sha256sum`` begins with them.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def read_card(folder: Path) -> dict[str, Any]:
    """The card in a folder.

    Raises
    ------
    InputError
        It is no JSON object.
    """
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{folder / CARD}: no valid JSON: {error}") from None
    if not isinstance(card, dict):
        raise InputError(f"{folder / CARD}: a card is a JSON object")
    return card


def _read(kind: Literal["model", "potential"], folder: Path) -> ShippedWeights:
    card, files = read_card(folder), sorted(folder.glob(_WEIGHTS))
    size = sum(file.stat().st_size for file in files)
    return ShippedWeights(
        folder.name, kind, str(card["version"]), checksum(files), round(size / 1e6, 1), card
    )
