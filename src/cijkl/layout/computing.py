"""How a result came about, and how far it may be from DFT."""

from __future__ import annotations

from typing import Any, Literal

from cijkl.layout.typed import NotRequired, TypedDict

__all__ = [
    "CellChangeFacts",
    "EngineFacts",
    "Expected",
    "PredictionUncertainty",
    "RelaxationFacts",
    "ResponseFacts",
    "ThermalFacts",
    "Uncertainty",
]


class EngineFacts(TypedDict):
    """What produced the result."""

    name: str
    version: str
    settings: dict[str, Any]
    seconds: float
    evaluations: int | None


class CellChangeFacts(TypedDict):
    """Cell parameters before and after a relaxation, in the setting that was given."""

    before: list[float]
    after: list[float]
    lengths_percent: list[float]
    angles_degrees: list[float]
    density_percent: float


class RelaxationFacts(TypedDict):
    """How the relaxation went."""

    converged: bool
    steps: int
    evaluations: int
    seconds: float
    fmax: float
    smax: float
    cell: Literal["relaxed", "given"]
    pressure: float
    volume_change_percent: float
    rmsd: float
    energy: float
    residual_stress: list[list[float]]
    residual_pressure: float
    rmsd15: NotRequired[float | None]
    matched15: NotRequired[int]
    cell_change: NotRequired[CellChangeFacts]
    thermal: NotRequired[ThermalFacts]


class ResponseFacts(TypedDict):
    """How the tensor was computed."""

    method: Literal["linear", "finite"]
    converged: bool
    evaluations: int
    seconds: float
    strains: int
    cg_iterations: int
    asymmetry: float
    C_error: list[list[float]]
    C_clamped: list[list[float]] | None
    lowest_curvature: float | None


class ThermalFacts(TypedDict):
    """The volume that a temperature gives a crystal."""

    temperature: float
    static_volume: float
    volume: float
    volume_change_percent: float
    static_pressure: float
    expansion: float
    bulk_modulus: float
    heat_capacity: float
    isothermal_term: float
    adiabatic_term: float
    imaginary: float
    supercell: list[int]
    volumes: list[float]
    energies: list[float]
    free_energies: list[float]


class Expected(TypedDict):
    """A modulus as DFT is expected to give it."""

    value: float
    range: list[float]


class Uncertainty(TypedDict):
    """What DFT is expected to give, where a potential only estimates it."""

    reference: str
    crystals: int
    level: float
    K: Expected
    G: Expected
    C: list[list[float]]


class PredictionUncertainty(TypedDict):
    """How far a learned model may be from DFT."""

    reference: str
    crystals: int
    level: float
    K_90: float
    G_90: float
    K_range: list[float]
    G_range: list[float]
    C_std: list[list[float]]
    members: int
