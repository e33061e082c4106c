"""Crystals from the JSON of an OPTIMADE server (specification 1.2, section structures)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import build_atoms, not_periodic, one_line, partial_occupancy
from cijkl.structures.columns import columns

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["FIELDS", "USUAL_FIELDS", "crystal_of"]

#: properties that a crystal is built from
FIELDS = (
    "lattice_vectors",
    "cartesian_site_positions",
    "species",
    "species_at_sites",
    "nperiodic_dimensions",
    "dimension_types",
    "structure_features",
    "nsites",
)
#: properties of single providers that mean a usual column, by provider
USUAL_FIELDS: dict[str, dict[str, str]] = {
    "alexandria": {
        "_alexandria_band_gap": "band_gap",
        "_alexandria_hull_distance": "energy_above_hull",
        "_alexandria_formation_energy_per_atom": "formation_energy_per_atom",
    },
    "mp": {"_mp_stability": "energy_above_hull"},
    "oqmd": {
        "_oqmd_band_gap": "band_gap",
        "_oqmd_stability": "energy_above_hull",
        "_oqmd_delta_e": "formation_energy_per_atom",
    },
}
#: level of theory that is taken where the Materials Project has several: its own mixed hull
_LEVELS = ("gga_gga+u_r2scan",)
#: occupancy from which a site counts as full, as in CIF
FULL = 0.995
_USUAL = {field: name for fields in USUAL_FIELDS.values() for field, name in fields.items()}


def crystal_of(entry: Mapping[str, Any]) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the crystal of one entry; what else it says is in ``atoms.info``.

    Parameters
    ----------
    entry
        One element of ``data`` of an answer.

    Raises
    ------
    InputError
        If it is disordered, not periodic in three directions, or incomplete.
    """
    found = entry.get("attributes")
    if not isinstance(found, Mapping):
        raise InputError("the entry has no attributes")
    _refuse_dimensions(found)
    notes = _refuse_features(found)
    sites = found.get("species_at_sites")
    positions = found.get("cartesian_site_positions")
    if not isinstance(sites, Sequence) or isinstance(sites, str) or not sites or not positions:
        raise InputError("the entry has no atoms (species_at_sites, cartesian_site_positions)")
    if found.get("lattice_vectors") is None:
        raise InputError(not_periodic(0))
    kinds = _kinds(found.get("species"))
    symbols = [_symbol(number, site, kinds) for number, site in enumerate(sites, 1)]
    if {"disorder", "assemblies"} & set(map(str, found.get("structure_features") or [])):
        # the species should have said where
        raise InputError(partial_occupancy("some site", "alternatives"))
    lattice = found["lattice_vectors"]
    atoms, more = build_atoms(symbols, lattice, cartesian=positions)
    atoms.info.update(_columns(found))
    return atoms, (*notes, *more)


def _refuse_dimensions(found: Mapping[str, Any]) -> None:
    given = found.get("nperiodic_dimensions")
    types = found.get("dimension_types")
    if not isinstance(given, int) and isinstance(types, list):
        given = sum(1 for kind in types if kind)
    if isinstance(given, int) and given != 3:
        raise InputError(not_periodic(given))


def _refuse_features(found: Mapping[str, Any]) -> list[Diagnostic]:
    for feature in found.get("structure_features") or []:
        if feature == "unknown_positions":
            raise InputError("some atoms have no known position")
        if feature == "site_attachments":
            raise InputError("some atoms are attached to others without coordinates; add them")
        if feature == "implicit_atoms":
            return [
                Diagnostic(
                    "missing_hydrogens",
                    "The database names atoms that it gives no coordinates for, mostly hydrogen; "
                    "add them first.",
                )
            ]
    return []


def _kinds(species: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(species, list):
        return {}
    return {str(kind.get("name")): kind for kind in species if isinstance(kind, Mapping)}


def _symbol(number: int, site: Any, kinds: Mapping[str, Mapping[str, Any]]) -> str:
    """Element on a site, which must hold one and be full."""
    label = f"site {number}"
    kind = kinds.get(str(site))
    if kind is None:
        if kinds:
            raise InputError(f"{label} holds {one_line(site, 30)!r}, which is no species")
        return str(site)
    symbols = kind.get("chemical_symbols")
    shares = kind.get("concentration")
    if not isinstance(symbols, list) or not symbols:
        raise InputError(f"species {one_line(site, 30)!r} has no chemical symbols")
    if not isinstance(shares, list) or len(shares) != len(symbols):
        shares = [1.0 / len(symbols)] * len(symbols)
    numbers = [share for share in shares if isinstance(share, int | float)]
    if len(symbols) > 1 or len(numbers) != 1 or numbers[0] < FULL or symbols[0] == "vacancy":
        text = " + ".join(f"{s} {share}" for s, share in zip(symbols, shares, strict=True))
        raise InputError(partial_occupancy(label, one_line(text, 80)))
    if kind.get("attached") and any(kind.get("nattached") or [1]):
        raise InputError(f"{label} has atoms attached to it without coordinates; add them")
    if symbols[0] == "X":
        raise InputError(f"{label} holds an unknown element (X)")
    return str(symbols[0])


def _columns(found: Mapping[str, Any]) -> dict[str, Any]:
    """Single values that the provider gives, usual ones under their usual name."""
    given = columns({k: v for k, v in found.items() if k.startswith("_")})
    for field, name in _USUAL.items():
        value = _number(found.get(field), name)
        if value is not None:
            given[name] = value
    return dict(given)


def _number(value: Any, name: str) -> float | None:
    """A number, or that of this name in the first level of theory that has one."""
    if isinstance(value, Mapping):
        levels = [value[key] for key in (*_LEVELS, *value) if key in value]
        found = (_number(part.get(name), name) for part in levels if isinstance(part, Mapping))
        return next((number for number in found if number is not None), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None
