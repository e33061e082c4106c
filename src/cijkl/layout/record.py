"""The record, its crystal, its warnings, and what follows from its tensor."""

from __future__ import annotations

from typing import Literal

from cijkl.layout.computing import (
    EngineFacts,
    PredictionUncertainty,
    RelaxationFacts,
    ResponseFacts,
    Uncertainty,
)
from cijkl.layout.directional import Direction, Directional, Face
from cijkl.layout.packing import Packing
from cijkl.layout.planar import Planar
from cijkl.layout.polycrystal import Acoustics, Anisotropy, Engineering, Moduli
from cijkl.layout.typed import NotRequired, TypedDict

__all__ = [
    "Criterion",
    "Properties",
    "Record",
    "Structure",
    "Warning",
]


class Warning(TypedDict):
    """A doubt about the result."""

    code: str
    message: str


class Structure(TypedDict):
    """The crystal that the tensor belongs to."""

    natoms: int
    dimensionality: int
    volume: float
    density: float
    spacegroup: int | None
    spacegroup_symbol: str | None
    crystal_system: str | None
    lattice: list[list[float]]
    species: list[str]
    frac: list[list[float]]


class Criterion(TypedDict):
    """One Born criterion."""

    expression: str
    value: float
    satisfied: bool


class Properties(TypedDict):
    """What follows from a tensor and its crystal: the physical part of a record."""

    structure: Structure | None
    stable: bool
    eigenvalues: list[float]
    symmetry_class: str
    criteria: list[Criterion] | None
    moduli: Moduli | None
    anisotropy: Anisotropy | None
    directional: Directional | None
    acoustics: Acoustics | None
    engineering: Engineering | None


class Record(TypedDict):
    """The result of one crystal."""

    schema: int
    id: str
    formula: str | None
    source: str
    status: Literal["ok", "failed"]
    error: str | None
    warnings: list[Warning]
    structure: Structure | None
    C: list[list[float]] | None
    frame: Literal["input", "ieee"]
    stable: bool | None
    eigenvalues: list[float] | None
    symmetry_class: str | None
    criteria: list[Criterion] | None
    moduli: Moduli | None
    anisotropy: Anisotropy | None
    directional: Directional | None
    directions: NotRequired[list[Direction]]
    faces: NotRequired[list[Face]]
    acoustics: Acoustics | None
    engineering: Engineering | None
    planar: NotRequired[Planar]
    packing: NotRequired[Packing]
    uncertainty: Uncertainty | PredictionUncertainty | None
    engine: EngineFacts
    relaxation: NotRequired[RelaxationFacts]
    response: NotRequired[ResponseFacts]
