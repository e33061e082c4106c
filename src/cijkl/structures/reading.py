"""Crystals from anything that a user names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import one_line
from cijkl.structures.columns import columns, record_columns
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
from cijkl.structures.formats import is_address
from cijkl.structures.geometry import MAX_ATOMS, accept
from cijkl.structures.seen import Seen

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["read", "read_document"]

Built = tuple["Atoms", tuple[Diagnostic, ...]]
#: id or none, source label, and the function that builds the crystal or raises
Entry = tuple[str, str, Callable[[], Built]]


def read(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    max_atoms: int = MAX_ATOMS,
) -> Iterator[Crystal | Unreadable]:
    """Give the crystals of files, folders and archives, one by one and in order.

    Readable are CIF (all blocks), POSCAR and CONTCAR, extxyz (all frames), JSON of pymatgen, ASE
    or plain records, JSON Lines of records with ``id``, ``lattice``, ``species`` and ``frac``;
    each of them compressed (gz, bz2, xz), in a folder, or in a ``.zip`` or ``.tar.gz``. Only one
    document is in memory at a time. Whatever cannot be used becomes an `Unreadable` with its
    reason and does not disturb the others.

    A left-handed cell is replaced by its right-handed inverse and duplicated atoms are merged;
    both are noted in the crystal's diagnostics. For doubts about what was read, see `check`.

    Instead of a path, an address such as ``optimade:cod?filter=elements HAS "C"`` names crystals of
    a database; see `cijkl.structures.sources.addresses`.

    Parameters
    ----------
    inputs
        One path or address, or several.
    max_atoms
        Largest number of atoms of a crystal.

    Raises
    ------
    InputError
        At once, if a path does not exist, a folder holds no file of a known format, or an address
        cannot be understood.
    """
    given = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    if not given:
        raise InputError("no structure was given; name a file, a folder or an archive")
    return _unique(chain.from_iterable([_open(place, max_atoms) for place in given]))


def _open(place: str | os.PathLike[str], max_atoms: int) -> Iterator[Crystal | Unreadable]:
    """Crystals of one place, which is looked at now and read later."""
    if isinstance(place, str) and is_address(place):
        from cijkl.structures.sources.addresses import open_address

        return open_address(place, max_atoms=max_atoms)
    path = Path(place).expanduser()
    _check_path(path)
    return _results(path, max_atoms)


def _check_path(path: Path) -> None:
    try:
        exists = path.exists()
    except (OSError, ValueError):
        exists = False
    if not exists:
        raise InputError(f"{one_line(path)}: no such file or folder")
    if path.is_dir() and next(find(path), None) is None:
        raise InputError(
            f"{one_line(path)}: the folder holds no crystal file "
            "(.cif, POSCAR, .vasp, .extxyz, .json, .jsonl, .zip, .tar.gz)"
        )


def _results(path: Path, max_atoms: int) -> Iterator[Crystal | Unreadable]:
    for file, stem in find(path):
        for document in documents(file, stem):
            if isinstance(document, Trouble):
                yield Unreadable(document.stem, document.label, document.error)
            else:
                yield from read_document(document, max_atoms)


def read_document(source: Source, max_atoms: int = MAX_ATOMS) -> Iterator[Crystal | Unreadable]:
    """Give the crystals of one open document; ids may repeat those of others."""
    found = False
    try:
        for name, label, build in _ENTRIES[source.format](source):
            found = True
            try:
                atoms, notes = build()
                atoms, more = accept(atoms, max_atoms)
            except InputError as error:
                yield Unreadable(name, label, one_line(error))
            # a net under the parsers: one entry that none of them foresaw must not end the stream
            except Exception as error:
                reason = f"{type(error).__name__}: {one_line(error, 120)}"
                yield Unreadable(name, label, f"cannot be understood ({reason})")
            else:
                yield Crystal(name, atoms, label, (*notes, *more), columns(atoms.info))
        if not found:
            yield Unreadable(source.stem, source.label, "the file holds no crystal")
    except InputError as error:
        yield Unreadable(source.stem, source.label, one_line(error))
    except DAMAGE as error:
        yield Unreadable(source.stem, source.label, damage(error))


def _unique(results: Iterable[Crystal | Unreadable]) -> Iterator[Crystal | Unreadable]:
    seen = Seen()
    for result in results:
        name, number = result.id, 1
        while not seen.add(name):
            number += 1
            name = f"{result.id}#{number}"
        yield result if number == 1 else replace(result, id=name)


def _cif(source: Source) -> Iterator[Entry]:
    from cijkl.structures.cif import cif_blocks, read_cif_block

    for number, (name, text) in enumerate(cif_blocks(whole_text(source.stream)), 1):
        label = source.label if number == 1 else f"{source.label}#{one_line(name, 60)}"
        yield _numbered(source.stem, number), label, partial(read_cif_block, text)


def _poscar(source: Source) -> Iterator[Entry]:
    from cijkl.structures.poscar import read_poscar

    text = whole_text(source.stream)
    yield source.stem, source.label, partial(read_poscar, text)


def _extxyz(source: Source) -> Iterator[Entry]:
    from cijkl.structures.extxyz import extxyz_frames, read_extxyz_frame

    for number, frame in enumerate(extxyz_frames(text_lines(source.stream)), 1):
        label = source.label if number == 1 else f"{source.label}#{number}"
        yield (
            _numbered(source.stem, number),
            label,
            partial(read_extxyz_frame, frame),
        )


def _json(source: Source) -> Iterator[Entry]:
    from cijkl.structures.records import read_json

    text = whole_text(source.stream)
    for number, (name, record) in enumerate(read_json(text), 1):
        label = source.label if number == 1 else f"{source.label}#{number}"
        yield _record(name or _numbered(source.stem, number), label, record)


def _jsonl(source: Source) -> Iterator[Entry]:
    from cijkl.structures.records import record_id

    for number, line in enumerate(text_lines(source.stream), 1):
        if not line.strip():
            continue
        label = f"{source.label}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"{source.stem}#{number}", label, _raiser(error)
            continue
        yield _record(record_id(record) or f"{source.stem}#{number}", label, record)


def _record(name: str, label: str, record: Any) -> Entry:
    return name, label, partial(_from_record, record)


def _from_record(record: Any) -> Built:
    from cijkl.structures.records import from_record

    atoms, notes = from_record(record)
    atoms.info.update(record_columns(record))
    return atoms, notes


def _raiser(error: Exception) -> Callable[[], Built]:
    reason = one_line(error, 100)

    def fail() -> Built:
        raise InputError(f"no valid JSON: {reason}")

    return fail


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}#{number}"


_ENTRIES: dict[str, Callable[[Source], Iterator[Entry]]] = {
    "cif": _cif,
    "poscar": _poscar,
    "extxyz": _extxyz,
    "json": _json,
    "jsonl": _jsonl,
}
