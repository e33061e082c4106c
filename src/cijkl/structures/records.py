"""Crystals in JSON: plain records, pymatgen's Structure, ASE's atoms and its JSON database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import build_atoms, not_periodic, one_line, partial_occupancy

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["from_record", "read_json", "record_id"]

Read = tuple[str | None, "Atoms", tuple[Diagnostic, ...]]

#: keys under which a record may name itself, first found first used
ID_KEYS = ("id", "material_id", "name")


def from_record(record: Any) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the crystal of one JSON object.

    Parameters
    ----------
    record
        ``{"lattice": 3x3 rows in A, "species": [...], "frac": nx3}``, pymatgen's
        ``Structure.as_dict()``, ASE's encoded atoms, or an object whose ``structure`` is one of
        these. Other keys are ignored.

    Raises
    ------
    InputError
        If it is none of these, or what it holds is no crystal.
    """
    if not isinstance(record, Mapping):
        raise InputError(f"expected a JSON object with a crystal; found {_kind(record)}")
    if "frac" in record or "species" in record:
        missing = [key for key in ("lattice", "species", "frac") if key not in record]
        if missing:
            raise InputError(f"the record lacks {' and '.join(map(repr, missing))}")
        return build_atoms(record["species"], record["lattice"], fractional=record["frac"])
    if "sites" in record and "lattice" in record:
        return _from_pymatgen(record)
    if "numbers" in record and "positions" in record:
        return _from_ase(record)
    if isinstance(record.get("structure"), Mapping):
        return from_record(record["structure"])
    keys = one_line(", ".join(map(str, record)) or "none", 60)
    raise InputError(
        "JSON without a crystal: expected id, lattice, species and frac, or pymatgen's or ASE's "
        f"structure; found keys {keys}"
    )


def record_id(record: Any) -> str | None:
    """Give the name that a record has for itself."""
    if isinstance(record, Mapping):
        for key in ID_KEYS:
            if isinstance(record.get(key), (str, int)) and str(record[key]).strip():
                return one_line(record[key], 200)
    return None


def read_json(text: str) -> Iterator[tuple[str | None, Any]]:
    """Give (id, record) of each crystal in a JSON document.

    A document is one record, a list of them, or a database written by ASE.

    Raises
    ------
    InputError
        If the text is no JSON.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"no valid JSON: {one_line(error, 100)}") from None
    if isinstance(document, list):
        if not document:
            raise InputError("the JSON list is empty")
        yield from ((record_id(record), record) for record in document)
    elif isinstance(document, dict) and isinstance(document.get("ids"), list):
        for row in document["ids"]:
            yield None, document.get(str(row))
    else:
        yield record_id(document), document


def _from_pymatgen(record: Mapping[str, Any]) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    lattice, sites = record["lattice"], record["sites"]
    matrix = lattice.get("matrix") if isinstance(lattice, Mapping) else lattice
    if not isinstance(sites, list) or not all(isinstance(site, Mapping) for site in sites):
        raise InputError("'sites' of a pymatgen structure must be a list of objects")
    species: list[Any] = []
    rows: list[Any] = []
    for number, site in enumerate(sites, 1):
        parts = site.get("species")
        if not isinstance(parts, list) or not parts or not isinstance(parts[0], Mapping):
            raise InputError(f"site {number} has no 'species'")
        occupancy = parts[0].get("occu", 1)
        if len(parts) > 1 or not isinstance(occupancy, (int, float)) or abs(occupancy - 1) > 5e-3:
            text = " + ".join(f"{p.get('element')} {p.get('occu')}" for p in parts)
            raise InputError(partial_occupancy(f"site {number}", text))
        species.append(parts[0].get("element"))
        rows.append(site.get("abc"))
    return build_atoms(species, matrix, fractional=rows)


def _from_ase(record: Mapping[str, Any]) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    from ase.data import chemical_symbols

    numbers, positions = _plain(record["numbers"]), _plain(record["positions"])
    cell, pbc = _plain(record.get("cell")), _plain(record.get("pbc", True))
    periodic = pbc if isinstance(pbc, list) else [pbc] * 3
    if cell is None or not all(periodic):
        raise InputError(not_periodic(sum(map(bool, periodic)) if cell is not None else 0))
    if not isinstance(numbers, list) or not all(
        isinstance(z, int) and 0 < z < len(chemical_symbols) for z in numbers
    ):
        raise InputError("'numbers' must be a list of atomic numbers from 1 to 118")
    species = [chemical_symbols[z] for z in numbers]
    return build_atoms(species, cell, cartesian=positions)


def _plain(value: Any) -> Any:
    """Undo ASE's JSON encoding of arrays and cells."""
    if isinstance(value, Mapping):
        if "array" in value:
            return _plain(value["array"])
        if isinstance(value.get("__ndarray__"), list) and len(value["__ndarray__"]) == 3:
            shape, _, flat = value["__ndarray__"]
            if isinstance(shape, list) and len(shape) == 2 and isinstance(flat, list):
                width = shape[1]
                if not isinstance(width, int) or width < 1:
                    raise InputError("an array of ASE's JSON has a bad shape")
                return [flat[i : i + width] for i in range(0, len(flat), width)]
            return flat
    return value


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
