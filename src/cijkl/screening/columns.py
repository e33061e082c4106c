"""Columns of the store: what of a record is a column, under which name and of which type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["CRYSTAL", "RESULT", "VECTORS", "result_row"]

#: columns of a crystal, before those that its source gave; A^3, g/cm^3
CRYSTAL: dict[str, str] = {
    "fingerprint": "VARCHAR",
    "id": "VARCHAR",
    "formula": "VARCHAR",
    "source": "VARCHAR",
    "natoms": "INTEGER",
    "volume": "DOUBLE",
    "volume_per_atom": "DOUBLE",
    "mass_per_atom": "DOUBLE",
    "density": "DOUBLE",
    "spacegroup": "INTEGER",
    "spacegroup_symbol": "VARCHAR",
    "crystal_system": "VARCHAR",
    "structure": "BLOB",
}

_AVERAGES = ("voigt", "reuss", "hill", "rh")
_MODULI = ("K", "G", "E", "nu")
_EXTREMA = ("E", "beta", "G", "nu")
_SECOND = {"G": "normal", "nu": "transverse"}
_ANISOTROPY = ("universal", "log_euclidean", "percent_K", "percent_G", "zener", "cubic_criterion")
_ACOUSTICS = ("v_l", "v_t", "v_mean", "debye_temperature", "debye_temperature_exact")
_ENGINEERING = ("pugh", "cauchy_pressure", "kleinman", "grueneisen")
_HARDNESS = ("chen", "tian", "teter", "miao", "jiang")
_CONDUCTIVITY = ("clarke", "cahill", "agne", "slack")
#: rows and columns of the 21 independent constants
_CONSTANTS = [(i, j) for i in range(6) for j in range(i, 6)]


def _vectors() -> Iterator[str]:
    for name in _EXTREMA:
        for end in ("min", "max"):
            yield f"{name}_{end}_direction"
            if name in _SECOND:
                yield f"{name}_{end}_{_SECOND[name]}"


#: columns that hold a Cartesian unit vector
VECTORS: tuple[str, ...] = tuple(_vectors())


def _scalars() -> Iterator[str]:
    for name in _MODULI:
        yield from (f"{name}_{average}" for average in _AVERAGES)
    for name in _EXTREMA:
        yield from (f"{name}_min", f"{name}_max")
    yield from (f"anisotropy_{name}" for name in _ANISOTROPY)
    yield from (*_ACOUSTICS, *_ENGINEERING)
    yield from (f"hardness_{name}" for name in _HARDNESS)
    yield "fracture_toughness_niu"
    yield from (f"thermal_conductivity_{name}" for name in _CONDUCTIVITY)
    yield "eigenvalue_min"
    yield from (f"C{i + 1}{j + 1}" for i, j in _CONSTANTS)
    yield from ("K_low", "K_high", "G_low", "G_high", "K_expected", "G_expected")
    yield from (f"C{i + 1}{j + 1}_std" for i, j in _CONSTANTS)
    yield from ("C_error_max", "relaxed_volume", "relaxed_density", "volume_change_percent", "rmsd")


#: columns of a result that a record fills; those of `VECTORS` are DOUBLE[3]
RESULT: dict[str, str] = {
    "stable": "BOOLEAN",
    "symmetry_class": "VARCHAR",
    "warnings": "VARCHAR",
    **dict.fromkeys(_scalars(), "DOUBLE"),
    **dict.fromkeys(VECTORS, "DOUBLE[3]"),
}


def result_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a record of status ok, as `RESULT` names them; what it lacks is left out.

    Units are those of the record. ``warnings`` are the codes, in order, with commas between them;
    ``K_low`` to ``G_high`` the ends of the ranges of its uncertainty.
    """
    row: dict[str, Any] = {
        "stable": record["stable"],
        "symmetry_class": record["symmetry_class"],
        "warnings": ",".join(sorted({note["code"] for note in record["warnings"]})),
        "eigenvalue_min": min(record["eigenvalues"]),
    }
    row |= {f"C{i + 1}{j + 1}": record["C"][i][j] for i, j in _CONSTANTS}
    for name, averages in (record["moduli"] or {}).items():
        row |= {f"{name}_{average}": averages[average] for average in _AVERAGES}
    for name, ends in (record["directional"] or {}).items():
        for end in ("min", "max"):
            row[f"{name}_{end}"] = ends[end]["value"]
            row[f"{name}_{end}_direction"] = ends[end]["direction"]
            if name in _SECOND:
                row[f"{name}_{end}_{_SECOND[name]}"] = ends[end][_SECOND[name]]
    anisotropy = record["anisotropy"] or {}
    row |= {f"anisotropy_{name}": value for name, value in anisotropy.items()}
    row |= record["acoustics"] or {}
    engineering = record["engineering"]
    if engineering:
        row |= {name: engineering[name] for name in _ENGINEERING}
        row |= {f"hardness_{name}": engineering["hardness"][name] for name in _HARDNESS}
        row["fracture_toughness_niu"] = engineering["fracture_toughness"]["niu"]
        conductivity = engineering["thermal_conductivity"]
        row |= {f"thermal_conductivity_{name}": conductivity[name] for name in _CONDUCTIVITY}
    row |= dict(_uncertainty(record["uncertainty"] or {}))
    if "relaxation" in record:
        row["volume_change_percent"] = record["relaxation"]["volume_change_percent"]
        row["rmsd"] = record["relaxation"]["rmsd"]
        structure = record["structure"]
        row["relaxed_volume"] = structure["volume"]
        row["relaxed_density"] = structure["density"]
    if "response" in record:
        error = record["response"]["C_error"]
        row["C_error_max"] = max(abs(value) for line in error for value in line)
    return {name: value for name, value in row.items() if name in RESULT}


def _uncertainty(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Ranges of both kinds of uncertainty: a prediction's, and what DFT is expected to give."""
    for name in ("K", "G"):
        ends = given.get(f"{name}_range")
        if name in given:
            ends = given[name]["range"]
            yield f"{name}_expected", given[name]["value"]
        if ends is not None:
            yield f"{name}_low", ends[0]
            yield f"{name}_high", ends[1]
    if "C_std" in given:
        for i, j in _CONSTANTS:
            yield f"C{i + 1}{j + 1}_std", given["C_std"][i][j]
