"""Shear on the planes of a crystal: the stiffest and the softest way to slide over each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.directional import contract, finite_compliance, shear, unit

__all__ = ["plane_shear_range", "plane_vectors"]

Array = NDArray[np.float64]


def plane_shear_range(stiffness: ArrayLike, normals: ArrayLike) -> tuple[Array, Array]:
    """Least and largest shear modulus G(m, n), GPa, over the directions m in each plane.

    1/G(m, n) is a quadratic form of m, so that its extremes are eigenvalues of a 2x2 matrix.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    normals
        (*d, 3), Cartesian, of any length but zero.

    Returns
    -------
    Two arrays (..., *d): every tensor with every plane. NaN where a stiffness is singular or not
    finite.

    Raises
    ------
    InputError
        If a shape is wrong, or a normal is zero or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> copper = np.diag([168.4] * 3 + [75.4] * 3)
    >>> copper[:3, :3] += 121.4 * (1 - np.eye(3))
    >>> least, largest = plane_shear_range(copper, [1, 1, 0])
    >>> print(least.round(1), largest.round(1))
    23.5 75.4
    """
    n = unit(normals, "normals")
    compliance = finite_compliance(stiffness)
    first, second = (shear(n, m) for m in plane_vectors(n))
    xx, yy = contract(compliance, first, first), contract(compliance, second, second)
    xy = contract(compliance, first, second)
    mean, amplitude = 0.5 * (xx + yy), np.hypot(0.5 * (xx - yy), xy)
    with np.errstate(divide="ignore"):
        return 1.0 / (mean + amplitude), 1.0 / (mean - amplitude)


def plane_vectors(normals: Array) -> tuple[Array, Array]:
    """Two unit vectors (..., 3) each that span the planes with unit normals (..., 3)."""
    helper = np.eye(3)[np.abs(normals).argmin(-1)]
    first = np.cross(normals, helper)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    return first, np.cross(normals, first)
