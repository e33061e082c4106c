"""Everything that follows from one tensor and its crystal, as the record holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity import acoustics as sound
from cijkl.elasticity import anisotropy as aniso
from cijkl.elasticity import engineering as eng
from cijkl.elasticity import ieee
from cijkl.elasticity.born import born_criteria
from cijkl.elasticity.classes import class_of_space_group
from cijkl.elasticity.distances import symmetry_class, symmetry_distances
from cijkl.elasticity.extrema import QUANTITIES, Extrema, Extremum, Quantity, extrema
from cijkl.elasticity.stability import eigenvalues, is_stable
from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.elasticity.tensor import ElasticTensor
    from cijkl.layout import (
        Acoustics,
        Anisotropy,
        Criterion,
        Directional,
        Engineering,
        Moduli,
        Properties,
        Structure,
    )
    from cijkl.structures import Layer, Symmetry

__all__ = ["Sampled", "ieee_rotation", "properties", "sample", "structure_facts"]

Array = NDArray[np.float64]

#: shear couplings of a cubic tensor along its axes, relative to its largest constant
_ALIGNED = 1e-2


def properties(
    tensor: ElasticTensor,
    *,
    atoms: Atoms | None = None,
    symmetry: Symmetry | None = None,
    density: float | None = None,
    frame: Literal["input", "ieee"] = "input",
    layer: Layer | None = None,
    sampled: Sampled | None = None,
) -> Properties:
    """The physical keys of a record, from ``structure`` to ``engineering``.

    For an unstable tensor, and for a layer in vacuum, moduli and what follows from them are None:
    they would look plausible and mean nothing.

    Parameters
    ----------
    tensor
        One tensor in `frame`.
    atoms, symmetry
        Its crystal, in the input frame, and the crystal's space group.
    density
        g/cm^3, where there is no crystal.
    layer
        The layer that the crystal is; whether that is stable is left to the caller.
    sampled
        The tensor's entry of `sample`, where that was called for many tensors.
    """
    crystal_class = _crystal_class(tensor, symmetry)
    standard = _standard(tensor, crystal_class, atoms, symmetry, frame)
    facts: Properties = {
        "structure": None if atoms is None else structure_facts(atoms, symmetry, layer),
        "stable": bool(is_stable(tensor.voigt)),
        "eigenvalues": eigenvalues(tensor.voigt).tolist(),
        "symmetry_class": crystal_class,
        "criteria": None
        if symmetry is None or layer is not None
        else _criteria(standard, crystal_class),
        "moduli": None,
        "anisotropy": None,
        "directional": None,
        "acoustics": None,
        "engineering": None,
    }
    if not facts["stable"] or layer is not None:
        return facts
    cubic = standard if crystal_class == "cubic" and _aligned(standard) else None
    cell = _Cell.of(atoms, symmetry) if atoms is not None else None
    facts["moduli"] = _moduli(tensor)
    facts["anisotropy"] = _anisotropy(tensor, cubic)
    (sampled,) = [sampled] if sampled else sample(tensor.voigt[None])
    facts["directional"] = sampled.directional
    facts["acoustics"] = _acoustics(tensor, cell, density, sampled.velocity)
    facts["engineering"] = _engineering(tensor, cubic, cell, facts["acoustics"])
    return facts


@dataclass(frozen=True)
class Sampled:
    """What takes a look at many directions: far less for each tensor if there are many.

    Parameters
    ----------
    directional
        Global extremes.
    velocity
        Debye mean of the sound velocities in all directions, m/s at a density of 1 g/cm^3.
    """

    directional: Directional
    velocity: float


def sample(stiffness: Array, operations: Sequence[Array] | None = None) -> list[Sampled]:
    """Entry of each stiffness (n, 6, 6), Voigt, GPa, to be handed to `properties`.

    Parameters
    ----------
    operations
        Point group (m, 3, 3) of each, Cartesian, where the stiffnesses have it exactly.
    """
    found: dict[Quantity, Extrema] = {
        name: extrema(stiffness, name, operations) for name in QUANTITIES
    }
    velocity = sound.mean_velocity_exact(stiffness, 1.0)
    return [
        Sampled(_directional(found, number), float(value)) for number, value in enumerate(velocity)
    ]


def structure_facts(
    atoms: Atoms, symmetry: Symmetry | None, layer: Layer | None = None
) -> Structure:
    """The record's ``structure``: size, density and symmetry of a crystal."""
    from cijkl.structures import density

    return {
        "natoms": len(atoms),
        "dimensionality": 3 if layer is None else 2,
        "volume": float(atoms.get_volume()),
        "density": density(atoms),
        "spacegroup": symmetry.number if symmetry else None,
        "spacegroup_symbol": symmetry.symbol if symmetry else None,
        "crystal_system": symmetry.crystal_system if symmetry else None,
        "lattice": atoms.cell.array.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
    }


