"""Indices of faces and directions as people write them."""

from __future__ import annotations

import re

from cijkl.errors import InputError

__all__ = ["parse_indices"]


def parse_indices(text: str, *, four: bool = False) -> tuple[float, ...]:
    """Three indices from text: "1 0 0", "1,0,0", "[1-10]", "(100)".

    >>> parse_indices("(1 0 -1)"), parse_indices("1-10")
    ((1.0, 0.0, -1.0), (1.0, -1.0, 0.0))
    >>> parse_indices("(10-12)", four=True)
    (1.0, 0.0, -1.0, 2.0)

    Parameters
    ----------
    four
        Whether four are allowed too, (hkil).

    Raises
    ------
    InputError
        Not three numbers, or all of them zero.
    """
    counts = (3, 4) if four else (3,)
    inner = text.strip().strip("()[]{}<>")
    numbers = re.findall(r"[+-]?\d+(?:\.\d+)?", inner)
    if len(numbers) not in counts and re.fullmatch(r"(-?\d)+", inner):
        numbers = re.findall(r"-?\d", inner)
    leftover = re.sub(r"[+-]?\d+(?:\.\d+)?|[\s,;]", "", inner)
    if len(numbers) not in counts or leftover or not any(float(n) for n in numbers):
        many, more = ("three or four", ' or "1 0 -1 0"') if four else ("three", "")
        raise InputError(
            f'indices {text!r} are not {many} numbers, not all zero; write them as "1 0 0"{more}'
        )
    return tuple(float(n) for n in numbers)
