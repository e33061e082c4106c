"""Records as JSON that every reader accepts: no NaN, no infinity, one line each."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

__all__ = ["dumps", "plain", "write_lines"]


def dumps(record: Mapping[str, Any], indent: int | None = None) -> str:
    """One record as JSON text; numbers that JSON cannot hold become null.

    Parameters
    ----------
    record
        Result record; NumPy arrays and scalars are allowed.
    indent
        None for a single line.

    Examples
    --------
    >>> dumps({"id": "a", "K": float("nan")})
    '{"id": "a", "K": null}'
    """
    return json.dumps(plain(record), ensure_ascii=False, allow_nan=False, indent=indent)


def write_lines(records: Iterable[Mapping[str, Any]], stream: TextIO) -> int:
    """Write records as JSON Lines, each as soon as it comes, and return how many there were."""
    count = 0
    for record in records:
        stream.write(dumps(record) + "\n")
        stream.flush()
        count += 1
    return count


def plain(value: Any) -> Any:
    """The value with mappings, sequences, arrays and scalars turned into what JSON knows."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)
