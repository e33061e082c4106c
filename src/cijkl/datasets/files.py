"""Labelled crystals from files: JSON Lines, JSON, extxyz, and structures with a table of labels."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.datasets.example import Example
from cijkl.datasets.labels import Labels, check_scale, read_labels, to_gpa
from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Crystal, Unreadable
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
from cijkl.structures.geometry import MAX_ATOMS, accept

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Report", "Row", "load_dataset", "record_row", "to_examples"]

#: what is told of a row that gives no example
Report = Callable[[Unreadable], None]
Built = tuple["Atoms", tuple[Diagnostic, ...]]
#: id, source label, and the function that gives the structure and the keys of its labels
Entry = tuple[str, str, Callable[[], tuple[Built, Mapping[str, Any]]]]


@dataclass(frozen=True, eq=False)
class Row:
    """A crystal and its labels as they were written."""

    crystal: Crystal
    labels: Labels


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


def to_examples(
    rows: Iterable[Row | Unreadable],
    name: str,
    log10: bool | None = None,
    report: Report | None = None,
) -> list[Example]:
    """Give the examples of rows; parameters as in `load_dataset`.

    Raises
    ------
    InputError
        As `load_dataset`; `name` is that of the dataset.
    """
    bad: list[Unreadable] = []
    good: list[Row] = []
    for row in _unique(rows):
        if isinstance(row, Unreadable):
            bad.append(row)
        else:
            good.append(row)
    try:
        check_scale((row.labels for row in good), log10)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    examples = []
    for row in good:
        try:
            moduli = to_gpa(row.labels.moduli, log10)
            examples.append(Example(row.crystal, moduli, row.labels.stiffness))
        except InputError as error:
            bad.append(Unreadable(row.crystal.id, row.crystal.source, str(error)))
    if not examples:
        first = f"; the first of {len(bad)}: {bad[0].id}: {bad[0].error}" if bad else ""
        raise InputError(f"{name}: no row gives a crystal with labels{first}")
    if report is not None:
        for row in bad:
            report(row)
    elif bad:
        warnings.warn(
            f"{name}: {len(bad)} of {len(bad) + len(examples)} rows are left out; the first is "
            f"{bad[0].id}: {bad[0].error}",
            stacklevel=3,
        )
    return examples


def record_row(
    name: str,
    label: str,
    build: Callable[[], tuple[Built, Mapping[str, Any]]],
    max_atoms: int = MAX_ATOMS,
) -> Row | Unreadable:
    """Give the row of one entry, or the reason why there is none.

    The labels may name the row; else it is called `name`.
    """
    from cijkl.structures.records import record_id

    try:
        (atoms, notes), record = build()
        name = record_id(record) or name
        found = read_labels(record)
        atoms, more = accept(atoms, max_atoms)
    except InputError as error:
        return Unreadable(name, label, one_line(error))
    # a net under the parsers, as in cijkl.structures.reading
    except Exception as error:
        reason = f"{type(error).__name__}: {one_line(error, 120)}"
        return Unreadable(name, label, f"cannot be understood ({reason})")
    return Row(Crystal(name, atoms, label, (*notes, *more)), found)


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


def _unique(rows: Iterable[Row | Unreadable]) -> Iterator[Row | Unreadable]:
    """Number the crystals whose id was there before, so that each id is one crystal's."""
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Row):
            name, number = row.crystal.id, 1
            while name in seen:
                number += 1
                name = f"{row.crystal.id}#{number}"
            seen.add(name)
            if number > 1:
                row = replace(row, crystal=replace(row.crystal, id=name))
        yield row
