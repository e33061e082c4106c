"""What page and table say about a layer, as plain text and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import MISSING, number

__all__ = ["extremes_rows", "facts_rows", "layer_verdict", "moduli_rows", "tensor_rows", "tiles"]


def layer_verdict(planar: Mapping[str, Any]) -> str:
    """Stiffness and stability of a layer within its plane."""
    if not planar.get("moduli"):
        lowest = min(planar.get("eigenvalues") or [float("nan")])
        return (
            "A layer that is unstable in its plane: some small strain lowers the energy (the "
            f"lowest eigenvalue of C is {number(lowest, 'N/m')})."
        )
    young = planar["moduli"]["E"]["hill"]
    text = f"A layer in vacuum, stable in its plane, with E = {number(young, 'N/m')}"
    if planar.get("symmetry_class") == "hexagonal":
        return text + ", the same in every direction."
    extremes = planar["directional"]["E"]
    ratio = extremes["max"]["value"] / extremes["min"]["value"]
    return text + f" on average; E varies {number(ratio)}-fold with direction."


def tiles(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and unit of the key numbers of a layer: Hill's averages in the plane."""
    moduli = (record.get("planar") or {}).get("moduli") or {}
    names = {
        "E": ("Young’s modulus", "N/m"),
        "nu": ("Poisson’s ratio", ""),
        "K": ("Layer modulus", "N/m"),
        "G": ("Shear modulus", "N/m"),
    }
    return [
        (name, number(moduli[key]["hill"]), unit)
        for key, (name, unit) in names.items()
        if key in moduli
    ]


def tensor_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """The 3x3 matrix of a layer in N/m, with errors where they are known."""
    planar = record.get("planar") or {}
    error = planar.get("C_error")
    rows = []
    for i, row in enumerate(planar.get("C") or []):
        cells = [f"{v:.2f}".replace("-", "−") for v in row]
        cells = ["0.00" if c == "−0.00" else c for c in cells]
        if error:
            cells = [f"{c} ± {number(error[i][j], digits=2)}" for j, c in enumerate(cells)]
        rows.append(cells)
    return rows


def moduli_rows(record: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Voigt, Reuss and Hill of a layer's K, G, E, nu."""
    moduli = (record.get("planar") or {}).get("moduli") or {}
    names = {
        "K": "Layer modulus K",
        "G": "Shear modulus G",
        "E": "Young’s modulus E",
        "nu": "Poisson’s ratio ν",
    }
    return [
        (name, [number(moduli[key][average]) for average in ("voigt", "reuss", "hill")])
        for key, name in names.items()
        if key in moduli
    ]


def extremes_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Smallest and largest E and nu of a layer, with their angles."""
    directional = (record.get("planar") or {}).get("directional") or {}
    rows = []
    for key, name, unit in (("E", "E", "N/m"), ("nu", "ν", "")):
        for side, word in (("min", "Smallest"), ("max", "Largest")):
            extreme = (directional.get(key) or {}).get(side)
            if extreme:
                value = number(extreme["value"], unit)
                rows.append((f"{word} {name}", f"{value} at {extreme['angle']:.1f}°"))
    return rows


def facts_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Shape, mass, symmetry, sound of a layer."""
    planar = record.get("planar") or {}
    sound = planar.get("acoustics") or {}
    eigenvalues = ", ".join(number(v) for v in planar.get("eigenvalues") or [])
    axes = planar.get("axes") or [None, None]
    # signs matter here: the axes are vectors, not lines
    x, y = (", ".join(f"{v + 0.0:.2f}".replace("-", "−") for v in a or []) for a in axes)
    rows = [
        ("Symmetry in the plane", str(planar.get("symmetry_class") or MISSING)),
        ("Axis x", x),
        ("Axis y", y),
        ("Eigenvalues of C", f"{eigenvalues} N/m"),
        ("Anisotropy Aᴸ", number(planar.get("anisotropy"))),
        ("Thickness, nucleus to nucleus", number(planar.get("thickness"), "Å")),
        ("Vacuum", number(planar.get("vacuum"), "Å")),
        ("Mass per area", number(planar.get("areal_density"), "kg/m²")),
        ("Longitudinal velocity", number(sound.get("v_l"), "m/s")),
        ("Transverse velocity in the plane", number(sound.get("v_t"), "m/s")),
    ]
    return [(name, text) for name, text in rows if text and not text.startswith(MISSING)]
