"""The ellipse in which an axisymmetric indenter touches an anisotropic half-space.

Under the pressure p0 (1 - q)^(-1/2) of a flat elliptical punch, q the squared distance in units of
the half axes, an anisotropic half-space stays flat (Willis 1966; Gladwell 1980), whatever its
surface compliance Y. With p the vector that points, by twice its angle, along the major axis, of
length (a^2 - b^2)/(a^2 + b^2), the contact stiffness S = dP/dd and the modulus M are

    M(p) = S sqrt(pi) / (2 sqrt(pi a b)) = 2 / [ (1 - p^2)^(1/4) I(p) ]
    I(p) = < Y(t) (1 - p.u)^(-1/2) >,   u = (cos 2 theta, sin 2 theta)

the mean over all directions theta on the surface, t at right angles to them. By reciprocity
the load of an indenter is that punch's pressure integrated over the depth left below it, and the
contact is the area for which it is largest (Barber, J. Strain Anal. 1974, 9, 230). Of ellipses
that is the one with the least

    I(p)           for a sphere: Hertz's contact, exact (Willis, J. Mech. Phys. Solids 1966,
                   14, 163)
    I(p) Q(p)      for a cone, Q(p) = < (1 - p.u)^(1/2) >: the best ellipse, near the true area
                   (Vlassak, Ciavarella, Barber and Wang, J. Mech. Phys. Solids 2003, 51, 1701)

and p = 0 for a flat circular punch, for which M is exact too.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTACTS", "Contact", "best_ellipse", "modulus_of_ellipse"]

Array = NDArray[np.float64]
Contact = Literal["cone", "sphere", "flat"]
CONTACTS: tuple[Contact, ...] = ("cone", "sphere", "flat")

#: steps of Newton's method; six are enough for all crystals that were tried
_STEPS = 40
#: change of p that counts as none
_STILL = 1e-9


def best_ellipse(compliance: Array, angles: Array, contact: Contact) -> Array:
    """Shape p (m, 2) of the contact, from Y (m, n) for directions `angles` (n) on the surface.

    Parameters
    ----------
    compliance
        Y of loads that vary at right angles to each direction, 1/GPa.
    angles
        Evenly spread over half a turn, radians.
    """
    p = np.zeros((len(compliance), 2))
    if contact == "flat":
        return p
    u = _doubled(angles)
    value, gradient, curvature = _goal(p, compliance, u, contact)
    for _ in range(_STEPS):
        step = -np.linalg.solve(curvature, gradient[..., None])[..., 0]
        # where the goal is not convex, downhill will do
        uphill = np.sum(step * gradient, axis=-1) > 0.0
        step[uphill] = -gradient[uphill]
        if np.abs(step).max(initial=0.0) < _STILL:
            return p + step
        size = np.ones((len(p), 1))
        for _ in range(_STEPS):
            trial = p + size * step
            inside = np.sum(trial**2, axis=-1) < 1.0
            new = np.full(len(p), np.inf)
            new[inside] = _goal(trial[inside], compliance[inside], u, contact)[0]
            worse = new > value + 1e-14 * np.abs(value)
            if not worse.any():
                break
            size[worse] *= 0.5
        p = np.where(worse[:, None], p, trial)
        value, gradient, curvature = _goal(p, compliance, u, contact)
    return p


def modulus_of_ellipse(p: Array, compliance: Array, angles: Array) -> Array:
    """M (m), GPa, for contacts of shapes p (m, 2) and Y (m, n)."""
    inverse = (compliance * _shape(p, _doubled(angles)) ** -0.5).mean(-1)
    return np.asarray(2.0 / ((1.0 - np.sum(p**2, axis=-1)) ** 0.25 * inverse))


def _goal(p: Array, compliance: Array, u: Array, contact: Contact) -> tuple[Array, Array, Array]:
    """The logarithm that is to be least, its gradient and its second derivatives."""
    x = _shape(p, u)
    pairs = (u[:, :, None] * u[:, None, :]).reshape(len(u), 4)
    value, slope, bend = _log_mean(compliance, x, -0.5, u, pairs)
    if contact == "cone":
        more = _log_mean(np.ones_like(compliance), x, 0.5, u, pairs)
        value, slope, bend = value + more[0], slope + more[1], bend + more[2]
    return value, slope, bend


def _log_mean(
    weight: Array, x: Array, power: float, u: Array, pairs: Array
) -> tuple[Array, Array, Array]:
    """Logarithm of <weight x^power> with its first and second derivatives by p; x = 1 - p.u."""
    count = len(u)
    mean = (weight * x**power).mean(-1)
    first = -power * (weight * x ** (power - 1.0)) @ u / count
    second = power * (power - 1.0) * (weight * x ** (power - 2.0)) @ pairs / count
    slope = first / mean[:, None]
    bend = second.reshape(-1, 2, 2) / mean[:, None, None] - slope[:, :, None] * slope[:, None, :]
    return np.log(mean), slope, bend


def _shape(p: Array, u: Array) -> Array:
    return np.asarray(1.0 - p @ u.T)


def _doubled(angles: Array) -> Array:
    return np.stack([np.cos(2.0 * angles), np.sin(2.0 * angles)], axis=-1)
