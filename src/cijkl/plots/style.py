"""House style: one light and one dark template, colours that every reader can tell apart.

Figures carry no colour of their own where the template can give it, so that a page may swap the
template when the reader's system turns dark. Line colours are from the palette of Okabe and Ito
(2008), shifted so that each keeps a contrast of 3:1 on both backgrounds. Colour maps are straight
lines in the OKLab space (Ottosson 2020), hence perceptually uniform, and viridis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "DARK",
    "FONT",
    "LIGHT",
    "LINE_COLOURS",
    "MAX_COLOUR",
    "MIN_COLOUR",
    "NEGATIVE_COLOUR",
    "Theme",
    "ThemeName",
    "compact",
    "diverging_scale",
    "new_figure",
    "scene_axis",
    "template",
]

ThemeName = Literal["light", "dark"]

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif'
)

#: blue, bluish green, vermilion, reddish purple, ochre
LINE_COLOURS = ("#1f7fc4", "#0b9a72", "#d9591b", "#b8629a", "#a97b0a")
MAX_COLOUR, MIN_COLOUR, NEGATIVE_COLOUR = LINE_COLOURS[:3]


@dataclass(frozen=True)
class Theme:
    """Colours of one appearance, as hexadecimal sRGB."""

    paper: str
    ink: str
    muted: str
    grid: str
    axis: str
    negative: str
    positive: str


LIGHT = Theme(
    paper="#ffffff",
    ink="#1b2430",
    muted="#5b6675",
    grid="#e4e8ee",
    axis="#aeb7c2",
    negative="#b4470e",
    positive="#125c9e",
)
DARK = Theme(
    paper="#171c23",
    ink="#e7ebf0",
    muted="#a2adba",
    grid="#2d3540",
    axis="#56616e",
    negative="#f08a4b",
    positive="#63b1f2",
)
_THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK}


def template(theme: ThemeName = "light") -> go.layout.Template:
    """Template of the house style, for ``figure.update_layout(template=...)``.

    Parameters
    ----------
    theme
        "light" or "dark".
    """
    import plotly.graph_objects as go

    colours = _THEMES[theme]
    axis = {
        "gridcolor": colours.grid,
        "linecolor": colours.axis,
        "zerolinecolor": colours.axis,
        "tickcolor": colours.axis,
        "title": {"font": {"color": colours.muted}},
        "tickfont": {"color": colours.muted},
        "automargin": True,
    }
    polar_axis = {key: value for key, value in axis.items() if key in {"gridcolor", "linecolor"}}
    polar_axis["tickfont"] = {"color": colours.muted, "size": 12}
    scene = {
        **{key: axis[key] for key in ("gridcolor", "linecolor", "zerolinecolor")},
        "showbackground": False,
        "spikecolor": colours.axis,
        "spikethickness": 1,
        "spikesides": False,
        "tickfont": {"color": colours.muted, "size": 11},
        "title": {"font": {"color": colours.ink, "size": 13}},
    }
    layout = {
        "font": {"family": FONT, "size": 13, "color": colours.ink},
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": colours.paper,
        "colorway": list(LINE_COLOURS),
        "coloraxis": {
            "colorscale": diverging_scale(theme),
            "colorbar": {"outlinewidth": 0, "thickness": 12, "tickfont": {"color": colours.muted}},
        },
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "legend": {"font": {"size": 13}, "bgcolor": "rgba(0,0,0,0)"},
        "xaxis": axis,
        "yaxis": axis,
        "polar": {
            "bgcolor": colours.paper,
            "angularaxis": {**polar_axis, "tickfont": {"color": colours.ink, "size": 13}},
            "radialaxis": polar_axis,
        },
        "scene": {"xaxis": scene, "yaxis": scene, "zaxis": scene, "bgcolor": colours.paper},
        "shapedefaults": {"fillcolor": colours.paper, "line": {"color": colours.axis}},
        "annotationdefaults": {"font": {"color": colours.ink}},
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": colours.muted,
            "activecolor": colours.ink,
        },
    }
    colour_bar = {
        "outlinewidth": 0,
        "thickness": 12,
        "len": 0.7,
        "tickfont": {"color": colours.muted},
        "title": {"font": {"color": colours.ink}},
    }
    data = {
        "surface": [{"colorbar": colour_bar}],
        "contour": [{"colorbar": colour_bar, "line": {"color": colours.ink}}],
    }
    return go.layout.Template(layout=layout, data=data)


def new_figure(*traces: Any, **layout: Any) -> go.Figure:
    """Figure of `traces` in the light house style with tight margins."""
    import plotly.graph_objects as go

    figure = go.Figure(data=list(traces))
    figure.update_layout(template=_shared(), margin={"l": 8, "r": 8, "t": 8, "b": 8}, autosize=True)
    figure.update_layout(**layout)
    return figure


@cache
def _shared() -> go.layout.Template:
    """The light template, made once: a figure keeps a copy of what it is given."""
    return template()


def scene_axis(title: str, limit: float) -> dict[str, Any]:
    """Settings of one axis of a 3D scene that is symmetric about the origin."""
    return {
        "title": {"text": title},
        "range": [-limit, limit],
        "nticks": 5,
        "zeroline": True,
    }


def compact(values: ArrayLike) -> NDArray[np.float32]:
    """Values in single precision, which halves a page and is finer than any screen."""
    return np.asarray(values, np.float32)


def diverging_scale(theme: ThemeName = "light", stops: int = 21) -> list[list[Any]]:
    """Diverging colour scale through the background colour, as plotly's ``[[0..1, colour], ...]``.

    Equal steps of the value are equal steps in OKLab on either side of the centre.
    """
    colours = _THEMES[theme]
    negative, centre, positive = (
        _to_oklab(colour) for colour in (colours.negative, colours.paper, colours.positive)
    )
    scale = []
    for position in np.linspace(-1.0, 1.0, stops):
        end = positive if position > 0 else negative
        colour = centre + abs(position) * (end - centre)
        scale.append([round(0.5 * (position + 1.0), 4), _to_hex(colour)])
    return scale


_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _to_oklab(colour: str) -> NDArray[np.float64]:
    """OKLab coordinates of a hexadecimal sRGB colour."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(_LAB @ np.cbrt(_LMS @ linear))


def _to_hex(oklab: NDArray[np.float64]) -> str:
    """Hexadecimal sRGB colour of OKLab coordinates, clipped to what a screen can show."""
    linear = np.linalg.solve(_LMS, np.linalg.solve(_LAB, oklab) ** 3)
    linear = np.clip(linear, 0.0, 1.0)
    channels = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * c):02x}" for c in channels)
