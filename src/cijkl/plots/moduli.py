"""Bulk against shear modulus of many crystals: one map with margins, and one panel per system."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.plots.histograms import decades
from cijkl.plots.style import compact, new_figure
from cijkl.plots.systems import SYSTEM_LOOK

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["PUGH", "moduli_map", "moduli_panels"]

Array = NDArray[np.float64]

#: ratio K/G above which metals tend to be ductile (Pugh 1954, Phil. Mag. 45, 823)
PUGH = 1.75
#: grey that is seen on points and on both backgrounds
_LINE = "#76818f"
#: bars of a marginal histogram
_BINS = 50
_TICKS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)


def moduli_map(
    bulk: ArrayLike,
    shear: ArrayLike,
    systems: Sequence[str],
    names: Sequence[str],
    keys: Sequence[Any] | None = None,
) -> go.Figure:
    """G against K with histograms in the margins, coloured by crystal system (Liu 2025, fig. 6).

    The dashed line is Pugh's ratio K/G = 1.75. Points are drawn by the graphics processor, so that
    25,000 stay quick.

    Parameters
    ----------
    bulk, shear
        (n), GPa; crystals without both, or with one that is not positive, are left out.
    systems
        Crystal system of each, (n).
    names
        Shown when the pointer rests on a point, (n).
    keys
        What a click on a point hands over (``customdata``), (n); by default its number.
    """
    points = _Points(bulk, shear, systems, names, keys)
    across, up = decades(points.bulk, _BINS), decades(points.shear, _BINS)
    traces: list[Any] = []
    for system in SYSTEM_LOOK:
        mine = points.of(system)
        if mine.any():
            traces += [
                _markers(points, mine, system, {"legendgroup": system}, 4.5),
                _margin(points.bulk[mine], across, system, upright=True),
                _margin(points.shear[mine], up, system, upright=False),
            ]
    x, y = np.log10(across[[0, -1]]), np.log10(up[[0, -1]])
    return new_figure(
        *traces,
        _pugh_line(across, "x", "y"),
        xaxis=_log_axis("bulk modulus K (GPa)", x) | {"domain": [0, 0.84]},
        yaxis=_log_axis("shear modulus G (GPa)", y) | {"domain": [0, 0.82]},
        xaxis2={"domain": [0.86, 1], "showgrid": False, "showticklabels": False},
        yaxis2={"domain": [0.84, 1], "showgrid": False, "showticklabels": False},
        annotations=_pugh_words(),
        barmode="stack",
        bargap=0,
        hovermode="closest",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "itemsizing": "constant"},
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
        height=680,
    )


def moduli_panels(
    bulk: ArrayLike,
    shear: ArrayLike,
    systems: Sequence[str],
    names: Sequence[str],
    keys: Sequence[Any] | None = None,
    columns: int = 4,
) -> go.Figure:
    """G against K, one panel for each crystal system, all to one scale (Liu 2025, fig. 7).

    Parameters
    ----------
    bulk, shear, systems, names, keys
        As for `moduli_map`.
    columns
        Panels side by side.
    """
    points = _Points(bulk, shear, systems, names, keys)
    x = np.log10(decades(points.bulk, 1))
    y = np.log10(decades(points.shear, 1))
    shown = [system for system in SYSTEM_LOOK if points.of(system).any()] or ["cubic"]
    columns = min(columns, len(shown))
    rows = -(-len(shown) // columns)
    traces, layout, notes = [], {}, []
    for number, system in enumerate(shown):
        suffix = "" if number == 0 else str(number + 1)
        row, column = divmod(number, columns)
        mine = points.of(system)
        axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "showlegend": False}
        traces += [
            _markers(points, mine, system, axes, 4),
            _pugh_line(10.0**x, f"x{suffix}", f"y{suffix}"),
        ]
        across, up = _place(column, columns, 0.03), _place(rows - 1 - row, rows, 0.12)
        bottom = number + columns >= len(shown)
        layout[f"xaxis{suffix}"] = _log_axis("K (GPa)" if bottom else "", x) | {
            "domain": across,
            "anchor": f"y{suffix}",
            "matches": None if number == 0 else "x",
        }
        layout[f"yaxis{suffix}"] = _log_axis("G (GPa)" if column == 0 else "", y) | {
            "domain": up,
            "anchor": f"x{suffix}",
            "matches": None if number == 0 else "y",
            "showticklabels": column == 0,
        }
        notes.append(
            {
                "text": f"<b>{system}</b> {int(mine.sum())}",
                "x": across[0],
                "y": up[1],
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 13},
            }
        )
    return new_figure(
        *traces,
        **layout,
        annotations=notes,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        height=60 + 270 * rows,
    )


class _Points:
    """Crystals that can be drawn: both moduli finite and positive."""

    def __init__(
        self,
        bulk: ArrayLike,
        shear: ArrayLike,
        systems: Sequence[str],
        names: Sequence[str],
        keys: Sequence[Any] | None,
    ) -> None:
        k, g = np.asarray(bulk, float), np.asarray(shear, float)
        drawn = np.flatnonzero((k > 0.0) & (g > 0.0) & np.isfinite(k) & np.isfinite(g)).tolist()
        self.bulk: Array = k[drawn]
        self.shear: Array = g[drawn]
        self.systems = np.asarray(systems, object)[drawn]
        self.names = [str(names[i]) for i in drawn]
        self.keys = [int(i) if keys is None else keys[i] for i in drawn]

    def of(self, system: str) -> NDArray[np.bool_]:
        return np.asarray(self.systems == system, bool)


def _markers(
    points: _Points, mine: NDArray[np.bool_], system: str, axes: dict[str, Any], size: float
) -> Any:
    import plotly.graph_objects as go

    colour, symbol = SYSTEM_LOOK[system]
    own = np.flatnonzero(mine)
    return go.Scattergl(
        x=compact(points.bulk[mine]),
        y=compact(points.shear[mine]),
        **axes,
        mode="markers",
        name=system,
        marker={"color": colour, "symbol": symbol, "size": size, "opacity": 0.55},
        text=[points.names[i] for i in own],
        customdata=[points.keys[i] for i in own],
        hovertemplate="%{text}<br>K %{x:.3g}, G %{y:.3g} GPa<extra>" + system + "</extra>",
    )


def _margin(values: Array, edges: Array, system: str, *, upright: bool) -> Any:
    """Bars of one system above the map, or to the right of it."""
    import plotly.graph_objects as go

    counts, _ = np.histogram(values, edges)
    centres, length = np.sqrt(edges[1:] * edges[:-1]), "y" if upright else "x"
    return go.Bar(
        x=centres if upright else counts,
        y=counts if upright else centres,
        xaxis="x" if upright else "x2",
        yaxis="y2" if upright else "y",
        orientation="v" if upright else "h",
        width=np.diff(edges),
        marker={"color": SYSTEM_LOOK[system][0], "line": {"width": 0}},
        name=system,
        legendgroup=system,
        showlegend=False,
        customdata=[f"{low:.3g} to {high:.3g} GPa" for low, high in pairwise(edges.tolist())],
        hovertemplate="%{customdata}: %{" + length + "} crystals<extra>" + system + "</extra>",
    )


def _pugh_line(ends: Array, x: str, y: str) -> Any:
    import plotly.graph_objects as go

    low, high = float(ends.min()), float(ends.max())
    return go.Scatter(
        x=[low, high],
        y=[low / PUGH, high / PUGH],
        xaxis=x,
        yaxis=y,
        mode="lines",
        line={"color": _LINE, "width": 2, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )


def _pugh_words() -> list[dict[str, Any]]:
    """Names of both sides of the line, in the empty corners of the map."""
    base = {"xref": "x domain", "yref": "y domain", "showarrow": False, "font": {"size": 13}}
    return [
        base | {"text": "K/G < 1.75, brittle", "x": 0.02, "y": 0.98, "xanchor": "left",
                "yanchor": "top"},
        base | {"text": "K/G > 1.75, ductile", "x": 0.98, "y": 0.02, "xanchor": "right",
                "yanchor": "bottom"},
    ]  # fmt: skip


def _log_axis(title: str, ends: Array) -> dict[str, Any]:
    margin = 0.03 * float(ends[1] - ends[0])
    return {
        "type": "log",
        "range": [float(ends[0]) - margin, float(ends[1]) + margin],
        "tickvals": list(_TICKS),
        "ticktext": [f"{tick:g}" for tick in _TICKS],
        "title": {"text": title, "standoff": 6},
    }


def _place(number: int, count: int, gap: float) -> list[float]:
    """Share of the figure that a panel takes along one side."""
    size = (1.0 - gap * (count - 1)) / count
    start = number * (size + gap)
    return [round(start, 4), round(min(start + size, 1.0), 4)]
