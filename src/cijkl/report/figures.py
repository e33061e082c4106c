"""All figures of a record, as the JSON that a page holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl import plots
from cijkl.plots.acoustics import section_radius
from cijkl.plots.fields import PLANES, PROPERTIES, circle, sheets
from cijkl.plots.packing import packing_bars
from cijkl.report import faces as face_tables
from cijkl.units import G_PER_CM3_TO_KG_PER_M3, GPA_TO_PA

if TYPE_CHECKING:
    import ase

__all__ = ["figures", "templates"]


def figures(record: Mapping[str, Any], atoms: ase.Atoms | None = None) -> dict[str, Any]:
    """Every figure that the record's numbers allow: name to ``{"data": [...], "layout": {...}}``.

    Directional figures need a positive definite tensor, sound a density as well, and the drawing
    of the crystal its atoms.
    """
    made: dict[str, Any] = {}
    if record.get("planar"):
        made |= _layer(record["planar"])
    elif record.get("C"):
        stiffness = np.array(record["C"], float)
        error = (record.get("response") or {}).get("C_error")
        made["tensor"] = plots.tensor_heatmap(stiffness, error=error)
        made["stability"] = plots.eigenvalue_bars(record["eigenvalues"])
        if record.get("stable"):
            made |= _directional(stiffness)
            density = _density(record)
            if density is not None:
                made |= _sound(stiffness, density)
    if record.get("faces"):
        made["faces"] = face_tables.figure(record)
    axes = (record.get("packing") or {}).get("axes") or []
    if axes and axes[0].get("E") is not None:
        made["packing"] = packing_bars(axes)
    if atoms is not None:
        made["structure"] = plots.structure_view(atoms)
    return {
        name: _as_json(figure, name in ("faces", "packing") or name.startswith("planar-"))
        for name, figure in made.items()
    }


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


def _layer(planar: Mapping[str, Any]) -> dict[str, Any]:
    """Polar plots of a stable layer."""
    if not planar.get("directional"):
        return {}
    stiffness = np.array(planar["C"], float)
    return {
        "planar-E": plots.planar_section(stiffness, "E"),
        "planar-nu": plots.planar_section(stiffness, "nu"),
    }


def _directional(stiffness: np.ndarray) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for quantity in PROPERTIES:
        made[f"surface-{quantity}"] = plots.property_surface(stiffness, quantity)
        radius = 1.05 * max(
            float(sheet.values.max())
            for plane in PLANES
            for sheet in sheets(stiffness, quantity, circle(plane)[1])
        )
        for plane in PLANES:
            made[f"section-{plane}-{quantity}"] = plots.section(
                stiffness, quantity, plane, radius=radius
            )
    made["map"] = plots.robinson_map(stiffness)
    return made


def _sound(stiffness: np.ndarray, density: float) -> dict[str, Any]:
    made: dict[str, Any] = {"waves": plots.slowness_surface(stiffness, density)}
    for kind in ("slowness", "phase", "group"):
        radius = section_radius(stiffness, density, kind)
        for plane in PLANES:
            made[f"wave-{plane}-{kind}"] = plots.velocity_section(
                stiffness, density, kind, plane, radius=radius
            )
    return made


def _as_json(figure: Any, standalone: bool) -> dict[str, Any]:
    """Figure without its template, which the page holds once for all figures."""
    figure.layout.template = None
    if figure.data[0].type not in ("contour", "mesh3d"):
        # The page has one legend for a surface and its sections; a layer's plots have their own.
        figure.layout.showlegend = bool(figure.layout.showlegend) and standalone
    text: dict[str, Any] = json.loads(figure.to_json())
    return {"data": text["data"], "layout": text["layout"]}
