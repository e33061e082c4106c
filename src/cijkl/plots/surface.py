"""Directional properties as surfaces r = value(n) in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.plots.fields import PROPERTIES, Property, Quantity, Sheet, sheets, sphere_grid
from cijkl.plots.style import compact, new_figure, scene_axis

if TYPE_CHECKING:
    import plotly.graph_objects as go

Array = NDArray[np.float64]

__all__ = ["CAMERA", "LIGHT", "LIGHTING", "axes_triad", "property_surface", "surface_trace"]

#: view from the octant between the axes, x to the left front
CAMERA = {"eye": {"x": 1.25, "y": 1.25, "z": 0.8}, "projection": {"type": "orthographic"}}
LIGHTING = {"ambient": 0.6, "diffuse": 0.8, "specular": 0.2, "roughness": 0.45, "fresnel": 0.05}
#: size of a scene in its frame; an orthographic view knows no distance
ZOOM = 1.2
#: less flat light, since a translucent sheet shows its form by shading alone
SHEET_LIGHTING = LIGHTING | {"ambient": 0.4, "diffuse": 1.0}
#: plotly's light moves with the camera: x to the right, y up, z away from the viewer
LIGHT = {"x": -4000, "y": 10000, "z": -3000}


def property_surface(
    stiffness: ArrayLike,
    quantity: Quantity = "E",
    n_polar: int = 61,
    n_azimuth: int = 121,
) -> go.Figure:
    """Surface whose distance from the origin along n is the property along n.

    E and beta are coloured by value, negative beta in one colour of its own. G and nu depend on a
    second direction: nested translucent sheets show the largest and the smallest value over it,
    and a third sheet where nu is negative.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    quantity
        "E" (GPa), "beta" (1/TPa), "G" (GPa) or "nu".
    n_polar, n_azimuth
        Points along a meridian and along the equator.
    """
    directions = sphere_grid(n_polar, n_azimuth)
    prop = PROPERTIES[quantity]
    found = sheets(stiffness, quantity, directions)
    coloured = quantity in ("E", "beta")
    limit = 1.05 * max(float(sheet.values.max()) for sheet in found)
    # The innermost sheet is drawn first, so that the outer ones blend over it.
    traces = [
        _sheet_trace(sheet, directions, prop, coloured and not sheet.negative)
        for sheet in reversed(found)
    ]
    return new_figure(
        *traces,
        *axes_triad(limit),
        scene=scene(limit, prop.unit),
        showlegend=len(found) > 1,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "top"},
    )


def scene(limit: float, unit: str) -> dict[str, Any]:
    """Scene centred on the origin whose three axes share unit and range."""
    suffix = f" ({unit})" if unit else ""
    return {
        **{f"{a}axis": scene_axis(f"{a}{suffix}", limit) for a in "xyz"},
        "aspectmode": "manual",
        "aspectratio": dict.fromkeys("xyz", ZOOM),
        "camera": CAMERA,
        "dragmode": "orbit",
    }


def surface_trace(
    directions: ArrayLike,
    values: ArrayLike,
    colour: str | None,
    name: str,
    symbol: str,
    unit: str,
    **settings: Any,
) -> Any:
    """Surface at `values` (n_polar, n_azimuth) along `directions` (n_polar, n_azimuth, 3).

    It has one colour, or is coloured by value where `colour` is None. The pointer shows the vector
    value times n, which no version of plotly.js mistakes; `meta` tells a page what it is.
    """
    import plotly.graph_objects as go

    p = np.asarray(values, float)[..., None] * np.asarray(directions, float)
    painted: dict[str, Any] = {"surfacecolor": compact(values)}
    if colour is not None:
        painted |= {"colorscale": [[0, colour], [1, colour]], "showscale": False}
    return go.Surface(
        x=compact(p[..., 0]),
        y=compact(p[..., 1]),
        z=compact(p[..., 2]),
        name=name,
        lighting=LIGHTING if colour is None else SHEET_LIGHTING,
        lightposition=LIGHT,
        meta={"symbol": symbol, "unit": unit},
        hovertemplate=(
            f"{symbol} n = (%{{x:.4g}}, %{{y:.4g}}, %{{z:.4g}}) {unit}<extra>{name}</extra>"
        ),
        contours={f"{a}": {"highlight": False} for a in "xyz"},
        **(painted | settings),
    )


def axes_triad(length: float) -> list[Any]:
    """Three labelled lines along +x, +y and +z, from the origin to `length`."""
    import plotly.graph_objects as go

    grey = "#7c8794"
    end = np.eye(3) * length
    lines = np.full((9, 3), np.nan)
    lines[0::3] = 0.0
    lines[1::3] = end
    return [
        go.Scatter3d(
            x=compact(lines[:, 0]).tolist(),
            y=compact(lines[:, 1]).tolist(),
            z=compact(lines[:, 2]).tolist(),
            mode="lines",
            line={"color": grey, "width": 3},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter3d(
            x=end[:, 0].tolist(),
            y=end[:, 1].tolist(),
            z=end[:, 2].tolist(),
            mode="text",
            text=["x", "y", "z"],
            textfont={"color": grey, "size": 15},
            hoverinfo="skip",
            showlegend=False,
        ),
    ]


def _sheet_trace(sheet: Sheet, directions: Array, prop: Property, by_value: bool) -> Any:
    settings: dict[str, Any] = {"showlegend": not by_value}
    if by_value:
        settings |= {
            "colorscale": "Viridis",
            "colorbar": {
                "title": {"text": prop.label, "side": "top"},
                "orientation": "h",
                "y": 0.0,
                "yanchor": "top",
                "len": 0.6,
            },
        }
    elif sheet.name == "maximum":
        settings["opacity"] = 0.35
    return surface_trace(
        directions,
        sheet.values,
        None if by_value else sheet.colour,
        sheet.name,
        ("−" if sheet.negative else "") + prop.symbol,
        prop.unit,
        **settings,
    )
