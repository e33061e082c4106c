"""Moduli of a polycrystal, and what follows from them."""

from __future__ import annotations

from cijkl.layout.typed import TypedDict

__all__ = [
    "Acoustics",
    "Anisotropy",
    "Averages",
    "Engineering",
    "FractureToughness",
    "Hardness",
    "Moduli",
    "ThermalConductivity",
]


class Averages(TypedDict):
    """One modulus of the polycrystal by four averages."""

    voigt: float
    reuss: float
    hill: float
    rh: float


class Moduli(TypedDict):
    """Moduli of the polycrystal."""

    K: Averages
    G: Averages
    E: Averages
    nu: Averages


class Anisotropy(TypedDict):
    """Distance from isotropy."""

    universal: float
    log_euclidean: float
    percent_K: float
    percent_G: float
    zener: float | None
    cubic_criterion: float | None


class Acoustics(TypedDict):
    """Sound in the polycrystal."""

    v_l: float
    v_t: float
    v_mean: float
    debye_temperature: float | None
    debye_temperature_exact: float | None


class Hardness(TypedDict):
    """Hardness by five models."""

    chen: float
    tian: float
    teter: float
    miao: float
    jiang: float


class FractureToughness(TypedDict):
    """Fracture toughness."""

    niu: float | None


class ThermalConductivity(TypedDict):
    """Minimal thermal conductivity by three models, and Slack's at 300 K."""

    clarke: float | None
    cahill: float | None
    agne: float | None
    slack: float | None


class Engineering(TypedDict):
    """Empirical estimates."""

    pugh: float
    cauchy_pressure: float
    kleinman: float | None
    grueneisen: float
    hardness: Hardness
    fracture_toughness: FractureToughness
    thermal_conductivity: ThermalConductivity
