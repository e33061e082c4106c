"""Energy as a function of strain and ionic displacement, seen through a potential's answers.

A crystal with cell vectors h and positions r is deformed to F h and F (r + u), where F = 1 + e and
e is a symmetric strain. The displacement u lives in the undeformed frame, so that u = 0 carries the
ions along with the cell. Strains are Mandel vectors (6): rotations act on them by orthogonal
matrices, and energy derivatives by strain transform alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import VOIGT_PAIRS, rotation_to_mandel

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = [
    "Gradient",
    "Group",
    "deform",
    "gradient",
    "in_plane",
    "mandel_to_matrix",
    "matrix_to_mandel",
]

Array = NDArray[np.float64]

_ROW, _COLUMN = np.array(VOIGT_PAIRS).T
_SCALE = np.array([1.0, 1.0, 1.0, 2.0**0.5, 2.0**0.5, 2.0**0.5])


def matrix_to_mandel(matrix: Array) -> Array:
    """Mandel vector (..., 6) of a symmetric matrix (..., 3, 3); a skew part is dropped."""
    symmetric = 0.5 * (matrix + matrix.swapaxes(-1, -2))
    vector: Array = symmetric[..., _ROW, _COLUMN] * _SCALE
    return vector


def mandel_to_matrix(vector: Array) -> Array:
    """Symmetric matrix (..., 3, 3) of a Mandel vector (..., 6)."""
    matrix = np.empty((*vector.shape[:-1], 3, 3))
    matrix[..., _ROW, _COLUMN] = matrix[..., _COLUMN, _ROW] = vector / _SCALE
    return matrix


def in_plane(normal: Sequence[float] | None) -> Array:
    """Projector (6, 6) on the Mandel strains that act within a layer; the identity without one.

    Parameters
    ----------
    normal
        Unit vector (3) normal to the layer, or None.
    """
    if normal is None:
        return np.eye(6)
    flat = np.eye(3) - np.outer(normal, normal)
    return matrix_to_mandel(flat @ mandel_to_matrix(np.eye(6)) @ flat).T


@dataclass(frozen=True, eq=False)
class Gradient:
    """First derivatives of the energy at one strain and displacement.

    Parameters
    ----------
    strain
        dE/de, Mandel (6), eV.
    ions
        dE/du, (n, 3), eV/A.
    """

    strain: Array
    ions: Array


def deform(atoms: Atoms, strain: Array, displacement: Array) -> Atoms:
    """Copy of a crystal at a strain (Mandel, 6) and an ionic displacement ((n, 3), A)."""
    f = np.eye(3) + mandel_to_matrix(strain)
    deformed = atoms.copy()
    deformed.set_cell(atoms.cell.array @ f.T)
    deformed.positions = (atoms.positions + displacement) @ f.T
    return deformed


def gradient(evaluation: Evaluation, strain: Array, deformed_volume: float) -> Gradient:
    """Energy derivatives by strain and displacement, from the answer at a deformed crystal.

    With the first Piola-Kirchhoff stress P = J sigma F^-T, dE/de is the symmetric part of V P and
    dE/du = -F^T f.

    Parameters
    ----------
    evaluation
        Of the crystal that `deform` gave.
    strain
        At which it was deformed, Mandel (6).
    deformed_volume
        Volume of the deformed cell, A^3.
    """
    f = np.eye(3) + mandel_to_matrix(strain)
    piola = deformed_volume * evaluation.stress @ np.linalg.inv(f).T
    return Gradient(strain=matrix_to_mandel(piola), ions=-evaluation.forces @ f)


@dataclass(frozen=True, eq=False)
class Group:
    """A space group's action on strains and on ionic displacements.

    Parameters
    ----------
    rotations
        (g, 3, 3) Cartesian rotations in the frame of the crystal.
    permutations
        (g, n): operation k carries atom i to where atom ``permutations[k, i]`` is.
    """

    rotations: Array
    permutations: NDArray[np.int64]

    @property
    def order(self) -> int:
        """Number of operations."""
        return len(self.rotations)

    def on_strain(self, strain: Array) -> Array:
        """Images (g, ..., 6) of Mandel vectors (..., 6)."""
        q = rotation_to_mandel(self.rotations)
        images: Array = np.einsum("gij,...j->g...i", q, strain)
        return images

    def on_ions(self, displacement: Array) -> Array:
        """Images (g, ..., n, 3) of displacements (..., n, 3)."""
        turned = np.einsum("gab,...nb->g...na", self.rotations, displacement)
        images = np.empty_like(turned)
        for image, rotated, permutation in zip(images, turned, self.permutations, strict=True):
            image[..., permutation, :] = rotated
        return np.asarray(images, np.float64)

    def average_stress(self, stress: Array) -> Array:
        """Mean (3, 3) of the images of a symmetric matrix (3, 3)."""
        mean = self.on_strain(matrix_to_mandel(stress)).mean(0)
        return mandel_to_matrix(np.asarray(mean, np.float64))

    def stabiliser(self, strain: Array, tolerance: float = 1e-9) -> Group:
        """The operations that leave a strain (Mandel, 6) as it is."""
        moved = np.abs(self.on_strain(strain) - strain).max(-1)
        kept = moved <= tolerance * max(1e-300, float(np.abs(strain).max()))
        return Group(self.rotations[kept], self.permutations[kept])

    @classmethod
    def trivial(cls, natoms: int) -> Group:
        """The identity alone."""
        return cls(np.eye(3)[None], np.arange(natoms)[None])