def ieee_rotation(atoms: Atoms, symmetry: Symmetry | None) -> Array:
    """Rotation (3, 3) from a crystal's frame to the IEEE standard frame."""
    if symmetry is not None:
        return ieee.ieee_rotation(symmetry.conventional, symmetry.number)
    return ieee.ieee_rotation_of_crystal(
        atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers
    )


@dataclass(frozen=True)
class _Cell:
    """Density (g/cm^3), atoms per A^3, mean mass (amu) and atoms in the primitive cell."""

    density: float
    number_density: float
    mass: float
    atoms: int

    @classmethod
    def of(cls, atoms: Atoms, symmetry: Symmetry | None) -> _Cell:
        from cijkl.structures import density

        cells = 1
        if symmetry is not None:
            identity = np.eye(3, dtype=int)
            cells = int((symmetry.fractional_rotations == identity).all((1, 2)).sum())
        return cls(
            density=density(atoms),
            number_density=len(atoms) / float(atoms.get_volume()),
            mass=float(atoms.get_masses().mean()),
            atoms=max(1, len(atoms) // cells),
        )


def _crystal_class(tensor: ElasticTensor, symmetry: Symmetry | None) -> str:
    if symmetry is not None:
        return class_of_space_group(symmetry.number)
    return symmetry_class(tensor.voigt)


def _standard(
    tensor: ElasticTensor,
    crystal_class: str,
    atoms: Atoms | None,
    symmetry: Symmetry | None,
    frame: Literal["input", "ieee"],
) -> ElasticTensor:
    """The tensor in the frame that criteria and cubic constants refer to."""
    if atoms is not None:
        return tensor if frame == "ieee" else tensor.rotate(ieee_rotation(atoms, symmetry))
    if crystal_class == "cubic" and not _aligned(tensor, 1e-6):
        return tensor.rotate(symmetry_distances(tensor.voigt)["cubic"].rotation)
    return tensor


def _aligned(tensor: ElasticTensor, tolerance: float = _ALIGNED) -> bool:
    """Whether a cubic tensor's axes lie along the frame: no coupling of shear to anything."""
    coupling = np.triu(tensor.voigt, 1)[:, 3:]
    return bool(np.abs(coupling).max() < tolerance * np.abs(tensor.voigt).max())


def _criteria(tensor: ElasticTensor, crystal_class: str) -> list[Criterion] | None:
    try:
        criteria = born_criteria(tensor.voigt, crystal_class)
    except InputError:
        return None
    return [
        {"expression": c.expression, "value": float(c.value), "satisfied": bool(c.satisfied)}
        for c in criteria
    ]


def _moduli(tensor: ElasticTensor) -> Moduli:
    found: Any = {
        name: {average: float(value) for average, value in averages.items()}
        for name, averages in tensor.moduli().items()
    }
    moduli: Moduli = found
    return moduli


def _anisotropy(tensor: ElasticTensor, cubic: ElasticTensor | None) -> Anisotropy:
    bulk, shear = aniso.percent_anisotropy(tensor.voigt)
    return {
        "universal": float(tensor.universal_anisotropy()),
        "log_euclidean": float(tensor.log_euclidean_anisotropy()),
        "percent_K": float(bulk),
        "percent_G": float(shear),
        "zener": None if cubic is None else float(aniso.zener_ratio(cubic.voigt)),
        "cubic_criterion": None if cubic is None else float(aniso.cubic_criterion(cubic.voigt)),
    }


def _directional(found: Mapping[Quantity, Extrema], number: int) -> Directional:
    def both(quantity: Quantity, second: str = "") -> Any:
        ends = found[quantity]
        return {
            "min": _extreme(ends.min, number, second),
            "max": _extreme(ends.max, number, second),
        }

    return {
        "E": both("E"),
        "beta": both("beta"),
        "G": both("G", "normal"),
        "nu": both("nu", "transverse"),
    }


def _extreme(found: Extremum, number: int, second: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "value": float(found.value[number]),
        "direction": found.direction[number].tolist(),
    }
    if found.second is not None:
        entry[second] = found.second[number].tolist()
    return entry


def _acoustics(
    tensor: ElasticTensor, cell: _Cell | None, density: float | None, velocity: float
) -> Acoustics | None:
    rho = cell.density if cell is not None else density
    if rho is None:
        return None
    v_l, v_t, v_mean = sound.sound_velocities(tensor.bulk_modulus(), tensor.shear_modulus(), rho)
    debye = exact = None
    if cell is not None:
        debye = float(sound.debye_temperature(v_mean, cell.number_density))
        exact = float(sound.debye_temperature(velocity / rho**0.5, cell.number_density))
    return {
        "v_l": float(v_l),
        "v_t": float(v_t),
        "v_mean": float(v_mean),
        "debye_temperature": debye,
        "debye_temperature_exact": exact,
    }


def _engineering(
    tensor: ElasticTensor,
    cubic: ElasticTensor | None,
    cell: _Cell | None,
    velocities: Acoustics | None,
) -> Engineering:
    """Estimates from Hill moduli; those that need a crystal are None without one."""
    bulk, shear = tensor.bulk_modulus(), tensor.shear_modulus()
    gamma = eng.grueneisen_parameter(tensor.moduli()["nu"]["hill"])
    result: Engineering = {
        "pugh": float(eng.pugh_ratio(bulk, shear)),
        "cauchy_pressure": float(eng.cauchy_pressure(tensor.voigt)),
        "kleinman": None if cubic is None else float(eng.kleinman_parameter(cubic.voigt)),
        "grueneisen": float(gamma),
        "hardness": {
            "chen": float(eng.chen_hardness(bulk, shear)),
            "tian": float(eng.tian_hardness(bulk, shear)),
            "teter": float(eng.teter_hardness(shear)),
            "miao": float(eng.miao_hardness(bulk, shear)),
            "jiang": float(eng.jiang_hardness(shear)),
        },
        "fracture_toughness": {"niu": None},
        "thermal_conductivity": {"clarke": None, "cahill": None, "agne": None, "slack": None},
    }
    if cell is None or velocities is None:
        return result
    v_l, v_t, n = velocities["v_l"], velocities["v_t"], cell.number_density
    slack = eng.slack_conductivity(
        velocities["debye_temperature"] or 0.0, gamma, cell.mass, 1.0 / n, cell.atoms
    )
    result["fracture_toughness"] = {"niu": float(eng.niu_toughness(bulk, shear, 1.0 / n))}
    result["thermal_conductivity"] = {
        "clarke": float(eng.clarke_conductivity(bulk, shear, cell.density, cell.mass)),
        "cahill": float(eng.cahill_conductivity(v_l, v_t, n)),
        "agne": float(eng.agne_conductivity(v_l, v_t, n)),
        "slack": float(slack),
    }
    return result
