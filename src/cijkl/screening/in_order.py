"""Records of a run in the order of its inputs, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic
from cijkl.record import Engine, failed_record
from cijkl.screening.packing import unpack
from cijkl.screening.tables import insert

if TYPE_CHECKING:
    from cijkl.screening.engines import Identity
    from cijkl.screening.store import Store

__all__ = ["InOrder"]

_COLUMNS = {"place": "BIGINT", "digest": "VARCHAR", "id": "VARCHAR", "source": "VARCHAR"}

_DUPLICATE = (
    "The same crystal as {first}: constants and directions are in the axes of that one, whose cell "
    "is given."
)


class InOrder:
    """Notes inputs as they are read, on disk where they are many.

    Parameters
    ----------
    store
        Open for writing; what is noted is no part of it.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._count = store, 0
        listed = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        store.connection.execute(f"CREATE OR REPLACE TEMP TABLE inputs ({listed})")

    def note(self, inputs: Sequence[tuple[str, str, str]]) -> None:
        """Digest, id and source of inputs that were read."""
        rows = [
            dict(zip(_COLUMNS, (self._count + number, *each), strict=True))
            for number, each in enumerate(inputs)
        ]
        self._count += len(rows)
        insert(self._store.connection, "inputs", _COLUMNS, rows)

    def records(self, identity: Identity) -> Iterator[dict[str, Any]]:
        """Record of each input that is done; none of those whose result was not to be kept."""
        key = [identity.name, identity.key]
        # a cursor of its own would not see the temporary table
        cursor = self._store.connection.execute(
            "SELECT i.id, i.source, c.id, coalesce(r.record, f.record), f.reason, f.formula "
            "FROM inputs i JOIN links l ON l.digest = i.digest AND l.id = i.id "
            "LEFT JOIN crystals c ON c.fingerprint = l.fingerprint "
            "LEFT JOIN results r ON r.fingerprint = l.fingerprint AND r.engine = $1 "
            "AND r.settings = $2 "
            "LEFT JOIN failures f ON f.fingerprint = l.fingerprint AND f.engine = $1 "
            "AND f.settings = $2 "
            "WHERE r.fingerprint IS NOT NULL OR f.fingerprint IS NOT NULL ORDER BY i.place",
            key,
        )
        while row := cursor.fetchone():
            yield _record(identity, *row)


def _record(
    identity: Identity,
    name: str,
    source: str,
    first: str | None,
    packed: bytes | None,
    reason: str | None,
    formula: str | None,
) -> dict[str, Any]:
    """Record of an input, which may be another one's with this one's name."""
    if packed is None:
        engine = Engine(identity.name, identity.version, identity.settings)
        failed: Any = failed_record(name, source, str(reason), engine, formula=formula)
        return dict(failed)
    record: dict[str, Any] = unpack(packed)
    if first is not None and first != name:
        note = Diagnostic("duplicate", _DUPLICATE.format(first=first))
        record["warnings"] = [*record["warnings"], asdict(note)]
    return {**record, "id": name, "source": source}
