"""Elasticity of a layer: constants in N/m, which need no thickness.

A stiffness is here an array (..., 3, 3) in N/m, order xx, yy, xy along the layer's axes x and y,
engineering shear strain; S is its inverse, m/N. `planar_directional` has E and nu by direction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import VOIGT_PAIRS
from cijkl.units import GPA_A_TO_N_PER_M

__all__ = [
    "planar_anisotropy",
    "planar_compliance",
    "planar_eigenvalues",
    "planar_error",
    "planar_moduli",
    "planar_sound_velocities",
    "planar_stiffness",
    "planar_velocities",
]

Array = NDArray[np.float64]

_MANDEL = np.array([1.0, 1.0, 2.0**0.5])


def planar_stiffness(stiffness: ArrayLike, axes: ArrayLike, period: float) -> Array:
    """Constants of a layer (..., 3, 3), N/m, from those of a cell that holds it and vacuum.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa, of the cell.
    axes
        Unit vectors x and y (2, 3), at right angles.
    period
        Height of the cell normal to the layer, A. More vacuum makes it larger and the stiffness of
        the cell smaller; their product stays.
    """
    strains = _strains(axes)
    whole = np.asarray(stiffness, np.float64)
    return np.asarray(strains.T @ whole @ strains * (period * GPA_A_TO_N_PER_M), np.float64)


def planar_error(error: ArrayLike, axes: ArrayLike, period: float) -> Array:
    """Largest error (..., 3, 3), N/m, of a layer's constants, from the errors of the cell's.

    Parameters
    ----------
    error
        (..., 6, 6), GPa, none negative.
    axes, period
        As for `planar_stiffness`.
    """
    strains = np.abs(_strains(axes))
    whole = np.asarray(error, np.float64)
    return np.asarray(strains.T @ whole @ strains * (period * GPA_A_TO_N_PER_M), np.float64)


def planar_compliance(stiffness: ArrayLike) -> Array:
    """Inverse (..., 3, 3) of a layer's stiffness, m/N; NaN where there is none."""
    c = np.asarray(stiffness, np.float64)
    regular = (np.abs(np.linalg.det(c)) > 0.0)[..., None, None]
    inverse = np.linalg.inv(np.where(regular, c, np.eye(3)))
    return np.asarray(np.where(regular, inverse, np.nan), np.float64)


def planar_eigenvalues(stiffness: ArrayLike) -> Array:
    """Eigenvalues (..., 3) of the Mandel form, ascending, N/m: the same in all axes.

    A layer of any lattice is stable in its plane if all are positive; this is what the criteria
    listed for each plane lattice amount to.

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m.
    """
    mandel = np.asarray(stiffness, np.float64) * np.outer(_MANDEL, _MANDEL)
    return np.asarray(np.linalg.eigvalsh(mandel), np.float64)


def planar_moduli(stiffness: ArrayLike) -> dict[str, dict[str, Array]]:
    """Averages over all orientations in the plane, as of a polycrystalline layer.

    With K = (C11 + C22 + 2 C12)/4 (the layer modulus) and G = (C11 + C22 - 2 C12 + 4 C66)/8 after
    Voigt, 1/K = S11 + S22 + 2 S12 and 2/G = S11 + S22 - 2 S12 + S66 after Reuss, and Hill's mean;
    E = 4 K G/(K + G) and nu = (K - G)/(K + G).

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m.

    Returns
    -------
    ``K``, ``G``, ``E`` (N/m) and ``nu``, each with ``voigt``, ``reuss`` and ``hill`` (...).

    References
    ----------
    Layer modulus: Andrew et al., Phys. Rev. B 85, 125428 (2012). Averages: Li et al., Extreme Mech.
    Lett. 34, 100615 (2020).

    Examples
    --------
    >>> graphene = [[358.1, 60.4, 0.0], [60.4, 358.1, 0.0], [0.0, 0.0, 148.85]]
    >>> found = planar_moduli(graphene)
    >>> round(float(found["E"]["hill"]), 1), round(float(found["nu"]["hill"]), 3)
    (347.9, 0.169)
    """
    c = np.asarray(stiffness, np.float64)
    s = planar_compliance(c)
    (c_plus, c_minus), (s_plus, s_minus) = _plus_and_minus(c), _plus_and_minus(s)
    bulk = {"voigt": c_plus / 4.0, "reuss": 1.0 / s_plus}
    shear = {
        "voigt": (c_minus + 4.0 * c[..., 2, 2]) / 8.0,
        "reuss": 2.0 / (s_minus + s[..., 2, 2]),
    }
    for found in (bulk, shear):
        found["hill"] = 0.5 * (found["voigt"] + found["reuss"])
    return {
        "K": bulk,
        "G": shear,
        "E": {key: 4.0 * k * shear[key] / (k + shear[key]) for key, k in bulk.items()},
        "nu": {key: (k - shear[key]) / (k + shear[key]) for key, k in bulk.items()},
    }


