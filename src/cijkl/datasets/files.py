"""Labelled crystals from files: JSON Lines, JSON, extxyz, and structures with a table of labels."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cijkl.datasets.example import Example
from cijkl.datasets.rows import Build, Built, Report, Row, record_row, to_examples
from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Unreadable
from cijkl.structures.files import (
    DAMAGE,
    Source,
    Trouble,
    damage,
    documents,
    find,
    text_lines,
    whole_text,
)
from cijkl.structures.geometry import MAX_ATOMS

__all__ = ["load_dataset"]

#: id unless the labels name it, source, and the function that gives the rest
Entry = tuple[str, str, Build]


def load_dataset(
    source: str | os.PathLike[str],
    *,
    labels: str | os.PathLike[str] | None = None,
    target: str | None = None,
    log10: bool | None = None,
    max_atoms: int = MAX_ATOMS,
    report: Report | None = None,
) -> list[Example]:
    """Give the labelled crystals of a file or folder, in its order.

    Three layouts are understood, each of them compressed or in an archive if need be:

    - JSON Lines or JSON, whose records hold ``id``, ``lattice``, ``species`` and ``frac`` (or
      pymatgen's or ASE's structure) and the labels: any of ``K_V K_R K_VRH G_V G_R G_VRH``, and
      ``C``, 6x6 or 36 numbers in the Cartesian frame of the lattice.
    - extxyz with the same keys in the comment of each frame.
    - Structures of any readable format with a table of labels beside them, see
      `cijkl.datasets.tables`; CGCNN's folder with ``id_prop.csv`` is one.

    A row that cannot be used does not disturb the others.

    Parameters
    ----------
    source
        The file; for a table of labels the folder, archive or file of structures, or the table
        itself if it lies in the folder.
    labels
        The table of labels, if it lies elsewhere or the folder holds several.
    target
        Modulus that a table without header holds, such as ``K_VRH``.
    log10
        True if the moduli of the file are log10 of GPa, False if they are GPa although all are
        small. A stiffness is in GPa always.
    max_atoms
        Largest number of atoms of a crystal.
    report
        Called with the id, source and reason of each row that is left out. Without it a single
        Python warning tells how many there were.

    Raises
    ------
    InputError
        If there is no such file, no row can be used, or the moduli look like log10 (all below 3.5)
        and `log10` does not say what they are.
    """
    path = Path(source).expanduser()
    if not path.exists():
        raise InputError(f"{one_line(path)}: no such file or folder")
    if labels is not None or path.is_dir() or path.suffix.lower() == ".csv":
        from cijkl.datasets.tables import table_rows

        rows = table_rows(path, labels, target, max_atoms)
    elif target is not None:
        raise InputError("target names the modulus of a table of labels; this file says its own")
    else:
        rows = _file_rows(path, max_atoms)
    return to_examples(rows, one_line(path), log10, report)


def _file_rows(path: Path, max_atoms: int) -> Iterator[Row | Unreadable]:
    for file, stem in find(path):
        for source in documents(file, stem):
            if isinstance(source, Trouble):
                yield Unreadable(source.stem, source.label, source.error)
                continue
            try:
                for name, label, build in _entries(source):
                    yield record_row(name, label, build, max_atoms)
            except InputError as error:
                yield Unreadable(source.stem, source.label, one_line(error))
            except DAMAGE as error:
                yield Unreadable(source.stem, source.label, damage(error))


def _entries(source: Source) -> Iterator[Entry]:
    if source.format == "extxyz":
        from cijkl.structures.extxyz import extxyz_frames

        for number, frame in enumerate(extxyz_frames(text_lines(source.stream)), 1):
            yield f"{source.stem}#{number}", f"{source.label}#{number}", partial(_frame, frame)
    elif source.format == "jsonl":
        for number, line in enumerate(text_lines(source.stream), 1):
            if line.strip():
                yield _line(line, f"{source.stem}#{number}", f"{source.label}:{number}")
    elif source.format == "json":
        from cijkl.structures.records import read_json

        for number, (name, record) in enumerate(read_json(whole_text(source.stream)), 1):
            yield name or f"{source.stem}#{number}", source.label, partial(_record, record)
    else:
        raise InputError(
            f"a {source.format} file holds no labels; give a table of labels (labels=...)"
        )


def _line(line: str, name: str, label: str) -> Entry:
    from cijkl.structures.records import record_id

    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return name, label, partial(_broken, one_line(error, 100))
    return record_id(record) or name, label, partial(_record, record)


def _broken(reason: str) -> tuple[Built, Mapping[str, Any]]:
    raise InputError(f"no valid JSON: {reason}")


def _record(record: Any) -> tuple[Built, Mapping[str, Any]]:
    from cijkl.structures.records import from_record

    return from_record(record), record


def _frame(frame: list[str]) -> tuple[Built, Mapping[str, Any]]:
    from cijkl.structures.extxyz import read_extxyz_frame

    atoms, notes = read_extxyz_frame(frame)
    # NumPy's scalars become plain ones
    info = {
        key: value.tolist() if hasattr(value, "tolist") else value
        for key, value in atoms.info.items()
    }
    return (atoms, notes), info
