"""Elasticity of a layer in vacuum."""

from __future__ import annotations

from cijkl.layout.typed import TypedDict

__all__ = [
    "Planar",
    "PlanarAcoustics",
    "PlanarAverages",
    "PlanarDirectional",
    "PlanarExtreme",
    "PlanarModuli",
    "PlanarRange",
]


class PlanarAverages(TypedDict):
    """One modulus of a layer by three averages."""

    voigt: float
    reuss: float
    hill: float


class PlanarModuli(TypedDict):
    """Moduli of a polycrystalline layer."""

    K: PlanarAverages
    G: PlanarAverages
    E: PlanarAverages
    nu: PlanarAverages


class PlanarExtreme(TypedDict):
    """Smallest or largest value over the directions in a layer."""

    value: float
    angle: float
    direction: list[float]


class PlanarRange(TypedDict):
    """Extremes of E or nu in a layer."""

    min: PlanarExtreme
    max: PlanarExtreme


class PlanarDirectional(TypedDict):
    """Global extremes over the directions in a layer."""

    E: PlanarRange
    nu: PlanarRange


class PlanarAcoustics(TypedDict):
    """Sound within a polycrystalline layer."""

    v_l: float
    v_t: float


class Planar(TypedDict):
    """Elasticity of a layer in vacuum, in N/m."""

    normal: list[float]
    axes: list[list[float]]
    period: float
    vacuum: float
    thickness: float
    areal_density: float
    symmetry_class: str
    C: list[list[float]]
    C_error: list[list[float]] | None
    eigenvalues: list[float]
    moduli: PlanarModuli | None
    anisotropy: float | None
    directional: PlanarDirectional | None
    acoustics: PlanarAcoustics | None
