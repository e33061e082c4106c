"""Columns that a filter may name: what follows from a structure, and what sources usually say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cijkl.errors import CijklError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Crystal
    from cijkl.structures.spacegroup import Symmetry

__all__ = ["COSTLY", "STRUCTURE", "USUAL", "own_columns", "row"]

#: technetium, promethium, and all from polonium on: no isotope is stable (bismuth's one is so
#: nearly stable that it counts)
RADIOACTIVE = frozenset((43, 61, *range(84, 119)))
#: elements of organic crystals: H, B to F, Si to Cl, Br, I
ORGANIC = frozenset((1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 35, 53))
#: hydrogen and the halogens, one of which an organic compound mostly has beside carbon
_PARTNERS = frozenset((1, 9, 17, 35, 53))
#: elements of those that have nitrogen instead, such as cyano compounds
_WITH_NITROGEN = frozenset((6, 7, 8, 16))

#: columns that sources often give, and their types; unknown (NULL) where they do not. Units: eV,
#: eV/atom above the hull and for the formation, K, kPa
USUAL: dict[str, str] = {
    "band_gap": "DOUBLE",
    "energy_above_hull": "DOUBLE",
    "formation_energy_per_atom": "DOUBLE",
    "is_metal": "BOOLEAN",
    "is_stable": "BOOLEAN",
    "pressure": "DOUBLE",
    "r_factor": "DOUBLE",
    "temperature": "DOUBLE",
    "theoretical": "BOOLEAN",
}


@dataclass(frozen=True)
class _Column:
    """One column of a structure: its DuckDB type, how to get it, and whether that takes long."""

    type: str
    value: Callable[[_Facts], Any]
    costly: bool = False


class _Facts:
    """A crystal, with what several columns need found at most once."""

    def __init__(self, crystal: Crystal) -> None:
        self.crystal = crystal
        self.atoms: Atoms = crystal.atoms

    @cached_property
    def numbers(self) -> frozenset[int]:
        return frozenset(int(z) for z in self.atoms.numbers)

    @cached_property
    def volume(self) -> float:
        return float(self.atoms.get_volume())

    @cached_property
    def symmetry(self) -> Symmetry:
        from cijkl.structures.spacegroup import symmetry

        return symmetry(self.atoms)


def _formula(facts: _Facts) -> str:
    from cijkl.structures.properties import reduced_formula

    return reduced_formula(facts.atoms)


def _elements(facts: _Facts) -> list[str]:
    from ase.data import chemical_symbols

    return sorted(chemical_symbols[z] for z in facts.numbers)


def _density(facts: _Facts) -> float:
    from cijkl.structures.properties import density

    return density(facts.atoms)


def _organic(facts: _Facts) -> bool:
    numbers = facts.numbers
    if 6 not in numbers or not numbers <= ORGANIC:
        return False
    return bool(numbers & _PARTNERS) or (7 in numbers and numbers <= _WITH_NITROGEN)


def _molecular(facts: _Facts) -> bool:
    from cijkl.structures.molecules import is_molecular

    return is_molecular(facts.atoms)


def _dimensionality(facts: _Facts) -> int:
    from cijkl.structures.molecules import dimensionality

    return dimensionality(facts.atoms)


def _hydrogens_missing(facts: _Facts) -> bool:
    from cijkl.structures.valence import missing_hydrogens

    stated = any(note.code == "missing_hydrogens" for note in facts.crystal.diagnostics)
    return stated or missing_hydrogens(facts.atoms)[0] > 0


_COLUMNS: dict[str, _Column] = {
    "id": _Column("VARCHAR", lambda f: f.crystal.id),
    "source": _Column("VARCHAR", lambda f: f.crystal.source),
    "formula": _Column("VARCHAR", _formula),
    "elements": _Column("VARCHAR[]", _elements),
    "nelements": _Column("INTEGER", lambda f: len(f.numbers)),
    "natoms": _Column("INTEGER", lambda f: len(f.atoms)),
    "volume": _Column("DOUBLE", lambda f: f.volume),
    "volume_per_atom": _Column("DOUBLE", lambda f: f.volume / len(f.atoms)),
    "density": _Column("DOUBLE", _density),
    "radioactive": _Column("BOOLEAN", lambda f: not RADIOACTIVE.isdisjoint(f.numbers)),
    "organic": _Column("BOOLEAN", _organic),
    "molecular": _Column("BOOLEAN", _molecular, costly=True),
    "dimensionality": _Column("INTEGER", _dimensionality, costly=True),
    "hydrogens_missing": _Column("BOOLEAN", _hydrogens_missing, costly=True),
    "spacegroup": _Column("INTEGER", lambda f: f.symmetry.number, costly=True),
    "spacegroup_symbol": _Column("VARCHAR", lambda f: f.symmetry.symbol, costly=True),
    "point_group": _Column("VARCHAR", lambda f: f.symmetry.point_group, costly=True),
    "crystal_system": _Column("VARCHAR", lambda f: f.symmetry.crystal_system, costly=True),
}

#: columns of every structure and their DuckDB types; lengths in A, densities in g/cm^3
STRUCTURE: dict[str, str] = {name: column.type for name, column in _COLUMNS.items()}

#: those that take a search for symmetry or bonds, milliseconds each
COSTLY: frozenset[str] = frozenset(name for name, column in _COLUMNS.items() if column.costly)


def row(crystal: Crystal, names: Collection[str]) -> dict[str, Any]:
    """Give the named columns of a crystal, no others; None where one is unknown.

    A column of the structure goes before one of the same name that the source gives.
    """
    facts = _Facts(crystal)
    return {name: _value(facts, name) for name in names}


def own_columns(crystals: Iterable[Crystal]) -> dict[str, str]:
    """Give the names and DuckDB types of the columns that the sources of crystals gave.

    A column with values of several kinds is DOUBLE if all are numbers, else VARCHAR.
    """
    kinds: dict[str, set[type]] = {}
    for crystal in crystals:
        for name, value in crystal.columns.items():
            kinds.setdefault(name, set()).add(type(value))
    return {name: _type(found) for name, found in kinds.items()}


def _value(facts: _Facts, name: str) -> Any:
    column = _COLUMNS.get(name)
    if column is None:
        return _own(facts.crystal.columns, name)
    try:
        return column.value(facts)
    except CijklError:
        return None


def _own(columns: Mapping[str, Any], name: str) -> Any:
    if name in columns:
        return columns[name]
    # SQL does not tell capital letters from small ones
    return next((v for key, v in columns.items() if key.lower() == name.lower()), None)


def _type(kinds: set[type]) -> str:
    if kinds == {bool}:
        return "BOOLEAN"
    if kinds <= {int, float}:
        return "DOUBLE"
    return "VARCHAR"
