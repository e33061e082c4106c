"""Numbers for people: as many digits as mean something, a true minus sign, a dash for nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

__all__ = [
    "MISSING",
    "direction",
    "finite",
    "formula_parts",
    "modulus",
    "number",
    "seconds",
    "value_of",
    "with_half_width",
]

MISSING = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any, unit: str = "", digits: int = 3) -> str:
    """Value to about `digits` significant digits, never in a form that needs decoding.

    Whole thousands keep all their digits; None, NaN and infinity become a dash.

    Examples
    --------
    >>> number(97.8812), number(5.1), number(0.2657997), number(18321.4, "m/s")
    ('97.9', '5.10', '0.266', '18321 m/s')
    >>> number(None), number(float("nan")), number(-0.00061)
    ('–', '–', '−6.10·10⁻⁴')
    """
    if not finite(value):
        return MISSING
    v = float(value)
    if v == 0:
        text = "0"
    elif abs(v) >= 10.0**digits:
        text = f"{v:.0f}"
    elif abs(v) < 1e-3:
        mantissa, exponent = f"{v:.{digits - 1}e}".split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    else:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(v))))
        text = f"{v:.{decimals}f}"
    text = text.replace("-", "−")
    return f"{text} {unit}" if unit else text


def with_half_width(value: float, half: float, unit: str = "") -> str:
    """Value and half width of its range, both to the second digit of the latter.

    Examples
    --------
    >>> with_half_width(97.8812, 5.93, "GPa"), with_half_width(412.3, 28.4)
    ('97.9 ± 5.9 GPa', '412 ± 28')
    """
    decimals = max(0, 1 - math.floor(math.log10(half))) if half > 0 else 2
    text = f"{value:.{decimals}f} ± {half:.{decimals}f}".replace("-", "−")
    return f"{text} {unit}" if unit else text


def direction(vector: Sequence[float] | None) -> str:
    """Unit vector as "0.71, 0.00, −0.71"; the first component that is not zero is positive.

    A direction and its opposite are one for every elastic property.

    Examples
    --------
    >>> direction([0.0, -0.7071, 0.7071])
    '0.00, 0.71, −0.71'
    """
    if vector is None or not all(finite(v) for v in vector):
        return MISSING
    leading = next((v for v in vector if abs(v) >= 0.005), 1.0)
    sign = -1.0 if leading < 0 else 1.0
    parts = [f"{sign * float(v) + 0.0:.2f}" for v in vector]
    return ", ".join("0.00" if p == "-0.00" else p.replace("-", "−") for p in parts)


def seconds(value: Any) -> str:
    """Duration in the unit that suits it.

    Examples
    --------
    >>> seconds(0.0123), seconds(4.21), seconds(312.0)
    ('12 ms', '4.2 s', '5 min 12 s')
    """
    if not finite(value):
        return MISSING
    v = float(value)
    if v < 0.0995:
        return f"{1000 * v:.0f} ms"
    if v < 99.5:
        return f"{v:.1f} s"
    minutes, rest = divmod(round(v), 60)
    return f"{minutes} min {rest} s"


def finite(value: Any) -> TypeGuard[float]:
    """Whether a value is a real number; booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def formula_parts(formula: str) -> list[tuple[str, bool]]:
    """Pieces of a formula, each with whether it is a subscript.

    Examples
    --------
    >>> formula_parts("Al2O3")
    [('Al', False), ('2', True), ('O', False), ('3', True)]
    """
    parts = re.findall(r"(?<=[A-Za-z)\]])\d+(?:\.\d+)?|(?:(?!(?<=[A-Za-z)\]])\d).)+", formula, re.S)
    return [(part, part[0].isdigit() and index > 0) for index, part in enumerate(parts)]


def modulus(key: str, value: Any) -> str:
    """Poisson's ratio with three decimals, anything else with three digits."""
    if key == "nu" and finite(value):
        return f"{value:.3f}".replace("-", "−")
    return number(value)


def value_of(entry: Any) -> Any:
    """The number of an entry that is a number, or a mapping that holds one."""
    return entry.get("value") if isinstance(entry, Mapping) else entry
