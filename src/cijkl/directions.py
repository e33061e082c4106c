"""Moduli and sound along one direction of a crystal: a face normal, a lattice direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.directional import direction_from_uvw, normal_from_hkl
from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import InputError
from cijkl.layout import Direction
from cijkl.structures.miller import three_indices

__all__ = ["along"]

Array = NDArray[np.float64]


def along(
    tensor: ElasticTensor,
    indices: Sequence[float],
    kind: Literal["hkl", "uvw", "xyz"],
    lattice: Array | None = None,
    density: float | None = None,
) -> Direction:
    """Young's modulus, compressibility, ranges of G and nu, and sound along one direction.

    For the normal of a face also the modulus that an indenter finds there.

    The ranges run over the normals of the shear plane (G) and the transverse directions (nu), all
    at right angles to the direction.

    Parameters
    ----------
    tensor
        One tensor, in the frame of `lattice`.
    indices
        Three numbers; four, (hkil), for a face of a hexagonal cell.
    kind
        ``hkl``: the normal of that face; ``uvw``: the lattice direction; ``xyz``: Cartesian.
    lattice
        (3, 3) rows, A; needed for hkl and uvw.
    density
        g/cm^3, for the velocities.

    Raises
    ------
    InputError
        No lattice, a direction of length zero, or indices that are none.
    """
    direction = _direction(indices, kind, lattice)
    velocities = None if density is None else tensor.phase_velocities(direction, density)[0]
    low_shear, high_shear, low_poisson, high_poisson = _transverse_range(tensor, direction)
    result: Direction = {
        "direction": direction.tolist(),
        "E": float(tensor.youngs_modulus(direction)),
        "beta": float(tensor.linear_compressibility(direction)),
        "G": [low_shear, high_shear],
        "nu": [low_poisson, high_poisson],
        "velocities": None if velocities is None else velocities.tolist(),
    }
    if kind == "hkl":
        indices = three_indices(indices, np.eye(3) if lattice is None else lattice)
        result["M"] = float(tensor.indentation_modulus(direction))
    result[kind] = [float(index) for index in indices]
    return result


def _direction(
    indices: Sequence[float], kind: Literal["hkl", "uvw", "xyz"], lattice: Array | None
) -> Array:
    if kind == "xyz":
        return direction_from_uvw(indices, np.eye(3))
    if lattice is None:
        name = "the normal of (hkl)" if kind == "hkl" else "the direction [uvw]"
        raise InputError(f"{name} needs a crystal's cell: give the structure with the tensor")
    if kind == "hkl":
        return normal_from_hkl(three_indices(indices, lattice), lattice)
    return direction_from_uvw(indices, lattice)


def _transverse_range(tensor: ElasticTensor, direction: Array) -> tuple[float, float, float, float]:
    """Smallest and largest G, smallest and largest nu over the directions normal to one.

    1/G and nu are a + b cos(2 angle) + c sin(2 angle), so three angles fix them.
    """
    helper = np.eye(3)[np.abs(direction).argmin()]
    first = np.cross(direction, helper)
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    angles = np.array([0.0, np.pi / 4.0, np.pi / 2.0])
    transverse = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    along_all = np.broadcast_to(direction, transverse.shape)
    stiff, soft = _sinusoid_range(1.0 / tensor.directional_shear_modulus(along_all, transverse))
    return (
        1.0 / soft,
        1.0 / stiff,
        *_sinusoid_range(tensor.poisson_ratio(along_all, transverse)),
    )


def _sinusoid_range(values: Array) -> tuple[float, float]:
    """Range of a + b cos 2t + c sin 2t, from its values at t = 0, 45 and 90 degrees."""
    mean = 0.5 * (values[0] + values[2])
    amplitude = np.hypot(values[0] - mean, values[1] - mean)
    return float(mean - amplitude), float(mean + amplitude)
