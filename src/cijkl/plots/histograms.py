"""Histograms of many crystals: sizes of cells, and a property with its extremes named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.plots.style import LINE_COLOURS, MAX_COLOUR, MIN_COLOUR, compact, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["cell_size_histogram", "decades", "property_histogram"]

Array = NDArray[np.float64]


def cell_size_histogram(natoms: ArrayLike) -> go.Figure:
    """Number of crystals by atoms in the cell (Liu 2025, fig. 4).

    Parameters
    ----------
    natoms
        (n) integers. One bar each up to 60 atoms; wider bars where cells are larger.
    """
    import plotly.graph_objects as go

    sizes = np.asarray(natoms, int)
    largest = int(sizes.max()) if sizes.size else 1
    width = max(1, int(np.ceil(largest / 60)))
    edges = np.arange(1, largest + width + 1, width)
    counts, _ = np.histogram(sizes, edges)
    names = [f"{low}" if width == 1 else f"{low} to {low + width - 1}" for low in edges[:-1]]
    bars = go.Bar(
        x=edges[:-1] + 0.5 * (width - 1),
        y=counts,
        width=0.86 * width,
        marker={"color": LINE_COLOURS[0], "line": {"width": 0}},
        customdata=names,
        hovertemplate="%{customdata} atoms: %{y} crystals<extra></extra>",
    )
    return new_figure(
        bars,
        xaxis={"title": {"text": "atoms in the cell"}, "showgrid": False},
        yaxis={"title": {"text": "crystals"}},
        height=340,
    )


def property_histogram(
    values: ArrayLike,
    name: str,
    unit: str = "GPa",
    marked: Sequence[tuple[float, str, bool]] = (),
    bins: int = 60,
) -> go.Figure:
    """Histogram on a logarithmic axis, extremes named (Taniguchi 2024, fig. 6; Wen 2024, fig. 5).

    Parameters
    ----------
    values
        (n), positive ones are counted.
    name, unit
        Of the property.
    marked
        Value, name, and whether it is one of the largest, of crystals to be named.
    bins
        Number of bars, equally wide in the logarithm.
    """
    import plotly.graph_objects as go

    drawn = np.asarray(values, float)
    drawn = drawn[np.isfinite(drawn) & (drawn > 0.0)]
    edges = decades(drawn, bins)
    counts, _ = np.histogram(drawn, edges)
    centres = np.sqrt(edges[1:] * edges[:-1])
    top = float(counts.max()) if counts.size else 1.0
    bars = go.Bar(
        x=centres,
        y=counts,
        width=np.diff(edges),
        marker={"color": LINE_COLOURS[0], "line": {"width": 0}},
        customdata=compact(np.stack([edges[:-1], edges[1:]], 1)),
        hovertemplate="%{customdata[0]:.3g} to %{customdata[1]:.3g} " + unit
        + ": %{y} crystals<extra></extra>",
        showlegend=False,
    )  # fmt: skip
    notes = [_note(value, text, large, number, top) for number, (value, text, large) in
             _numbered(marked)]  # fmt: skip
    low, high = np.log10(edges[[0, -1]])
    return new_figure(
        bars,
        xaxis={
            "type": "log",
            "range": [low - 0.02, high + 0.02],
            "title": {"text": f"{name} ({unit})"},
            "showgrid": False,
            "dtick": "D2" if high - low < 1.5 else 1,
        },
        yaxis={"title": {"text": "crystals"}, "range": [0, 1.5 * top if notes else 1.08 * top]},
        annotations=notes,
        bargap=0,
        height=380,
    )


def decades(values: Array, bins: int) -> Array:
    """Edges (bins + 1) of bars that cover positive values, equally wide in the logarithm."""
    if not values.size:
        return np.geomspace(1.0, 1000.0, bins + 1)
    low, high = float(values.min()), float(values.max())
    if high < 1.01 * low:
        low, high = low / 1.1, high * 1.1
    # the ends a hair outside, so that rounding loses no value
    return np.geomspace(low * (1 - 1e-9), high * (1 + 1e-9), bins + 1)


def _numbered(
    marked: Sequence[tuple[float, str, bool]],
) -> list[tuple[int, tuple[float, str, bool]]]:
    """Each with its rank at its own end, the outermost first, so that labels stand in steps."""
    found = []
    for large in (False, True):
        end = sorted((m for m in marked if m[2] == large), key=lambda m: -m[0] if large else m[0])
        found += list(enumerate(end))
    return found


def _note(value: float, text: str, large: bool, number: int, top: float) -> dict[str, Any]:
    return {
        "x": float(np.log10(value)),
        "y": 0,
        "ax": 0,
        "ay": top * (0.55 + 0.3 * number),
        "ayref": "y",
        "text": text,
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": MAX_COLOUR if large else MIN_COLOUR,
        "xanchor": "right" if large else "left",
        "font": {"size": 12, "color": MAX_COLOUR if large else MIN_COLOUR},
    }
