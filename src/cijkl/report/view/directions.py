"""What depends on the direction: extremes, faces and axes asked for, figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.plots.fields import PROPERTIES
from cijkl.report.numbers import MISSING, direction, finite, number

__all__ = ["direction_rows", "extremes_rows", "figure_caption", "legend"]

_SECOND = {"G": "normal", "nu": "transverse"}


def extremes_rows(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per property: name, and for both sides the value and its directions."""
    directional = record.get("directional") or {}
    rows = []
    for key, prop in PROPERTIES.items():
        sides = []
        for side in ("min", "max"):
            extreme = (directional.get(key) or {}).get(side) or {}
            value, second = extreme.get("value"), _SECOND.get(key)
            if not finite(value):
                continue
            along = f"along {direction(extreme.get('direction'))}"
            if second:
                along += f", {second} {direction(extreme.get(second))}"
            sides.append({"value": number(prop.factor * value, prop.unit), "along": along})
        if len(sides) == 2:
            rows.append({"name": _capital(f"{prop.name} {prop.symbol}"), "sides": sides})
    return rows


def legend(record: Mapping[str, Any], quantity: str) -> list[tuple[str, str, str]]:
    """Name, colour and dash of each line of the sections of a property, or of sound waves."""
    from cijkl.plots.acoustics import WAVES
    from cijkl.plots.style import MAX_COLOUR, MIN_COLOUR, NEGATIVE_COLOUR

    if quantity == "waves":
        return list(WAVES)
    extremes = (record.get("directional") or {}).get(quantity) or {}
    lowest = (extremes.get("min") or {}).get("value")
    largest, dashed = ("largest", MAX_COLOUR, "solid"), (MIN_COLOUR, "dash")
    negative = [("negative, drawn by magnitude", NEGATIVE_COLOUR, "dot")]
    if finite(lowest) and lowest >= 0:
        negative = []
    if quantity == "beta" and negative:
        return [("positive", MAX_COLOUR, "solid"), *negative]
    if quantity == "G":
        return [largest, ("smallest", *dashed)]
    if quantity == "nu":
        return [largest, ("smallest, where positive", *dashed), *negative]
    return []


def direction_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """Properties along the directions that were asked for: name, E, M, beta, G, nu, velocities."""
    brackets = {"hkl": "({})", "uvw": "[{}]", "xyz": "x, y, z = {}"}
    rows = []
    for entry in record.get("directions") or []:
        kind = next((k for k in brackets if k in entry), None)
        if kind is None:
            continue
        name = brackets[kind].format(" ".join(f"{v:g}".replace("-", "−") for v in entry[kind]))
        beta = entry.get("beta")
        speeds = entry.get("velocities") or []
        rows.append(
            [
                name,
                number(entry.get("E")),
                number(entry.get("M")),
                number(1000.0 * beta if finite(beta) else None),
                _range(entry.get("G")),
                _range(entry.get("nu")),
                " / ".join(number(v) for v in speeds) or MISSING,
            ]
        )
    return rows


def figure_caption(record: Mapping[str, Any], quantity: str) -> str:
    """What a directional figure shows, in a sentence with the range in it."""
    prop = PROPERTIES[quantity]  # type: ignore[index]  # a str that the caller takes from PROPERTIES
    directional = (record.get("directional") or {}).get(quantity) or {}
    low = (directional.get("min") or {}).get("value")
    high = (directional.get("max") or {}).get("value")
    text = {
        "E": "Distance from the centre and colour: Young’s modulus for a pull that way.",
        "beta": "Shortening along a direction per hydrostatic pressure. Where it is negative the "
        "crystal grows under pressure.",
        "G": "Shear modulus for shear along a direction: the largest (outer sheet) and the "
        "smallest (inner sheet) over the planes that hold it.",
        "nu": "Poisson’s ratio for a pull along a direction: the largest and the smallest over "
        "the transverse directions. Negative means auxetic.",
    }[quantity]
    if finite(low) and finite(high):
        span = f"{number(prop.factor * low)} to {number(prop.factor * high, prop.unit)}"
        text += f" Range {span}."
    return text


def _range(values: Any) -> str:
    if not values:
        return MISSING
    return " to ".join(number(v) for v in values)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
