"""Checks of a stiffness that somebody gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.errors import InputError

__all__ = ["asymmetry", "validate"]

Array = NDArray[np.float64]

#: no solid has a constant above this, GPa (diamond: 1080): a larger one is in another unit
LARGEST_CONSTANT = 1e4


def asymmetry(stiffness: ArrayLike) -> Array:
    """Norm of the antisymmetric part of a stiffness over the norm of the whole.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt.

    Returns
    -------
    (...), Frobenius norms of the Mandel form; 0 where C_ij = C_ji, and for a tensor of zeros.
    """
    mandel = voigt_to_mandel(stiffness)
    odd = np.linalg.norm(0.5 * (mandel - mandel.swapaxes(-1, -2)), axis=(-2, -1))
    whole = np.linalg.norm(mandel, axis=(-2, -1))
    return np.asarray(odd / np.where(whole > 0.0, whole, 1.0))


def validate(stiffness: object, tolerance: float = 0.02) -> Array:
    """Stiffness as a symmetric float array, or one clear error.

    Parameters
    ----------
    stiffness
        Anything that should be (..., 6, 6), Voigt, GPa.
    tolerance
        Largest `asymmetry` that is taken for rounding and averaged away.

    Returns
    -------
    (..., 6, 6), GPa, symmetric.

    Raises
    ------
    InputError
        If it is not numbers, ragged, complex, of another shape, empty, not finite, all zero, beyond
        `tolerance` asymmetric, or so large that it cannot be in GPa.
    """
    array = _numbers(stiffness)
    if array.ndim < 2 or array.shape[-2:] != (6, 6):
        raise InputError(
            f"the stiffness has shape {array.shape}, expected (..., 6, 6) in Voigt order "
            "xx yy zz yz xz xy"
        )
    if array.size == 0:
        raise InputError(f"the stiffness is empty (shape {array.shape}), expected at least one")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        i, j = bad[0][-2:]
        value = array[tuple(bad[0])]
        raise InputError(f"C{i + 1}{j + 1} is {value}, expected a finite number in GPa")
    if not np.abs(array).max(axis=(-2, -1)).all():
        raise InputError("every constant of a stiffness is zero: give the values in GPa")
    largest = float(np.abs(array).max())
    if largest > LARGEST_CONSTANT:
        raise InputError(
            f"a constant of {largest:.4g} GPa is beyond any solid: are the values in Pa, MPa or "
            "kbar? Give GPa (1 GPa = 10 kbar)"
        )
    skew = float(asymmetry(array).max())
    if skew > tolerance:
        worst = np.abs(array - array.swapaxes(-1, -2))
        *lead, i, j = np.unravel_index(int(worst.argmax()), worst.shape)
        upper, lower = array[(*lead, i, j)], array[(*lead, j, i)]
        raise InputError(
            f"the stiffness is not symmetric (C{i + 1}{j + 1} = {upper:.6g}, "
            f"C{j + 1}{i + 1} = {lower:.6g}; relative asymmetry {skew:.2g}, limit {tolerance:g}): "
            "give C_ij = C_ji"
        )
    symmetric: Array = 0.5 * (array + array.swapaxes(-1, -2))
    return symmetric


def _numbers(values: object) -> Array:
    """Values as a float array."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            "the stiffness has rows of different lengths, expected 6 rows of 6 numbers"
        ) from None
    if np.iscomplexobj(array):
        raise InputError("the stiffness is complex, expected real constants in GPa")
    if array.dtype == bool:
        raise InputError("the stiffness holds true/false, expected numbers in GPa")
    if array.dtype.kind not in "fiu":
        try:
            if any(value is None for value in array.ravel()):
                raise TypeError("None would become NaN")
            array = array.astype(float)
        except (ValueError, TypeError, OverflowError):
            raise InputError(
                "the stiffness holds something that is no number, expected 6 rows of 6 numbers "
                "in GPa"
            ) from None
    return array.astype(float)
