"""What follows for the polycrystal: moduli, anisotropy, sound, and estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.models import MODELS
from cijkl.report.numbers import finite, modulus, number, value_of

__all__ = ["acoustics_rows", "anisotropy_rows", "engineering_rows", "moduli_rows"]

_AVERAGES = ("voigt", "reuss", "hill", "rh")


def moduli_rows(record: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Voigt, Reuss, Hill and Reuss-Hill of K, G, E, nu."""
    moduli = record.get("moduli") or {}
    names = {
        "K": "Bulk modulus K",
        "G": "Shear modulus G",
        "E": "Young’s modulus E",
        "nu": "Poisson’s ratio ν",
    }
    return [
        (name, [modulus(key, (moduli.get(key) or {}).get(average)) for average in _AVERAGES])
        for key, name in names.items()
        if moduli.get(key)
    ]


def anisotropy_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Anisotropy indices with their names."""
    anisotropy = record.get("anisotropy") or {}
    labels = {
        "universal": ("Universal index Aᵁ", ""),
        "log_euclidean": ("Log-Euclidean index Aᴸ", ""),
        "percent_K": ("Percent anisotropy of K", "%"),
        "percent_G": ("Percent anisotropy of G", "%"),
        "zener": ("Zener ratio", ""),
    }
    rows = [
        (name, number(anisotropy[key], unit))
        for key, (name, unit) in labels.items()
        if finite(anisotropy.get(key))
    ]
    criterion = anisotropy.get("cubic_criterion")
    if finite(criterion):
        rows.append(("S₁₁ − S₁₂ − S₄₄/2", number(1000.0 * criterion, "TPa⁻¹")))
    return rows


def acoustics_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Sound velocities of the polycrystal and the Debye temperature."""
    acoustics = record.get("acoustics") or {}
    labels = {
        "v_l": ("Longitudinal velocity", "m/s"),
        "v_t": ("Transverse velocity", "m/s"),
        "v_mean": ("Mean velocity", "m/s"),
        "debye_temperature": ("Debye temperature", "K"),
        "debye_temperature_exact": ("Debye temperature, all directions", "K"),
    }
    return [
        (name, number(acoustics[key], unit))
        for key, (name, unit) in labels.items()
        if finite(acoustics.get(key))
    ]


def engineering_rows(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every estimate with its validity and source."""
    rows = []
    for model in MODELS:
        value: Any = record.get("engineering") or {}
        for key in model.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if finite(value_of(value)):
            rows.append(
                {
                    "name": model.name,
                    "value": number(value_of(value), model.unit),
                    "validity": model.validity,
                    "source": model.source,
                }
            )
    return rows
