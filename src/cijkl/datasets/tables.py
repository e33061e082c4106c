"""Structures with a table of labels beside them: CSV with a header, or CGCNN's ``id_prop.csv``."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cijkl.datasets.example import MODULI
from cijkl.datasets.rows import Built, Row, record_row
from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.files import find
from cijkl.structures.formats import stem
from cijkl.structures.reading import read

__all__ = ["read_table", "table_rows"]

#: header of the column that names a crystal
NAMES = ("id", "file", "material_id", "name")
#: the 21 constants as index pairs; a header may call C12 also C21
_CONSTANTS = [(i, j) for i in range(6) for j in range(i, 6)]


def table_rows(
    source: Path, labels: str | os.PathLike[str] | None, target: str | None, max_atoms: int
) -> Iterator[Row | Unreadable]:
    """Give the rows of a table with the structures that they name.

    The structure of a row is the file whose name, with or without its suffix, is the row's; else
    the crystal of that id in the other files of the folder (an archive, extxyz, JSON Lines).

    Parameters
    ----------
    source
        Folder or file of structures, or the table in its folder.
    labels, target
        As in `cijkl.datasets.load_dataset`.

    Raises
    ------
    InputError
        At once, if the table cannot be read as a whole.
    """
    structures = source
    if labels is not None:
        table = Path(labels).expanduser()
    elif source.is_dir():
        table = _table_in(source)
    else:
        table, structures = source, source.parent
    return _joined(structures, read_table(table, target), str(table), max_atoms)


def read_table(path: Path, target: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Give the name and the labels of each row of a CSV table.

    With a header: a column `NAMES`, and columns called like the moduli or C11, C12, ... C66 (all
    21, in the Cartesian frame that the structures are read in). Without: name and value, which is
    the modulus `target`, as in CGCNN's ``id_prop.csv``.

    Parameters
    ----------
    path
        The table, UTF-8.
    target
        Name of the modulus of a table without header.

    Raises
    ------
    InputError
        If the table cannot be read, or its columns are not what is expected.
    """
    if target is not None and target not in MODULI:
        raise InputError(f"no modulus is called {target!r}; known are {', '.join(MODULI)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    lines = [line for line in lines if any(line)]
    if not lines:
        raise InputError(f"{one_line(path)}: the table is empty")
    if set(lines[0]) & set(NAMES):
        if target is not None:
            raise InputError(f"{one_line(path)} has a header; target is for tables without")
        return _with_header(path, lines[0], lines[1:])
    if len(lines[0]) != 2:
        raise InputError(
            f"{one_line(path)}: expected a header with a column id or file, or two columns without "
            f"header, id and value; the first line is {one_line(','.join(lines[0]), 60)!r}"
        )
    if target is None:
        raise InputError(
            f"{one_line(path)} has no header that names its modulus; say which it is, such as "
            "target='K_VRH'"
        )
    return [(line[0], {target: line[1] if len(line) > 1 else ""}) for line in lines]


def _table_in(folder: Path) -> Path:
    """The one table of labels in a folder."""
    tables = sorted(folder.glob("*.csv"))
    if len(tables) == 1:
        return tables[0]
    if (folder / "id_prop.csv") in tables:
        return folder / "id_prop.csv"
    found = f"{len(tables)} CSV files, name one (labels=...)" if tables else "no CSV file of labels"
    raise InputError(f"{one_line(folder)}: the folder holds {found}")


def _with_header(
    path: Path, header: list[str], lines: list[list[str]]
) -> list[tuple[str, dict[str, Any]]]:
    name = next(header.index(key) for key in NAMES if key in header)
    moduli = {key: header.index(key) for key in MODULI if key in header}
    constants = []
    for i, j in _CONSTANTS:
        keys = (f"C{i + 1}{j + 1}", f"C{j + 1}{i + 1}")
        constants.append(next((header.index(key) for key in keys if key in header), None))
    lacking = [
        f"C{i + 1}{j + 1}" for (i, j), c in zip(_CONSTANTS, constants, strict=True) if c is None
    ]
    if 0 < len(lacking) < len(_CONSTANTS):
        raise InputError(
            f"{one_line(path)}: columns {' '.join(lacking)} are missing; give all 21 constants, "
            "zeros included"
        )
    if lacking and not moduli:
        raise InputError(
            f"{one_line(path)}: no column of labels; expected some of {', '.join(MODULI)}, or "
            f"C11 to C66; found {one_line(', '.join(header), 80)}"
        )
    rows = []
    for line in lines:
        line = line + [""] * (len(header) - len(line))
        record: dict[str, Any] = {key: line[column] for key, column in moduli.items()}
        if not lacking:
            values = [line[column] for column in constants if column is not None]
            record["C"] = _matrix(values)
        rows.append((line[name], record))
    return rows


def _matrix(values: list[str]) -> list[list[str]] | None:
    """6x6 from the 21 constants; None if none is given."""
    if not any(values):
        return None
    matrix = [[""] * 6 for _ in range(6)]
    for (i, j), value in zip(_CONSTANTS, values, strict=True):
        matrix[i][j] = matrix[j][i] = value
    return matrix


def _joined(
    structures: Path, rows: list[tuple[str, dict[str, Any]]], table: str, max_atoms: int
) -> Iterator[Row | Unreadable]:
    wanted = {name for name, _ in rows}
    files: dict[str, Path] = {}
    others: list[Path] = []
    for file, _ in find(structures):
        local = file.relative_to(structures).as_posix() if structures.is_dir() else file.name
        # with and without suffix, with and without the folder
        keys = {key for name in (local, file.name) for key in (name, stem(name))} & wanted
        for key in keys:
            files.setdefault(key, file)
        if not keys:
            others.append(file)
    found: dict[str, Crystal | Unreadable] = {}
    if wanted - files.keys():
        for result in (r for file in others for r in read(file, max_atoms=max_atoms)):
            if result.id in wanted:
                found.setdefault(result.id, result)
    for number, (name, record) in enumerate(rows, 1):
        label = f"{table}, row {number}"
        crystal = _only(files[name], max_atoms) if name in files else found.get(name)
        if crystal is None:
            reason = f"no structure of this name in {one_line(structures)}"
            yield Unreadable(name or f"row {number}", label, reason)
        elif isinstance(crystal, Unreadable):
            yield Unreadable(name, crystal.source, crystal.error)
        else:
            entry = partial(_entry, crystal, record)
            yield record_row(stem(name), crystal.source, entry, max_atoms)


def _only(file: Path, max_atoms: int) -> Crystal | Unreadable:
    """The one crystal of a file."""
    crystals = list(read(file, max_atoms=max_atoms))
    if len(crystals) == 1:
        return crystals[0]
    return Unreadable(
        file.name, str(file), f"the file holds {len(crystals)} crystals; one is expected"
    )


def _entry(crystal: Crystal, record: Mapping[str, Any]) -> tuple[Built, Mapping[str, Any]]:
    return (crystal.atoms, crystal.diagnostics), record
