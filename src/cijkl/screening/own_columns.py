"""Columns that sources give of crystals, such as a band gap, as columns of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cijkl.screening import schema
from cijkl.screening.columns import CRYSTAL, RESULT
from cijkl.screening.tables import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from cijkl.structures.crystal import Value

__all__ = ["OwnColumns"]

#: names that results and crystals have already, in small letters, as SQL compares them
_TAKEN = frozenset(name.lower() for name in (*CRYSTAL, *RESULT, *schema.TABLES["results"]))


class OwnColumns:
    """The columns of the table ``crystals`` that sources gave; new ones are added as they come.

    Truths are BOOLEAN, numbers DOUBLE, all else VARCHAR; a column whose values turn out to be of
    several kinds becomes VARCHAR. A name that the store has for something else gets ``given_``
    before it.
    """

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        #: names and DuckDB types
        self.types: dict[str, str] = schema.own_columns(connection)
        self._names = {name.lower(): name for name in self.types}

    def learn(self, given: Iterable[Mapping[str, Value]]) -> None:
        """Make sure that there is a column of the right type for all of these."""
        wanted: dict[str, str] = {}
        for columns in given:
            for key, value in _besides(columns):
                name, kind = self._name(key), _kind(value)
                self._names[name.lower()] = name
                before = wanted.get(name) or self.types.get(name) or kind
                wanted[name] = kind if kind == before else "VARCHAR"
        changed = {name: kind for name, kind in wanted.items() if self.types.get(name) != kind}
        for name, kind in changed.items():
            how = f"ADD COLUMN {quoted(name)} {kind}"
            if name in self.types:
                how = f"ALTER COLUMN {quoted(name)} TYPE {kind}"
                # a view holds on to the types of its columns
                self._connection.execute("DROP VIEW IF EXISTS screened")
            self._connection.execute(f"ALTER TABLE crystals {how}")
            self.types[name] = kind
        if changed:
            schema.refresh_view(self._connection)

    def row(self, given: Mapping[str, Value]) -> dict[str, Any]:
        """Values by the names that their columns have here."""
        named = ((self._name(key), value) for key, value in _besides(given))
        return {
            name: str(value) if self.types[name] == "VARCHAR" else value for name, value in named
        }

    def _name(self, key: str) -> str:
        name = f"given_{key}" if key.lower() in _TAKEN else key
        return self._names.get(name.lower(), name)


def _besides(given: Mapping[str, Value]) -> Iterable[tuple[str, Value]]:
    """All but the name, which the store has anyway."""
    return ((key, value) for key, value in given.items() if key != "id")


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    return "DOUBLE" if isinstance(value, int | float) else "VARCHAR"
