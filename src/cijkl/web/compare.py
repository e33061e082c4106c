"""Two to six results side by side: their numbers in rows, and their figures to one scale."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.directional import youngs_modulus
from cijkl.errors import InputError
from cijkl.plots.fields import PLANES, Plane, circle, sphere_grid
from cijkl.plots.sections import polar_axes, polar_line
from cijkl.plots.style import LINE_COLOURS, new_figure
from cijkl.plots.surface import axes_triad, scene, surface_trace

__all__ = ["LOOK", "MOST", "comparison"]

#: results that fit side by side
MOST = 6
#: colour and dash of each, told apart without colour too
LOOK: tuple[tuple[str, str], ...] = (
    *zip(LINE_COLOURS, ("solid", "dash", "dot", "dashdot", "longdash"), strict=True),
    ("#76818f", "longdashdot"),
)
#: rows of the table: name, unit, where it is in a record, and what to multiply it by
_ROWS: tuple[tuple[str, str, tuple[str, ...], float], ...] = (
    ("Bulk modulus K (Hill)", "GPa", ("moduli", "K", "hill"), 1.0),
    ("Shear modulus G (Hill)", "GPa", ("moduli", "G", "hill"), 1.0),
    ("Young’s modulus E (Hill)", "GPa", ("moduli", "E", "hill"), 1.0),
    ("Poisson’s ratio ν (Hill)", "", ("moduli", "nu", "hill"), 1.0),
    ("E, softest direction", "GPa", ("directional", "E", "min", "value"), 1.0),
    ("E, stiffest direction", "GPa", ("directional", "E", "max", "value"), 1.0),
    ("G, smallest", "GPa", ("directional", "G", "min", "value"), 1.0),
    ("G, largest", "GPa", ("directional", "G", "max", "value"), 1.0),
    ("ν, smallest", "", ("directional", "nu", "min", "value"), 1.0),
    ("ν, largest", "", ("directional", "nu", "max", "value"), 1.0),
    ("Compressibility, smallest", "TPa⁻¹", ("directional", "beta", "min", "value"), 1000.0),
    ("Compressibility, largest", "TPa⁻¹", ("directional", "beta", "max", "value"), 1000.0),
    ("Universal anisotropy Aᵁ", "", ("anisotropy", "universal"), 1.0),
    ("Pugh’s ratio K/G", "", ("engineering", "pugh"), 1.0),
    ("Hardness (Chen)", "GPa", ("engineering", "hardness", "chen"), 1.0),
    ("Density", "g/cm³", ("structure", "density"), 1.0),
    ("Volume of the cell", "Å³", ("structure", "volume"), 1.0),
    ("Longitudinal sound", "m/s", ("acoustics", "v_l"), 1.0),
    ("Transverse sound", "m/s", ("acoustics", "v_t"), 1.0),
    ("Debye temperature", "K", ("acoustics", "debye_temperature"), 1.0),
)
#: a constant below this share of the largest one, in all results, is not listed
_NOTHING = 5e-3
#: and one below this share of its own tensor's is zero
_ROUNDING = 1e-5
_SHAPE = (46, 91)


def comparison(records: Sequence[Mapping[str, Any]], frame: str = "input") -> dict[str, Any]:
    """What the page of a comparison shows.

    Parameters
    ----------
    records
        Two to `MOST` records (one is shown, too, while others are added).
    frame
        ``input`` for the frame of each, or ``ieee``.

    Returns
    -------
    ``rows`` and ``constants`` (name, unit, a value for each record or None), ``frames`` of the
    tensors, ``looks`` (colour and dash), ``sections`` by plane and ``surfaces`` (None for an
    unstable one) as plotly's JSON, ``templates``.

    Raises
    ------
    InputError
        Too many, one without a tensor in three dimensions, or one that has no IEEE frame.
    """
    from cijkl.report.figures import templates

    if not 1 <= len(records) <= MOST:
        raise InputError(f"{len(records)} results; up to {MOST} can be compared")
    shown = [_shown(record, frame) for record in records]
    tensors = [np.array(record["C"], float) for record in shown]
    stable = [bool(np.linalg.eigvalsh(tensor).min() > 0.0) for tensor in tensors]
    drawn = [tensor if good else None for tensor, good in zip(tensors, stable, strict=True)]
    return {
        "rows": list(_rows(shown)),
        "constants": list(_constants(tensors)),
        "frames": [record["frame"] for record in shown],
        "looks": [list(look) for look in LOOK[: len(shown)]],
        "sections": _sections(drawn) if any(stable) else {},
        "surfaces": _surfaces(drawn) if any(stable) else [None] * len(shown),
        "templates": templates(),
    }


def _shown(record: Mapping[str, Any], frame: str) -> dict[str, Any]:
    """The record, turned if need be.

    Raises
    ------
    InputError
        Saying of which record what is missing.
    """
    from cijkl.structures.building import one_line
    from cijkl.web.records import in_ieee_frame

    name = one_line(str(record.get("id")), 60)
    if np.shape(record.get("C") or 0) != (6, 6) or record.get("planar"):
        raise InputError(f"{name}: there is no tensor in three dimensions to compare")
    if not np.isfinite(np.array(record["C"], float)).all():
        raise InputError(f"{name}: its tensor is not finite")
    if frame != "ieee":
        return dict(record)
    try:
        return in_ieee_frame(record)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _rows(records: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Numbers that at least one record has."""
    for name, unit, path, factor in _ROWS:
        found = [_number(record, path) for record in records]
        values = [None if value is None else factor * value for value in found]
        if any(value is not None for value in values):
            yield {"name": name, "unit": unit, "values": values}


