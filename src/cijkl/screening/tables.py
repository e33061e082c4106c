"""Rows into a table of DuckDB, a column at a time: forty times as fast as one row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["insert", "quoted", "select_in"]

_NUMBERS = ("DOUBLE", "INTEGER", "BIGINT")


def insert(
    connection: DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    condition: str = "TRUE",
) -> None:
    """Append rows; what a row lacks is NULL.

    Parameters
    ----------
    columns
        Names and DuckDB types.
    condition
        On a row, called ``new``: SQL.
    """
    if not rows:
        return
    data: dict[str, Any] = {}
    values = []
    # short names of our own, since a source may call a column anything
    for number, (name, kind) in enumerate(columns.items()):
        given = [row.get(name) for row in rows]
        if kind.endswith("[3]"):
            axes = _vectors(given)
            data |= {f"c{number}_{axis}": axes[:, axis] for axis in range(3)}
            parts = ", ".join(f"c{number}_{axis}" for axis in range(3))
            values.append(
                f"CASE WHEN coalesce(isnan(c{number}_0), TRUE) THEN NULL ELSE [{parts}]::{kind} END"
            )
        else:
            data[f"c{number}"] = _column(given, kind)
            values.append(f"c{number}::{kind}")
    listed = ", ".join(map(quoted, columns))
    named = zip(values, columns, strict=True)
    selected = ", ".join(f"{value} AS {quoted(name)}" for value, name in named)
    connection.register("arrived", data)
    try:
        connection.execute(
            f"INSERT INTO {table} ({listed}) WITH new AS (SELECT {selected} FROM arrived) "
            f"SELECT * FROM new WHERE {condition}"
        )
    finally:
        connection.unregister("arrived")


def select_in(
    connection: DuckDBPyConnection, query: str, data: Mapping[str, Iterable[Any]]
) -> list[tuple[Any, ...]]:
    """Rows of a query that joins with the table ``asked``, whose columns are `data`.

    Parameters
    ----------
    data
        Texts or numbers, all of one length.
    """
    columns = {}
    for name, given in data.items():
        values = list(given)
        if not values:
            return []
        columns[name] = _column(values, "DOUBLE" if isinstance(values[0], float) else "VARCHAR")
    connection.register("asked", columns)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.unregister("asked")


def _column(given: Sequence[Any], kind: str) -> Any:
    if kind in _NUMBERS:
        numbers = np.array([np.nan if value is None else value for value in given], dtype=float)
        return np.ma.masked_array(numbers, ~np.isfinite(numbers))
    column = np.empty(len(given), dtype=object)
    column[:] = given
    return column


def _vectors(given: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    missing = (np.nan,) * 3
    return np.array([missing if value is None else value for value in given], dtype=float)


def quoted(name: str) -> str:
    """A column's name as SQL takes any."""
    return '"' + name.replace('"', '""') + '"'
