"""What a source says about a crystal besides its structure: named numbers, texts and truths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.structures.building import one_line
from cijkl.structures.crystal import Value

__all__ = ["columns", "record_columns"]

#: longest name and text that are kept, characters
LONGEST_NAME, LONGEST_TEXT = 64, 1000
#: numbers are smaller in magnitude, so that 64 bits hold them
LARGEST = 2**62
#: keys of records that are the structure itself, or its format's own
_STRUCTURE = """
    id lattice species frac structure sites numbers positions cell pbc unique_id ctime mtime user
    charge @module @class @version
"""


def columns(info: Mapping[str, Any]) -> dict[str, Value]:
    """Give the entries of ``atoms.info`` that are single finite numbers, texts or truths.

    Examples
    --------
    >>> columns({"band_gap": 1.2, "stable": True, "stress": [0.0] * 6, "note": None})
    {'band_gap': 1.2, 'stable': True}
    """
    found: dict[str, Value] = {}
    for key, value in info.items():
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_NAME or not key.isprintable():
            continue
        if hasattr(value, "item") and getattr(value, "shape", None) == ():
            value = value.item()
        if isinstance(value, str):
            found[key] = one_line(value, LONGEST_TEXT)
        elif isinstance(value, bool | int | float) and -LARGEST < value < LARGEST:
            found[key] = value
    return found


def record_columns(record: Mapping[str, Any]) -> dict[str, Value]:
    """Give the entries of a JSON record that are columns, not part of its structure."""
    structure = _STRUCTURE.split()
    return columns({key: value for key, value in record.items() if key not in structure})
