"""Mechanical stability: eigenvalues, and the nearest tensor that is stable."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import mandel_to_voigt, voigt_to_mandel
from cijkl.errors import InputError

__all__ = ["eigenvalues", "is_stable", "nearest_positive_definite"]

Array = NDArray[np.float64]


def eigenvalues(stiffness: ArrayLike) -> Array:
    """Kelvin moduli: the six eigenvalues of the Mandel form, ascending.

    Unlike the eigenvalues of the Voigt matrix they do not depend on the frame.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, symmetric.

    Returns
    -------
    (..., 6), same unit.

    References
    ----------
    Mehrabadi & Cowin, Q. J. Mech. Appl. Math. 43, 15 (1990).
    """
    return np.asarray(np.linalg.eigvalsh(voigt_to_mandel(stiffness)), float)


def is_stable(stiffness: ArrayLike, tolerance: float = 0.0) -> NDArray[np.bool_]:
    """Whether every small strain costs energy: all eigenvalues above `tolerance`.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, at zero stress.
    tolerance
        Same unit as `stiffness`.

    Returns
    -------
    (...) of bool.

    References
    ----------
    Born & Huang, Dynamical Theory of Crystal Lattices (1954), section 11; Mouhat & Coudert,
    Phys. Rev. B 90, 224104 (2014), section II.
    """
    return np.asarray(eigenvalues(stiffness)[..., 0] > tolerance)


def nearest_positive_definite(stiffness: ArrayLike, floor: float) -> Array:
    """Nearest stiffness with no eigenvalue below `floor`.

    Eigenvalues of the Mandel form below `floor` are raised to it. This is the nearest such tensor
    in the Frobenius norm of C_ijkl, and it keeps the material symmetry, since a function of
    eigenvalues commutes with rotation.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt.
    floor
        Smallest eigenvalue allowed, same unit, positive.

    Returns
    -------
    (..., 6, 6), same unit.

    Raises
    ------
    InputError
        If `floor` is not a positive number.

    References
    ----------
    Higham, Linear Algebra Appl. 103, 103 (1988), theorem 2.1.
    """
    if not (np.isfinite(floor) and floor > 0.0):
        raise InputError(f"floor is {floor}, expected a positive number in the tensor's unit")
    mandel = voigt_to_mandel(stiffness)
    values, vectors = np.linalg.eigh(0.5 * (mandel + mandel.swapaxes(-1, -2)))
    raised = np.maximum(values, floor)[..., None, :]
    return mandel_to_voigt((vectors * raised) @ vectors.swapaxes(-1, -2))
