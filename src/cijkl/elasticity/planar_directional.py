"""Young's modulus and Poisson's ratio of a layer by direction in its plane, and their extremes.

An angle theta counts from the layer's axis x towards y. With S the compliance (m/N),

    s(theta) = (cos^2, sin^2, sin cos),    t(theta) = s(theta + 90 degrees)
    1/E(theta) = s S s,                    nu(theta) = -t S s / s S s

(written out for layers by Wei and Peng, Appl. Phys. Lett. 104, 251915, 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.planar import planar_compliance, planar_eigenvalues

__all__ = [
    "PlanarExtrema",
    "PlanarExtremum",
    "planar_extrema",
    "planar_poisson_ratio",
    "planar_youngs_modulus",
]

Array = NDArray[np.float64]

#: s(theta) as powers -1, 0, 1 of z = exp(2 i theta), one in each row
_POWERS = np.array([[0.25, -0.25, 0.25j], [0.5, 0.5, 0.0], [0.25, -0.25, -0.25j]])
#: t(theta): 90 degrees more turn z into -z
_TRANSVERSE = _POWERS * np.array([[-1.0], [1.0], [-1.0]])


def planar_youngs_modulus(stiffness: ArrayLike, angles: ArrayLike) -> Array:
    """Young's modulus E(theta), N/m, of every tensor at every angle.

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m.
    angles
        (*d), rad, from x towards y.

    Returns
    -------
    (..., *d).
    """
    along, _ = _contractions(stiffness, angles)
    return np.asarray(1.0 / along, np.float64)


def planar_poisson_ratio(stiffness: ArrayLike, angles: ArrayLike) -> Array:
    """Poisson's ratio nu(theta) within the plane for stress along each angle.

    Parameters
    ----------
    stiffness, angles
        As for `planar_youngs_modulus`.

    Returns
    -------
    (..., *d).
    """
    along, across = _contractions(stiffness, angles)
    return np.asarray(-across / along, np.float64)


@dataclass(frozen=True)
class PlanarExtremum:
    """An extreme value and where it is taken.

    Parameters
    ----------
    value
        (...), N/m for E, none for nu.
    angle
        (...), rad, in [0, pi), from x towards y.
    """

    value: Array
    angle: Array


@dataclass(frozen=True)
class PlanarExtrema:
    """Global minimum and maximum over all directions in the plane."""

    min: PlanarExtremum
    max: PlanarExtremum


def planar_extrema(stiffness: ArrayLike, quantity: Literal["E", "nu"]) -> PlanarExtrema:
    """Global minimum and maximum of E(theta) or nu(theta).

    The derivative is a polynomial in exp(2 i theta), of degree 4 (E) or 8 (nu); all its roots are
    compared. All is NaN for a tensor that is not positive definite.

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m.
    quantity
        "E" or "nu".

    Examples
    --------
    >>> found = planar_extrema([[24.4, 18.4, 0], [18.4, 101.6, 0], [0, 0, 22.3]], "E")
    >>> round(float(found.max.value), 1), round(float(np.degrees(found.max.angle)), 1)
    (87.7, 90.0)
    """
    tensors = np.asarray(stiffness, np.float64)
    flat = tensors.reshape(-1, 3, 3)
    found = np.array([_extremes(tensor, quantity) for tensor in flat]).reshape(-1, 4)
    low, where_low, high, where_high = found.T.reshape(4, *tensors.shape[:-2])
    return PlanarExtrema(PlanarExtremum(low, where_low), PlanarExtremum(high, where_high))


def _contractions(stiffness: ArrayLike, angles: ArrayLike) -> tuple[Array, Array]:
    """The contractions s S s and t S s, (..., *d)."""
    theta = np.asarray(angles, np.float64)
    c, s = np.cos(theta).ravel(), np.sin(theta).ravel()
    along = np.stack([c * c, s * s, s * c])
    across = np.stack([s * s, c * c, -s * c])
    image = planar_compliance(stiffness) @ along
    shape = (*image.shape[:-2], *theta.shape)
    return (along * image).sum(-2).reshape(shape), (across * image).sum(-2).reshape(shape)


def _extremes(stiffness: Array, quantity: Literal["E", "nu"]) -> tuple[float, float, float, float]:
    """Minimum and its angle, maximum and its angle, of one tensor (3, 3)."""
    if not np.isfinite(stiffness).all() or planar_eigenvalues(stiffness)[0] <= 0.0:
        return np.nan, np.nan, np.nan, np.nan
    compliance = planar_compliance(stiffness)
    along = _series(_POWERS, compliance)
    if quantity == "E":
        slope = _derivative(along)
    else:
        across = _series(_TRANSVERSE, compliance)
        slope = np.convolve(_derivative(across), along) - np.convolve(across, _derivative(along))
    slope[np.abs(slope) < 1e-13 * np.abs(slope).max()] = 0.0
    # a root off the unit circle is no extremum, but its angle does no harm
    angles = 0.5 * np.angle(np.roots(slope[::-1]))
    # axes first: where all angles are as good, or rounding decides, they are the answer
    angles = np.concatenate([[0.0, 0.5 * np.pi, 0.25 * np.pi, 0.75 * np.pi], angles]) % np.pi
    values = (planar_youngs_modulus if quantity == "E" else planar_poisson_ratio)(stiffness, angles)
    margin = 1e-12 * np.abs(values).max()
    low = int(np.argmax(values <= values.min() + margin))
    high = int(np.argmax(values >= values.max() - margin))
    return float(values[low]), float(angles[low]), float(values[high]), float(angles[high])


def _series(left: NDArray[np.complex128], compliance: Array) -> NDArray[np.complex128]:
    """Coefficients (5) of the powers -2 to 2 of z in (left) S s."""
    products = left @ compliance @ _POWERS.T
    return np.array([np.trace(products[::-1], offset) for offset in range(-2, 3)])


def _derivative(series: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """z d/dz of a series of powers -m to m."""
    reach = len(series) // 2
    return series * np.arange(-reach, reach + 1)
