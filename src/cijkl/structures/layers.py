"""Layers in vacuum: which crystals are two-dimensional, and how they lie in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.checking import VACUUM

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures.spacegroup import Symmetry

__all__ = ["Layer", "layer"]

Array = NDArray[np.float64]

#: an empty strip within a layer that is wider than this (A) parts it into chains or molecules
STRIP = 5.0
#: directions and lengths, relative, that differ by less are the same
_SAME = 1e-3


@dataclass(frozen=True)
class Layer:
    """A layer in vacuum, and the axes that its constants refer to.

    Parameters
    ----------
    normal
        Unit vector (3), the cross product of the axes x and y.
    axes
        Unit vectors x and y (2, 3). The axis x is along the shortest lattice vector within the
        layer that is parallel or normal to a mirror line. An oblique layer has none: there x is
        along the shortest vector, and the second shortest, at 90 degrees or more from it, is on
        the side of y.
    period
        Distance from the layer to its next image, A.
    vacuum
        Empty space between the two, from nucleus to nucleus, A.
    symmetry_class
        Elastic symmetry within the layer: ``hexagonal`` (isotropic), ``square``, ``rectangular``
        or ``oblique``.
    """

    normal: tuple[float, float, float]
    axes: tuple[tuple[float, float, float], tuple[float, float, float]]
    period: float
    vacuum: float
    symmetry_class: str

    @property
    def thickness(self) -> float:
        """Distance between the outermost nuclei, A; 0 for a flat layer."""
        return max(0.0, self.period - self.vacuum)


def layer(atoms: Atoms, group: Symmetry | None = None) -> Layer | None:
    """The layer that a cell holds, or None for bulk, layered bulk, a chain or a molecule.

    A crystal is a layer if one family of lattice planes runs through empty space wider than 6.5 A,
    once in a period, and no other through space wider than 5 A, which would part it into chains or
    molecules. Which lattice vectors cross the vacuum, at what angles, and where in the cell the
    layer lies does not matter.

    Parameters
    ----------
    atoms
        Periodic in three directions.
    group
        Its symmetry, if known; else it is looked for if needed.

    Examples
    --------
    >>> from ase.build import bulk, graphene
    >>> sheet = layer(graphene(a=2.46, vacuum=7.5))
    >>> sheet.symmetry_class, sheet.period, sheet.vacuum
    ('hexagonal', 15.0, 15.0)
    >>> layer(bulk("Si")) is None
    True
    """
    cell, fractional = atoms.cell.array, atoms.get_scaled_positions()
    planes = _empty_planes(fractional, cell)
    if len(planes) != 1:
        return None
    across = np.linalg.inv(cell) @ planes[0]
    period = float(1.0 / np.linalg.norm(across))
    gaps = period * _gaps(fractional @ planes[0])
    if np.count_nonzero(gaps > VACUUM) != 1:
        return None
    from cijkl.structures.spacegroup import symmetry

    first, second = _reduced(*(_kernel(planes[0]) @ cell))
    operations = (group or symmetry(atoms)).point_operations
    kind, axes = _axes(first, second, across * period, operations)
    return Layer(
        normal=_vector(np.cross(*axes)),
        axes=(_vector(axes[0]), _vector(axes[1])),
        period=period,
        vacuum=float(gaps.max()),
        symmetry_class=kind,
    )


def _empty_planes(fractional: Array, cell: Array) -> NDArray[np.int_]:
    """Indices (m, 3) of the families of lattice planes with empty space wider than `STRIP`.

    With indices k prime to each other, an atom at the fractional position x lies k x plane
    distances high. A gap is no wider than the planes are apart, so few families can have one.
    """
    reach = np.floor(np.linalg.norm(cell, axis=1) / STRIP).astype(int)
    indices = np.stack(
        np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    # the second half of the list holds one of each k and -k
    indices = indices[len(indices) // 2 + 1 :]
    spacing = 1.0 / np.linalg.norm(indices @ np.linalg.inv(cell).T, axis=1)
    wide = (spacing > STRIP) & (np.gcd.reduce(indices, axis=1) == 1)
    indices, spacing = indices[wide], spacing[wide]
    widest = np.array([_gaps(fractional @ k).max() for k in indices])
    return np.asarray(indices[widest * spacing > STRIP], np.int_)


def _gaps(heights: Array) -> Array:
    """Gaps (n) between heights (n) that repeat with the period 1."""
    ordered = np.sort(heights % 1.0)
    return np.diff(ordered, append=ordered[0] + 1.0)


def _kernel(plane: NDArray[np.int_]) -> NDArray[np.int_]:
    """Two lattice vectors (2, 3), integers, that span all within a plane (h k l)."""
    h, k, ll = (int(x) for x in plane)
    if h == k == 0:
        return np.array([[1, 0, 0], [0, 1, 0]])
    g, p, q = _bezout(h, k)
    return np.array([[k // g, -h // g, 0], [-p * ll, -q * ll, g]])


def _bezout(a: int, b: int) -> tuple[int, int, int]:
    """A common divisor g of largest size, and p, q with p a + q b = g."""
    if b == 0:
        return a, 1, 0
    g, p, q = _bezout(b, a % b)
    return g, q, p - (a // b) * q


def _reduced(first: Array, second: Array) -> tuple[Array, Array]:
    """Shortest two vectors of a plane lattice (Gauss reduction), at 90 to 120 degrees."""
    while True:
        if first @ first > second @ second:
            first, second = second, first
        # exactly half a turn too many is none, or it would go back and forth
        turns = np.rint(second @ first / (first @ first) - 1e-9)
        if turns == 0:
            break
        second = second - turns * first
    return first, -second if first @ second > 0.0 else second


def _axes(
    first: Array, second: Array, normal: Array, operations: Array
) -> tuple[str, tuple[Array, Array]]:
    """Elastic symmetry of a layer and its axes x and y.

    Parameters
    ----------
    first, second
        Shortest lattice vectors.
    normal
        Unit vector, of either sign.
    operations
        (m, 3, 3) Cartesian point group.
    """
    x = _unit(first)
    frame = np.stack([x, np.cross(normal, x)])
    kept = operations[np.abs(operations @ normal @ normal) > 1.0 - _SAME]
    flat = frame @ kept @ frame.T
    determinants, traces = np.linalg.det(flat), np.trace(flat, axis1=1, axis2=2)
    turns = traces[determinants > 0.0]
    mirrors = flat[determinants < 0.0]
    if np.isclose(np.abs(turns), 1.0, atol=1e-2).any():
        kind = "hexagonal"
    elif np.isclose(turns, 0.0, atol=1e-2).any():
        kind = "square"
    else:
        kind = "rectangular" if len(mirrors) else "oblique"
    if not len(mirrors):
        return kind, (x, _unit(second - (second @ x) * x))
    steps = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 2, indexing="ij"), -1).reshape(-1, 2)
    vectors = steps[steps.any(1)] @ np.stack([first, second])
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    # a mirror takes the vectors of its line, and those normal to it, to themselves or their inverse
    images = np.einsum("mij,vj->mvi", mirrors, units @ frame.T)
    on_axis = (np.abs(np.einsum("mvi,vi->mv", images, units @ frame.T)) > 1.0 - _SAME).any(0)
    lengths = np.linalg.norm(vectors, axis=1)
    short = on_axis & (lengths < lengths[on_axis].min() * (1.0 + _SAME))
    # of equal ones that nearest the Cartesian x, so that an aligned layer keeps its axes
    x = units[short][np.argmax(units[short] @ np.array([1.0, 1e-3, 1e-6]))]
    return kind, (x, np.cross(normal, x))


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector), np.float64)


def _vector(array: Array) -> tuple[float, float, float]:
    x, y, z = (float(v) + 0.0 for v in array)
    return x, y, z
