"""Young's modulus and Poisson's ratio of a layer by direction in its plane, as polar plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from cijkl.elasticity.planar_directional import planar_poisson_ratio, planar_youngs_modulus
from cijkl.plots.sections import polar_axes, polar_line
from cijkl.plots.style import LINE_COLOURS, MAX_COLOUR, NEGATIVE_COLOUR, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["planar_section"]

_LABELS = {"E": "E (N/m)", "nu": "ν"}


def planar_section(
    stiffness: ArrayLike, quantity: Literal["E", "nu"], samples: int = 361
) -> go.Figure:
    """Polar plot of a layer's E or nu; the angle counts from its axis x towards y.

    Parameters
    ----------
    stiffness
        (3, 3), N/m, order xx, yy, xy, positive definite.
    quantity
        "E" (N/m) or "nu". Where nu is negative its magnitude is drawn, dotted.
    samples
        Directions around the circle.
    """
    angles = np.linspace(0.0, 360.0, samples)
    if quantity == "E":
        values = planar_youngs_modulus(stiffness, np.radians(angles))
        lines = [_line(angles, values, "Young’s modulus", "N/m", LINE_COLOURS[0], "solid")]
    else:
        values = planar_poisson_ratio(stiffness, np.radians(angles))
        lines = [
            _line(angles, np.where(kept, np.abs(values), np.nan), name, "", colour, dash)
            for kept, name, colour, dash in (
                (values >= 0.0, "Poisson’s ratio", MAX_COLOUR, "solid"),
                (values < 0.0, "negative, drawn by magnitude", NEGATIVE_COLOUR, "dot"),
            )
            if kept.any()
        ]
    return new_figure(
        *lines,
        polar=polar_axes("xy", 1.05 * max(float(np.abs(values).max()), 1e-6)),
        showlegend=len(lines) > 1,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.08},
        margin={"l": 36, "r": 36, "t": 46, "b": 28},
        title={"text": _LABELS[quantity], "x": 0.5, "y": 0.985, "font": {"size": 13}},
    )


def _line(angles: Any, values: Any, name: str, unit: str, colour: str, dash: str) -> Any:
    line = {"color": colour, "dash": dash, "width": 2.5}
    return polar_line(angles, values, name, unit, line=line)
