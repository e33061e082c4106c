"""From rows, a crystal and its labels as written, to examples; what cannot be used is told."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cijkl.datasets.example import Example
from cijkl.datasets.labels import Labels, check_scale, read_labels, to_gpa
from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.geometry import MAX_ATOMS, accept

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Build", "Built", "Report", "Row", "record_row", "to_examples"]

#: what is told of a row that gives no example
Report = Callable[[Unreadable], None]
Built = tuple["Atoms", tuple[Diagnostic, ...]]
#: gives the structure of a row and the keys of its labels, or raises
Build = Callable[[], tuple[Built, Mapping[str, Any]]]


@dataclass(frozen=True, eq=False)
class Row:
    """A crystal and its labels as they were written."""

    crystal: Crystal
    labels: Labels


def to_examples(
    rows: Iterable[Row | Unreadable],
    name: str,
    log10: bool | None = None,
    report: Report | None = None,
) -> list[Example]:
    """Give the examples of rows; parameters as in `cijkl.datasets.load_dataset`.

    Raises
    ------
    InputError
        As `cijkl.datasets.load_dataset`; `name` is that of the dataset.
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
    build: Build,
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
