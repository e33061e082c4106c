"""Predicted against known values, crystal by crystal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.style import LIGHT, new_figure
from cijkl.plots.systems import SYSTEM_LOOK

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Panel", "parity_plot"]

Array = NDArray[np.float64]

#: pixels of a panel
_SIDE = 340


@dataclass(frozen=True, eq=False)
class Panel:
    """One property of n crystals.

    Parameters
    ----------
    name
        Of the property.
    truth, prediction
        (n) or (n, m), GPa; NaN where there is none.
    logarithmic
        Whether the axes are; values that are not positive are then left out.
    note
        Shown below the name.
    """

    name: str
    truth: Array
    prediction: Array
    logarithmic: bool = True
    note: str = ""


def parity_plot(panels: Sequence[Panel], systems: Sequence[str], ids: Sequence[str]) -> go.Figure:
    """Panels side by side; on the line prediction and truth agree.

    Parameters
    ----------
    panels
        At least one.
    systems
        Crystal system of each crystal, (n).
    ids
        Shown when the pointer rests on a point, (n).
    """
    import plotly.graph_objects as go

    traces: list[Any] = []
    layout: dict[str, Any] = {}
    notes = []
    named: set[str] = set()
    columns = 2 if len(panels) in (2, 4) else min(len(panels), 3)
    rows = -(-len(panels) // columns)
    for number, panel in enumerate(panels):
        suffix = "" if number == 0 else str(number + 1)
        truth, prediction, owner = _points(panel)
        low, high = _limits(truth, prediction, panel.logarithmic)
        traces.append(_diagonal(go, low, high, suffix))
        for system in SYSTEM_LOOK:
            mine = np.array([systems[i] == system for i in owner], bool)
            if not mine.any():
                continue
            colour, symbol = SYSTEM_LOOK[system]
            traces.append(
                go.Scattergl(
                    x=truth[mine].tolist(),
                    y=prediction[mine].tolist(),
                    xaxis=f"x{suffix}",
                    yaxis=f"y{suffix}",
                    mode="markers",
                    name=system,
                    legendgroup=system,
                    showlegend=system not in named,
                    marker={"color": colour, "symbol": symbol, "size": 6, "opacity": 0.6},
                    text=[ids[i] for i in owner[mine]],
                    hovertemplate="%{text}<br>known %{x:.4g}, predicted %{y:.4g} GPa"
                    f"<extra>{system}</extra>",
                )
            )
            named.add(system)
        row, column = divmod(number, columns)
        spot = (
            _place(column, columns, 0.13 if columns == 2 else 0.09),
            _place(rows - 1 - row, rows, 0.14),
        )
        axis = _axis(low, high, panel.logarithmic)
        layout[f"xaxis{suffix}"] = axis | {
            "domain": spot[0],
            "anchor": f"y{suffix}",
            "title": {"text": f"known {panel.name} (GPa)", "standoff": 8},
        }
        layout[f"yaxis{suffix}"] = axis | {
            "domain": spot[1],
            "anchor": f"x{suffix}",
            "title": {"text": f"predicted {panel.name} (GPa)", "standoff": 8},
        }
        notes.append(
            {
                "text": panel.note,
                "x": spot[0][0] + 0.01,
                "y": spot[1][1],
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "top",
                "align": "left",
                "showarrow": False,
                "font": {"color": LIGHT.muted, "size": 12},
            }
        )
    return new_figure(
        *traces,
        **layout,
        annotations=[note for note in notes if note["text"]],
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0.0,
            "itemsizing": "constant",
        },
        margin={"l": 8, "r": 16, "t": 56, "b": 8},
        width=columns * _SIDE + 40,
        height=rows * _SIDE + 80,
    )


def _points(panel: Panel) -> tuple[Array, Array, NDArray[np.intp]]:
    """Known and predicted values that can be drawn, and the crystal of each."""
    truth = np.asarray(panel.truth, float)
    prediction = np.asarray(panel.prediction, float)
    shape = truth.shape
    owner = np.repeat(np.arange(shape[0]), truth.size // max(shape[0], 1))
    truth, prediction = truth.ravel(), prediction.ravel()
    drawn = np.isfinite(truth) & np.isfinite(prediction)
    if panel.logarithmic:
        drawn[drawn] = (truth[drawn] > 0.0) & (prediction[drawn] > 0.0)
    return truth[drawn], prediction[drawn], owner[drawn]


def _limits(truth: Array, prediction: Array, logarithmic: bool) -> tuple[float, float]:
    """Ends of both axes, with a margin."""
    both = np.concatenate([truth, prediction])
    if not both.size:
        return (1.0, 1000.0) if logarithmic else (0.0, 1.0)
    low, high = float(both.min()), float(both.max())
    if logarithmic:
        margin = (high / low) ** 0.06 * 1.05
        return low / margin, high * margin
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _axis(low: float, high: float, logarithmic: bool) -> dict[str, Any]:
    if not logarithmic:
        return {"range": [low, high], "nticks": 6}
    # every power of ten, and 2 and 5 times it where there is room
    steps = (1.0, 2.0, 5.0) if high / low < 300.0 else (1.0,)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))))
    ticks = [step * 10.0**power for power in powers for step in steps]
    return {
        "type": "log",
        "range": [np.log10(low), np.log10(high)],
        "tickvals": ticks,
        "ticktext": [f"{tick:g}" for tick in ticks],
    }


def _diagonal(go: Any, low: float, high: float, suffix: str) -> Any:
    return go.Scatter(
        x=[low, high],
        y=[low, high],
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        mode="lines",
        line={"color": LIGHT.axis, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _place(number: int, count: int, gap: float) -> list[float]:
    """Share of the figure that a panel takes along one side."""
    size = (1.0 - gap * (count - 1)) / count
    start = number * (size + gap)
    return [round(start, 4), round(min(start + size, 1.0), 4)]
