"""The stress of a reference, what it does to the elastic constants, and when it is a doubt.

Under a stress s (tension positive) the change of the Cauchy stress with a strain e is

    B e = E_ee e / V + (s e + e s)/2 - s tr(e),

the stress-strain coefficients of Barron and Klein 1965, Proc. Phys. Soc. 85, 523, and Wallace 1972,
Thermodynamics of Crystals, eq. 2.24, with the energy E taken at the deformation 1 + e in place of
the Lagrangian strain. Under hydrostatic pressure they are those of Birch and symmetric. Otherwise
B_ijkl - B_klij = s_kl d_ij - s_ij d_kl, and the symmetric part is what decides stability (Wang,
Li, Yip and Wolf 1995, Phys. Rev. B 52, 12627).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.errors import Diagnostic
from cijkl.response.deformation import mandel_to_matrix, matrix_to_mandel
from cijkl.units import EV_PER_A3_TO_GPA, GPA_TO_EV_PER_A3

if TYPE_CHECKING:
    from cijkl.response.deformation import Group

__all__ = ["antisymmetric_part", "doubtful_stress", "residual_stress", "stress_strain"]

Array = NDArray[np.float64]

#: strain by which the cell would change, above which the potential is doubted: between 0 K and
#: room temperature molecular crystals grow by 1 to 2 % in each direction
_FAR = 0.03


def stress_strain(stress: Array) -> Array:
    """What a stress adds to E_ee/V to give the derivative of the Cauchy stress by strain.

    Parameters
    ----------
    stress
        (3, 3), tension positive.

    Returns
    -------
    (6, 6), Mandel form, the unit of `stress`; its part symmetric under exchange of the pairs.
    """
    units = mandel_to_matrix(np.eye(6))
    change = 0.5 * (stress @ units + units @ stress)
    change = change - np.trace(units, axis1=1, axis2=2)[:, None, None] * stress
    columns = matrix_to_mandel(change).T
    return np.asarray(0.5 * (columns + columns.T), np.float64)


def antisymmetric_part(stress: Array) -> Array:
    """Part of the derivative of the Cauchy stress that changes sign under exchange of the pairs.

    It is known from the stress alone, and zero if that is hydrostatic.

    Parameters
    ----------
    stress
        (3, 3), tension positive.

    Returns
    -------
    (6, 6), Mandel form, the unit of `stress`.
    """
    one, pressed = matrix_to_mandel(np.eye(3)), matrix_to_mandel(stress)
    return np.asarray(0.5 * (np.outer(one, pressed) - np.outer(pressed, one)), np.float64)


def residual_stress(stress: Array, group: Group, pressure: float = 0.0) -> Array:
    """The stress (3, 3) that a relaxation left beside the pressure asked for, GPa.

    Parameters
    ----------
    stress
        Of the potential, (3, 3), eV/A^3, tension positive.
    group
        The crystal's operations, over which the stress is averaged.
    pressure
        GPa.
    """
    left = stress + pressure * GPA_TO_EV_PER_A3 * np.eye(3)
    return np.asarray(group.average_stress(left) * EV_PER_A3_TO_GPA, np.float64)


def doubtful_stress(stress: Array, stiffness: Array) -> Diagnostic | None:
    """A warning where the potential would change a cell held as given by more than heat does.

    Parameters
    ----------
    stress
        Residual stress (3, 3), GPa, tension positive.
    stiffness
        (6, 6), Voigt, GPa; an unstable one tells nothing of the cell that the potential prefers.
    """
    tensor = voigt_to_mandel(stiffness)
    if np.linalg.eigvalsh(tensor)[0] <= 0.0:
        return None
    relief: Array = np.linalg.solve(tensor, -matrix_to_mandel(stress)).astype(np.float64)
    strain = mandel_to_matrix(relief)
    if np.abs(np.linalg.eigvalsh(strain)).max() < _FAR:
        return None
    return Diagnostic(
        "residual_stress",
        f"The potential holds the given cell under a stress of up to {np.abs(stress).max():.2g} "
        f"GPa (pressure {-np.trace(stress) / 3.0:+.2g} GPa), and would change its volume by about "
        f"{100.0 * np.trace(strain):+.0f} %: more than heat explains. Compare the relaxed cell, or "
        "try another potential.",
    )
