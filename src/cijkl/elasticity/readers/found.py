"""What a reader of one format hands back, and the table that most formats print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError

__all__ = ["Found", "table_after"]


@dataclass(frozen=True)
class Found:
    """One tensor of a file, not yet checked.

    Parameters
    ----------
    stiffness
        What should be (6, 6), Voigt, GPa; or the reason why it could not be read.
    id
        Name that the file gives it, or an empty text.
    extra
        What else the file says: `frame`, `formula`, `structure`, `density`.
    doubts
        Pairs of a diagnostic's code and message.
    """

    stiffness: object
    id: str = ""
    extra: dict[str, object] = field(default_factory=dict)
    doubts: tuple[tuple[str, str], ...] = ()


def table_after(lines: Sequence[str], title: int, labels: int = 0) -> NDArray[np.float64]:
    """The 6x6 numbers printed below a title.

    Parameters
    ----------
    lines
        All lines of the file.
    title
        Index of the title's line. Up to four lines may lie between it and the first row.
    labels
        Number of words before the six numbers of each row.

    Returns
    -------
    (6, 6), as printed.

    Raises
    ------
    InputError
        If six consecutive rows of numbers do not follow: the file is cut short or damaged.
    """
    for first in range(title + 1, title + 6):
        rows = [_numbers(line, labels) for line in lines[first : first + 6]]
        table = [row for row in rows if row is not None]
        if len(table) == 6:
            return np.array(table)
    raise InputError(
        f"line {title + 1} announces {' '.join(lines[title].split())!r} but 6 rows of 6 numbers do "
        "not follow: the file is cut short or damaged"
    )


def _numbers(line: str, labels: int) -> list[float] | None:
    """The six numbers of a table row, or None if the line is no such row."""
    words = line.split()
    if len(words) != 6 + labels:
        return None
    try:
        return [float(word) for word in words[labels:]]
    except ValueError:
        return None
