"""A property over the whole sphere of directions, in Robinson's projection."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError
from cijkl.plots.extremes import equivalent_extremes
from cijkl.plots.fields import PROPERTIES, sheets
from cijkl.plots.style import compact, new_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from scipy.interpolate import CubicSpline

__all__ = ["robinson_inverse", "robinson_map", "robinson_projection"]

Array = NDArray[np.float64]

#: length of each parallel and its distance from the equator, every 5 degrees from 0 to 90
#: (Robinson 1974, Int. Yearb. Cartogr. 14, 145)
_LENGTH = (
    (1.0000, 0.9986, 0.9954, 0.9900, 0.9822, 0.9730, 0.9600, 0.9427, 0.9216, 0.8962)
    + (0.8679, 0.8350, 0.7986, 0.7597, 0.7186, 0.6732, 0.6213, 0.5722, 0.5322)
)  # fmt: skip
_HEIGHT = (
    (0.0000, 0.0620, 0.1240, 0.1860, 0.2480, 0.3100, 0.3720, 0.4340, 0.4958, 0.5571)
    + (0.6176, 0.6769, 0.7346, 0.7903, 0.8435, 0.8936, 0.9394, 0.9761, 1.0000)
)  # fmt: skip
_SCALE_X, _SCALE_Y = 0.8487, 1.3523


def robinson_projection(longitude: ArrayLike, latitude: ArrayLike) -> tuple[Array, Array]:
    """Map coordinates x, y, for a globe of radius 1, of points given in degrees.

    Parameters
    ----------
    longitude
        Any shape, counted from the central meridian; beyond 180 degrees the map goes on.
    latitude
        Shape that broadcasts with it, -90 to 90.

    Raises
    ------
    InputError
        If a latitude is beyond a pole.
    """
    lon, lat = np.broadcast_arrays(np.asarray(longitude, float), np.asarray(latitude, float))
    if (np.abs(lat) > 90.0 + 1e-9).any():
        worst = float(np.abs(lat).max())
        raise InputError(f"latitude {worst:g} is beyond the pole, expected -90 to 90 degrees")
    length, height = _curves()
    x = _SCALE_X * length(np.abs(lat)) * np.radians(lon)
    y = _SCALE_Y * np.sign(lat) * height(np.abs(lat))
    return np.asarray(x), np.asarray(y)


def robinson_inverse(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Longitude and latitude in degrees of map coordinates; longitudes may pass 180."""
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    length, height = _curves()
    target = np.clip(np.abs(y) / _SCALE_Y, 0.0, 1.0)
    latitude = np.interp(target, _HEIGHT, np.arange(0.0, 91.0, 5.0))
    for _ in range(6):
        latitude = latitude - (height(latitude) - target) / height(latitude, 1)
        latitude = np.clip(latitude, 0.0, 90.0)
    longitude = np.degrees(x / (_SCALE_X * length(latitude)))
    return longitude, np.sign(y) * latitude


def robinson_map(
    stiffness: ArrayLike,
    quantity: Literal["E", "beta"] = "E",
    n_x: int = 161,
    n_y: int = 83,
) -> go.Figure:
    """Map of E or of linear compressibility with graticule, contours, minima and maxima.

    The centre is the direction x, the poles are +z (top) and -z. Longitude is the azimuth from x
    towards y.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    quantity
        "E" (GPa) or "beta" (1/TPa).
    n_x, n_y
        Points of the grid across and up the map.
    """
    import plotly.graph_objects as go

    prop = PROPERTIES[quantity]
    width, height = (float(robinson_projection(180.0, 0.0)[0]), _SCALE_Y)
    x, y = np.linspace(-width, width, n_x), np.linspace(-height, height, n_y)
    longitude, latitude = robinson_inverse(*np.meshgrid(x, y))
    values = _signed(stiffness, quantity, _direction(longitude, latitude))
    # The mask covers what lies beyond the outline; the far corners need no hover.
    outside = np.abs(longitude) > 195.0
    spot = np.stack([(longitude + 180.0) % 360.0 - 180.0, latitude], axis=-1)
    field = go.Contour(
        x=compact(x),
        y=compact(y),
        z=compact(np.where(outside, np.nan, values)),
        customdata=np.round(spot).astype("i2"),
        colorscale="Viridis",
        contours={"coloring": "heatmap"},
        line={"width": 0.6, "smoothing": 1, "color": "rgba(255,255,255,0.55)"},
        ncontours=9,
        connectgaps=True,
        colorbar={
            "title": {"text": prop.label, "side": "top"},
            "orientation": "h",
            "y": -0.02,
            "yanchor": "top",
            "len": 0.6,
        },
        hovertemplate=(
            f"{prop.symbol} = %{{z:.4g}} {prop.unit}<br>azimuth %{{customdata[0]}}°, "
            "elevation %{customdata[1]}°<extra></extra>"
        ),
    )
    axis = {"visible": False, "fixedrange": True}
    return new_figure(
        field,
        _graticule(),
        *_marks(stiffness, quantity),
        _axis_names(),
        xaxis=axis | {"range": [-1.01 * width, 1.01 * width]},
        yaxis=axis | {"range": [-1.03 * height, 1.03 * height], "scaleanchor": "x"},
        shapes=[_mask(width, height)],
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 1, "yanchor": "bottom"},
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
    )


