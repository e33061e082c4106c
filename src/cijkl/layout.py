"""Layout of a result record: its keys and their types.

The keys are fixed by the number `schema` and do not change without a new one; `docs/record.md`
explains each. GPa, A, g/cm^3, m/s, K, W/(m K), MPa m^0.5. What cannot be known is None.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

# pydantic, by which users may validate records, takes no other before Python 3.12
if sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:
    from typing import NotRequired

    from typing_extensions import TypedDict

__all__ = [
    "Acoustics",
    "Anisotropy",
    "Averages",
    "CellChangeFacts",
    "Criterion",
    "Direction",
    "Directional",
    "EngineFacts",
    "Engineering",
    "Expected",
    "Extreme",
    "Face",
    "FractureToughness",
    "Hardness",
    "HydrogenBondFacts",
    "Moduli",
    "NetworkFacts",
    "Packing",
    "PackingAxis",
    "Planar",
    "PlanarAcoustics",
    "PlanarAverages",
    "PlanarDirectional",
    "PlanarExtreme",
    "PlanarModuli",
    "PlanarRange",
    "PoissonExtreme",
    "PoissonRange",
    "PredictionUncertainty",
    "Properties",
    "Range",
    "Record",
    "RelaxationFacts",
    "ResponseFacts",
    "ShearExtreme",
    "ShearRange",
    "StackFacts",
    "Structure",
    "ThermalConductivity",
    "ThermalFacts",
    "Uncertainty",
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


class Criterion(TypedDict):
    """One Born criterion."""

    expression: str
    value: float
    satisfied: bool


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


class HydrogenBondFacts(TypedDict):
    """Equal hydrogen bonds D-H...A of the cell."""

    donor: str
    acceptor: str
    count: int
    distance: float
    donor_distance: float
    angle: float
    intramolecular: bool


class StackFacts(TypedDict):
    """Equal pairs of stacked rings of the cell."""

    count: int
    distance: float
    separation: float
    offset: float
    angle: float


class NetworkFacts(TypedDict):
    """Networks of molecules that contacts make."""

    dimensionality: int
    count: int
    directions: list[list[int]]
    planes: list[list[int]]


class PackingAxis(TypedDict):
    """Stiffness and contacts along one axis of the cell."""

    uvw: list[int]
    E: float | None
    hydrogen_bonds: float | None
    stacks: float | None


class Packing(TypedDict):
    """What holds the molecules of a crystal together."""

    molecules: int
    hydrogen_bonds: list[HydrogenBondFacts]
    hydrogen_bond_network: NetworkFacts | None
    rings: int
    stacks: list[StackFacts]
    stack_network: NetworkFacts | None
    axes: list[PackingAxis]


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
