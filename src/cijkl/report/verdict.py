"""One sentence that says what kind of crystal a record describes, on stated scales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import finite, number
from cijkl.report.planar import layer_verdict

__all__ = ["SCALES", "anisotropy_word", "elastic_class", "stiffness_word", "verdict"]

#: upper end of each class of Young's modulus (GPa)
_STIFFNESS = (
    (5.0, "very soft"),
    (25.0, "soft"),
    (100.0, "moderately stiff"),
    (250.0, "stiff"),
    (500.0, "very stiff"),
    (float("inf"), "extremely stiff"),
)
#: upper end of each class of the universal anisotropy index
_ANISOTROPY = (
    (0.05, "nearly isotropic"),
    (0.5, "weakly anisotropic"),
    (1.5, "moderately anisotropic"),
    (5.0, "strongly anisotropic"),
    (float("inf"), "extremely anisotropic"),
)
PUGH_LIMIT = 1.75

#: the scales behind the words of the verdict, for a reader who wants to know
SCALES = (
    "Stiffness by E of the polycrystal (Hill): very soft below 5 GPa, soft to 25, moderately stiff "
    "to 100, stiff to 250, very stiff to 500, extremely stiff above; nylon has 3, window glass 70, "
    "steel 200, diamond 1140 GPa. Ductile if K/G is above 1.75 (Pugh). Anisotropy by the universal "
    "index: nearly isotropic below 0.05, weakly to 0.5, moderately to 1.5, strongly to 5, "
    "extremely above."
)


def verdict(record: Mapping[str, Any]) -> str:
    """Plain sentence: stiffness, ductility, stability and anisotropy of a record.

    Parameters
    ----------
    record
        As in the result record, status "ok".
    """
    if record.get("planar"):
        return layer_verdict(record["planar"])
    if record.get("stable") is False:
        lowest = min(record.get("eigenvalues") or [float("nan")])
        return (
            "Mechanically unstable: some small strain lowers the energy (the lowest eigenvalue of "
            f"C is {number(lowest, 'GPa')}), so moduli and directional properties of this tensor "
            "have no physical meaning."
        )
    moduli = record.get("moduli") or {}
    young = (moduli.get("E") or {}).get("hill")
    bulk = (moduli.get("K") or {}).get("hill")
    shear = (moduli.get("G") or {}).get("hill")
    parts = []
    if finite(young):
        parts.append(f"{stiffness_word(float(young))} (E = {number(young, 'GPa')})")
    if finite(bulk) and finite(shear) and shear > 0:
        ratio = bulk / shear
        word = "ductile" if ratio > PUGH_LIMIT else "brittle"
        parts.append(f"{word} by Pugh’s rule (K/G = {number(ratio)})")
    parts.append("mechanically stable")
    index = (record.get("anisotropy") or {}).get("universal")
    if finite(index):
        parts.append(anisotropy_word(float(index)) + _spread(record))
    sentence = ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else parts[0]
    return sentence[0].upper() + sentence[1:] + "."


def stiffness_word(young: float) -> str:
    """Class of a Young's modulus in GPa, by :data:`SCALES`."""
    return next(word for end, word in _STIFFNESS if young < end)


def anisotropy_word(universal: float) -> str:
    """Class of a universal anisotropy index, by :data:`SCALES`."""
    return next(word for end, word in _ANISOTROPY if universal < end)


def elastic_class(spacegroup: int) -> tuple[str, int]:
    """Laue class of a space group and the number of independent elastic constants.

    Nye, Physical Properties of Crystals (1985), table 9.

    Examples
    --------
    >>> elastic_class(154)
    ('trigonal, Laue class −3m', 6)
    """
    table = (
        (2, "triclinic", 21),
        (15, "monoclinic", 13),
        (74, "orthorhombic", 9),
        (88, "tetragonal, Laue class 4/m", 7),
        (142, "tetragonal, Laue class 4/mmm", 6),
        (148, "trigonal, Laue class −3", 7),
        (167, "trigonal, Laue class −3m", 6),
        (194, "hexagonal", 5),
        (230, "cubic", 3),
    )
    return next((name, count) for end, name, count in table if spacegroup <= end)


def _spread(record: Mapping[str, Any]) -> str:
    extremes = (record.get("directional") or {}).get("E") or {}
    low = (extremes.get("min") or {}).get("value")
    high = (extremes.get("max") or {}).get("value")
    if not (finite(low) and finite(high) and low > 0):
        return ""
    ratio = high / low
    if ratio < 1.005:
        return " (E is the same in every direction)"
    return f" (E varies {number(ratio)}-fold with direction)"
