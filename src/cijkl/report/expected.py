"""What DFT is expected to give, in words and rows: how far to trust a potential's moduli."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import finite, number

__all__ = ["expected_note", "expected_rows"]

_NAMES = {"K": "Bulk modulus K", "G": "Shear modulus G"}


def expected_rows(record: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Modulus, the potential's Hill value, DFT's expected value and its range; GPa, as text."""
    expected, moduli = record.get("uncertainty") or {}, record.get("moduli") or {}
    rows = []
    for key, name in _NAMES.items():
        entry = expected.get(key) if isinstance(expected, Mapping) else None
        if isinstance(entry, Mapping) and finite(entry.get("value")):
            low, high = entry["range"]
            here = number((moduli.get(key) or {}).get("hill"))
            rows.append((name, here, number(entry["value"]), f"{number(low)} to {number(high)}"))
    return rows


def expected_note(record: Mapping[str, Any]) -> str:
    """Where the range comes from, in a sentence; empty if there is none."""
    expected = record.get("uncertainty") or {}
    if not isinstance(expected, Mapping) or not finite(expected.get("level")):
        return ""
    return (
        f"The range held DFT's value for {100 * expected['level']:.0f} % of crystals left out of "
        f"a fit to {expected.get('crystals')} ({expected.get('reference')})."
    )
