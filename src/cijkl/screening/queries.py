"""Questions to a store: SQL, the first by a property, unconventional metals."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from cijkl.errors import InputError
from cijkl.screening.opening import answering
from cijkl.screening.store import Store
from cijkl.screening.tables import quoted
from cijkl.structures.building import one_line

__all__ = ["Answer", "ask", "query", "question"]

#: what tells of a crystal, before the property that was asked for
_ABOUT = ("id", "formula", "spacegroup_symbol")
#: beside it, where they are not that property
_BESIDE = ("K_hill", "G_hill", "E_min", "E_max")


@dataclass(frozen=True)
class Answer:
    """A table.

    Parameters
    ----------
    columns
        Names.
    rows
        Values, as many in each as there are columns.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Rows by column name."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def query(
    store: str | PathLike[str],
    sql: str | None = None,
    *,
    top: int | None = None,
    by: str | None = None,
    least: bool = False,
    unconventional_metals: bool = False,
) -> Answer:
    """Ask a store, which is opened for reading only.

    Exactly one of the three is asked: SQL, the first by a column, or the unconventional metals.

    Parameters
    ----------
    store
        Path.
    sql
        A query of DuckDB over the tables of the store; the view ``screened`` has a row for each
        result, with the columns of the crystal.
    top, by
        So many results with the largest value of a column of ``screened``.
    least
        Whether those with the smallest value instead.
    unconventional_metals
        Cubic metals of one element with S11 - S12 - S44/2 < 0, whose Young's modulus is largest
        along <100> (Wen et al. 2024, section 2.5).

    Raises
    ------
    InputError
        No such store, no such column, or a query that DuckDB does not understand.

    Examples
    --------
    >>> for row in query("all.duckdb", top=3, by="E_max"):  # doctest: +SKIP
    ...     print(row["formula"], row["E_max"])
    """
    with Store(store) as opened:
        text = question(
            opened, sql, top=top, by=by, least=least, unconventional_metals=unconventional_metals
        )
        return ask(opened, text)


def ask(store: Store, sql: str, limit: int | None = None) -> Answer:
    """Rows of a query, the first of them only if there is a limit.

    Raises
    ------
    InputError
        DuckDB does not understand it, or it would change something.
    """
    with answering():
        cursor = store.connection.execute(sql)
        columns = tuple(column[0] for column in cursor.description or ())
        return Answer(columns, cursor.fetchall() if limit is None else cursor.fetchmany(limit))


def question(
    store: Store,
    sql: str | None = None,
    *,
    top: int | None = None,
    by: str | None = None,
    least: bool = False,
    unconventional_metals: bool = False,
) -> str:
    """The SQL of what `query` is asked.

    Raises
    ------
    InputError
        None or several are asked, or there is no such column.
    """
    asked = [sql is not None, top is not None or by is not None, unconventional_metals]
    if sum(asked) != 1:
        raise InputError("ask one thing: SQL, the first by a column, or unconventional metals")
    if sql is not None:
        return sql.strip().rstrip(";")
    if unconventional_metals:
        return _unconventional_metals()
    if by is None:
        raise InputError("by which column? Give its name, such as E_max")
    count = 20 if top is None else top
    if count < 1:
        raise InputError(f"top must be a positive number, not {count!r}")
    name = _column(store, by)
    beside = [column for column in _BESIDE if column != name]
    columns = ", ".join(map(quoted, dict.fromkeys((*_ABOUT, name, *beside))))
    order = "ASC" if least else "DESC"
    return (
        f"SELECT {columns} FROM screened WHERE {quoted(name)} IS NOT NULL "
        f"ORDER BY {quoted(name)} {order}, id LIMIT {count}"
    )


def _column(store: Store, given: str) -> str:
    """The column of ``screened`` of that name, in whatever letters.

    Raises
    ------
    InputError
        There is none; it names those that are like it.
    """
    names = store.columns()
    found = {name.lower(): name for name in names}
    if given.lower() in found:
        return found[given.lower()]
    near = [found[name] for name in difflib.get_close_matches(given.lower(), found, 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "`DESCRIBE screened` lists them"
    raise InputError(f"the store has no column {one_line(given, 60)!r}; {hint}")


def _unconventional_metals() -> str:
    from ase.data import chemical_symbols

    from cijkl.structures.valence import NONMETALS

    metals = _texts([s for z, s in enumerate(chemical_symbols) if z > 0 and z not in NONMETALS])
    return (
        "SELECT id, formula, spacegroup_symbol, anisotropy_cubic_criterion, anisotropy_zener, "
        "E_min, E_max, E_max_direction, engine FROM screened WHERE crystal_system = 'cubic' "
        f"AND formula IN ({metals}) AND anisotropy_cubic_criterion < 0 "
        "ORDER BY anisotropy_cubic_criterion, id"
    )


def _texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
