"""Moduli of faces: face by face, and computed against measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.style import LIGHT, LINE_COLOURS, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["FacePanel", "faces_parity", "faces_plot"]

Array = NDArray[np.float64]

#: pixels of a panel, and of a face's line
_SIDE, _LINE = 380, 22
#: share of the width between panels, which holds the title of an axis
_GAP = 0.12
#: symbols that tell compounds apart together with the colours
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "hexagon", "star")


def faces_plot(
    names: Sequence[str], youngs: Sequence[float], indented: Sequence[float]
) -> go.Figure:
    """One line for each face: Young's modulus along the normal, and the indentation modulus.

    Parameters
    ----------
    names
        Of the faces, from the top down.
    youngs, indented
        E and M of each, GPa.
    """
    import plotly.graph_objects as go

    places = list(range(len(names)))
    link: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, ends in enumerate(zip(youngs, indented, strict=True)):
        link["x"] += [*ends, None]
        link["y"] += [place, place, None]
    traces = [
        go.Scatter(
            **link, mode="lines", line={"color": LIGHT.axis, "width": 2}, hoverinfo="skip",
            showlegend=False,
        ),
        *(
            go.Scatter(
                x=list(values),
                y=places,
                mode="markers",
                name=name,
                marker={"color": colour, "symbol": symbol, "size": 10},
                text=list(names),
                hovertemplate="%{text}: %{x:.4g} GPa<extra>" + name + "</extra>",
            )
            for name, values, colour, symbol in (
                ("E along the normal", youngs, LINE_COLOURS[0], "circle"),
                ("indentation modulus M", indented, LINE_COLOURS[2], "diamond"),
            )
        ),
    ]  # fmt: skip
    return new_figure(
        *traces,
        xaxis={"title": {"text": "GPa"}, "rangemode": "tozero"},
        yaxis={
            "tickvals": places,
            "ticktext": list(names),
            "range": [len(names) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0},
        height=_LINE * len(names) + 90,
    )


@dataclass(frozen=True, eq=False)
class FacePanel:
    """One computed modulus of n faces against the measured one.

    Parameters
    ----------
    name
        Of the computed modulus.
    measured, computed
        (n), GPa; NaN where there is none.
    error
        (n), GPa, uncertainty of the measurement; NaN where none is known.
    note
        Shown in the corner.
    """

    name: str
    measured: Array
    computed: Array
    error: Array
    note: str = ""


def faces_parity(
    panels: Sequence[FacePanel], compounds: Sequence[str], labels: Sequence[str]
) -> go.Figure:
    """Panels side by side; on the line computed and measured moduli agree.

    Parameters
    ----------
    panels
        At least one.
    compounds
        Of each face, (n): one colour and symbol for each.
    labels
        Shown when the pointer rests on a point, (n).
    """
    import plotly.graph_objects as go

    looks = {name: number for number, name in enumerate(dict.fromkeys(compounds))}
    traces: list[Any] = []
    layout: dict[str, Any] = {}
    notes = []
    top = 1.08 * max([1.0, *(_largest(panel) for panel in panels)])
    for number, panel in enumerate(panels):
        suffix = "" if number == 0 else str(number + 1)
        drawn = np.isfinite(panel.measured) & np.isfinite(panel.computed)
        on = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
        traces.append(
            go.Scatter(
                x=[0, top], y=[0, top], mode="lines", line={"color": LIGHT.axis, "width": 1.5},
                hoverinfo="skip", showlegend=False, **on,
            )
        )  # fmt: skip
        for compound, look in looks.items():
            mine = [i for i, shown in enumerate(drawn) if shown and compounds[i] == compound]
            if not mine:
                continue
            colour = LINE_COLOURS[look % len(LINE_COLOURS)]
            traces.append(
                go.Scatter(
                    x=panel.measured[mine].tolist(),
                    y=panel.computed[mine].tolist(),
                    error_x={
                        "type": "data",
                        "array": np.nan_to_num(panel.error[mine]).tolist(),
                        "thickness": 1.2,
                        "width": 3,
                        "color": colour,
                    },
                    mode="markers",
                    name=compound,
                    legendgroup=compound,
                    showlegend=number == 0,
                    marker={"color": colour, "symbol": _SYMBOLS[look % len(_SYMBOLS)], "size": 9},
                    text=[labels[i] for i in mine],
                    hovertemplate="%{text}<br>measured %{x:.4g}, computed %{y:.4g} GPa"
                    "<extra></extra>",
                    **on,
                )
            )
        width = (1.0 - _GAP * (len(panels) - 1)) / len(panels)
        start = number * (width + _GAP)
        domain = [start, min(start + width, 1.0)]
        axis = {"range": [0, top], "nticks": 7}
        layout[f"xaxis{suffix}"] = axis | {
            "domain": domain,
            "anchor": f"y{suffix}",
            "title": {"text": "measured E (GPa)"},
        }
        layout[f"yaxis{suffix}"] = axis | {
            "anchor": f"x{suffix}",
            "title": {"text": f"{panel.name} (GPa)"},
        }
        notes.append(_note(panel.note, domain[1]))
    return new_figure(
        *traces,
        **layout,
        annotations=[note for note in notes if note["text"]],
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.0},
        margin={"l": 8, "r": 16, "t": 40, "b": 8},
        width=len(panels) * _SIDE + 60,
        height=_SIDE + 60,
    )


def _largest(panel: FacePanel) -> float:
    """The end of both axes that holds every point with its error bar."""
    ends = np.concatenate([panel.computed, panel.measured + np.nan_to_num(panel.error)])
    return float(np.nanmax(ends, initial=0.0))


def _note(text: str, right: float) -> dict[str, Any]:
    return {
        "text": text,
        "x": right - 0.012,
        "y": 0.03,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "bottom",
        "align": "right",
        "showarrow": False,
        "font": {"color": LIGHT.muted, "size": 12},
    }
