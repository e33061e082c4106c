"""Crystals of a store as entries of OPTIMADE."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.screening.packing import unpack_atoms
from cijkl.screening.tables import quoted
from cijkl.web.optimade.fields import ABSENT, FIELDS, PREFIX, REQUIRED, TABLE

if TYPE_CHECKING:
    from cijkl.web.explorer import Explorer

__all__ = ["Entries", "Found"]

_CONSTANTS = [f"C{i + 1}{j + 1}" for i in range(6) for j in range(i, 6)]
#: what must be read from the store itself, and not from the table that filters ask
_ATOMS = frozenset(("lattice_vectors", "cartesian_site_positions", "species", "species_at_sites"))
_TENSOR = f"{PREFIX}elastic_tensor"


@dataclass(frozen=True)
class Found:
    """Some entries, how many meet the filter, and how many there are."""

    entries: list[dict[str, Any]]
    returned: int
    available: int


class Entries:
    """The crystals of a store.

    Parameters
    ----------
    explorer
        The store. A table of what filters ask is made beside it at the first question.
    path
        Its file, which tells when it was written.
    """

    def __init__(self, explorer: Explorer, path: Path) -> None:
        self._explorer = explorer
        self._made = False
        self._making = threading.Lock()
        changed = datetime.fromtimestamp(path.expanduser().stat().st_mtime, UTC)
        self._changed = changed.strftime("%Y-%m-%dT%H:%M:%SZ")

    def find(
        self,
        where: str,
        values: Sequence[Any],
        *,
        order: str = "id",
        limit: int = 20,
        offset: int = 0,
        fields: Collection[str] = tuple(FIELDS),
    ) -> Found:
        """Entries that meet a condition.

        Parameters
        ----------
        where, values, order
            SQL of `filters`.
        fields
            Properties to be given; `id` and `type` always are.
        """
        self._make()
        counted = self._explorer.ask(f"SELECT count(*) FROM optimade WHERE {where}", values)
        available = self._explorer.ask("SELECT count(*) FROM optimade")
        asked = [name for name in FIELDS if name in fields and name not in REQUIRED]
        absent = sorted(ABSENT & set(fields))
        plain = [name for name in asked if FIELDS[name].sql is not None]
        listed = ", ".join(["id", "crystal", "result", *(str(FIELDS[n].sql) for n in plain)])
        rows = self._explorer.ask(
            f"SELECT {listed} FROM optimade WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        atoms = self._atoms([row[1] for row in rows]) if _ATOMS & set(asked) else {}
        tensors = self._tensors([row[2] for row in rows]) if _TENSOR in asked else {}
        entries = []
        for identifier, crystal, result, *known in rows:
            found = dict(zip(plain, known, strict=True))
            found |= atoms.get(crystal, {}) | {_TENSOR: tensors.get(result)}
            attributes = {name: found.get(name) for name in (*asked, *absent)}
            entries.append({"id": identifier, "type": "structures", "attributes": attributes})
        return Found(entries, int(counted[0][0]), int(available[0][0]))

    def _atoms(self, rows: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Cells and sites by row of the store's crystals."""
        found = self._explorer.ask(
            "SELECT rowid, structure FROM store.crystals WHERE list_contains(?, rowid)",
            [list(rows)],
        )
        return {row: _sites(structure) for row, structure in found}

    def _tensors(self, rows: Sequence[int | None]) -> dict[int, list[list[float]] | None]:
        """Stiffness by row of the store's results."""
        listed = ", ".join(map(quoted, _CONSTANTS))
        found = self._explorer.ask(
            f"SELECT rowid, {listed} FROM store.results WHERE list_contains(?, rowid)",
            [[row for row in rows if row is not None]],
        )
        return {row: _matrix(values) for row, *values in found}

    def _make(self) -> None:
        with self._making:
            if not self._made:
                cursor = self._explorer.connection.cursor()
                cursor.execute(TABLE, [self._changed])
                cursor.close()
                self._made = True


def _sites(structure: bytes) -> dict[str, Any]:
    atoms = unpack_atoms(structure)
    symbols = list(atoms.symbols)
    return {
        "lattice_vectors": atoms.cell.array.tolist(),
        "cartesian_site_positions": atoms.positions.tolist(),
        "species": [
            {"name": element, "chemical_symbols": [element], "concentration": [1.0]}
            for element in sorted(set(symbols))
        ],
        "species_at_sites": symbols,
    }


def _matrix(values: Sequence[float | None]) -> list[list[float]] | None:
    if any(value is None for value in values):
        return None
    matrix = [[0.0] * 6 for _ in range(6)]
    for name, value in zip(_CONSTANTS, values, strict=True):
        i, j = int(name[1]) - 1, int(name[2]) - 1
        matrix[i][j] = matrix[j][i] = float(value or 0.0)
    return matrix
