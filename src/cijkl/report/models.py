"""What each engineering estimate is, and for which crystals it holds."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MODELS", "Model"]


@dataclass(frozen=True)
class Model:
    """One estimate of the record's `engineering` part, in words.

    Parameters
    ----------
    path
        Keys that lead to it inside `engineering`.
    validity
        For which materials, and where not.
    """

    path: tuple[str, ...]
    name: str
    unit: str
    validity: str
    source: str


MODELS: tuple[Model, ...] = (
    Model(
        ("pugh",),
        "Pugh ratio K/G",
        "",
        "Metals above 1.75 tend to be ductile, below it brittle. A trend, weaker outside metals.",
        "Pugh 1954",
    ),
    Model(
        ("cauchy_pressure",),
        "Cauchy pressure",
        "GPa",
        "Positive with metallic or ionic bonds, negative with directional ones.",
        "Pettifor 1992",
    ),
    Model(
        ("kleinman",),
        "Kleinman parameter",
        "",
        "Cubic crystals: 0 bonds only bend, 1 bonds only stretch.",
        "Kleinman 1962",
    ),
    Model(
        ("grueneisen",),
        "Grüneisen parameter",
        "",
        "From Poisson’s ratio; good to some 20 % for simple crystals.",
        "Belomestnykh 2004",
    ),
    Model(
        ("hardness", "chen"),
        "Vickers hardness, Chen",
        "GPa",
        "Polycrystals and bulk metallic glasses harder than about 5 GPa; softer ones may come "
        "out negative.",
        "Chen et al. 2011",
    ),
    Model(
        ("hardness", "tian"),
        "Vickers hardness, Tian",
        "GPa",
        "Chen's model refitted so that soft materials stay positive: covalent and ionic crystals, "
        "carbides, nitrides, borides.",
        "Tian, Xu and Zhao 2012",
    ),
    Model(
        ("hardness", "teter"),
        "Vickers hardness, Teter",
        "GPa",
        "Hard covalent and ionic crystals; too high for metals.",
        "Teter 1998",
    ),
    Model(
        ("hardness", "miao"),
        "Hardness, Miao",
        "GPa",
        "Borides and carbides of transition metals.",
        "Miao et al. 2011",
    ),
    Model(
        ("hardness", "jiang"),
        "Hardness, Jiang",
        "GPa",
        "Covalent crystals.",
        "Jiang, Zhao and Jiang 2011",
    ),
    Model(
        ("fracture_toughness", "niu"),
        "Fracture toughness, Niu",
        "MPa √m",
        "Covalent and ionic crystals; for metals a lower bound.",
        "Niu, Niu and Oganov 2019",
    ),
    Model(
        ("thermal_conductivity", "clarke"),
        "Minimal thermal conductivity, Clarke",
        "W/(m K)",
        "Insulators at high temperature, where phonons travel one atomic distance.",
        "Clarke 2003",
    ),
    Model(
        ("thermal_conductivity", "cahill"),
        "Minimal thermal conductivity, Cahill",
        "W/(m K)",
        "Amorphous and strongly disordered solids at high temperature.",
        "Cahill, Watson and Pohl 1992",
    ),
    Model(
        ("thermal_conductivity", "agne"),
        "Minimal thermal conductivity, Agne",
        "W/(m K)",
        "Complex solids whose heat is carried by diffusons.",
        "Agne, Hanus and Snyder 2018",
    ),
    Model(
        ("thermal_conductivity", "slack"),
        "Lattice thermal conductivity at 300 K, Slack",
        "W/(m K)",
        "Non-metals above half their acoustic Debye temperature; good within a factor of two "
        "or three.",
        "Slack 1979",
    ),
)
