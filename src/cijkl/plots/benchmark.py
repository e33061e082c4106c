"""Methods side by side against measurements: parity, errors, bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.style import LIGHT, LINE_COLOURS, template

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Series", "method_bias", "method_errors", "method_parity"]

Array = NDArray[np.float64]

#: colour and symbol of each method in turn, told apart without colour too
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "hexagon")
_COLOURS = (*LINE_COLOURS, "#6b7785", "#7a5ad0", "#3c4653")
#: pixels of a panel
_WIDTH, _HEIGHT = 360, 340


@dataclass(frozen=True, eq=False)
class Series:
    """One method's values of one quantity.

    Parameters
    ----------
    method
        Name in the legend.
    labels
        Of the n points, shown when the pointer rests on one.
    measured, computed
        (n).
    """

    method: str
    labels: Sequence[str]
    measured: Array
    computed: Array


def method_parity(panels: Mapping[str, Sequence[Series]]) -> go.Figure:
    """Computed against measured values; on the line they agree.

    Parameters
    ----------
    panels
        Methods of each quantity, whose name with unit titles the axes.
    """
    return _against_measured(panels, errors=False)


def method_errors(panels: Mapping[str, Sequence[Series]]) -> go.Figure:
    """Computed minus measured against measured values.

    Parameters
    ----------
    panels
        As of `method_parity`.
    """
    return _against_measured(panels, errors=True)


def method_bias(panels: Mapping[str, Sequence[Series]]) -> go.Figure:
    """Mean absolute error of each method as a bar, and its mean error as a mark upon it.

    Parameters
    ----------
    panels
        As of `method_parity`.
    """
    import plotly.graph_objects as go

    figure = _panels(panels)
    for number, (name, every) in enumerate(panels.items()):
        every = [series for series in every if len(series.measured)]
        methods = [series.method for series in every]
        difference = [series.computed - series.measured for series in every]
        figure.add_trace(
            go.Bar(
                x=methods,
                y=[float(np.abs(d).mean()) for d in difference],
                marker={"color": [_COLOURS[k % len(_COLOURS)] for k in range(len(every))]},
                opacity=0.75,
                name="mean absolute error",
                showlegend=False,
                hovertemplate="%{x}<br>mean absolute error %{y:.3g}<extra></extra>",
            ),
            row=1,
            col=number + 1,
        )
        figure.add_trace(
            go.Scatter(
                x=methods,
                y=[float(d.mean()) for d in difference],
                mode="markers",
                name="mean error",
                legendgroup="bias",
                showlegend=number == 0,
                marker={
                    "symbol": "diamond",
                    "size": 10,
                    "color": LIGHT.ink,
                    "line": {"color": LIGHT.paper, "width": 1},
                },
                hovertemplate="%{x}<br>mean error %{y:.3g}<extra></extra>",
            ),
            row=1,
            col=number + 1,
        )
        _axes(figure, number, "", f"error of {name}", None)
    return figure


def _against_measured(panels: Mapping[str, Sequence[Series]], *, errors: bool) -> go.Figure:
    """Computed values, or their errors, over the measured ones, with the line of no error."""
    figure = _panels(panels)
    for number, (name, every) in enumerate(panels.items()):
        shown = [s.computed - s.measured if errors else s.computed for s in every]
        known = np.concatenate([s.measured for s in every] or [np.zeros(1)])
        both = known if errors else np.concatenate([known, *shown])
        ends = [0.0 if errors else min(0.0, float(both.min())), 1.05 * float(both.max()) or 1.0]
        _line(figure, number, ends, [0.0, 0.0] if errors else ends)
        for place, (series, values) in enumerate(zip(every, shown, strict=True)):
            _scatter(figure, number, place, series, values)
        title = f"{'error of' if errors else 'computed'} {name}"
        _axes(figure, number, f"measured {name}", title, None if errors else ends)
    return figure


def _panels(panels: Mapping[str, Sequence[Series]]) -> go.Figure:
    from plotly.subplots import make_subplots

    count = max(len(panels), 1)
    figure = make_subplots(rows=1, cols=count, horizontal_spacing=0.24 / count)
    figure.update_layout(
        template=template(),
        width=_WIDTH * count + 40,
        height=_HEIGHT + 60,
        margin={"l": 8, "r": 16, "t": 48, "b": 8},
        legend={"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0.0},
    )
    return figure


def _scatter(figure: go.Figure, number: int, place: int, series: Series, values: Array) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=np.asarray(series.measured, float).tolist(),
            y=np.asarray(values, float).tolist(),
            mode="markers",
            name=series.method,
            legendgroup=series.method,
            showlegend=number == 0,
            marker={
                "color": _COLOURS[place % len(_COLOURS)],
                "symbol": _SYMBOLS[place % len(_SYMBOLS)],
                "size": 8,
                "opacity": 0.8,
            },
            text=list(series.labels),
            hovertemplate="%{text}<br>%{x:.3g}, %{y:.3g}<extra>" + series.method + "</extra>",
        ),
        row=1,
        col=number + 1,
    )


def _line(figure: go.Figure, number: int, x: list[float], y: list[float]) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": LIGHT.axis, "width": 1.5, "dash": "dash"},
            hoverinfo="skip",
            showlegend=False,
        ),
        row=1,
        col=number + 1,
    )


def _axes(figure: go.Figure, number: int, x: str, y: str, ends: list[float] | None) -> None:
    common: dict[str, Any] = {"nticks": 6}
    if ends is not None:
        common["range"] = ends
    else:
        figure.update_yaxes(zeroline=True, row=1, col=number + 1)
    across = common if x else {}
    figure.update_xaxes(title={"text": x, "standoff": 8}, **across, row=1, col=number + 1)
    figure.update_yaxes(title={"text": y, "standoff": 8}, **common, row=1, col=number + 1)
