"""A store as plain rows, without what differs from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cijkl.screening import Store
from cijkl.screening.packing import unpack

#: the tables that a screening fills, and what of them tells of a run, not of a crystal
TABLES = ("crystals", "results", "failures", "links", "dropped")
RUN = ("run", "seconds")


def rows(path: Path) -> dict[str, list[str]]:
    """Sorted rows of each table."""
    with Store(path) as store:
        return {table: sorted(_rows(store, table)) for table in TABLES}


def _rows(store: Store, table: str) -> list[str]:
    cursor = store.connection.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [repr(_plain(names, row)) for row in cursor.fetchall()]


def _plain(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    found = {name: value for name, value in zip(names, row, strict=True) if name not in RUN}
    if found.get("record") is not None:
        record = unpack(found["record"])
        record["engine"].pop("seconds")
        for part in ("relaxation", "response"):
            record.get(part, {}).pop("seconds", None)
        found["record"] = record
    return found
