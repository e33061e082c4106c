"""What a reproduction is asked with, and what it gives: tables, remarks, figures."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cijkl.errors import InputError
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.screening.counts import Counts

__all__ = ["Cell", "Outcome", "Request", "Table", "beside", "read_printed"]

Cell = str | float | int | None


@dataclass(frozen=True)
class Request:
    """What the user gave.

    Parameters
    ----------
    data
        File or folder of the data that the paper published, or that a table starts from.
    structures
        Crystals by which compounds are computed or recognised, see `cijkl.structures.read`.
    results
        Files of records that ``cijkl compute --json`` wrote, by the label of their column.
    potentials, models
        Names of potentials and learned models to ask about the structures.
    mapping
        CSV with the columns compound and id, where ids do not say which compound they are.
    printed
        CSV of the numbers that the paper prints, see `read_printed`.
    tensors
        File of crystals with tensors.
    store
        Results of `cijkl screen`.
    out
        Folder where trainings and screenings are kept, and taken up; by default nothing is kept.
    epochs
        Of a training; by default those of the item.
    split
        "formula": no formula is learned from and judged by; "random": crystals are drawn.
    quiet
        Whether trainings show no progress on standard error.
    report
        Told in one line of each thing that had to be left out.
    counted
        Told now and then how far a screening is.
    follow
        Wraps results of potentials and models as they come, to show progress.
    """

    data: Path | None = None
    structures: Path | None = None
    results: Mapping[str, Path] = field(default_factory=dict)
    potentials: Sequence[str] = ()
    models: Sequence[str] = ()
    mapping: Path | None = None
    printed: Path | None = None
    tensors: Path | None = None
    store: Path | None = None
    out: Path | None = None
    epochs: int | None = None
    split: Literal["formula", "random"] = "formula"
    quiet: bool = True
    report: Callable[[str], None] = lambda message: None
    counted: Callable[[Counts], None] = lambda counts: None
    follow: Callable[[Iterator[Any]], Iterator[Any]] = lambda results: results


@dataclass(frozen=True)
class Table:
    """Numbers in rows and columns.

    Parameters
    ----------
    title
        What they are, with their unit.
    columns
        Names, the first that of the rows' names.
    rows
        As long as `columns`; None is unknown.
    decimals
        Shown of each float, and compared with printed numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    decimals: int = 2

    def column(self, name: str) -> dict[str, Cell]:
        """One column by the names of the rows."""
        place = self.columns.index(name)
        return {str(row[0]): row[place] for row in self.rows}


@dataclass(frozen=True, eq=False)
class Outcome:
    """A table or figure of a paper, made again.

    Parameters
    ----------
    name, title
        Of the item.
    tables
        In the order in which they are shown.
    notes
        Sentences: what was done otherwise, what could not be compared, what is in doubt.
    figures
        By the name of their file, made when asked for.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Callable[[], go.Figure]] = field(default_factory=dict)

    def table(self, title: str) -> Table:
        """The table whose title begins so."""
        return next(table for table in self.tables if table.title.startswith(title))

    def as_dict(self) -> dict[str, Any]:
        """Plain types for JSON; what is no number is None."""
        return {
            "name": self.name,
            "title": self.title,
            "tables": [
                {
                    "title": table.title,
                    "columns": list(table.columns),
                    "rows": [[_plain(cell) for cell in row] for row in table.rows],
                }
                for table in self.tables
            ],
            "notes": list(self.notes),
            "figures": list(self.figures),
        }


def beside(
    title: str,
    quantities: Sequence[str],
    ours: Mapping[str, Sequence[float]],
    printed: Mapping[str, Mapping[str, float]] | None = None,
    decimals: int = 2,
) -> Table:
    """Give a table of our numbers with, where the paper's are known, theirs and the difference.

    Parameters
    ----------
    quantities
        Names of the rows.
    ours
        Numbers of each column, in the order of `quantities`.
    printed
        By column and quantity; columns that we lack are shown too. The difference, ours minus
        theirs, is that of our number rounded to `decimals`: zero says that all digits agree.
    """
    known = {name: values for name, values in (printed or {}).items() if values}
    columns = ["quantity"]
    for name in [*ours, *(name for name in known if name not in ours)]:
        columns += [name] if name in ours else []
        columns += [f"{name}, printed"] if name in known else []
        columns += [f"{name}, difference"] if name in known and name in ours else []
    rows = []
    for place, quantity in enumerate(quantities):
        row: list[Cell] = [quantity]
        for name in [*ours, *(name for name in known if name not in ours)]:
            mine = float(ours[name][place]) if name in ours else None
            theirs = known.get(name, {}).get(quantity)
            row += [mine] if mine is not None else []
            row += [theirs] if name in known else []
            if name in known and mine is not None:
                row.append(None if theirs is None else round(round(mine, decimals) - theirs, 9))
        rows.append(tuple(row))
    return Table(title, tuple(columns), tuple(rows), decimals)


def read_printed(path: Path, quantities: Sequence[str]) -> dict[str, dict[str, float]]:
    """Read the numbers of a printed table: CSV, first column the quantity, one column a method.

    Raises
    ------
    InputError
        If it cannot be read, names a quantity that the table lacks, or holds no number.
    """
    try:
        with path.expanduser().open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    if len(lines) < 2 or len(lines[0]) < 2:
        raise InputError(f"{one_line(path)}: expected a header quantity,METHOD,... and rows")
    found: dict[str, dict[str, float]] = {name: {} for name in lines[0][1:]}
    for number, line in enumerate(lines[1:], 2):
        if line[0] not in quantities:
            known = ", ".join(quantities)
            raise InputError(f"{one_line(path)}:{number}: {line[0]!r} is none of {known}")
        for name, cell in zip(lines[0][1:], line[1:], strict=False):
            try:
                if cell:
                    found[name][line[0]] = float(cell)
            except ValueError:
                raise InputError(f"{one_line(path)}:{number}: {cell!r} is no number") from None
    return found


def _plain(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
