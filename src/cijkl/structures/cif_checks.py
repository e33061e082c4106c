"""What a CIF block says about its crystal, checked before and after the atoms are built."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import one_line
from cijkl.structures.groups import POINT_GROUP_ORDERS
from cijkl.structures.spacegroup import SYMPREC
from cijkl.structures.symmetry_search import search

if TYPE_CHECKING:
    from ase import Atoms

__all__ = [
    "STATED",
    "check_cell",
    "check_sites",
    "check_space_group",
    "compare_formula",
    "compare_space_group",
    "hydrogens_without_sites",
    "stated_numbers",
]

#: key of `Atoms.info` with the number of hydrogen atoms that the formula has more than the sites
STATED = "hydrogens_without_sites"
#: largest product of sites and symmetry operations; beyond it parsing takes minutes
MAX_IMAGES = 100_000
#: tags that list symmetry operations
OPERATION_TAGS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
#: tags that name the space group
SPACE_GROUP_TAGS = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_hall",
    "_symmetry_space_group_name_hall",
    "_space_group_it_number",
    "_symmetry_int_tables_number",
)
#: columns of a crystal, and the tags that state them, first found first used
COLUMN_TAGS = {
    "r_factor": ("_refine_ls_r_factor_gt", "_refine_ls_r_factor_obs", "_refine_ls_r_factor_all"),
    "temperature": ("_diffrn_ambient_temperature", "_cell_measurement_temperature"),
    "pressure": ("_diffrn_ambient_pressure", "_cell_measurement_pressure"),
}


def check_cell(tags: dict[str, Any]) -> None:
    """Raise unless all six cell parameters are sensible numbers."""
    for name in ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"):
        tag = f"_cell_{name}"
        if tag not in tags:
            raise InputError(f"the CIF block has no cell ({tag} is missing)")
        value = _number(tags[tag])
        if not 0 < value < (math.inf if "length" in name else 180):
            unit = "a length in A" if "length" in name else "an angle between 0 and 180 degrees"
            raise InputError(f"{tag} must be {unit}; found {one_line(repr(tags[tag]), 40)}")


def check_sites(tags: dict[str, Any]) -> None:
    """Raise unless every atom has coordinates and the parser can cope with their number."""
    columns = [tags.get(f"_atom_site_fract_{axis}") for axis in "xyz"]
    if not all(isinstance(column, list) and column for column in columns):
        raise InputError(
            "the CIF block has no fractional coordinates (loop of _atom_site_fract_x, _y, _z)"
        )
    operations = [tags.get(tag) for tag in OPERATION_TAGS]
    order = max((len(found) for found in operations if isinstance(found, list)), default=1)
    if order * len(columns[0] or []) > MAX_IMAGES:
        raise InputError(f"{len(columns[0] or [])} sites under {order} operations are too many")
    names = tags.get("_atom_site_label") or tags.get("_atom_site_type_symbol") or []
    for column in columns:
        for row, value in enumerate(column or []):
            if not math.isfinite(_number(value)):
                name = names[row] if row < len(names) else row + 1
                raise InputError(
                    f"atom {one_line(name, 20)} has no coordinates (found "
                    f"{one_line(repr(value), 20)}); give them or leave the atom out"
                )


def check_space_group(tags: dict[str, Any]) -> None:
    """Refuse to take a crystal for P1 whose space group is stated but not understood."""
    for tag in SPACE_GROUP_TAGS:
        name = str(tags.get(tag, "?")).strip()
        if name.replace(" ", "") not in ("?", ".", "", "P1", "1"):
            raise InputError(
                f"space group {one_line(name, 30)!r} is not known and no symmetry operations are "
                "given; add _space_group_symop_operation_xyz or correct the name"
            )


def compare_formula(tags: dict[str, Any], species: list[str]) -> list[Diagnostic]:
    """Compare the composition with the formula that the CIF states."""
    text = str(tags.get("_chemical_formula_sum", ""))
    stated, found, units = _formula_units(text, species)
    if units == 0.0:
        return []
    lacking = hydrogens_without_sites(tags, species)
    if lacking:
        return [
            Diagnostic(
                "missing_hydrogens",
                f"The CIF's formula {one_line(text, 60)} has {lacking:.0f} more hydrogen atoms in "
                "the cell than it gives coordinates for; add them first.",
            )
        ]
    names = set(stated) | set(found)
    if any(abs(stated.get(n, 0.0) * units - found[n]) > 0.02 * found[n] + 0.01 for n in names):
        return [
            Diagnostic(
                "formula_mismatch",
                f"The atoms do not make up the CIF's formula {one_line(text, 60)}.",
            )
        ]
    return []


def hydrogens_without_sites(tags: dict[str, Any], species: list[str]) -> float:
    """Give how many more hydrogen atoms the CIF's formula has in the cell than sites; 0 if none."""
    stated, found, units = _formula_units(str(tags.get("_chemical_formula_sum", "")), species)
    whole = stated.get("H", 0.0) * units
    lacking = whole - found["H"]
    return lacking if lacking > 0.02 * whole + 0.01 else 0.0


def _formula_units(text: str, species: list[str]) -> tuple[dict[str, float], Counter[str], float]:
    """Give a formula, the atoms of the cell, and how many times the cell holds the formula."""
    stated: dict[str, float] = {}
    for symbol, count in re.findall(r"([A-Z][a-z]?)\s*(\d*\.?\d*)", text):
        name = "H" if symbol in "DT" else symbol
        stated[name] = stated.get(name, 0.0) + float(count or 1)
    found = Counter("H" if symbol in "DT" else symbol for symbol in species)
    others = [name for name in stated if name != "H"] or list(stated)
    if not stated or sum(found[name] for name in others) == 0:
        return stated, found, 0.0
    units = sum(found[name] for name in others) / sum(stated[name] for name in others)
    return stated, found, units


def compare_space_group(tags: dict[str, Any], atoms: Atoms) -> list[Diagnostic]:
    """Doubt a crystal that lacks symmetry which the CIF states, as in a wrong axis setting."""
    numbers = [_number(tags.get(tag)) for tag in SPACE_GROUP_TAGS if "number" in tag]
    stated = next((int(n) for n in numbers if 1 <= n <= 230), None)
    if stated is None:
        return []
    import spglib

    found = search(atoms, SYMPREC)
    if found is None or found.number == stated:
        return []
    kinds = map(spglib.get_spacegroup_type, range(1, 531))
    kind = next(kind for kind in kinds if kind.number == stated)
    expected = POINT_GROUP_ORDERS[kind.pointgroup_international]
    if POINT_GROUP_ORDERS[found.point_group] >= expected:
        return []
    return [
        Diagnostic(
            "space_group_mismatch",
            f"The CIF states space group {kind.international_short} ({stated}), but the atoms "
            f"have only {found.symbol} ({found.number}); check cell, axes and coordinates.",
        )
    ]


def stated_numbers(tags: dict[str, Any]) -> dict[str, float]:
    """Give R factor, temperature (K) and pressure (kPa) of the measurement, where stated."""
    found = {}
    for name, candidates in COLUMN_TAGS.items():
        values = [_number(tags.get(tag)) for tag in candidates]
        value = next((value for value in values if math.isfinite(value)), None)
        if value is not None:
            found[name] = value
    return found


def _number(text: Any) -> float:
    """Give a CIF number such as 5.640(2), or NaN."""
    try:
        return float(re.sub(r"\(\d*\)?", "", str(text)))
    except ValueError:
        return math.nan
