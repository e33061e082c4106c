"""Directional properties in the planes xy, xz and yz, as polar plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from cijkl.plots.fields import PLANES, PROPERTIES, Plane, Quantity, circle, sheets
from cijkl.plots.style import LINE_COLOURS, compact, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["polar_axes", "polar_line", "section", "sections"]


def section(
    stiffness: ArrayLike,
    quantity: Quantity,
    plane: Plane,
    samples: int = 181,
    radius: float | None = None,
) -> go.Figure:
    """Polar plot of a property for directions in one plane.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    quantity
        "E" (GPa), "beta" (1/TPa), "G" (GPa) or "nu".
    plane
        "xy", "xz" or "yz"; the angle is counted from the first axis to the second.
    samples
        Directions around the circle.
    radius
        End of the radial axis, so that several planes may share one scale.
    """
    found = sheets(stiffness, quantity, circle(plane, samples)[1])
    end = radius or 1.05 * max(float(sheet.values.max()) for sheet in found)
    label = PROPERTIES[quantity].label
    return new_figure(
        *_lines(stiffness, quantity, plane, samples, "polar"),
        polar=polar_axes(plane, end),
        showlegend=len(found) > 1,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.08},
        margin={"l": 36, "r": 36, "t": 46, "b": 28},
        title={"text": f"{plane} plane: {label}", "x": 0.5, "y": 0.985, "font": {"size": 13}},
    )


def sections(stiffness: ArrayLike, quantity: Quantity, samples: int = 181) -> go.Figure:
    """The three planes side by side with one radial scale; arguments as in :func:`section`."""
    end = 1.05 * max(
        float(sheet.values.max())
        for plane in PLANES
        for sheet in sheets(stiffness, quantity, circle(plane, samples)[1])
    )
    traces: list[Any] = []
    layout: dict[str, Any] = {}
    titles = []
    seen: set[str] = set()
    for number, plane in enumerate(PLANES):
        name = "polar" if number == 0 else f"polar{number + 1}"
        left = number * 0.36
        layout[name] = polar_axes(plane, end) | {"domain": {"x": [left, left + 0.28]}}
        titles.append(
            {
                "text": f"{plane} plane: {PROPERTIES[quantity].label}",
                "x": left + 0.14,
                "y": 1.08,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
            }
        )
        for line in _lines(stiffness, quantity, plane, samples, name):
            line.showlegend = line.name not in seen
            seen.add(line.name)
            traces.append(line)
    return new_figure(
        *traces,
        **layout,
        annotations=titles,
        showlegend=len(seen) > 1,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.12},
        margin={"l": 40, "r": 40, "t": 70, "b": 40},
    )


def polar_axes(plane: Plane, radius: float) -> dict[str, Any]:
    """Angular axis labelled with the plane's axes, radial axis from 0 to `radius`."""
    first, second = plane
    return {
        "angularaxis": {
            "tickmode": "array",
            "tickvals": [0, 45, 90, 135, 180, 225, 270, 315],
            "ticktext": [first, "", second, "", f"−{first}", "", f"−{second}", ""],
            "rotation": 0,
            "direction": "counterclockwise",
        },
        "radialaxis": {"range": [0, radius], "angle": 22.5, "tickangle": 22.5, "nticks": 4},
    }


def polar_line(angles: ArrayLike, values: ArrayLike, name: str, unit: str, **settings: Any) -> Any:
    """One closed line of a polar plot; angles in degrees."""
    import plotly.graph_objects as go

    suffix = f" {unit}" if unit else ""
    return go.Scatterpolar(
        r=compact(values),
        theta=compact(angles),
        mode="lines",
        name=name,
        hovertemplate=f"%{{theta:.0f}}°: %{{r:.4g}}{suffix}<extra>{name}</extra>",
        **settings,
    )


def _lines(
    stiffness: ArrayLike, quantity: Quantity, plane: Plane, samples: int, subplot: str
) -> list[Any]:
    angles, directions = circle(plane, samples)
    unit = PROPERTIES[quantity].unit
    lines = []
    for sheet in sheets(stiffness, quantity, directions):
        colour = LINE_COLOURS[0] if quantity == "E" else sheet.colour
        lines.append(
            polar_line(
                angles,
                np.asarray(sheet.values),
                sheet.name,
                unit,
                line={"color": colour, "dash": sheet.dash, "width": 2.5},
                subplot=subplot,
            )
        )
    return lines
