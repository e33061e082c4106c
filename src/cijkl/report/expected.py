"""How far to trust moduli, in words and rows: what DFT is expected to give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import finite, number, with_half_width

__all__ = ["expected_note", "expected_rows", "range_note", "range_rows", "with_range"]

#: half width, of the value, up to which a range is as good as symmetric
_NARROW = 0.25

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


def with_range(record: Mapping[str, Any], key: str) -> str | None:
    """K or G of a learned model with its range, GPa: "98.1 ± 5.9"; None without a range.

    A wide range is not symmetric, and its ends are named: "62.6 (27.4 to 143)".
    """
    uncertainty = record.get("uncertainty") or {}
    value = ((record.get("moduli") or {}).get(key) or {}).get("hill")
    half = uncertainty.get(f"{key}_90") if isinstance(uncertainty, Mapping) else None
    if not (finite(value) and finite(half)):
        return None
    if half < _NARROW * value:
        return with_half_width(value, half)
    low, high = uncertainty[f"{key}_range"]
    return f"{number(value)} ({number(low)} to {number(high)})"


def range_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Modulus and its range by a learned model, such as "98.1 ± 5.9 GPa"."""
    found = [(name, with_range(record, key)) for key, name in _NAMES.items()]
    return [(name, f"{text} GPa") for name, text in found if text is not None]


def range_note(record: Mapping[str, Any]) -> str:
    """What those ranges mean, in a sentence; empty if there are none."""
    if not range_rows(record):
        return ""
    said = record["uncertainty"]
    foreign = any(note.get("code") == "out_of_domain" for note in record.get("warnings") or ())
    return (
        f"DFT’s value is within the range for {100 * said['level']:.0f} % of crystals such as the "
        f"{said['crystals']} that the model was calibrated with, which it had not learned "
        f"({said['reference']})."
        + (" This crystal is unlike those, so the range may not hold." if foreign else "")
    )
