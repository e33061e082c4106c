"""What a store answers, as a file: Parquet, CSV, JSON Lines, extxyz, or entries of OPTIMADE."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, product
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError
from cijkl.screening.opening import answering
from cijkl.screening.packing import unpack_atoms
from cijkl.screening.spreadsheets import defused_query
from cijkl.screening.store import Store
from cijkl.structures import reduced_formula

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["FORMATS", "export"]


def export(store: Store, sql: str, path: Path, kind: str) -> int:
    """Write the rows of a query to a file, and give how many there were.

    Rows go to the file as they are found, whatever their number.

    Parameters
    ----------
    sql
        A query. For ``extxyz`` and ``optimade``, which write crystals, it must have the column
        ``fingerprint``; its other columns go with them.
    kind
        One of `FORMATS`.

    Raises
    ------
    InputError
        The query fails or lacks that column, or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with answering():
            return FORMATS[kind](store, sql, path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def _parquet(store: Store, sql: str, path: Path) -> int:
    return _copy(store, sql, path, "FORMAT parquet, COMPRESSION zstd")


def _csv(store: Store, sql: str, path: Path) -> int:
    """Whoever opens it in a spreadsheet runs no formula that somebody took for a name."""
    harmless = defused_query(sql, _columns(store, sql))
    return _copy(store, harmless, path, "FORMAT csv, HEADER true")


def _json(store: Store, sql: str, path: Path) -> int:
    return _copy(store, sql, path, "FORMAT json, ARRAY false")


def _copy(store: Store, sql: str, path: Path, options: str) -> int:
    target = str(path).replace("'", "''")
    row = store.connection.execute(f"COPY ({sql}) TO '{target}' ({options})").fetchone()
    return int(row[0]) if row else 0


def _extxyz(store: Store, sql: str, path: Path) -> int:
    from ase.io.extxyz import write_extxyz

    count = 0
    with path.open("w", encoding="utf-8") as file:
        for atoms, row in _crystals(store, sql):
            atoms.info = {name: value for name, value in row.items() if value is not None}
            write_extxyz(file, [atoms])
            count += 1
    return count


def _optimade(store: Store, sql: str, path: Path) -> int:
    """JSON Lines that a server of optimade-python-tools reads (``insert_from_jsonl``)."""
    changed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"x-optimade": {"meta": {"api_version": "1.2.0"}}}) + "\n")
        for atoms, row in _crystals(store, sql):
            name = str(row.get("id") or row["fingerprint"])
            entry = {"id": name, "type": "structures", "attributes": _entry(atoms, row, changed)}
            file.write(json.dumps(entry, default=str) + "\n")
            count += 1
    return count


#: how a file is written
FORMATS: dict[str, Callable[[Store, str, Path], int]] = {
    "csv": _csv,
    "extxyz": _extxyz,
    "json": _json,
    "optimade": _optimade,
    "parquet": _parquet,
}


def _columns(store: Store, sql: str) -> list[tuple[str, str]]:
    """Names and types of what a query gives."""
    rows = store.connection.execute(f"DESCRIBE ({sql})").fetchall()
    return [(row[0], row[1]) for row in rows]


def _crystals(store: Store, sql: str) -> Iterator[tuple[Atoms, dict[str, Any]]]:
    """Crystals of a query with its other columns."""
    cursor = store.connection.cursor()
    columns = [name for name, _ in _columns(store, sql)]
    if "fingerprint" not in columns:
        raise InputError("to write crystals, the query must give the column fingerprint")
    cursor.execute(
        f"SELECT crystals.structure, asked.* FROM ({sql}) asked JOIN crystals USING (fingerprint)"
    )
    while row := cursor.fetchone():
        values = dict(zip(columns, row[1:], strict=True))
        yield (
            unpack_atoms(row[0]),
            {name: value for name, value in values.items() if not isinstance(value, bytes)},
        )


def _entry(atoms: Atoms, row: Mapping[str, Any], changed: str) -> dict[str, Any]:
    """Attributes of a structure by the OPTIMADE specification 1.2, and our own with ``_cijkl_``."""
    symbols = list(atoms.symbols)
    elements = sorted(set(symbols))
    ratios = [symbols.count(element) / len(symbols) for element in elements]
    own = {
        f"_cijkl_{name.lower()}": list(value) if isinstance(value, tuple) else value
        for name, value in row.items()
        if value is not None and name not in ("id", "fingerprint")
    }
    counts = {element: symbols.count(element) for element in elements}
    return {
        "elements": elements,
        "nelements": len(elements),
        "elements_ratios": ratios,
        "chemical_formula_descriptive": reduced_formula(atoms),
        "chemical_formula_reduced": _reduced(counts),
        "chemical_formula_anonymous": _anonymous(counts),
        "dimension_types": [1, 1, 1],
        "nperiodic_dimensions": 3,
        "lattice_vectors": atoms.cell.array.tolist(),
        "cartesian_site_positions": atoms.positions.tolist(),
        "nsites": len(atoms),
        "species": [
            {"name": element, "chemical_symbols": [element], "concentration": [1.0]}
            for element in elements
        ],
        "species_at_sites": symbols,
        "structure_features": [],
        "last_modified": changed,
        "immutable_id": row["fingerprint"],
        **own,
    }


def _reduced(counts: Mapping[str, int]) -> str:
    """Elements in alphabetical order with their smallest whole numbers.

    >>> _reduced({"O": 6, "Al": 4})
    'Al2O3'
    """
    divisor = math.gcd(*counts.values())
    return "".join(
        element + (str(count // divisor) if count > divisor else "")
        for element, count in sorted(counts.items())
    )


def _anonymous(counts: Mapping[str, int]) -> str:
    """The same with letters in place of elements, the most frequent first.

    >>> _anonymous({"O": 6, "Al": 4})
    'A3B2'
    """
    divisor = math.gcd(*counts.values())
    letters = chain(ascii_uppercase, (a + b for b, a in product(ascii_lowercase, ascii_uppercase)))
    ordered = sorted(counts.values(), reverse=True)
    return "".join(
        letter + (str(count // divisor) if count > divisor else "")
        for letter, count in zip(letters, ordered, strict=False)
    )
