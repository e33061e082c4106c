"""Cells of CSV that a spreadsheet would take for formulas: texts of strangers stay texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cijkl.screening.tables import quoted

__all__ = ["defused", "defused_query"]

#: how a formula begins, in Latin letters and in those of full width, also after white space
_BEGIN = r"^\s*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|^[\t\r\n]"
_FORMULA = re.compile(re.sub(r"\\x\{(\w{4})\}", r"\\u\1", _BEGIN))


def defused(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet would run it; a number as it is.

    Examples
    --------
    >>> defused('=HYPERLINK("http://x")'), defused("Fe2O3"), defused("-1.5")
    ('\\'=HYPERLINK("http://x")', 'Fe2O3', '-1.5')
    """
    return f"'{text}" if _FORMULA.search(text) and not _is_number(text) else text


def defused_query(sql: str, columns: Sequence[tuple[str, str]]) -> str:
    """The same for all that a query of DuckDB gives: texts defused, and names of columns too.

    Parameters
    ----------
    columns
        Names and types of what it gives, in order; names may be equal.
    """
    listed = ", ".join(
        f"{_defused(f'c{number}', kind)} AS {quoted(defused(name))}"
        for number, (name, kind) in enumerate(columns)
    )
    named = ", ".join(f"c{number}" for number in range(len(columns)))
    return f"SELECT {listed} FROM ({sql}) AS given({named})"


def _defused(column: str, kind: str) -> str:
    if kind.endswith("]") or not kind.startswith(("VARCHAR", "JSON", "ENUM")):
        return column
    text = f"{column}::VARCHAR"
    return (
        f"CASE WHEN regexp_matches({text}, '{_BEGIN}') AND try_cast({text} AS DOUBLE) IS NULL "
        f"THEN '''' || {text} ELSE {text} END"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
