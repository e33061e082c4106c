"""Tables and figures of relaxed against measured cells, for both papers of Taniguchi."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.reproduction.outcome import Cell, Outcome, Request, Table, beside, read_printed
from cijkl.reproduction.relaxed_cells import CellRow, cell_columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["QUANTITIES", "cells_outcome", "deviations", "volumes_outcome"]

Array = NDArray[np.float64]
Columns = Mapping[str, Mapping[str, CellRow]]

#: what is compared, and how it is read from a row
QUANTITIES: Mapping[str, Callable[[CellRow], Sequence[float]]] = {
    "volume, %": lambda row: [row.volume],
    "density, %": lambda row: [row.density],
    "lengths, %": lambda row: row.lengths.tolist(),
    "angles, degrees": lambda row: row.angles.tolist(),
    "RMSD15, A": lambda row: [] if row.rmsd15 is None else [row.rmsd15],
}
_NOTES = (
    "Cells are relaxed to 3e-4 eV/A and 0.01 GPa from the measured ones, and belong to 0 K: heat "
    "alone makes a measured cell some per cent larger.",
    "Angles are those that symmetry leaves free. RMSD15 is of heavy atoms, where all 15 molecules "
    "of the cluster match.",
)


def volumes_outcome(
    request: Request, name: str, title: str, known: Mapping[str, Mapping[str, float]]
) -> Outcome:
    """Give relaxed against measured volumes of each crystal, and their mean absolute errors.

    Parameters
    ----------
    known
        Numbers that the paper prints, by method and quantity of `QUANTITIES`.
    """
    found = cell_columns(request)
    printed = _printed(request, known)
    return Outcome(
        name,
        title,
        (*_summaries(found, ["volume, %"], printed), _volume_table(found)),
        (*_counts(found), *_NOTES[:1]),
        {"volumes": lambda: _parity(found)},
    )


def cells_outcome(
    request: Request, name: str, title: str, known: Mapping[str, Mapping[str, float]]
) -> Outcome:
    """Give deviations of lengths, angles, volume and density, and RMSD15, of each crystal.

    Parameters
    ----------
    known
        As of `volumes_outcome`.
    """
    found = cell_columns(request)
    tables = _summaries(found, list(QUANTITIES), _printed(request, known))
    tables += [_cell_table(label, rows) for label, rows in found.items()]
    return Outcome(
        name,
        title,
        tuple(tables),
        (*_counts(found), *_NOTES),
        {"cells": lambda: _boxes(found)},
    )


def deviations(rows: Mapping[str, CellRow], quantity: str) -> Array:
    """Give all deviations of one of `QUANTITIES`, (n)."""
    return np.array([value for row in rows.values() for value in QUANTITIES[quantity](row)])


def _printed(
    request: Request, known: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    printed = {method: dict(values) for method, values in known.items()}
    if request.printed is not None:
        for method, values in read_printed(request.printed, list(QUANTITIES)).items():
            printed.setdefault(method, {}).update(values)
    return printed


def _summaries(
    found: Columns, quantities: Sequence[str], printed: Mapping[str, Mapping[str, float]]
) -> list[Table]:
    """Mean absolute and mean deviations, of all crystals and of those that all columns have."""
    tables = [
        beside("Mean absolute deviation", quantities, _means(found, quantities, True), printed),
        beside("Mean deviation", quantities, _means(found, quantities, False)),
    ]
    common = set.intersection(*(set(rows) for rows in found.values()))
    if common and any(len(rows) > len(common) for rows in found.values()):
        same = {
            label: {name: row for name, row in rows.items() if name in common}
            for label, rows in found.items()
        }
        title = f"Mean absolute deviation of the {len(common)} crystals that every column has"
        tables.append(beside(title, quantities, _means(same, quantities, True)))
    return tables


def _means(found: Columns, quantities: Sequence[str], absolute: bool) -> dict[str, list[float]]:
    means: dict[str, list[float]] = {}
    for label, rows in found.items():
        means[label] = []
        for quantity in quantities:
            values = deviations(rows, quantity)
            values = np.abs(values) if absolute else values
            means[label].append(float(values.mean()) if len(values) else np.nan)
    return means


def _volume_table(found: Columns) -> Table:
    columns = ["crystal", "measured, A^3"]
    columns += [f"{label}, {unit}" for label in found for unit in ("A^3", "%")]
    known = {name: row for rows in found.values() for name, row in rows.items()}
    table = []
    for name, any_row in known.items():
        line: list[Cell] = [name, any_row.volumes[0]]
        for rows in found.values():
            row = rows.get(name)
            line += [None, None] if row is None else [row.volumes[1], row.volume]
        table.append(tuple(line))
    return Table("Volumes", tuple(columns), tuple(table))


def _cell_table(label: str, rows: Mapping[str, CellRow]) -> Table:
    columns = ("crystal", "volume, %", "density, %", "a, %", "b, %", "c, %", "angles, degrees",
               "RMSD15, A")  # fmt: skip
    table = [
        (
            name,
            row.volume,
            row.density,
            *row.lengths.tolist(),
            " ".join(f"{angle:+.2f}" for angle in row.angles),
            row.rmsd15,
        )
        for name, row in rows.items()
    ]
    return Table(f"Relaxed minus measured, {label}", columns, tuple(table))


def _counts(found: Columns) -> list[str]:
    return [
        f"{label}: {len(rows)} crystals, "
        f"{sum(row.rmsd15 is not None for row in rows.values())} with their packing."
        for label, rows in found.items()
    ]


def _parity(found: Columns) -> go.Figure:
    from cijkl.plots.benchmark import Series, method_parity

    every = [
        Series(
            label,
            list(rows),
            np.array([row.volumes[0] for row in rows.values()]),
            np.array([row.volumes[1] for row in rows.values()]),
        )
        for label, rows in found.items()
    ]
    return method_parity({"volume (Å<sup>3</sup>)": every})


def _boxes(found: Columns) -> go.Figure:
    """Deviations of each quantity as points and boxes, a colour for each column."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    from cijkl.plots.style import LINE_COLOURS, template

    shown = {"volume, %": "volume (%)", "lengths, %": "lengths (%)",
             "angles, degrees": "angles (°)", "density, %": "density (%)",
             "RMSD15, A": "RMSD<sub>15</sub> (Å)"}  # fmt: skip
    figure = make_subplots(rows=1, cols=len(shown), horizontal_spacing=0.07)
    for number, (quantity, words) in enumerate(shown.items(), 1):
        for place, (label, rows) in enumerate(found.items()):
            figure.add_trace(
                go.Box(
                    y=deviations(rows, quantity).tolist(),
                    name=label,
                    legendgroup=label,
                    showlegend=number == 1,
                    boxpoints="all",
                    jitter=0.4,
                    pointpos=0.0,
                    marker={"color": LINE_COLOURS[place % len(LINE_COLOURS)], "size": 5},
                    line={"width": 1.5},
                    fillcolor="rgba(0,0,0,0)",
                ),
                row=1,
                col=number,
            )
        figure.update_xaxes(showticklabels=False, row=1, col=number)
        title = {"text": words, "standoff": 4}
        figure.update_yaxes(title=title, rangemode="tozero", row=1, col=number)
    figure.update_layout(
        template=template(),
        width=1060,
        height=400,
        margin={"l": 8, "r": 16, "t": 48, "b": 8},
        legend={"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0.0},
    )
    return figure
