"""All tables and figures of the four papers, each with its status."""

from __future__ import annotations

from difflib import get_close_matches

from cijkl.errors import InputError
from cijkl.reproduction.item import Item
from cijkl.reproduction.liu_2025 import ITEMS as LIU
from cijkl.reproduction.outcome import Outcome, Request
from cijkl.reproduction.taniguchi_2024 import ITEMS as TANIGUCHI_2024
from cijkl.reproduction.taniguchi_2025 import ITEMS as TANIGUCHI_2025
from cijkl.reproduction.wen_2024 import ITEMS as WEN
from cijkl.structures.building import one_line

__all__ = ["ITEMS", "PAPERS", "item", "reproduce"]

#: the papers that cijkl follows
PAPERS = {
    "taniguchi-2024": "T. Taniguchi, CrystEngComm 26, 631 (2024), doi:10.1039/D3CE01263H",
    "taniguchi-2025": "T. Taniguchi, Faraday Discuss. 256, 139 (2025), doi:10.1039/D4FD00090K",
    "liu-2025": "Y. Liu et al., Acta Phys. Sin. 74, 120702 (2025), doi:10.7498/aps.74.20250127",
    "wen-2024": "M. Wen et al., Digital Discovery 3, 869 (2024), doi:10.1039/D3DD00233K",
}

ITEMS: tuple[Item, ...] = (*TANIGUCHI_2024, *TANIGUCHI_2025, *LIU, *WEN)


def item(name: str) -> Item:
    """Give the item of a name.

    Raises
    ------
    InputError
        If there is none; the message names the nearest.
    """
    for entry in ITEMS:
        if entry.name == name.strip().lower():
            return entry
    near = get_close_matches(name, [entry.name for entry in ITEMS], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}? " if near else ""
    raise InputError(f"{one_line(name)} is no table or figure; {hint}see `cijkl reproduce --list`")


def reproduce(name: str, request: Request | None = None) -> Outcome:
    """Make a table or figure of a paper again.

    Parameters
    ----------
    name
        One of those in `ITEMS`.
    request
        Data and structures; by default none, and public data are downloaded.

    Raises
    ------
    InputError
        If there is no such item, it cannot be made, or data that it needs were not given.
    """
    entry = item(name)
    if not entry.function:
        raise InputError(f"{entry.name}: {entry.status}: {entry.remark}")
    return entry.run(request or Request())
