"""Labels as people write them: numbers, checked, and turned from log10 to GPa if need be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets.example import MODULI
from cijkl.elasticity.stability import eigenvalues
from cijkl.elasticity.validation import LARGEST_CONSTANT, validate
from cijkl.errors import InputError

__all__ = ["Labels", "check_scale", "read_labels", "to_gpa"]

Array = NDArray[np.float64]

#: log10 of a modulus in GPa is below this (diamond, the stiffest: 2.73), and a set of crystals
#: whose moduli in GPa all are would be softer than wax
LARGEST_LOG10 = 3.5


@dataclass(frozen=True, eq=False)
class Labels:
    """What a row says of a crystal.

    Parameters
    ----------
    moduli
        As written: GPa or log10 of it.
    stiffness
        (6, 6) Voigt, GPa, or None.
    """

    moduli: Mapping[str, float]
    stiffness: Array | None


def read_labels(record: Mapping[str, Any]) -> Labels:
    """Give the labels among the keys of a row: names of `MODULI`, and ``C``.

    ``C`` is 6x6 or 36 numbers, Voigt order xx yy zz yz xz xy. A value that is empty, null or NaN
    is not known. Other keys are ignored.

    Raises
    ------
    InputError
        If a value is no number, the stiffness is not symmetric or not positive definite, or there
        is no label at all.
    """
    moduli = {}
    for name in MODULI:
        value = _number(name, record.get(name))
        if value is not None:
            moduli[name] = value
    given = record.get("C")
    stiffness = None if given is None else _stiffness(given)
    if not moduli and stiffness is None:
        raise InputError(f"no label: expected C or some of {', '.join(MODULI)}")
    return Labels(moduli, stiffness)


def check_scale(labels: Iterable[Labels], log10: bool | None) -> None:
    """Refuse a set of labels in log10 where GPa is expected, and the other way round.

    Parameters
    ----------
    labels
        Those of a whole file.
    log10
        What the moduli are said to be: log10 of GPa, or GPa (False); None is GPa unless it looks
        otherwise.

    Raises
    ------
    InputError
        If a modulus is below `LARGEST_LOG10` in all rows and `log10` is None, or above it in most
        rows and `log10` is True.
    """
    if log10 is False:
        return
    values: dict[str, list[float]] = {}
    for row in labels:
        for name, value in row.moduli.items():
            values.setdefault(name, []).append(value)
    for name, column in values.items():
        if log10 is None and max(column) < LARGEST_LOG10:
            raise InputError(
                f"{name} is at most {max(column):.3g}, which looks like log10; values are expected "
                "in GPa: give 10**value, or say log10=True (log10=False if they are in GPa)"
            )
        if log10 and float(np.median(column)) > LARGEST_LOG10:
            raise InputError(
                f"{name} is {float(np.median(column)):.3g} in the median, too much for the log10 "
                "of a modulus in GPa: leave out log10=True"
            )


def to_gpa(moduli: Mapping[str, float], log10: bool | None) -> dict[str, float]:
    """Give moduli in GPa.

    Raises
    ------
    InputError
        If one is beyond any solid, which tells of another unit.
    """
    result = {}
    for name, value in moduli.items():
        large = value > (math.log10(LARGEST_CONSTANT) if log10 else LARGEST_CONSTANT)
        if large:
            what = "as log10 of GPa " if log10 else "GPa "
            raise InputError(
                f"{name} of {value:.4g} {what}is beyond any solid; check its unit (1 GPa = 10 kbar)"
            )
        result[name] = 10.0**value if log10 else value
    return result


def _number(name: str, value: Any) -> float | None:
    """A value as a number; None where there is none."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, bool):
            raise TypeError("true or false is no number")
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {str(value)[:40]!r}, expected a number") from None
    if math.isinf(number):
        raise InputError(f"{name} is infinite, expected a number")
    return None if math.isnan(number) else number


def _stiffness(given: Any) -> Array:
    flat = isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, str)
    if flat and len(given) == 36:
        given = np.reshape(given, (6, 6))
    stiffness = validate(given)
    if stiffness.shape != (6, 6):
        raise InputError(f"C has shape {stiffness.shape}, expected 6x6 or 36 numbers")
    lowest = float(eigenvalues(stiffness)[0])
    if lowest <= 0.0:
        raise InputError(
            f"C is not positive definite (lowest eigenvalue {lowest:.3g} GPa): the crystal would "
            "not be stable"
        )
    return stiffness
