"""What a network is told about each element, from the package's own table.

``elements.csv`` holds measured and tabulated properties as pymatgen 2026.10 collects them; empty
fields are unknown.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["KNOWN", "atomic_radii", "element_features"]

Array = NDArray[np.float64]

#: largest atomic number in the table
KNOWN = 103

_LOGARITHMIC = ("melting_point", "boiling_point", "bulk_modulus", "density")
_LINEAR = (
    "electronegativity",
    "atomic_radius",
    "group",
    "period",
    "mendeleev_number",
    "molar_volume",
    "ionization_energy",
    "electron_affinity",
    "atomic_mass",
    "ionic_radius",
    "metallic_radius",
    "metal",
)
#: properties whose absence says something about the element
_FLAGGED = ("electronegativity", "bulk_modulus", "density", "metallic_radius")
#: A, where no radius is known
_USUAL_RADIUS = 1.5


@cache
def element_features() -> Array:
    """Standardised properties of the elements 1 to `KNOWN`, (103, 24), read-only; 0 if unknown."""
    table = _table()
    columns = [np.log(_column(table, name)) for name in _LOGARITHMIC]
    columns += [_column(table, name) for name in _LINEAR]
    columns += [np.array([float(row["block"] == block) for row in table]) for block in "spdf"]
    values = np.array(columns).T
    values = (values - np.nanmean(values, 0)) / np.nanstd(values, 0)
    unknown = [np.isnan(_column(table, name)).astype(float) for name in _FLAGGED]
    features = np.column_stack([np.nan_to_num(values), *unknown])
    features.flags.writeable = False
    return features


@cache
def atomic_radii() -> Array:
    """Slater's atomic radii of the elements 1 to `KNOWN`, A, (103,), read-only.

    Where there is none, 1.5 A.
    """
    radii = np.nan_to_num(_column(_table(), "atomic_radius"), nan=_USUAL_RADIUS)
    radii.flags.writeable = False
    return radii


@cache
def _table() -> list[dict[str, str]]:
    text = files("cijkl.models").joinpath("elements.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _column(table: list[dict[str, str]], name: str) -> Array:
    return np.array([float(row[name]) if row[name] else np.nan for row in table])
