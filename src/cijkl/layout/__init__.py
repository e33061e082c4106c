"""Layout of a result record: its keys and their types.

The keys are fixed by the number `schema` and do not change without a new one; `docs/record.md`
explains each. GPa, A, g/cm^3, m/s, K, W/(m K), MPa m^0.5. What cannot be known is None.
"""

from cijkl.layout.computing import (
    CellChangeFacts,
    EngineFacts,
    Expected,
    PredictionUncertainty,
    RelaxationFacts,
    ResponseFacts,
    ThermalFacts,
    Uncertainty,
)
from cijkl.layout.directional import (
    Direction,
    Directional,
    Extreme,
    Face,
    PoissonExtreme,
    PoissonRange,
    Range,
    ShearExtreme,
    ShearRange,
)
from cijkl.layout.packing import (
    HydrogenBondFacts,
    NetworkFacts,
    Packing,
    PackingAxis,
    StackFacts,
)
from cijkl.layout.planar import (
    Planar,
    PlanarAcoustics,
    PlanarAverages,
    PlanarDirectional,
    PlanarExtreme,
    PlanarModuli,
    PlanarRange,
)
from cijkl.layout.polycrystal import (
    Acoustics,
    Anisotropy,
    Averages,
    Engineering,
    FractureToughness,
    Hardness,
    Moduli,
    ThermalConductivity,
)
from cijkl.layout.record import (
    Criterion,
    Properties,
    Record,
    Structure,
    Warning,
)

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