@cache
def _curves() -> tuple[CubicSpline, CubicSpline]:
    """Splines of the table; an even and an odd function of latitude have a smooth equator."""
    from scipy.interpolate import CubicSpline

    latitude = np.arange(0.0, 91.0, 5.0)
    return (
        CubicSpline(latitude, _LENGTH, bc_type=("clamped", "not-a-knot")),
        CubicSpline(latitude, _HEIGHT, bc_type=("natural", "not-a-knot")),
    )


def _direction(longitude: Array, latitude: Array) -> Array:
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _signed(stiffness: ArrayLike, quantity: Literal["E", "beta"], directions: Array) -> Array:
    """Values over directions in display units, negative parts with their sign."""
    found = sheets(stiffness, quantity, directions)
    return np.asarray(sum((-s.values if s.negative else s.values) for s in found))


def _graticule() -> Any:
    """Meridians every 45 degrees and parallels every 30, as one broken line."""
    import plotly.graph_objects as go

    fine, ends = np.linspace(-90.0, 90.0, 61), np.array([-180.0, 180.0])
    meridians = [np.stack(robinson_projection(m, fine)) for m in range(-135, 180, 45)]
    parallels = [np.stack(robinson_projection(ends, p)) for p in range(-60, 90, 30)]
    gap = np.full((2, 1), np.nan)
    line = np.concatenate([p for piece in meridians + parallels for p in (piece, gap)], axis=1)
    return go.Scatter(
        x=compact(line[0]),
        y=compact(line[1]),
        mode="lines",
        line={"color": "rgba(255,255,255,0.28)", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def _marks(stiffness: ArrayLike, quantity: Literal["E", "beta"]) -> list[Any]:
    """Triangles at the directions of the largest and the smallest value."""
    import plotly.graph_objects as go

    prop = PROPERTIES[quantity]
    traces = []
    for kind, symbol in (("maximum", "triangle-up"), ("minimum", "triangle-down")):
        value, directions = equivalent_extremes(
            lambda n: _signed(stiffness, quantity, n), largest=kind == "maximum"
        )
        longitude = np.degrees(np.arctan2(directions[:, 1], directions[:, 0]))
        latitude = np.degrees(np.arcsin(np.clip(directions[:, 2], -1.0, 1.0)))
        x, y = robinson_projection(longitude, latitude)
        text = f"{value:.4g} {prop.unit}"
        traces.append(
            go.Scatter(
                x=compact(x),
                y=compact(y),
                mode="markers",
                name=f"{kind} {text}",
                marker={
                    "symbol": symbol,
                    "size": 11,
                    "color": "#ffffff" if kind == "maximum" else "#10161d",
                    "line": {
                        "color": "#10161d" if kind == "maximum" else "#ffffff",
                        "width": 1.5,
                    },
                },
                hovertemplate=f"{kind} {text}<extra></extra>",
            )
        )
    return traces


def _axis_names() -> Any:
    """The Cartesian axes where they pierce the sphere."""
    import plotly.graph_objects as go

    longitude = [0.0, 90.0, -90.0, 178.0, 0.0, 0.0]
    latitude = [0.0, 0.0, 0.0, 0.0, 81.0, -81.0]
    x, y = robinson_projection(longitude, latitude)
    return go.Scatter(
        x=compact(x),
        y=compact(y),
        mode="text",
        text=[f"<b>{name}</b>" for name in ("x", "y", "−y", "−x", "z", "−z")],
        textposition=["middle center"] * 3 + ["middle left"] + ["middle center"] * 2,
        textfont={"color": "#ffffff", "size": 14, "shadow": "0 0 3px #000, 0 0 3px #000"},
        hoverinfo="skip",
        showlegend=False,
    )


def _mask(width: float, height: float) -> dict[str, Any]:
    """Shape in the colour of the page that covers everything outside the outline."""
    latitude = np.linspace(-90.0, 90.0, 91)
    x, y = robinson_projection(180.0, latitude)
    edge = np.concatenate([np.stack([x, y], 1), np.stack([-x, y], 1)[::-1]])
    outline = " L ".join(f"{a:.4f} {b:.4f}" for a, b in edge)
    w, h = 10.0 * width, 10.0 * height
    frame = f"M {-w} {-h} L {w} {-h} L {w} {h} L {-w} {h} Z"
    return {
        "type": "path",
        "path": f"{frame} M {outline} Z",
        "fillrule": "evenodd",
        "line": {"width": 1.5},
        "layer": "above",
        "xref": "x",
        "yref": "y",
    }
