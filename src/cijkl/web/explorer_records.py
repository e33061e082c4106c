"""One result of the store: its name in an address, and its record."""

from __future__ import annotations

import hashlib
from typing import Any

from cijkl.screening.packing import unpack
from cijkl.screening.tables import quoted
from cijkl.web.explorer import ROW, Explorer

__all__ = ["key_from", "key_of", "record_of"]


def key_of(explorer: Explorer, row: int) -> str | None:
    """Name of a result by its row, None where there is none.

    It is made of the crystal's fingerprint and a hash of the engine and its settings, which are the
    key of a result in the store, so it stays the same when results are added.
    """
    found = explorer.ask(
        f"SELECT fingerprint, engine, settings FROM held WHERE {quoted(ROW)} = ?", [row]
    )
    return key_from(*found[0]) if found else None


def record_of(explorer: Explorer, key: str) -> dict[str, Any] | None:
    """The record of a result by its name, None where there is none."""
    fingerprint = key.rpartition(".")[0]
    found = explorer.ask(
        f"SELECT fingerprint, engine, settings, {quoted(ROW)} FROM held WHERE fingerprint = ?",
        [fingerprint],
    )
    for *parts, row in found:
        if key_from(*parts) == key:
            ((packed,),) = explorer.ask("SELECT record FROM store.results WHERE rowid = ?", [row])
            return dict(unpack(packed))
    return None


def key_from(fingerprint: str, engine: str, settings: str) -> str:
    """Name of a result by its key in the store."""
    tail = hashlib.blake2b(f"{engine}\n{settings}".encode(), digest_size=4).hexdigest()
    return f"{fingerprint}.{tail}"
