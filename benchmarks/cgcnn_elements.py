"""Writes the table of element properties behind the attributes of CGCNN.

    python benchmarks/cgcnn_elements.py

Group, period, Pauling electronegativity, first ionisation energy, electron affinity and molar
volume are those of pymatgen's periodic table; covalent radii are those of ASE (Cordero et al.,
Dalton Trans. 2008, 2832); blocks and valence electrons follow from the ground-state configuration.
"""

from __future__ import annotations

import csv
import math
import re
import warnings
from pathlib import Path

from ase.data import covalent_radii
from pymatgen.core import Element

TARGET = Path(__file__).parents[1] / "src/cijkl/models/peers/elements_cgcnn.csv"
LAST = 100
HEADER = (
    "number",
    "symbol",
    "group",
    "period",
    "electronegativity",
    "covalent_radius_pm",
    "valence_electrons",
    "ionization_energy_ev",
    "electron_affinity_ev",
    "block",
    "molar_volume_cm3",
)


def block(element):
    # pymatgen files helium with its group, the noble gases
    return "s" if element.symbol == "He" else element.block


def valence_electrons(element):
    """Electrons in the shells that fill along the element's block.

    n s and n p; for the d block n s and (n-1) d; for the f block (n-2) f as well, where n is the
    period.
    """
    n = element.row
    shells = {
        "s": {(n, "s")},
        "p": {(n, "s"), (n, "p")},
        "d": {(n, "s"), (n - 1, "d")},
        "f": {(n, "s"), (n - 1, "d"), (n - 2, "f")},
    }[block(element)]
    found = re.findall(r"(\d)([spdf])(\d+)", element.electronic_structure)
    return sum(int(count) for level, kind, count in found if (int(level), kind) in shells)


def number(value):
    return "" if value is None or math.isnan(value) else f"{float(value):.6g}"


def row(element):
    kind = block(element)
    return (
        element.Z,
        element.symbol,
        # the elements of the f block stand outside of the groups
        "" if kind == "f" else element.group,
        element.row,
        number(element.X),
        number(100.0 * covalent_radii[element.Z]),
        valence_electrons(element),
        number(element.ionization_energy),
        number(element.electron_affinity),
        kind,
        number(element.molar_volume),
    )


def main():
    warnings.simplefilter("ignore")
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(row(Element.from_Z(z)) for z in range(1, LAST + 1))
    print(f"{LAST} elements in {TARGET}")


if __name__ == "__main__":
    main()
