"""All figures of a record, as the JSON that a page holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl import plots
from cijkl.plots.acoustics import WaveKind, section_radius
from cijkl.plots.fields import PLANES, PROPERTIES, Plane, Quantity, circle, sheets
from cijkl.plots.packing import packing_bars
from cijkl.report import faces as face_tables
from cijkl.units import G_PER_CM3_TO_KG_PER_M3, GPA_TO_PA

if TYPE_CHECKING:
    import ase

__all__ = ["figure_names", "figures", "templates"]

#: makes a figure of plotly
Drawing = Callable[[], Any]


def figures(record: Mapping[str, Any], atoms: ase.Atoms | None = None) -> dict[str, Any]:
    """Every figure that the record's numbers allow: name to ``{"data": [...], "layout": {...}}``.

    Directional figures need a positive definite tensor, sound a density as well, and the drawing
    of the crystal its atoms.
    """
    return {
        name: _as_json(draw(), name in ("faces", "packing") or name.startswith("planar-"))
        for name, draw in _plan(record, atoms).items()
    }


def figure_names(record: Mapping[str, Any], atoms: ase.Atoms | None = None) -> list[str]:
    """Names of what `figures` draws, in its order, without drawing any: half a second less."""
    return list(_plan(record, atoms))


def _plan(record: Mapping[str, Any], atoms: ase.Atoms | None) -> dict[str, Drawing]:
    """How each figure is drawn."""
    made: dict[str, Drawing] = {}
    if record.get("planar"):
        made |= _layer(record["planar"])
    elif record.get("C"):
        stiffness = np.array(record["C"], float)
        error = (record.get("response") or {}).get("C_error")
        made["tensor"] = partial(plots.tensor_heatmap, stiffness, error=error)
        made["stability"] = partial(plots.eigenvalue_bars, record["eigenvalues"])
        if record.get("stable"):
            made |= _directional(stiffness)
            density = _density(record)
            if density is not None:
                made |= _sound(stiffness, density)
    if record.get("faces"):
        made["faces"] = partial(face_tables.figure, record)
    axes = (record.get("packing") or {}).get("axes") or []
    if axes and axes[0].get("E") is not None:
        made["packing"] = partial(packing_bars, axes)
    if atoms is not None:
        made["structure"] = partial(plots.structure_view, atoms)
    return made


def templates() -> dict[str, Any]:
    """Light and dark template as JSON."""
    return {
        "light": plots.template("light").to_plotly_json(),
        "dark": plots.template("dark").to_plotly_json(),
    }


def _density(record: Mapping[str, Any]) -> float | None:
    """Density in g/cm^3: of the crystal, or the one that the sound velocities imply."""
    density = (record.get("structure") or {}).get("density")
    if density:
        return float(density)
    shear = ((record.get("moduli") or {}).get("G") or {}).get("hill")
    velocity = (record.get("acoustics") or {}).get("v_t")
    if not shear or not velocity:
        return None
    return float(shear * GPA_TO_PA / velocity**2 / G_PER_CM3_TO_KG_PER_M3)


def _layer(planar: Mapping[str, Any]) -> dict[str, Drawing]:
    """Polar plots of a stable layer."""
    if not planar.get("directional"):
        return {}
    stiffness = np.array(planar["C"], float)
    return {
        "planar-E": partial(plots.planar_section, stiffness, "E"),
        "planar-nu": partial(plots.planar_section, stiffness, "nu"),
    }


def _directional(stiffness: np.ndarray) -> dict[str, Drawing]:
    @cache
    def radius(quantity: Quantity) -> float:
        """One scale for the three planes."""
        return 1.05 * max(
            float(sheet.values.max())
            for plane in PLANES
            for sheet in sheets(stiffness, quantity, circle(plane)[1])
        )

    def section(quantity: Quantity, plane: Plane) -> Any:
        return plots.section(stiffness, quantity, plane, radius=radius(quantity))

    made: dict[str, Drawing] = {}
    for quantity in PROPERTIES:
        made[f"surface-{quantity}"] = partial(plots.property_surface, stiffness, quantity)
        for plane in PLANES:
            made[f"section-{plane}-{quantity}"] = partial(section, quantity, plane)
    made["map"] = partial(plots.robinson_map, stiffness)
    return made


def _sound(stiffness: np.ndarray, density: float) -> dict[str, Drawing]:
    @cache
    def radius(kind: WaveKind) -> float:
        """One scale for the three planes."""
        return section_radius(stiffness, density, kind)

    def section(kind: WaveKind, plane: Plane) -> Any:
        return plots.velocity_section(stiffness, density, kind, plane, radius=radius(kind))

    made: dict[str, Drawing] = {"waves": partial(plots.slowness_surface, stiffness, density)}
    kinds: tuple[WaveKind, ...] = ("slowness", "phase", "group")
    for kind in kinds:
        for plane in PLANES:
            made[f"wave-{plane}-{kind}"] = partial(section, kind, plane)
    return made


def _as_json(figure: Any, standalone: bool) -> dict[str, Any]:
    """Figure without its template, which the page holds once for all figures."""
    figure.layout.template = None
    if figure.data[0].type not in ("contour", "mesh3d"):
        # The page has one legend for a surface and its sections; a layer's plots have their own.
        figure.layout.showlegend = bool(figure.layout.showlegend) and standalone
    text: dict[str, Any] = json.loads(figure.to_json())
    return {"data": text["data"], "layout": text["layout"]}
