"""Filters before and after: which crystals to compute, and which results to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from cijkl.screening.filter_columns import COSTLY, STRUCTURE, USUAL, own_columns, row
from cijkl.screening.filter_expressions import Condition, named_columns
from cijkl.screening.sets import resolve
from cijkl.structures.crystal import Crystal, Unreadable

__all__ = ["Tally", "check_conditions", "keep", "where"]

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Mapping[str, Any])

#: crystals, or results, that are judged together
BATCH = 256


@dataclass
class Tally:
    """How many passed a filter, counted while it runs.

    Parameters
    ----------
    passed, left_out
        Number of crystals or rows; those left out include the unknown ones.
    unknown
        Left out because a value that the condition needs is unknown.
    unknown_columns
        How often each of the columns named was unknown among those.
    """

    passed: int = 0
    left_out: int = 0
    unknown: int = 0
    unknown_columns: dict[str, int] = field(default_factory=dict)

    def remark(self) -> str | None:
        """Give one line on what was left out for want of a value, None if nothing was."""
        if not self.unknown:
            return None
        names = ", ".join(f"{name} ({n})" for name, n in sorted(self.unknown_columns.items()))
        return (
            f"{self.unknown} of {self.passed + self.left_out} were left out because a value is "
            f"unknown: {names}; add `or ... is null` to keep them"
        )


def where(
    crystals: Iterable[Crystal | Unreadable],
    conditions: str | Sequence[str],
    *,
    batch: int = BATCH,
    tally: Tally | None = None,
) -> Iterator[Crystal | Unreadable]:
    """Give the crystals that meet all conditions, in order; what could not be read passes through.

    A condition is an SQL expression over columns: those of the structure (`STRUCTURE` of
    `cijkl.screening.filter_columns`), those that sources usually say (`USUAL`), and the crystals'
    own. A column that takes long, such as the space group, is computed only if the condition names
    it and the others do not decide. Where a value is unknown, comparisons with it are neither true
    nor false, and a crystal passes only if the whole condition is true.

    Parameters
    ----------
    crystals
        Taken a batch at a time.
    conditions
        One or several, each an expression or the name of a ready-made set (`SETS`).
    batch
        Number of crystals judged at once; the columns of the first batch are those that may be
        named.
    tally
        Counts on as crystals go by.

    Raises
    ------
    InputError
        At the first crystal: no condition, or a column that the first batch does not have.
    """
    texts = _texts(conditions)
    tally = Tally() if tally is None else tally
    judge: _Judge | None = None
    stream = iter(crystals)
    while some := list(islice(stream, batch)):
        found = [item for item in some if isinstance(item, Crystal)]
        if judge is None and found:
            judge = _Judge(texts, {**own_columns(found), **USUAL, **STRUCTURE})
        passed = iter(judge.of(found, tally) if judge is not None else ())
        for item in some:
            if not isinstance(item, Crystal) or next(passed):
                yield item


def keep(
    rows: Iterable[Row],
    conditions: str | Sequence[str],
    columns: Mapping[str, str],
    *,
    batch: int = BATCH,
    tally: Tally | None = None,
) -> Iterator[Row]:
    """Give the rows of results that meet all conditions, in order.

    Parameters
    ----------
    rows
        Values by column name.
    conditions
        One or several SQL expressions, such as ``stable and E_max > 500``.
    columns
        Names and DuckDB types of the columns that rows may have.
    batch, tally
        As for `where`.

    Raises
    ------
    InputError
        At once: no condition, or a column that there is not.
    """
    judges = [Condition(text, columns) for text in _texts(conditions)]
    return _kept(rows, judges, batch, Tally() if tally is None else tally)


def check_conditions(conditions: str | Sequence[str]) -> tuple[str, ...]:
    """Give the columns that conditions name, without crystals or rows at hand.

    Raises
    ------
    InputError
        If one is no condition. Whether its columns exist is not looked at.
    """
    return tuple(dict.fromkeys(name for text in _texts(conditions) for name in named_columns(text)))


class _Judge:
    """All conditions, over one set of columns; cheap columns first."""

    def __init__(self, texts: Sequence[str], columns: Mapping[str, str]) -> None:
        self.conditions = [Condition(text, columns) for text in texts]
        self.names = list(dict.fromkeys(n for c in self.conditions for n in c.names))
        self.cheap = [name for name in self.names if name not in COSTLY]
        self.in_two_steps = len(self.cheap) < len(self.names)

    def of(self, crystals: Sequence[Crystal], tally: Tally) -> list[bool]:
        rows = [row(crystal, self.cheap) for crystal in crystals]
        verdicts: list[bool | None] = [None] * len(rows)
        if self.in_two_steps:
            settled = [c for c in self.conditions if c.settled_without(COSTLY)]
            verdicts = _all(settled, rows)
            # one that was not asked cannot be settled as true
            if len(settled) < len(self.conditions):
                verdicts = [None if verdict else verdict for verdict in verdicts]
        open_ones = [i for i, verdict in enumerate(verdicts) if verdict is None]
        for i in open_ones:
            rows[i] = row(crystals[i], self.names)
        for i, verdict in zip(
            open_ones, _all(self.conditions, [rows[i] for i in open_ones]), strict=True
        ):
            verdicts[i] = verdict
        _count(rows, verdicts, self.names, tally)
        return [bool(verdict) for verdict in verdicts]


def _kept(
    rows: Iterable[Row], conditions: Sequence[Condition], batch: int, tally: Tally
) -> Iterator[Row]:
    names = list(dict.fromkeys(name for c in conditions for name in c.names))
    stream = iter(rows)
    while some := list(islice(stream, batch)):
        verdicts = _all(conditions, some)
        _count(some, verdicts, names, tally)
        yield from (item for item, verdict in zip(some, verdicts, strict=True) if verdict)


def _all(conditions: Sequence[Condition], rows: Sequence[Mapping[str, Any]]) -> list[bool | None]:
    """Three-valued `and` of the conditions, for each row."""
    columns = [condition.of(rows) for condition in conditions]
    return [
        False if False in values else None if None in values else True
        for values in (tuple(column[i] for column in columns) for i in range(len(rows)))
    ]


def _count(
    rows: Sequence[Mapping[str, Any]],
    verdicts: Sequence[bool | None],
    names: Sequence[str],
    tally: Tally,
) -> None:
    for values, verdict in zip(rows, verdicts, strict=True):
        tally.passed += verdict is True
        tally.left_out += verdict is not True
        if verdict is None:
            tally.unknown += 1
            for name in names:
                if values.get(name) is None:
                    tally.unknown_columns[name] = tally.unknown_columns.get(name, 0) + 1


def _texts(conditions: str | Sequence[str]) -> list[str]:
    from cijkl.errors import InputError

    given = [conditions] if isinstance(conditions, str) else list(conditions)
    if not given:
        raise InputError("no condition was given")
    return [resolve(text) for text in given]
