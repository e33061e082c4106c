"""Estimates that engineers draw from elastic constants: ductility, hardness, toughness, heat.

All but the Cauchy pressure and Kleinman's parameter take polycrystal moduli. They are
correlations with a range of validity, which each docstring gives; outside it they are numbers
without meaning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.averages import (
    average_bulk,
    average_shear,
    poisson_from_bulk_shear,
    youngs_from_bulk_shear,
)
from cijkl.units import ANGSTROM_TO_M, ATOMIC_MASS, BOLTZMANN, G_PER_CM3_TO_KG_PER_M3, GPA_TO_PA

__all__ = [
    "agne_conductivity",
    "cahill_conductivity",
    "cauchy_pressure",
    "chen_hardness",
    "clarke_conductivity",
    "grueneisen_parameter",
    "jiang_hardness",
    "kleinman_parameter",
    "miao_hardness",
    "niu_toughness",
    "pugh_ratio",
    "slack_conductivity",
    "teter_hardness",
    "tian_hardness",
]

Array = NDArray[np.float64]


def pugh_ratio(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """K/G; metals above 1.75 tend to be ductile, below brittle.

    Pugh 1954, Philos. Mag. 45, 823.
    """
    ratio: Array = np.asarray(bulk, float) / np.asarray(shear, float)
    return ratio


def cauchy_pressure(stiffness: ArrayLike) -> Array:
    """Generalised Cauchy pressure in GPa, shape (...), the same in every frame.

    The mean of C12 - C66, C13 - C55 and C23 - C44, which equals (C_iijj - C_ijij)/6 and
    K_V - 5 G_V/3, and for cubic crystals C12 - C44. Negative values go with directional bonds
    and brittleness, positive ones with metallic bonds (Pettifor 1992, Mater. Sci. Technol. 8,
    345).
    """
    pressure: Array = average_bulk(stiffness, "voigt") - 5.0 / 3.0 * average_shear(
        stiffness, "voigt"
    )
    return pressure


def kleinman_parameter(stiffness: ArrayLike) -> Array:
    """Kleinman's internal-strain parameter (C11 + 8 C12)/(7 C11 + 2 C12) of a cubic crystal.

    0: bonds resist bending only; 1: stretching only. Shape (...); cubic axes along the frame.
    Harrison 1989, Electronic Structure and the Properties of Solids; Kleinman 1962, Phys. Rev.
    128, 2614.
    """
    c = np.asarray(stiffness, float)
    return (c[..., 0, 0] + 8.0 * c[..., 0, 1]) / (7.0 * c[..., 0, 0] + 2.0 * c[..., 0, 1])


def chen_hardness(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """Vickers hardness 2 (k^2 G)^0.585 - 3 with k = G/K, in GPa.

    Chen et al. 2011, Intermetallics 19, 1275, eq. 6. Polycrystals and bulk metallic glasses
    harder than about 5 GPa; softer ones may come out negative.
    """
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    return np.asarray(2.0 * ((g / k) ** 2 * g) ** 0.585 - 3.0, np.float64)


def tian_hardness(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """Vickers hardness 0.92 k^1.137 G^0.708 with k = G/K, in GPa.

    Tian, Xu and Zhao 2012, Int. J. Refract. Met. Hard Mater. 33, 93. Chen's model refitted so
    that soft materials stay positive; covalent and ionic crystals, carbides, nitrides, borides.
    """
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    return np.asarray(0.92 * (g / k) ** 1.137 * g**0.708, np.float64)


def teter_hardness(shear: ArrayLike) -> Array:
    """Vickers hardness 0.151 G, in GPa.

    Teter 1998, MRS Bull. 23, 22. Hard covalent and ionic crystals; overestimates metals.
    """
    return 0.151 * np.asarray(shear, float)


def miao_hardness(bulk: ArrayLike, shear: ArrayLike) -> Array:
    """Hardness (1 - 2 nu) E / (6 (1 + nu)), in GPa.

    Miao et al. 2011, Comput. Mater. Sci. 50, 1559. Transition-metal borides and carbides.
    """
    e = youngs_from_bulk_shear(bulk, shear)
    nu = poisson_from_bulk_shear(bulk, shear)
    return (1.0 - 2.0 * nu) * e / (6.0 * (1.0 + nu))


def jiang_hardness(shear: ArrayLike) -> Array:
    """Hardness 0.1475 G, in GPa.

    Jiang, Zhao and Jiang 2011, Comput. Mater. Sci. 50, 2287. Covalent crystals.
    """
    return 0.1475 * np.asarray(shear, float)


def niu_toughness(bulk: ArrayLike, shear: ArrayLike, volume_per_atom: ArrayLike) -> Array:
    """Fracture toughness V^(1/6) G (K/G)^(1/2), in MPa m^0.5.

    Niu, Niu and Oganov 2019, J. Appl. Phys. 125, 065105, eq. 4. Covalent and ionic crystals;
    for metals it is a lower bound, since the published enhancement needs the density of states.

    Parameters
    ----------
    bulk, shear
        GPa.
    volume_per_atom
        A^3.
    """
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    length = (np.asarray(volume_per_atom, float) * ANGSTROM_TO_M**3) ** (1.0 / 6.0)
    return np.asarray(length * g * 1e3 * np.sqrt(k / g), np.float64)


def clarke_conductivity(
    bulk: ArrayLike, shear: ArrayLike, density: ArrayLike, atomic_mass: ArrayLike
) -> Array:
    """Minimal thermal conductivity 0.87 k_B m^(-2/3) E^(1/2) rho^(1/6), in W/(m K).

    Clarke 2003, Surf. Coat. Technol. 163, 67, eq. 7. The limit at high temperature, in
    insulators whose phonons travel one mean atomic distance.

    Parameters
    ----------
    bulk, shear
        GPa.
    density
        g/cm^3.
    atomic_mass
        Mean mass of an atom, amu.
    """
    modulus = youngs_from_bulk_shear(bulk, shear) * GPA_TO_PA
    mass = np.asarray(atomic_mass, float) * ATOMIC_MASS
    rho = np.asarray(density, float) * G_PER_CM3_TO_KG_PER_M3
    return 0.87 * BOLTZMANN * mass ** (-2.0 / 3.0) * np.sqrt(modulus) * rho ** (1.0 / 6.0)


def cahill_conductivity(v_l: ArrayLike, v_t: ArrayLike, number_density: ArrayLike) -> Array:
    """Minimal thermal conductivity k_B n^(2/3) (v_l + 2 v_t)/2.48, in W/(m K).

    Cahill, Watson and Pohl 1992, Phys. Rev. B 46, 6131, in the limit of high temperature.
    Amorphous and strongly disordered solids.

    Parameters
    ----------
    v_l, v_t
        m/s.
    number_density
        Atoms per A^3.
    """
    speed = np.asarray(v_l, float) + 2.0 * np.asarray(v_t, float)
    return BOLTZMANN / 2.48 * _per_area(number_density) * speed


def agne_conductivity(v_l: ArrayLike, v_t: ArrayLike, number_density: ArrayLike) -> Array:
    """Minimal thermal conductivity by diffusons, 0.76 k_B n^(2/3) (v_l + 2 v_t)/3, in W/(m K).

    Agne, Hanus and Snyder 2018, Energy Environ. Sci. 11, 609, eq. 17. Arguments as in
    `cahill_conductivity`.
    """
    speed = (np.asarray(v_l, float) + 2.0 * np.asarray(v_t, float)) / 3.0
    return 0.76 * BOLTZMANN * _per_area(number_density) * speed


def grueneisen_parameter(poisson: ArrayLike) -> Array:
    """Grueneisen parameter 3 (1 + nu) / (2 (2 - 3 nu)).

    Belomestnykh 2004, Tech. Phys. Lett. 30, 91. Good to some 20 % for simple crystals.
    """
    nu = np.asarray(poisson, float)
    return 1.5 * (1.0 + nu) / (2.0 - 3.0 * nu)


def slack_conductivity(
    debye_temperature: ArrayLike,
    grueneisen: ArrayLike,
    atomic_mass: ArrayLike,
    volume_per_atom: ArrayLike,
    atoms_per_cell: ArrayLike,
    temperature: float = 300.0,
) -> Array:
    """Lattice thermal conductivity A m theta_a^3 delta n^(1/3) / (gamma^2 T), in W/(m K).

    theta_a = theta_D n^(-1/3) is the acoustic Debye temperature, delta the cube root of the
    volume per atom, and A = 2.43e-6 / (1 - 0.514/gamma + 0.228/gamma^2) with m in amu and delta
    in A. Slack 1979, Solid State Phys. 34, 1; Julian 1965, Phys. Rev. 137, A128; Morelli and
    Slack 2006, in High Thermal Conductivity Materials, eq. 2.1. Non-metals above theta_a/2 whose
    heat is carried by acoustic phonons.

    Parameters
    ----------
    debye_temperature, temperature
        K.
    grueneisen
        Grueneisen parameter.
    atomic_mass
        Mean mass of an atom, amu.
    volume_per_atom
        A^3.
    atoms_per_cell
        Number of atoms in the primitive cell.
    """
    gamma, n = np.asarray(grueneisen, float), np.asarray(atoms_per_cell, float)
    theta_cubed = np.asarray(debye_temperature, float) ** 3 / n
    prefactor = 2.43e-6 / (1.0 - 0.514 / gamma + 0.228 / gamma**2)
    delta = np.cbrt(np.asarray(volume_per_atom, float))
    mass = np.asarray(atomic_mass, float)
    return np.asarray(
        prefactor * mass * theta_cubed * delta * np.cbrt(n) / (gamma**2 * temperature), np.float64
    )


def _per_area(number_density: ArrayLike) -> Array:
    """Atoms per A^3 to the power 2/3, in 1/m^2."""
    density = np.asarray(number_density, float) / ANGSTROM_TO_M**3
    return np.asarray(density ** (2.0 / 3.0))
