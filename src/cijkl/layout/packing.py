"""What holds the molecules of a crystal together."""

from __future__ import annotations

from cijkl.layout.typed import TypedDict

__all__ = [
    "HydrogenBondFacts",
    "NetworkFacts",
    "Packing",
    "PackingAxis",
    "StackFacts",
]


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
