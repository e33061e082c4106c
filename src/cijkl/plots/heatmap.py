"""The stiffness as a 6x6 heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.plots.style import new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["forbidden_entries", "tensor_heatmap"]

_AXES = ("xx", "yy", "zz", "yz", "xz", "xy")


def tensor_heatmap(
    stiffness: ArrayLike,
    forbidden: ArrayLike | None = None,
    error: ArrayLike | None = None,
) -> go.Figure:
    """Heat map of a stiffness: blue positive, orange negative, symmetry zeros left blank.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa.
    forbidden
        (6, 6) bool, entries that symmetry makes zero; by default those that are zero to a
        millionth of the largest.
    error
        (6, 6) numerical uncertainty, GPa; shown when the pointer rests on an entry.
    """
    import plotly.graph_objects as go

    c = np.asarray(stiffness, float)
    blank = forbidden_entries(c) if forbidden is None else np.asarray(forbidden, bool)
    limit = float(np.abs(c).max()) or 1.0
    labels = [str(i) for i in range(1, 7)]
    names = np.array(
        [
            [f"C{i}{j}  (σ {_AXES[i - 1]}, ε {_AXES[j - 1]})" for j in range(1, 7)]
            for i in range(1, 7)
        ]
    )
    values = np.array([[_sensible(v, limit) for v in row] for row in c], dtype=object)
    hover = values + " GPa"
    if error is not None:
        spread = np.asarray(error, float)
        hover = hover + np.array([[f" ± {v:.2g}" for v in row] for row in spread], dtype=object)
    rows, columns = np.nonzero(blank)
    heat = go.Heatmap(
        z=np.where(blank, np.nan, np.round(c, 6)).tolist(),
        x=labels,
        y=labels,
        text=np.where(blank, "", values).tolist(),
        texttemplate="%{text}",
        textfont={"size": 13},
        customdata=np.stack([names, hover], axis=-1).tolist(),
        hovertemplate="%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
        hoverongaps=False,
        coloraxis="coloraxis",
        xgap=2,
        ygap=2,
    )
    zeros = go.Scatter(
        x=[labels[j] for j in columns],
        y=[labels[i] for i in rows],
        mode="text",
        text=["0"] * len(rows),
        textfont={"color": "#8a94a1", "size": 12},
        hoverinfo="skip",
        showlegend=False,
    )
    # Rules between the normal and the shear block keep the eye in place on a phone.
    rule = {"type": "line", "line": {"width": 1}, "xref": "x", "yref": "y"}
    axis = {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "type": "category",
        "categoryarray": labels,
        "ticks": "",
        "range": [-0.5, 5.5],
    }
    return new_figure(
        heat,
        zeros,
        coloraxis={
            "cmin": -limit,
            "cmax": limit,
            "cmid": 0.0,
            "showscale": False,
        },
        shapes=[
            rule | {"x0": 2.5, "x1": 2.5, "y0": -0.5, "y1": 5.5},
            rule | {"x0": -0.5, "x1": 5.5, "y0": 2.5, "y1": 2.5},
        ],
        xaxis=axis | {"side": "top", "title": {"text": "C<sub>ij</sub> (GPa), column j"}},
        yaxis=axis | {"range": [5.5, -0.5], "title": {"text": "row i"}},
    )


def forbidden_entries(stiffness: ArrayLike, tolerance: float = 1e-6) -> NDArray[np.bool_]:
    """Entries of (..., 6, 6) that are zero to `tolerance` times the largest entry."""
    c = np.abs(np.asarray(stiffness, float))
    return np.asarray(c <= tolerance * c.max((-1, -2), keepdims=True))


def _sensible(value: float, limit: float) -> str:
    """Decimals by the size of the largest entry: no more digits than anybody can use."""
    decimals = 0 if limit >= 1000 else 1 if limit >= 10 else 2
    text = f"{value:.{decimals}f}"
    return "0" if float(text) == 0 else text.replace("-", "−")