def _number(record: Mapping[str, Any], path: Sequence[str]) -> float | None:
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)
    return float(value) if number else None


def _constants(tensors: Sequence[NDArray[np.float64]]) -> Iterator[dict[str, Any]]:
    """Independent constants that are not zero in all."""
    largest = [np.abs(tensor).max() for tensor in tensors]
    for i in range(6):
        for j in range(i, 6):
            found = zip((float(tensor[i, j]) for tensor in tensors), largest, strict=True)
            # rounding beside constants that are zero by symmetry is no constant
            values = [v if abs(v) > _ROUNDING * top else 0.0 for v, top in found]
            if any(abs(v) > _NOTHING * top for v, top in zip(values, largest, strict=True)):
                yield {"name": f"C{i + 1}{j + 1}", "unit": "GPa", "values": values}


def _sections(tensors: Sequence[NDArray[np.float64] | None]) -> dict[str, Any]:
    """E in each plane, all lines in one plot and all plots to one scale."""
    values = {
        plane: [
            None if tensor is None else youngs_modulus(tensor, circle(plane)[1])
            for tensor in tensors
        ]
        for plane in PLANES
    }
    radius = 1.05 * max(
        float(line.max()) for p in values.values() for line in p if line is not None
    )
    return {plane: _json(_section(plane, lines, radius)) for plane, lines in values.items()}


def _section(plane: Plane, lines: Sequence[NDArray[np.float64] | None], radius: float) -> Any:
    angles, _ = circle(plane)
    drawn = [
        polar_line(
            angles, line, str(number), "GPa", line={"color": colour, "dash": dash, "width": 2.5}
        )
        for number, (line, (colour, dash)) in enumerate(zip(lines, LOOK, strict=False), 1)
        if line is not None
    ]
    return new_figure(
        *drawn,
        polar=polar_axes(plane, radius),
        showlegend=False,
        margin={"l": 36, "r": 36, "t": 46, "b": 28},
        title={"text": f"{plane} plane: E (GPa)", "x": 0.5, "y": 0.985, "font": {"size": 13}},
    )


def _surfaces(tensors: Sequence[NDArray[np.float64] | None]) -> list[Any]:
    """E as surfaces, with one scale of length and one of colour."""
    directions = sphere_grid(*_SHAPE)
    values = [None if tensor is None else youngs_modulus(tensor, directions) for tensor in tensors]
    known = [sheet for sheet in values if sheet is not None]
    low, high = min(float(s.min()) for s in known), max(float(s.max()) for s in known)
    return [
        None if sheet is None else _json(_surface(directions, sheet, low, high)) for sheet in values
    ]


def _surface(directions: Any, values: Any, low: float, high: float) -> Any:
    return new_figure(
        surface_trace(
            directions, values, None, "E", "E", "GPa",
            colorscale="Viridis", cmin=low, cmax=high, showlegend=False,
            colorbar={"title": {"text": "E (GPa)", "side": "top"}, "orientation": "h", "y": 0.0,
                      "yanchor": "top", "len": 0.7},
        ),
        *axes_triad(1.05 * high),
        scene=scene(1.05 * high, "GPa"),
        showlegend=False,
    )  # fmt: skip


def _json(figure: Any) -> dict[str, Any]:
    """A figure without its template, which the page has once for all."""
    figure.layout.template = None
    text: dict[str, Any] = json.loads(figure.to_json())
    return {"data": text["data"], "layout": text["layout"]}
