"""The 92 attributes by which CGCNN knows an element: nine properties, each as one of several bits.

Xie and Grossman describe the properties and their ranges in table S2 of the supplement to Phys.
Rev. Lett. 120, 145301 (2018). That table adds to 93 bits; the attributes that they published have
92, since the f block became a group of its own (19 bits instead of 18) and no period (7 instead
of 9). This is the latter choice.

The values are in ``elements_cgcnn.csv``, which ``benchmarks/cgcnn_elements.py`` writes. They are
not those behind the published attributes, so some elements differ from them by a neighbouring bit.
Dy, Ho and Er share all nine bits here; every other element has its own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from math import log

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAST_ELEMENT", "PROPERTIES", "electronegativities", "element_attributes"]

#: largest atomic number in the table
LAST_ELEMENT = 100

#: (name, number of bits), in order
PROPERTIES = (
    ("group", 19),
    ("period", 7),
    ("electronegativity", 10),
    ("covalent_radius", 10),
    ("valence_electrons", 12),
    ("ionization_energy", 10),
    ("electron_affinity", 10),
    ("block", 4),
    ("molar_volume", 10),
)

_BLOCKS = "spdf"


@cache
def element_attributes() -> NDArray[np.float64]:
    """Attributes of the elements, (101, 92), read-only; row z is that of atomic number z.

    One bit of each property is 1: group (f block, 1 to 18), period (1 to 7), Pauling
    electronegativity (ten bins from 0.5 to 4), covalent radius (25 to 250 pm), valence electrons
    (1 to 12 or more), natural logarithm of the first ionisation energy in eV (1.3 to 3.3), electron
    affinity (-3 to 3.7 eV), block (s, p, d, f) and natural logarithm of the molar volume in cm^3
    (1.5 to 4.3). A value beyond a range falls in the bin at its end; a property that is not known
    sets no bit. Row 0 is zero.
    """
    attributes = np.zeros((LAST_ELEMENT + 1, sum(bits for _, bits in PROPERTIES)))
    for row in _table():
        start = 0
        for name, bits in PROPERTIES:
            place = _PLACES[name](row)
            if place is not None:
                attributes[int(row["number"]), start + place] = 1.0
            start += bits
    attributes.flags.writeable = False
    return attributes


@cache
def electronegativities() -> NDArray[np.float64]:
    """Pauling electronegativities, (101,), read-only, by atomic number; NaN if unknown."""
    values = np.full(LAST_ELEMENT + 1, np.nan)
    for row in _table():
        if row["electronegativity"]:
            values[int(row["number"])] = float(row["electronegativity"])
    values.flags.writeable = False
    return values


def _binned(
    column: str, lowest: float, highest: float, logarithmic: bool = False
) -> Callable[[dict[str, str]], int | None]:
    """Which of ten bins of equal width the value of a row is in."""

    def place(row: dict[str, str]) -> int | None:
        if not row[column]:
            return None
        value = log(float(row[column])) if logarithmic else float(row[column])
        # a value on an edge belongs to the bin above, whatever the rounding of the division
        return min(max(int(10.0 * (value - lowest) / (highest - lowest) + 1e-9), 0), 9)

    return place


_PLACES: dict[str, Callable[[dict[str, str]], int | None]] = {
    "group": lambda row: int(row["group"] or 0),
    "period": lambda row: int(row["period"]) - 1,
    "electronegativity": _binned("electronegativity", 0.5, 4.0),
    "covalent_radius": _binned("covalent_radius_pm", 25.0, 250.0),
    "valence_electrons": lambda row: min(int(row["valence_electrons"]), 12) - 1,
    "ionization_energy": _binned("ionization_energy_ev", 1.3, 3.3, logarithmic=True),
    "electron_affinity": _binned("electron_affinity_ev", -3.0, 3.7),
    "block": lambda row: _BLOCKS.index(row["block"]),
    "molar_volume": _binned("molar_volume_cm3", 1.5, 4.3, logarithmic=True),
}


def _table() -> list[dict[str, str]]:
    text = files("cijkl.models.peers").joinpath("elements_cgcnn.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
