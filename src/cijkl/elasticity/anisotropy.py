"""How far a tensor is from isotropy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.averages import average_bulk, average_shear
from cijkl.elasticity.notation import compliance

__all__ = [
    "cubic_criterion",
    "log_euclidean_anisotropy",
    "percent_anisotropy",
    "universal_anisotropy",
    "zener_ratio",
]

Array = NDArray[np.float64]


def universal_anisotropy(stiffness: ArrayLike) -> Array:
    """Universal index A^U = 5 G_V/G_R + K_V/K_R - 6, shape (...); 0 for an isotropic solid.

    Ranganathan and Ostoja-Starzewski 2008, Phys. Rev. Lett. 101, 055504, eq. 9.
    """
    bulk, shear = _voigt_over_reuss(stiffness)
    return 5.0 * shear + bulk - 6.0


def log_euclidean_anisotropy(stiffness: ArrayLike) -> Array:
    """Index A^L = sqrt(ln(K_V/K_R)^2 + 5 ln(G_V/G_R)^2), shape (...).

    The log-Euclidean distance of the Voigt from the Reuss average: absolute, so that 0.2 is twice
    as anisotropic as 0.1 (Kube 2016, AIP Adv. 6, 095209, eq. 6). NaN for an unstable tensor whose
    ratio is negative.
    """
    bulk, shear = _voigt_over_reuss(stiffness)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(np.log(bulk) ** 2 + 5.0 * np.log(shear) ** 2))


def percent_anisotropy(stiffness: ArrayLike) -> tuple[Array, Array]:
    """100 (V - R)/(V + R) of K and of G, each of shape (...).

    Chung and Buessem 1967, J. Appl. Phys. 38, 2010.
    """
    percents = []
    for average in (average_bulk, average_shear):
        voigt, reuss = average(stiffness, "voigt"), average(stiffness, "reuss")
        with np.errstate(invalid="ignore", divide="ignore"):
            percents.append(np.asarray(100.0 * (voigt - reuss) / (voigt + reuss)))
    return percents[0], percents[1]


def zener_ratio(stiffness: ArrayLike) -> Array:
    """Zener ratio 2 C44 / (C11 - C12), shape (...), of a cubic tensor along its cubic axes.

    Zener 1948, Elasticity and Anelasticity of Metals, p. 16.
    """
    c = np.asarray(stiffness, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2.0 * c[..., 3, 3] / (c[..., 0, 0] - c[..., 0, 1]))


def cubic_criterion(stiffness: ArrayLike) -> Array:
    """S11 - S12 - S44/2 in 1/GPa, shape (...), of a cubic tensor along its cubic axes.

    Positive: Young's modulus is largest along <111>; negative: along <100> (Nye 1985, p. 145).
    """
    s = compliance(stiffness)
    return s[..., 0, 0] - s[..., 0, 1] - 0.5 * s[..., 3, 3]


def _voigt_over_reuss(stiffness: ArrayLike) -> tuple[Array, Array]:
    with np.errstate(invalid="ignore", divide="ignore"):
        bulk = average_bulk(stiffness, "voigt") / average_bulk(stiffness, "reuss")
        shear = average_shear(stiffness, "voigt") / average_shear(stiffness, "reuss")
    return bulk, shear
