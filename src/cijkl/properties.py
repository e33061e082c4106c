"""Everything that follows from one tensor and its crystal, as the record holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity import acoustics as sound
from cijkl.elasticity import anisotropy as aniso
from cijkl.elasticity import engineering as eng
from cijkl.elasticity.born import born_criteria
from cijkl.elasticity.classes import class_of_space_group
from cijkl.elasticity.directional import direction_from_uvw, normal_from_hkl
from cijkl.elasticity.distances import symmetry_class
from cijkl.elasticity.extrema import QUANTITIES
from cijkl.elasticity.ieee import ieee_rotation_of_crystal
from cijkl.elasticity.stability import eigenvalues, is_stable
from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.elasticity.tensor import ElasticTensor
    from cijkl.structures import Symmetry

__all__ = ["along", "properties", "structure_facts"]

Array = NDArray[np.float64]

#: what the second direction of an extremum is called
_SECOND = {"G": "normal", "nu": "transverse"}


def properties(
    tensor: ElasticTensor,
    *,
    atoms: Atoms | None = None,
    symmetry: Symmetry | None = None,
    density: float | None = None,
    frame: Literal["input", "ieee"] = "input",
) -> dict[str, Any]:
    """The physical keys of a record, from ``structure`` to ``engineering``.

    For an unstable tensor, moduli and what follows from them are None: they would look plausible
    and mean nothing.

    Parameters
    ----------
    tensor
        One tensor in `frame`.
    atoms, symmetry
        Its crystal, in the input frame, and the crystal's space group.
    density
        g/cm^3, where there is no crystal.
    """
    stable = bool(is_stable(tensor.voigt))
    standard = tensor
    if frame == "input" and atoms is not None:
        standard = tensor.rotate(ieee_rotation(atoms, symmetry))
    crystal_class = _crystal_class(standard, symmetry)
    facts: dict[str, Any] = {
        "structure": structure_facts(atoms, symmetry) if atoms is not None else None,
        "stable": stable,
        "eigenvalues": eigenvalues(tensor.voigt).tolist(),
        "symmetry_class": crystal_class,
        "criteria": _criteria(standard, crystal_class) if symmetry is not None else None,
        "moduli": None,
        "anisotropy": None,
        "directional": None,
        "acoustics": None,
        "engineering": None,
    }
    if not stable:
        return facts
    facts["moduli"] = _floats(tensor.moduli())
    facts["anisotropy"] = _anisotropy(standard, crystal_class)
    facts["directional"] = _directional(tensor)
    cell = _Cell.of(atoms, symmetry) if atoms is not None else None
    facts["acoustics"] = _acoustics(tensor, cell, density)
    facts["engineering"] = _engineering(standard, cell, facts["acoustics"], crystal_class)
    return facts


def structure_facts(atoms: Atoms, symmetry: Symmetry | None) -> dict[str, Any]:
    """The record's ``structure``: size, density and symmetry of a crystal."""
    from cijkl.structures import density

    return {
        "natoms": len(atoms),
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
    tolerance = symmetry.tolerance if symmetry else 1e-2
    return ieee_rotation_of_crystal(
        atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers, tolerance
    )


def along(
    tensor: ElasticTensor,
    indices: Sequence[float],
    kind: Literal["hkl", "uvw", "xyz"],
    lattice: Array | None = None,
    density: float | None = None,
) -> dict[str, Any]:
    """Young's modulus, compressibility and sound along one direction of a crystal.

    Parameters
    ----------
    tensor
        One tensor, in the frame of `lattice`.
    indices
        Three numbers.
    kind
        ``hkl``: the normal of that face; ``uvw``: the lattice direction; ``xyz``: Cartesian.
    lattice
        (3, 3) rows, A; needed for hkl and uvw.
    density
        g/cm^3, for the velocities.

    Raises
    ------
    InputError
        No lattice, or a direction of length zero.
    """
    if kind != "xyz" and lattice is None:
        raise InputError(
            f"({kind}) indices need a crystal's cell: give the structure with the tensor"
        )
    if kind == "hkl":
        direction = normal_from_hkl(indices, lattice)  # type: ignore[arg-type]  # checked above
    elif kind == "uvw":
        direction = direction_from_uvw(indices, lattice)  # type: ignore[arg-type]  # checked above
    else:
        direction = direction_from_uvw(indices, np.eye(3))
    shear = _transverse_range(tensor, direction)
    result: dict[str, Any] = {
        kind: [float(x) for x in indices],
        "direction": direction.tolist(),
        "E": float(tensor.youngs_modulus(direction)),
        "beta": float(tensor.linear_compressibility(direction)),
        **shear,
    }
    if density is not None:
        velocities, _ = tensor.phase_velocities(direction, density)
        result["velocities"] = velocities.tolist()
    return result


def _transverse_range(tensor: ElasticTensor, direction: Array) -> dict[str, list[float]]:
    """Smallest and largest G and nu over the directions normal to one.

    Both are a + b cos(2 angle) + c sin(2 angle) or its inverse, so three angles fix them.
    """
    helper = np.eye(3)[np.abs(direction).argmin()]
    first = np.cross(direction, helper)
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    angles = np.array([0.0, np.pi / 4.0, np.pi / 2.0])
    transverse = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    along_all = np.broadcast_to(direction, transverse.shape)
    low_compliance, high_compliance = _sinusoid_range(
        1.0 / tensor.directional_shear_modulus(along_all, transverse)
    )
    return {
        "G": [1.0 / high_compliance, 1.0 / low_compliance],
        "nu": list(_sinusoid_range(tensor.poisson_ratio(along_all, transverse))),
    }


def _sinusoid_range(values: Array) -> tuple[float, float]:
    """Range of a + b cos 2t + c sin 2t, from its values at t = 0, 45 and 90 degrees."""
    mean = 0.5 * (values[0] + values[2])
    amplitude = np.hypot(values[0] - mean, values[1] - mean)
    return float(mean - amplitude), float(mean + amplitude)


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


def _criteria(tensor: ElasticTensor, crystal_class: str) -> list[dict[str, Any]] | None:
    try:
        criteria = born_criteria(tensor.voigt, crystal_class)
    except InputError:
        return None
    return [
        {"expression": c.expression, "value": float(c.value), "satisfied": bool(c.satisfied)}
        for c in criteria
    ]


def _anisotropy(tensor: ElasticTensor, crystal_class: str) -> dict[str, float | None]:
    bulk, shear = aniso.percent_anisotropy(tensor.voigt)
    cubic = crystal_class == "cubic" and _cubic_axes(tensor)
    return {
        "universal": float(tensor.universal_anisotropy()),
        "log_euclidean": float(tensor.log_euclidean_anisotropy()),
        "percent_K": float(bulk),
        "percent_G": float(shear),
        "zener": float(aniso.zener_ratio(tensor.voigt)) if cubic else None,
        "cubic_criterion": float(aniso.cubic_criterion(tensor.voigt)) if cubic else None,
    }


def _cubic_axes(tensor: ElasticTensor) -> bool:
    """Whether a cubic tensor's axes lie along the frame: no coupling of shear to anything."""
    coupling = max(
        np.abs(tensor.voigt[:3, 3:]).max(), np.abs(np.triu(tensor.voigt[3:, 3:], 1)).max()
    )
    return bool(coupling < 1e-2 * np.abs(tensor.voigt).max())


def _directional(tensor: ElasticTensor) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for quantity in QUANTITIES:
        found = tensor.extrema(quantity)
        result[quantity] = {}
        for side, extreme in (("min", found.min), ("max", found.max)):
            entry = {"value": float(extreme.value), "direction": extreme.direction.tolist()}
            if extreme.second is not None:
                entry[_SECOND[quantity]] = extreme.second.tolist()
            result[quantity][side] = entry
    return result


def _acoustics(
    tensor: ElasticTensor, cell: _Cell | None, density: float | None
) -> dict[str, float] | None:
    rho = cell.density if cell is not None else density
    if rho is None:
        return None
    v_l, v_t, v_mean = sound.sound_velocities(tensor.bulk_modulus(), tensor.shear_modulus(), rho)
    result = {"v_l": float(v_l), "v_t": float(v_t), "v_mean": float(v_mean)}
    if cell is not None:
        result["debye_temperature"] = float(sound.debye_temperature(v_mean, cell.number_density))
        result["debye_temperature_exact"] = float(
            sound.debye_temperature_exact(tensor.voigt, rho, cell.number_density)
        )
    return result


def _engineering(
    tensor: ElasticTensor,
    cell: _Cell | None,
    velocities: dict[str, float] | None,
    crystal_class: str,
) -> dict[str, Any]:
    """Estimates from Hill moduli; those that need a crystal are None without one."""
    bulk, shear = tensor.bulk_modulus(), tensor.shear_modulus()
    result: dict[str, Any] = {
        "pugh": float(eng.pugh_ratio(bulk, shear)),
        "cauchy_pressure": float(eng.cauchy_pressure(tensor.voigt)),
        "kleinman": None,
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
    if crystal_class == "cubic" and _cubic_axes(tensor):
        result["kleinman"] = float(eng.kleinman_parameter(tensor.voigt))
    if cell is None or velocities is None:
        return result
    v_l, v_t, n = velocities["v_l"], velocities["v_t"], cell.number_density
    gamma = eng.grueneisen_parameter(tensor.moduli()["nu"]["hill"])
    result["grueneisen"] = float(gamma)
    result["fracture_toughness"]["niu"] = float(eng.niu_toughness(bulk, shear, 1.0 / n))
    result["thermal_conductivity"] = {
        "clarke": float(eng.clarke_conductivity(bulk, shear, cell.density, cell.mass)),
        "cahill": float(eng.cahill_conductivity(v_l, v_t, n)),
        "agne": float(eng.agne_conductivity(v_l, v_t, n)),
        "slack": float(
            eng.slack_conductivity(
                velocities["debye_temperature"], gamma, cell.mass, 1.0 / n, cell.atoms
            )
        ),
    }
    return result


def _floats(nested: Any) -> Any:
    if isinstance(nested, dict):
        return {key: _floats(value) for key, value in nested.items()}
    return float(nested)
