"""Indentation modulus of an anisotropic half-space: what a nanoindenter measures on a face.

The contact stiffness S, the slope of load against depth at the start of unloading, and the contact
area A define it,

    S = (2 / sqrt(pi)) M sqrt(A)

which for an isotropic solid gives M = E / (1 - nu^2). An indenter presses in all directions at
once, so that M varies less with the face than Young's modulus along its normal. It follows from
the compliance of the surface (`surface`) and the shape of the contact (`contact`); J. J. Vlassak
and W. D. Nix, J. Mech. Phys. Solids 1994, 42, 1223.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.contact import CONTACTS, Contact, best_ellipse, modulus_of_ellipse
from cijkl.elasticity.directional import unit
from cijkl.elasticity.planes import plane_vectors
from cijkl.elasticity.surface import surface_compliance
from cijkl.errors import InputError

__all__ = ["indentation_modulus", "indentation_youngs_modulus", "reduced_modulus"]

Array = NDArray[np.float64]

#: Young's modulus (GPa) and Poisson's ratio of diamond tips (Oliver and Pharr, J. Mater. Res.
#: 1992, 7, 1564)
DIAMOND_E, DIAMOND_NU = 1141.0, 0.07

#: directions on the surface to begin with, and to give up at
_FIRST, _LAST = 8, 2048
#: relative change at the last doubling; the error is then far below it
_RTOL = 1e-6


def indentation_modulus(
    stiffness: ArrayLike, normals: ArrayLike, contact: Contact = "cone"
) -> Array:
    """Indentation modulus M, GPa, of surfaces with given normals.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    normals
        (*d, 3), Cartesian, of any length but zero.
    contact
        ``cone``, which stands for Berkovich and other pyramids: the best elliptical contact.
        ``sphere``: Hertz's elliptical contact, exact. ``flat``: a circular punch, exact, and to
        first order in the anisotropy of the surface the same as the others.

    Returns
    -------
    (..., *d): every tensor with every normal. NaN where a stiffness is not positive definite.

    Raises
    ------
    InputError
        If a shape is wrong, a normal is zero or not finite, or the contact is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> copper = np.diag([168.4] * 3 + [75.4] * 3)
    >>> copper[:3, :3] += 121.4 * (1 - np.eye(3))
    >>> print(indentation_modulus(copper, [[1, 0, 0], [1, 1, 0], [1, 1, 1]]).round(1))
    [134.  148.  151.6]
    """
    if contact not in CONTACTS:
        raise InputError(f"contact is {contact!r}, expected one of {', '.join(CONTACTS)}")
    n = unit(normals, "normals")
    voigt = np.asarray(stiffness, float)
    if voigt.shape[-2:] != (6, 6):
        raise InputError(
            f"stiffness has shape {voigt.shape}, expected (..., 6, 6): give Voigt matrices in GPa"
        )
    tensors, faces = voigt.reshape(-1, 6, 6), n.reshape(-1, 3)
    result = [_of_one(tensor, faces, contact) for tensor in tensors]
    return np.reshape(result, voigt.shape[:-2] + n.shape[:-1])


def reduced_modulus(
    modulus: ArrayLike, tip_modulus: float = DIAMOND_E, tip_poisson: float = DIAMOND_NU
) -> Array:
    """Reduced modulus E_r, GPa, which an instrument reports before it allows for its own tip.

        1/E_r = 1/M + (1 - nu_tip^2)/E_tip

    Parameters
    ----------
    modulus
        Indentation modulus M, GPa, of any shape.
    tip_modulus, tip_poisson
        Of the tip, GPa; those of diamond by default.

    References
    ----------
    W. C. Oliver and G. M. Pharr, J. Mater. Res. 1992, 7, 1564, eq. 2.
    """
    return np.asarray(1.0 / (1.0 / np.asarray(modulus, float) + (1 - tip_poisson**2) / tip_modulus))


def indentation_youngs_modulus(modulus: ArrayLike, poisson: float = 0.3) -> Array:
    """E = M (1 - nu^2), GPa: the Young's modulus that indenters are said to measure.

    Parameters
    ----------
    modulus
        Indentation modulus M, GPa, of any shape.
    poisson
        The ratio that was assumed in the evaluation of the measurement. It is no property of the
        crystal: in an anisotropic one no single ratio takes M to E along the normal.
    """
    return np.asarray(np.asarray(modulus, float) * (1.0 - poisson**2))


def _of_one(stiffness: Array, normals: Array, contact: Contact) -> Array:
    """M (k) of one tensor, directions on the surface doubled until it stands still."""
    first, second = plane_vectors(normals)
    angles = np.arange(_FIRST) * np.pi / _FIRST
    compliance = _compliance(stiffness, normals, first, second, angles)
    result = _modulus(compliance, angles, contact)
    left = np.flatnonzero(np.isfinite(result))
    compliance = compliance[left]
    while len(left) and len(angles) < _LAST:
        between = angles + 0.5 * np.pi / len(angles)
        more = _compliance(stiffness, normals[left], first[left], second[left], between)
        angles = np.concatenate([angles, between])
        compliance = np.concatenate([compliance, more], axis=1)
        new = _modulus(compliance, angles, contact)
        moving = np.abs(new - result[left]) > _RTOL * new
        result[left] = new
        left, compliance = left[moving], compliance[moving]
    return result


def _modulus(compliance: Array, angles: Array, contact: Contact) -> Array:
    result = np.full(len(compliance), np.nan)
    good = np.isfinite(compliance).all(-1)
    p = best_ellipse(compliance[good], angles, contact)
    result[good] = modulus_of_ellipse(p, compliance[good], angles)
    return result


def _compliance(
    stiffness: Array, normals: Array, first: Array, second: Array, angles: Array
) -> Array:
    """Y (k, n) of loads that vary at right angles to directions on k surfaces."""
    tangents = (
        np.cos(angles)[:, None] * second[:, None, :] - np.sin(angles)[:, None] * first[:, None, :]
    )
    return surface_compliance(stiffness, normals[:, None, :], tangents, rtol=_RTOL)
