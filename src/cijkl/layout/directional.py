"""What depends on the direction: extremes, directions asked for, faces."""

from __future__ import annotations

from cijkl.layout.typed import NotRequired, TypedDict

__all__ = [
    "Direction",
    "Directional",
    "Extreme",
    "Face",
    "PoissonExtreme",
    "PoissonRange",
    "Range",
    "ShearExtreme",
    "ShearRange",
]


class Extreme(TypedDict):
    """Smallest or largest value over all directions."""

    value: float
    direction: list[float]


class ShearExtreme(Extreme):
    """Extreme of G, with the normal of the shear plane."""

    normal: list[float]


class PoissonExtreme(Extreme):
    """Extreme of nu, with the transverse direction."""

    transverse: list[float]


class Range(TypedDict):
    """Extremes of E or beta."""

    min: Extreme
    max: Extreme


class ShearRange(TypedDict):
    """Extremes of G."""

    min: ShearExtreme
    max: ShearExtreme


class PoissonRange(TypedDict):
    """Extremes of nu."""

    min: PoissonExtreme
    max: PoissonExtreme


class Directional(TypedDict):
    """Global extremes over all directions."""

    E: Range
    beta: Range
    G: ShearRange
    nu: PoissonRange


class Direction(TypedDict):
    """Moduli and sound along one direction that was asked for."""

    hkl: NotRequired[list[float]]
    uvw: NotRequired[list[float]]
    xyz: NotRequired[list[float]]
    direction: list[float]
    E: float
    M: NotRequired[float]
    beta: float
    G: list[float]
    nu: list[float]
    velocities: list[float] | None


class Face(TypedDict):
    """One of the low-index faces."""

    hkl: list[int]
    multiplicity: int
    spacing: float
    direction: list[float]
    E: float
    M: float
    G: list[float]
