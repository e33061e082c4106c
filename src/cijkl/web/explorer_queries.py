"""What the explorer asks its store: facts for the sliders, pages of the table, the map."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from cijkl.errors import InputError
from cijkl.screening.tables import quoted
from cijkl.web.explorer import ROW, Explorer
from cijkl.web.explorer_columns import SHOWN, SLIDERS
from cijkl.web.explorer_filter import LIST, Filter
from cijkl.web.explorer_records import key_from

__all__ = ["PAGE", "POINTS", "count", "facts", "page", "points"]

#: rows of a page of the table
PAGE = 30
#: most points of the map; beyond, it shows how many there are in each bin
POINTS = 12_000
#: bins of the map, across and up, and bars of a slider's histogram
_BINS = (150, 110)
_BARS = 40
#: a column whose largest value is so many times the smallest is shown by its logarithm
_DECADES = 30.0


def facts(explorer: Explorer) -> dict[str, Any]:
    """What the page needs to know once: how many, of which kinds, and the span of each slider."""
    return explorer.remembered(("facts",), lambda: _facts(explorer))


def count(explorer: Explorer, chosen: Filter) -> int:
    """Number of results that meet a filter."""
    return explorer.remembered(
        ("count", chosen.key),
        lambda: int(explorer.ask(f"SELECT count(*) FROM {explorer.matching(chosen)}")[0][0]),
    )


def page(
    explorer: Explorer,
    chosen: Filter,
    *,
    by: str = "K_hill",
    descending: bool = True,
    after: str = "",
    limit: int = PAGE,
) -> dict[str, Any]:
    """Some rows of the table, in order.

    It begins after a row rather than at a number, so that the last page comes as soon as the
    first.

    Parameters
    ----------
    by, descending
        Column to sort by; unknown values come last either way, equal ones in the store's order.
    after
        What `next` of the page before says; empty for the first page.

    Returns
    -------
    ``columns``, ``rows`` and ``next`` (None on the last page).

    Raises
    ------
    InputError
        No such column, no such place, or a filter that is none.
    """
    explorer.column(by)
    if explorer.types[by].endswith("]"):
        raise InputError("a list cannot be sorted by")
    names = tuple(dict.fromkeys(("id", *SHOWN, by, "stable", "warnings", "engine")))
    key, row = quoted(by), quoted(ROW)
    beyond, parameters = _beyond(after, key, row, descending)
    order = f"{key} {'DESC' if descending else 'ASC'} NULLS LAST, {row}"
    # which rows they are first: to sort them with all that is shown of each takes far longer
    found = explorer.ask(
        f"SELECT {row}, {key} FROM {explorer.matching(chosen, (by,))} AND {beyond} "
        f"ORDER BY {order} LIMIT {limit + 1}",
        parameters,
    )
    shown = dict(found[:limit])
    more = len(found) > limit
    rows = _rows(explorer, shown, names, by)
    return {
        "columns": ["row", "key", *names],
        "rows": [rows[number] for number in shown],
        "next": json.dumps([_plain(list(shown.values())[-1]), list(shown)[-1]]) if more else None,
    }


def _rows(
    explorer: Explorer, shown: Mapping[int, Any], names: Sequence[str], by: str
) -> dict[int, list[Any]]:
    """What is shown of some rows, whose value of one column is known."""
    own = [name for name in names if name != by]
    parts = [quoted(ROW), "fingerprint", "engine", "settings", *map(quoted, own)]
    listed = ", ".join(f"{part} AS c{number}" for number, part in enumerate(parts))
    numbers = ", ".join(map(str, shown)) or "NULL"
    found = explorer.ask(f"SELECT {listed} FROM held WHERE {quoted(ROW)} IN ({numbers})")
    rows = {}
    for number, fingerprint, engine, settings, *values in found:
        known = {**dict(zip(own, values, strict=True)), by: shown[number]}
        key = key_from(fingerprint, engine, settings)
        rows[number] = [number, key, *(_plain(known[name]) for name in names)]
    return rows


def points(
    explorer: Explorer, chosen: Filter, x: str = "K_hill", y: str = "G_hill", most: int = POINTS
) -> dict[str, Any]:
    """The map: each result as a point or, of many, how many there are in each bin.

    Parameters
    ----------
    chosen
        Its region is left out.
    x, y
        Columns of numbers.

    Returns
    -------
    ``count`` of results with both numbers, ``x`` and ``y`` (axes: name, log, low, high), and
    ``points`` (row, x, y, crystal system, formula) or ``bins`` (numbers across and up, count) with
    their ``shape``. Where an axis is logarithmic, its numbers are decadic logarithms.
    """
    whole = chosen.without_region()
    return explorer.remembered(
        ("points", whole.key, x, y, most), lambda: _points(explorer, whole, x, y, most)
    )


def _points(explorer: Explorer, chosen: Filter, x: str, y: str, most: int) -> dict[str, Any]:
    axes = [_axis(explorer, name) for name in (x, y)]
    across, up = (
        f"log10({_positive(name)})" if axis["log"] else quoted(name)
        for name, axis in zip((x, y), axes, strict=True)
    )
    source = f"{explorer.matching(chosen, (x, y))} AND {across} IS NOT NULL AND {up} IS NOT NULL"
    bins = [
        f"least({cells - 1}, greatest(0, floor(({place} - {axis['low']!r}) / "
        f"{(axis['high'] - axis['low']) / cells!r})))::INTEGER"
        for place, axis, cells in zip((across, up), axes, _BINS, strict=True)
    ]
    counts = explorer.ask(f"SELECT {bins[0]}, {bins[1]}, count(*) FROM {source} GROUP BY ALL")
    number = sum(row[2] for row in counts)
    answer: dict[str, Any] = {"count": number, "x": axes[0], "y": axes[1]}
    if number > most:
        return answer | {"bins": [list(row) for row in counts], "shape": list(_BINS)}
    found = explorer.ask(
        f"SELECT {quoted(ROW)}, {across}, {up}, crystal_system, formula FROM {source}"
    )
    return answer | {"points": [[n, round(a, 5), round(b, 5), *c] for n, a, b, *c in found]}


def _axis(explorer: Explorer, name: str) -> dict[str, Any]:
    """Span of a column over all results."""
    column = explorer.column(name)
    if not column.number:
        raise InputError(f"{name} holds no numbers")
    span = explorer.remembered(("span", name), lambda: _span(explorer, name))
    low, high = span["low"], span["high"]
    if span["log"]:
        low, high = math.log10(low), math.log10(high)
    margin = 0.02 * (high - low) or 0.5
    return {
        "name": name, "label": column.label, "unit": column.unit, "log": span["log"],
        "low": low - margin, "high": high + margin,
    }  # fmt: skip


def _span(explorer: Explorer, name: str) -> dict[str, Any]:
    """Smallest and largest value, and whether the logarithm shows them better."""
    column, source = quoted(name), explorer.matching(Filter(), (name,))
    positive = _positive(name)
    ((low, high),) = explorer.ask(f"SELECT min({column}), max({column}) FROM {source}")
    among = "sample" if name in explorer.held else source
    ((least, share),) = explorer.ask(
        f"SELECT quantile_cont({positive}, 0.001), "
        f"count({positive}) / greatest(1, count({column})) FROM {among}"
    )
    if low is None or least is None:
        return {"low": float(low or 0.0), "high": float(high or 1.0), "log": False}
    # a few unstable crystals have moduli below zero; they are not on the map
    log = share > 0.9 and high > _DECADES * least and name != "spacegroup"
    return {"low": float(max(low, least / 10.0)) if log else float(low), "high": float(high),
            "log": bool(log)}  # fmt: skip


def _facts(explorer: Explorer) -> dict[str, Any]:
    source = explorer.matching(Filter())
    systems, engines, stable, elements = (
        dict(explorer.ask(f"SELECT kind, count(*) FROM (SELECT {what} AS kind FROM {source}) "
                          "GROUP BY kind ORDER BY count(*) DESC"))
        for what in ("crystal_system", "engine", "stable", f"unnest({LIST})")
    )  # fmt: skip
    order = {name: number for number, name in enumerate(SLIDERS)}
    sliders = sorted(
        (column for column in explorer.columns.values() if column.slider),
        key=lambda column: order.get(column.name, len(order)),
    )
    return {
        "total": count(explorer, Filter()),
        "page": PAGE,
        "shown": list(SHOWN),
        "systems": {name: number for name, number in systems.items() if name},
        "engines": engines,
        "unstable": stable.get(False, 0),
        "elements": elements,
        "sliders": [each for column in sliders if (each := _slider(explorer, column.name))],
        "columns": [
            {"name": column.name, "label": column.label, "unit": column.unit,
             "short": column.short}
            for column in explorer.columns.values()
        ],
    }  # fmt: skip


def _slider(explorer: Explorer, name: str) -> dict[str, Any] | None:
    """Span of a column, and its histogram (of a sample, if there are very many results).

    None where it has nothing to choose from.
    """
    axis = _axis(explorer, name)
    span = explorer.remembered(("span", name), lambda: _span(explorer, name))
    if span["low"] == span["high"]:
        return None
    place = f"log10({_positive(name)})" if axis["log"] else quoted(name)
    low, high = (
        (math.log10(span["low"]), math.log10(span["high"])) if axis["log"]
        else (span["low"], span["high"])
    )  # fmt: skip
    bar = f"least({_BARS - 1}, greatest(0, floor(({place} - {low!r}) / {(high - low) / _BARS!r})))"
    found = dict(
        explorer.ask(
            f"SELECT {bar}::INTEGER AS bar, count(*) FROM sample WHERE {place} IS NOT NULL "
            "GROUP BY ALL"
        )
    )
    return {
        **axis, "low": span["low"], "high": span["high"], "main": explorer.columns[name].main,
        "whole": explorer.types[name] in ("INTEGER", "BIGINT"),
        "bars": [found.get(number, 0) for number in range(_BARS)],
    }  # fmt: skip


def _positive(name: str) -> str:
    """A column, unknown where it has no logarithm."""
    return f"CASE WHEN {quoted(name)} > 0 THEN {quoted(name)} END"


def _beyond(after: str, key: str, row: str, descending: bool) -> tuple[str, list[Any]]:
    """Condition on rows that come after one, and its parameters."""
    if not after:
        return "TRUE", []
    try:
        value, number = json.loads(after)
    except (ValueError, TypeError, RecursionError):
        raise InputError("after: not what a page said") from None
    finite = not isinstance(value, float) or math.isfinite(value)
    plain = finite and not isinstance(value, (list, dict))
    if type(number) is not int or not 0 <= number < 2**62 or not plain:
        raise InputError("after: not what a page said")
    if value is None:
        return f"({key} IS NULL AND {row} > ?)", [number]
    side = "<" if descending else ">"
    return f"({key} {side} ? OR ({key} = ? AND {row} > ?) OR {key} IS NULL)", [value, value, number]


def _plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, list, type(None))) else str(value)
