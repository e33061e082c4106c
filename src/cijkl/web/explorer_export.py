"""What was chosen in the explorer, as a file: tables of columns, or records line by line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from cijkl.errors import InputError
from cijkl.report.jsonl import dumps
from cijkl.screening.packing import unpack
from cijkl.screening.spreadsheets import defused_query
from cijkl.screening.tables import quoted
from cijkl.web.explorer import ROW, Explorer, side
from cijkl.web.explorer_filter import Filter
from cijkl.web.explorer_queries import count

__all__ = ["Kind", "check_size", "records", "table"]

Kind = Literal["csv", "parquet", "jsonl"]
#: most results of a file; whoever wants more has `cijkl query`
_MOST: dict[Kind, int] = {"csv": 200_000, "parquet": 1_000_000, "jsonl": 50_000}


def check_size(explorer: Explorer, chosen: Filter, kind: Kind) -> int:
    """How many results a file would have.

    Raises
    ------
    InputError
        Too many, or none.
    """
    found = count(explorer, chosen)
    if found == 0:
        raise InputError("nothing meets the filter, so there is nothing to save")
    if found > _MOST[kind]:
        raise InputError(
            f"{found} results are chosen, and a file of this kind takes up to {_MOST[kind]}; "
            "choose fewer, or ask the store itself with `cijkl query`"
        )
    return found


def table(explorer: Explorer, chosen: Filter, path: Path, kind: Literal["csv", "parquet"]) -> int:
    """Write all columns of the view ``screened`` and give the number of rows.

    In CSV, texts that a spreadsheet would run have an apostrophe before them.

    Parameters
    ----------
    path
        A file in the explorer's folder, the only one that its database may write to.
    """
    listed = ", ".join(f"{side(name)}.{quoted(name)}" for name in explorer.stored)
    asked = (
        f"SELECT {listed} FROM store.results r JOIN store.crystals c USING (fingerprint) "
        f"WHERE r.rowid IN ({_rows(explorer, chosen)}) ORDER BY r.rowid"
    )
    if kind == "csv":
        asked = defused_query(asked, list(explorer.stored.items()))
    target = str(path).replace("'", "''")
    options = {"csv": "FORMAT csv, HEADER true", "parquet": "FORMAT parquet, COMPRESSION zstd"}
    found = explorer.ask(f"COPY ({asked}) TO '{target}' ({options[kind]})")
    return int(found[0][0])


def records(explorer: Explorer, chosen: Filter) -> Iterator[str]:
    """Records, one a line, in the order of the store."""
    cursor = explorer.cursor()
    sql = (
        f"SELECT record FROM store.results WHERE rowid IN ({_rows(explorer, chosen)}) "
        "ORDER BY rowid"
    )
    explorer.limited(cursor, lambda: cursor.execute(sql))
    while some := cursor.fetchmany(100):
        yield "".join(dumps(unpack(packed)) + "\n" for (packed,) in some)


def _rows(explorer: Explorer, chosen: Filter) -> str:
    return f"SELECT {quoted(ROW)} FROM {explorer.matching(chosen)}"
