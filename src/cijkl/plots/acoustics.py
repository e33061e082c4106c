"""Sound waves: slowness, phase velocity and group velocity by direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.acoustics import group_velocities, phase_velocities
from cijkl.errors import InputError
from cijkl.plots.fields import PLANES, Plane, circle, sphere_grid
from cijkl.plots.sections import polar_axes, polar_line
from cijkl.plots.style import LINE_COLOURS, new_figure
from cijkl.plots.surface import axes_triad, scene, surface_trace

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["WAVES", "WaveKind", "section_radius", "slowness_surface", "velocity_section"]

Array = NDArray[np.float64]
WaveKind = Literal["slowness", "phase", "group"]

#: the three waves by ascending phase velocity: name, colour, dash
WAVES = (
    ("slow quasi-transverse", LINE_COLOURS[2], "dot"),
    ("fast quasi-transverse", LINE_COLOURS[1], "dash"),
    ("quasi-longitudinal", LINE_COLOURS[0], "solid"),
)
_UNITS = {"slowness": "s/km", "phase": "km/s", "group": "km/s"}
_NAMES = {"slowness": "slowness", "phase": "phase velocity", "group": "group velocity"}
_M_PER_KM = 1000.0


def velocity_section(
    stiffness: ArrayLike,
    density: float,
    kind: WaveKind = "slowness",
    plane: Plane = "xy",
    samples: int = 241,
    radius: float | None = None,
) -> go.Figure:
    """Polar plot of the three waves whose wave vector lies in a plane.

    For the group velocity the line is the wave front in the plane: the in-plane part of the
    velocity of energy, drawn along its own direction, cusps included.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    density
        g/cm^3.
    kind
        "slowness" (s/km), "phase" or "group" (km/s).
    plane
        "xy", "xz" or "yz".
    samples
        Wave vectors around the circle.
    radius
        End of the radial axis, so that several planes may share one scale.
    """
    lines = _curves(stiffness, density, kind, plane, samples)
    end = radius or 1.05 * max(float(r.max()) for _, r in lines)
    unit = _UNITS[kind]
    traces = [
        polar_line(angles, r, name, unit, line={"color": colour, "dash": dash, "width": 2.5})
        for (angles, r), (name, colour, dash) in zip(lines, WAVES, strict=True)
    ]
    return new_figure(
        *traces,
        polar=polar_axes(plane, end),
        showlegend=True,
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.08},
        margin={"l": 36, "r": 36, "t": 46, "b": 28},
        title={
            "text": f"{plane} plane: {_NAMES[kind]} ({unit})",
            "x": 0.5,
            "y": 0.985,
            "font": {"size": 13},
        },
    )


def section_radius(
    stiffness: ArrayLike, density: float, kind: WaveKind, samples: int = 241
) -> float:
    """Radial range that the three planes can share; arguments as in :func:`velocity_section`."""
    return 1.05 * max(
        float(r.max())
        for plane in PLANES
        for _, r in _curves(stiffness, density, kind, plane, samples)
    )


def slowness_surface(
    stiffness: ArrayLike, density: float, n_polar: int = 49, n_azimuth: int = 97
) -> go.Figure:
    """Slowness 1/v(n) of the three waves as nested sheets, s/km; the slowest is the outermost.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt, GPa, positive definite.
    density
        g/cm^3.
    n_polar, n_azimuth
        Points along a meridian and along the equator.
    """
    directions = sphere_grid(n_polar, n_azimuth)
    slowness = _M_PER_KM / phase_velocities(stiffness, directions, density)[0]
    limit = 1.08 * float(slowness.max())
    traces: list[Any] = []
    for wave in (2, 1, 0):
        name, colour, _ = WAVES[wave]
        traces.append(
            surface_trace(
                directions,
                slowness[..., wave],
                colour,
                name,
                "1/v",
                "s/km",
                opacity=(0.35, 0.55, 1.0)[wave],
                showlegend=True,
            )
        )
    return new_figure(
        *traces,
        *axes_triad(limit),
        scene=scene(limit, "s/km"),
        legend={"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yanchor": "top"},
    )


def _curves(
    stiffness: ArrayLike, density: float, kind: WaveKind, plane: Plane, samples: int
) -> list[tuple[Array, Array]]:
    """Angle in degrees and radius of each of the three waves around the circle."""
    if kind not in _UNITS:
        raise InputError(f"kind is {kind!r}, expected one of {', '.join(_UNITS)}")
    angles, directions = circle(plane, samples)
    if kind == "group":
        first, second = PLANES[plane]
        velocity = group_velocities(stiffness, directions, density) / _M_PER_KM
        x, y = velocity[..., first], velocity[..., second]
        return [
            (np.degrees(np.arctan2(y[:, b], x[:, b])), np.hypot(x[:, b], y[:, b])) for b in range(3)
        ]
    speed = phase_velocities(stiffness, directions, density)[0] / _M_PER_KM
    radius = speed if kind == "phase" else 1.0 / speed
    return [(angles, radius[:, b]) for b in range(3)]
