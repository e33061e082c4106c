"""The top of the page: id, key numbers, and why there is nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cijkl.report.expected import with_range
from cijkl.report.numbers import finite, modulus, number, value_of
from cijkl.report.verdict import PUGH_LIMIT

__all__ = ["Tile", "reason", "subtitle", "tiles"]


@dataclass(frozen=True)
class Tile:
    """A key number: what it is, its value, its unit, and a word about it."""

    name: str
    value: str
    unit: str
    note: str = ""


def reason(record: Mapping[str, Any]) -> str:
    """Why a record failed."""
    return str(record.get("error") or "no reason was recorded.")


def subtitle(record: Mapping[str, Any]) -> list[str]:
    """Short facts under the title: id, crystal system, space group, size, density."""
    structure = record.get("structure") or {}
    facts = [str(record["id"])] if record.get("id") else []
    if structure.get("crystal_system"):
        facts.append(str(structure["crystal_system"]))
    if structure.get("spacegroup"):
        symbol = structure.get("spacegroup_symbol") or structure.get("symbol")
        named = f" ({_screw(str(symbol))})" if symbol else ""
        facts.append(f"space group {structure['spacegroup']}{named}")
    if structure.get("natoms"):
        facts.append(f"{structure['natoms']} atoms in the cell")
    if record.get("planar"):
        facts.append("layer in vacuum")
    elif finite(structure.get("density")):
        facts.append(number(structure["density"], "g/cm³"))
    return facts


def tiles(record: Mapping[str, Any]) -> list[Tile]:
    """The key numbers, those that the record has."""
    moduli, anisotropy = record.get("moduli") or {}, record.get("anisotropy") or {}
    hill = {key: (moduli.get(key) or {}).get("hill") for key in ("K", "G", "E", "nu")}
    engineering, acoustics = record.get("engineering") or {}, record.get("acoustics") or {}
    hardness = value_of((engineering.get("hardness") or {}).get("tian"))
    pugh = engineering.get("pugh")
    candidates = [
        ("Bulk modulus", hill["K"], "GPa", "Hill"),
        ("Shear modulus", hill["G"], "GPa", "Hill"),
        ("Young’s modulus", hill["E"], "GPa", "Hill"),
        ("Poisson’s ratio", hill["nu"], "", "Hill"),
        ("Anisotropy Aᵁ", anisotropy.get("universal"), "", "0 is isotropic"),
        ("Pugh ratio K/G", pugh, "", f"ductile above {PUGH_LIMIT}"),
        ("Vickers hardness", hardness, "GPa", "Tian’s model"),
        ("Debye temperature", acoustics.get("debye_temperature"), "K", "from sound velocities"),
    ]
    shown = [
        Tile(name, modulus("nu" if name.startswith("Poisson") else "", value), unit, note)
        for name, value, unit, note in candidates
        if finite(value)
    ]
    for index, key in enumerate("KG"):
        if (text := with_range(record, key)) is not None:
            value, bracket, ends = text.partition(" (")
            note = f"Hill, {ends.rstrip(')')}" if bracket else "Hill"
            shown[index] = replace(shown[index], value=value, note=note)
    return shown


def _screw(symbol: str) -> str:
    """Hermann-Mauguin symbol with its screw axes as subscripts: P3_221 becomes P3₂21."""
    return re.sub(r"_(\d)", lambda match: chr(ord("₀") + int(match[1])), symbol)
