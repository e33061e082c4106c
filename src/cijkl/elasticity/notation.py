"""Voigt, Mandel and Cartesian forms of elastic tensors, and their rotation.

Voigt order is xx yy zz yz xz xy, with engineering shear strain (gamma_yz = 2 eps_yz), so that
stress = stiffness @ strain. In the Mandel form shear components carry sqrt(2): stress and strain
transform alike, rotations are orthogonal 6x6 matrices, and matrix functions of a stiffness
(inverse, exponential, eigenvalues) have their tensor meaning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "VOIGT_PAIRS",
    "cartesian_to_voigt",
    "compliance",
    "compliance_to_cartesian",
    "mandel_to_voigt",
    "rotate",
    "rotation_to_mandel",
    "strain_to_voigt",
    "stress_to_voigt",
    "voigt_to_cartesian",
    "voigt_to_mandel",
    "voigt_to_strain",
    "voigt_to_stress",
]

Array = NDArray[np.float64]

#: Cartesian index pair of each Voigt index
VOIGT_PAIRS: tuple[tuple[int, int], ...] = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
_ROW, _COLUMN = np.array(VOIGT_PAIRS).T
_FULL = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])
_MANDEL = np.array([1.0, 1.0, 1.0, 2.0**0.5, 2.0**0.5, 2.0**0.5])
_ENGINEERING = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0])


def voigt_to_mandel(stiffness: ArrayLike) -> Array:
    """Mandel form of a Voigt stiffness, both (..., 6, 6) in the same unit."""
    return np.asarray(stiffness, float) * np.outer(_MANDEL, _MANDEL)


def mandel_to_voigt(mandel: ArrayLike) -> Array:
    """Voigt stiffness of its Mandel form, both (..., 6, 6) in the same unit."""
    return np.asarray(mandel, float) / np.outer(_MANDEL, _MANDEL)


def voigt_to_cartesian(stiffness: ArrayLike) -> Array:
    """Cartesian tensor C_ijkl (..., 3, 3, 3, 3) of a Voigt stiffness (..., 6, 6)."""
    voigt = np.asarray(stiffness, float)
    return voigt[..., _FULL[:, :, None, None], _FULL[None, None, :, :]]


def cartesian_to_voigt(tensor: ArrayLike) -> Array:
    """Voigt stiffness (..., 6, 6) of a Cartesian tensor (..., 3, 3, 3, 3).

    Components that minor symmetry makes equal are averaged.
    """
    full = np.asarray(tensor, float)
    full = 0.5 * (full + full.swapaxes(-4, -3))
    full = 0.5 * (full + full.swapaxes(-2, -1))
    return np.asarray(
        full[..., _ROW[:, None], _COLUMN[:, None], _ROW[None, :], _COLUMN[None, :]], np.float64
    )


def compliance(stiffness: ArrayLike) -> Array:
    """Compliance S = C^-1 in Voigt form, (..., 6, 6), in the inverse unit.

    Raises
    ------
    numpy.linalg.LinAlgError
        If a stiffness is exactly singular.
    """
    inverse: Array = np.linalg.inv(np.asarray(stiffness, float))
    return inverse


def compliance_to_cartesian(voigt: ArrayLike) -> Array:
    """Cartesian tensor S_ijkl (..., 3, 3, 3, 3) of a Voigt compliance (..., 6, 6).

    Voigt shear compliances hold factors of 2 and 4 that the tensor lacks (Nye 1985, p. 134).
    """
    return voigt_to_cartesian(np.asarray(voigt, float) / np.outer(_ENGINEERING, _ENGINEERING))


def rotation_to_mandel(rotation: ArrayLike) -> Array:
    """Orthogonal matrix (..., 6, 6) by which a rotation (..., 3, 3) acts on Mandel vectors.

    Improper rotations are allowed; a sign drops out.
    """
    r = np.asarray(rotation, float)
    direct = r[..., _ROW[:, None], _ROW] * r[..., _COLUMN[:, None], _COLUMN]
    crossed = r[..., _ROW[:, None], _COLUMN] * r[..., _COLUMN[:, None], _ROW]
    return np.asarray(0.5 * (direct + crossed) * np.outer(_MANDEL, _MANDEL), np.float64)


def rotate(stiffness: ArrayLike, rotation: ArrayLike) -> Array:
    """Stiffness after the crystal is turned: C'_ijkl = R_ip R_jq R_kr R_ls C_pqrs.

    Parameters
    ----------
    stiffness
        (..., 6, 6) in Voigt form.
    rotation
        (..., 3, 3) orthogonal; leading axes broadcast against those of `stiffness`.
        Its rows are the new axes in the old frame when it is read as a change of axes.

    Returns
    -------
    (..., 6, 6), same unit.
    """
    q = rotation_to_mandel(rotation)
    return mandel_to_voigt(q @ voigt_to_mandel(stiffness) @ q.swapaxes(-1, -2))


def strain_to_voigt(strain: ArrayLike) -> Array:
    """Voigt vector (..., 6), engineering shear, of a symmetric strain (..., 3, 3)."""
    e = np.asarray(strain, float)
    return np.asarray(
        (0.5 * (e + e.swapaxes(-1, -2)))[..., _ROW, _COLUMN] * _ENGINEERING, np.float64
    )


def voigt_to_strain(voigt: ArrayLike) -> Array:
    """Symmetric strain (..., 3, 3) of a Voigt vector (..., 6) with engineering shear."""
    return np.asarray((np.asarray(voigt, float) / _ENGINEERING)[..., _FULL], np.float64)


def stress_to_voigt(stress: ArrayLike) -> Array:
    """Voigt vector (..., 6) of a symmetric stress (..., 3, 3), same unit."""
    s = np.asarray(stress, float)
    return np.asarray((0.5 * (s + s.swapaxes(-1, -2)))[..., _ROW, _COLUMN], np.float64)


def voigt_to_stress(voigt: ArrayLike) -> Array:
    """Symmetric stress (..., 3, 3) of a Voigt vector (..., 6), same unit."""
    return np.asarray(voigt, float)[..., _FULL]