def planar_anisotropy(stiffness: ArrayLike) -> Array:
    """Log-Euclidean distance (...) between the Voigt and the Reuss average; 0 if isotropic.

    A^2 = ln(K_V/K_R)^2 + 2 ln(G_V/G_R)^2, the layer's form of Kube's index (AIP Adv. 6, 095209,
    2016; for layers Li et al., Extreme Mech. Lett. 34, 100615, 2020).

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m, positive definite.
    """
    moduli = planar_moduli(stiffness)
    bulk, shear = (np.log(moduli[key]["voigt"] / moduli[key]["reuss"]) for key in ("K", "G"))
    return np.asarray(np.sqrt(bulk**2 + 2.0 * shear**2), np.float64)


def planar_velocities(stiffness: ArrayLike, angles: ArrayLike, areal_density: float) -> Array:
    """Phase velocities, m/s, of the two waves that move within the plane, ascending.

    Parameters
    ----------
    stiffness
        (..., 3, 3), N/m.
    angles
        (*d), rad, of the wave vector.
    areal_density
        kg/m^2.

    Returns
    -------
    (..., *d, 2). NaN where the tensor is not stable for a wave.
    """
    tensors, theta = np.asarray(stiffness, np.float64), np.asarray(angles, np.float64)
    c, s = np.cos(theta), np.sin(theta)
    zero = np.zeros_like(c)
    # strain of a wave for displacement along x and along y: (*d, 3, 2)
    strain = np.stack([np.stack([c, zero, s], -1), np.stack([zero, s, c], -1)], -1)
    spread = tensors.reshape(*tensors.shape[:-2], *(1,) * theta.ndim, 3, 3)
    squared = np.linalg.eigvalsh(strain.swapaxes(-1, -2) @ spread @ strain) / areal_density
    return np.sqrt(np.where(squared >= 0.0, squared, np.nan))


def planar_sound_velocities(
    bulk: ArrayLike, shear: ArrayLike, areal_density: float
) -> tuple[Array, Array]:
    """Longitudinal and transverse velocity, m/s, in an isotropic layer.

    Parameters
    ----------
    bulk, shear
        K and G (...), N/m.
    areal_density
        kg/m^2.
    """
    k, g = np.asarray(bulk, np.float64), np.asarray(shear, np.float64)
    return np.sqrt((k + g) / areal_density), np.sqrt(g / areal_density)


def _strains(axes: ArrayLike) -> Array:
    """Voigt strains (6, 3) of the cell at unit strain xx, yy and (engineering) xy of the layer."""
    x, y = np.asarray(axes, np.float64)
    units = np.stack([np.outer(x, x), np.outer(y, y), 0.5 * (np.outer(x, y) + np.outer(y, x))])
    rows, columns = np.array(VOIGT_PAIRS).T
    weight = np.where(rows == columns, 1.0, 2.0)
    return np.asarray(units[:, rows, columns].T * weight[:, None], np.float64)


def _plus_and_minus(matrix: Array) -> tuple[Array, Array]:
    """11 + 22 + 2 12, and 11 + 22 - 2 12."""
    trace, mixed = matrix[..., 0, 0] + matrix[..., 1, 1], matrix[..., 0, 1] + matrix[..., 1, 0]
    return trace + mixed, trace - mixed
