"""Crystals with the largest Young's modulus, and unconventional metals: figure 5 of Wen 2024."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.reproduction.screened import read_store, stable_rows, store_of
from cijkl.screening.statistics import extremes

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["stiffest_outcome"]

Columns = dict[str, NDArray[Any]]

_SET = "stiff-2024"
#: rows of the table, and how many crystals the paper names
_ROWS, _THEIRS = 25, 100
#: extremes named in the histogram, at each end
_NAMED = 3
_ABOUT = ("id", "formula", "spacegroup_symbol")


def stiffest_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give the crystals with the largest E_max, its distribution, and the unconventional metals."""
    from cijkl.screening import query

    with store_of(request, name, _SET) as (path, remarks):
        columns, notes = read_store(path)
        metals = list(query(path, unconventional_metals=True))
    stiff = np.full(len(columns["id"]), np.nan)
    rows = stable_rows(columns)
    stiff[rows] = np.asarray(columns["E_max"], float)[rows]
    order = rows[np.argsort(-stiff[rows], kind="stable")]
    tables = [_largest_table(columns, order[:_ROWS])]
    if metals:
        tables.append(_metals_table(metals))
    told = [*notes, *remarks, *_remarks(columns, order, len(metals))]
    figures = {"histogram": lambda: _histogram(columns, stiff)}
    drawn = {"stiffest": order[0] if len(order) else None, "unconventional": _row(columns, metals)}
    for key, row in drawn.items():
        if row is not None:
            name = f"{columns['formula'][row]}, {columns['id'][row]}"
            figures[key] = partial(_surface, columns["C"][row], name)
    return Outcome(name, title, tuple(tables), tuple(told), figures)


def _largest_table(columns: Columns, rows: NDArray[np.intp]) -> Table:
    cells: list[tuple[Cell, ...]] = [
        (
            *(str(columns[key][row]) for key in _ABOUT),
            int(columns["natoms"][row]),
            *(float(columns[key][row]) for key in ("E_max", "E_min", "K_hill", "G_hill")),
        )
        for row in rows
    ]
    header = ("id", "formula", "space group", "atoms", "E_max", "E_min", "K", "G")
    return Table(f"The {len(cells)} largest Young's moduli along a direction, GPa", header,
                 tuple(cells), 1)  # fmt: skip


def _metals_table(metals: Sequence[Mapping[str, Any]]) -> Table:
    """Cubic metals of one element that are stiffest along <100>, see `cijkl.screening.query`."""
    cells: list[tuple[Cell, ...]] = [
        (
            *(str(metal[key]) for key in _ABOUT),
            1000.0 * float(metal["anisotropy_cubic_criterion"]),
            *(float(metal[key]) for key in ("anisotropy_zener", "E_max", "E_min")),
        )
        for metal in metals
    ]
    header = ("id", "formula", "space group", "S11 - S12 - S44/2, 1/TPa", "Zener ratio",
              "E_max, GPa", "E_min, GPa")  # fmt: skip
    return Table("Cubic metals of one element that are stiffest along <100>", header, tuple(cells))


def _remarks(columns: Columns, order: NDArray[np.intp], metals: int) -> list[str]:
    said = []
    if len(order) >= _THEIRS:
        last = float(columns["E_max"][order[_THEIRS - 1]])
        said.append(f"The {_THEIRS}th crystal from the top has an E_max of {last:.0f} GPa.")
    elements = sum(not re.search(r"[A-Z].*[A-Z]", str(formula)) for formula in columns["formula"])
    return [
        *said,
        f"{metals} of the {elements} crystals of one element are unconventional cubic metals.",
        "The paper finds a hundred new crystals with an extremely large E_max and eleven "
        "unconventional forms of cubic metals in the Materials Project (abstract); which they are "
        "is not known here.",
    ]


def _row(columns: Columns, metals: Sequence[Mapping[str, Any]]) -> int | None:
    """Row of the first of the metals, if the last engine is who found it."""
    if not metals:
        return None
    same = (columns["id"] == metals[0]["id"]) & (columns["formula"] == metals[0]["formula"])
    return int(np.flatnonzero(same)[0]) if same.any() else None


def _histogram(columns: Columns, values: NDArray[np.float64]) -> go.Figure:
    from cijkl.plots import property_histogram

    marked = [
        (extreme.value, str(columns["formula"][extreme.index]), extreme.largest)
        for extreme in extremes(values, _NAMED)
    ]
    return property_histogram(values, "E<sub>max</sub>", marked=marked)


def _surface(stiffness: NDArray[np.float64], name: str) -> go.Figure:
    from cijkl.plots import property_surface

    figure = property_surface(stiffness, "E")
    figure.update_layout(title={"text": f"Young's modulus of {name}", "x": 0.5}, margin={"t": 40})
    return figure
