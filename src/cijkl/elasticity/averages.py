"""Moduli of a polycrystal: bounds of Voigt and Reuss, their Hill and Reuss-Hill means.

The Voigt average (equal strain everywhere) and the Reuss average (equal stress) bound the moduli
of a polycrystal without texture (Hill 1952, Proc. Phys. Soc. A 65, 349). Hill's estimate is their
arithmetic mean; the Reuss-Hill mean, between Reuss and Hill, was found closer to measured
molecular crystals (Taniguchi 2024, CrystEngComm 26, 631).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import compliance

__all__ = [
    "AVERAGES",
    "Average",
    "arithmetic_moduli",
    "average_bulk",
    "average_shear",
    "moduli",
    "poisson_from_bulk_shear",
    "youngs_from_bulk_shear",
]

Array = NDArray[np.float64]
Average = Literal["voigt", "reuss", "hill", "rh"]

#: the averages in the order in which they are reported
AVERAGES: tuple[Average, ...] = get_args(Average)


def average_bulk(stiffness: ArrayLike, average: Average = "hill") -> Array:
    """Bulk modulus of the polycrystal, shape (...), in the unit of `stiffness` (..., 6, 6)."""
    return _select(_bulk_voigt(stiffness), _bulk_reuss(stiffness), average)


def average_shear(stiffness: ArrayLike, average: Average = "hill") -> Array:
    """Shear modulus of the polycrystal, shape (...), in the unit of `stiffness` (..., 6, 6)."""
    return _select(_shear_voigt(stiffness), _shear_reuss(stiffness), average)


def youngs_from_bulk_shear(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """Young's modulus of an isotropic solid, E = 9KG / (3K + G), in the unit of both."""
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    return _divide(9.0 * k * g, 3.0 * k + g)


def poisson_from_bulk_shear(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """Poisson's ratio of an isotropic solid, nu = (3K - 2G) / (6K + 2G)."""
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    return _divide(3.0 * k - 2.0 * g, 6.0 * k + 2.0 * g)


def moduli(stiffness: ArrayLike) -> dict[str, dict[Average, Array]]:
    """K, G, E (unit of `stiffness`) and nu by every average.

    E and nu follow from K and G of the same average, as for any isotropic solid.

    Parameters
    ----------
    stiffness
        (..., 6, 6) in Voigt form.

    Returns
    -------
    ``{"K": {"voigt": (...), "reuss": ..., "hill": ..., "rh": ...}, "G": ..., "E": ..., "nu": ...}``
    """
    bulk = _all_averages(_bulk_voigt(stiffness), _bulk_reuss(stiffness))
    shear = _all_averages(_shear_voigt(stiffness), _shear_reuss(stiffness))
    return {
        "K": bulk,
        "G": shear,
        "E": {a: youngs_from_bulk_shear(bulk[a], shear[a]) for a in AVERAGES},
        "nu": {a: poisson_from_bulk_shear(bulk[a], shear[a]) for a in AVERAGES},
    }


def arithmetic_moduli(stiffness: ArrayLike) -> dict[str, dict[Average, Array]]:
    """K, G, E and nu where the means of E and nu, too, are arithmetic.

    E_H = (E_V + E_R)/2 and E_RH = (E_R + E_H)/2, and likewise nu, where those of `moduli` follow
    from K and G of the same average. The tables of Taniguchi 2024 and 2025 have E so, but nu as
    `moduli` gives it, from K_H and G_H.
    """
    result = moduli(stiffness)
    for name in ("E", "nu"):
        result[name] = _all_averages(result[name]["voigt"], result[name]["reuss"])
    return result


def _all_averages(voigt: Array, reuss: Array) -> dict[Average, Array]:
    hill = 0.5 * (voigt + reuss)
    return {"voigt": voigt, "reuss": reuss, "hill": hill, "rh": 0.5 * (reuss + hill)}


def _select(voigt: Array, reuss: Array, average: Average) -> Array:
    if average not in AVERAGES:
        raise ValueError(f"average must be one of {', '.join(AVERAGES)}, not {average!r}")
    return _all_averages(voigt, reuss)[average]


def _bulk_voigt(stiffness: ArrayLike) -> Array:
    return np.asarray(np.asarray(stiffness, float)[..., :3, :3].sum((-1, -2)) / 9.0, np.float64)


def _bulk_reuss(stiffness: ArrayLike) -> Array:
    return _divide(np.asarray(1.0), compliance(stiffness)[..., :3, :3].sum((-1, -2)))


def _shear_voigt(stiffness: ArrayLike) -> Array:
    axial, coupling, shear = _diagonal_sums(np.asarray(stiffness, float))
    return (axial - coupling + 3.0 * shear) / 15.0


def _shear_reuss(stiffness: ArrayLike) -> Array:
    axial, coupling, shear = _diagonal_sums(compliance(stiffness))
    return _divide(np.asarray(15.0), 4.0 * (axial - coupling) + 3.0 * shear)


def _diagonal_sums(voigt: Array) -> tuple[Array, Array, Array]:
    """C11 + C22 + C33, C12 + C13 + C23 and C44 + C55 + C66 of a Voigt matrix (..., 6, 6)."""
    diagonal = np.diagonal(voigt, axis1=-2, axis2=-1)
    axial = diagonal[..., :3].sum(-1)
    coupling = 0.5 * (voigt[..., :3, :3].sum((-1, -2)) - axial)
    return axial, coupling, diagonal[..., 3:].sum(-1)


def _divide(numerator: Array, denominator: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator / denominator)
