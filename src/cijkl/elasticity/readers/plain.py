"""Elastic tensors as plain numbers: 6 rows of 6, or the 21 of one triangle."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError

__all__ = ["read_plain"]

_COMMENT = re.compile(r"(#|!|%|//).*")
_SEPARATORS = re.compile(r"[\s,;\[\]()|]+")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eEdD][-+]?\d+)?|[-+]?(nan|inf|infinity)", re.I)
_UNIT = re.compile(r"\b(kbar|kilobar|mbar|mpa|pa|psi|ev/a\^?3|ev/ang)\b", re.I)


def read_plain(text: str) -> NDArray[np.float64]:
    """Stiffness of a text of numbers in GPa.

    Numbers are separated by blanks, commas, semicolons or brackets. What follows `#`, `!`, `%` or
    `//` is a comment, and so are lines before the numbers that do not start with one. Accepted are
    36 numbers, and the 21 of one triangle: row by row C11 C12 ... C16 C22 ... (upper), or rows of
    1, 2, ..., 6 numbers (lower). Where one triangle of 36 is all zero, it mirrors the other.

    Returns
    -------
    (6, 6), as given: symmetric only if the text is.

    Raises
    ------
    InputError
        If a number cannot be read, their count is another, or the text names a unit that is not
        GPa.
    """
    _refuse_other_units(text)
    rows = _rows(text)
    values = np.array([value for row in rows for value in row])
    lengths = [len(row) for row in rows]
    if len(values) == 36:
        return _filled(values.reshape(6, 6))
    if len(values) == 21:
        matrix = np.zeros((6, 6))
        if lengths == [1, 2, 3, 4, 5, 6]:
            matrix[np.tril_indices(6)] = values
        else:
            matrix[np.triu_indices(6)] = values
        return _filled(matrix)
    shape = f"{len(rows)} rows of {lengths[0]}" if len(set(lengths)) == 1 else f"{len(rows)} rows"
    raise InputError(
        f"{len(values)} numbers found ({shape}), expected 6 rows of 6 (Voigt, GPa) or the 21 of "
        "the upper triangle"
    )


def _rows(text: str) -> list[list[float]]:
    """Numbers of each line that has some."""
    rows: list[list[float]] = []
    for line in text.splitlines():
        words = [word for word in _SEPARATORS.split(_COMMENT.sub("", line)) if word]
        if not words or (not rows and not _NUMBER.fullmatch(words[0])):
            continue
        for word in words:
            if not _NUMBER.fullmatch(word):
                raise InputError(f"{_shown(word)} is no number, in the line {_shown(line.strip())}")
        rows.append([float(re.sub("[dD]", "e", word)) for word in words])
    if not rows:
        raise InputError("no numbers found, expected 6 rows of 6 elastic constants in GPa")
    return rows


def _filled(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrix whose empty triangle, if it has one, mirrors the other."""
    below, above = np.tril(matrix, -1), np.triu(matrix, 1)
    if not below.any() or not above.any():
        matrix = matrix + below.T + above.T
    return matrix


def _refuse_other_units(text: str) -> None:
    """Raise if the words around the numbers name a unit other than GPa."""
    if re.search(r"\bgpa\b", text, re.I):
        return
    unit = _UNIT.search(text)
    if unit:
        raise InputError(f"the text says {unit.group()}: give the constants in GPa")


def _shown(text: str, width: int = 40) -> str:
    """Text in quotes, cut short."""
    return repr(text if len(text) <= width else text[: width - 3] + "...")
