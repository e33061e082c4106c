"""Columns of a store as the explorer shows them: names for people, units, where a slider pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["HELD", "SHOWN", "SLIDERS", "Column", "described", "is_number"]


@dataclass(frozen=True)
class Column:
    """A column of the view ``screened``.

    Parameters
    ----------
    name
        As SQL knows it.
    label, unit
        For people; the label of a column that a source gave is its name.
    short
        The label in the head of a table.
    number
        Whether it holds numbers.
    slider
        Whether it has one.
    main
        Whether the slider is seen at once.
    """

    name: str
    label: str
    unit: str = ""
    short: str = ""
    number: bool = True
    slider: bool = False
    main: bool = False


#: sliders that are seen at once, and those behind "More"
_MAIN = ("K_hill", "G_hill", "E_hill", "density", "natoms", "anisotropy_universal")
SLIDERS: tuple[str, ...] = (
    *_MAIN,
    "E_min", "E_max", "nu_hill", "pugh", "hardness_chen", "fracture_toughness_niu", "v_mean",
    "debye_temperature", "thermal_conductivity_slack", "volume_per_atom", "spacegroup",
)  # fmt: skip
#: columns of the table
SHOWN: tuple[str, ...] = (
    "formula", "K_hill", "G_hill", "E_hill", "E_min", "E_max", "nu_hill", "anisotropy_universal",
    "density", "natoms", "spacegroup_symbol", "crystal_system",
)  # fmt: skip
#: what the explorer holds in memory, besides columns of numbers that sources gave
HELD: tuple[str, ...] = (
    "fingerprint", "id", "formula", "engine", "settings", "spacegroup_symbol", "crystal_system",
    "stable", "warnings", *SLIDERS,
)  # fmt: skip
#: most columns of sources that are held and have a slider
_OWN = 8

#: label, unit and, where it differs, the label in the head of a table
_LABELS: dict[str, tuple[str, ...]] = {
    "id": ("Id", ""),
    "formula": ("Formula", ""),
    "engine": ("Engine", ""),
    "spacegroup": ("Space group number", ""),
    "spacegroup_symbol": ("Space group", ""),
    "crystal_system": ("System", ""),
    "natoms": ("Atoms in the cell", "", "Atoms"),
    "volume": ("Volume", "Å³"),
    "volume_per_atom": ("Volume per atom", "Å³"),
    "density": ("Density", "g/cm³"),
    "K_hill": ("Bulk modulus K", "GPa", "K"),
    "G_hill": ("Shear modulus G", "GPa", "G"),
    "E_hill": ("Young’s modulus E", "GPa", "E"),
    "E_min": ("E, softest direction", "GPa", "E min"),
    "E_max": ("E, stiffest direction", "GPa", "E max"),
    "nu_hill": ("Poisson’s ratio ν", "", "ν"),
    "pugh": ("Pugh’s ratio K/G", ""),
    "anisotropy_universal": ("Universal anisotropy", "", "Aᵁ"),
    "hardness_chen": ("Hardness (Chen)", "GPa", "Hardness"),
    "fracture_toughness_niu": ("Toughness (Niu)", "MPa m½"),
    "v_mean": ("Mean sound velocity", "m/s"),
    "debye_temperature": ("Debye temperature", "K"),
    "thermal_conductivity_slack": ("Conductivity (Slack)", "W/(m K)"),
    "band_gap": ("Band gap", "eV"),
    "energy_above_hull": ("Energy above hull", "eV/atom"),
    "formation_energy_per_atom": ("Formation energy", "eV/atom"),
    "temperature": ("Temperature", "K"),
    "pressure": ("Pressure", "kPa"),
    "r_factor": ("R factor", ""),
}


def described(types: Mapping[str, str], own: Sequence[str]) -> dict[str, Column]:
    """All columns by name.

    Parameters
    ----------
    types
        Names and DuckDB types of the columns.
    own
        Those that sources gave.
    """
    numbers = [name for name in own if is_number(types[name])]
    sliders = {*SLIDERS, *numbers[:_OWN]}
    found = {}
    for name, kind in types.items():
        label, unit, *short = _LABELS.get(name, (name.replace("_", " "), ""))
        found[name] = Column(
            name,
            label,
            unit,
            short[0] if short else label,
            number=is_number(kind),
            slider=name in sliders,
            main=name in _MAIN or name in numbers[:2],
        )
    return found


def is_number(kind: str) -> bool:
    """Whether values of a DuckDB type lie on a line.

    >>> is_number("DOUBLE"), is_number("VARCHAR"), is_number("DOUBLE[3]")
    (True, False, False)
    """
    return kind in ("DOUBLE", "FLOAT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT")
