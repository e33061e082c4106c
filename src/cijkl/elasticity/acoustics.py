"""Sound: the Christoffel equation, velocities of an isotropic aggregate, Debye temperature.

A plane wave along n with polarisation u and phase velocity v obeys

    Gamma_ik u_k = density v^2 u_i,   Gamma_ik = C_ijkl n_j n_l

(Auld, Acoustic Fields and Waves in Solids, 2nd ed. 1990, vol. 1, chapter 6).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.directional import unit
from cijkl.elasticity.notation import strain_to_voigt, voigt_to_cartesian, voigt_to_stress
from cijkl.elasticity.quadrature import sphere_average, sphere_quadrature
from cijkl.errors import InputError
from cijkl.units import (
    ANGSTROM_TO_M,
    BOLTZMANN,
    G_PER_CM3_TO_KG_PER_M3,
    GPA_TO_PA,
    PLANCK,
)

__all__ = [
    "christoffel",
    "debye_temperature",
    "debye_temperature_exact",
    "group_velocities",
    "mean_velocity_exact",
    "phase_velocities",
    "sound_velocities",
]

Array = NDArray[np.float64]

#: relative difference of two eigenvalues of the Christoffel matrix below which they are one
DEGENERATE = 1e-7
#: (tensor, direction) pairs held in memory at once
CHUNK = 200_000


def phase_velocities(
    stiffness: ArrayLike, directions: ArrayLike, density: ArrayLike
) -> tuple[Array, Array]:
    """Phase velocities and polarisations of the three sound waves along each direction.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    directions
        (*d, 3), Cartesian, of any length but zero.
    density
        g/cm^3; a number, or an array that broadcasts to the leading axes (...).

    Returns
    -------
    velocities (..., *d, 3), m/s, ascending; NaN for a wave whose stiffness is negative.
    polarisations (..., *d, 3, 3): row b is the unit vector of wave b, of arbitrary sign, and
    any orthonormal choice where waves are degenerate.

    Raises
    ------
    InputError
        If a shape is wrong, a direction is zero, or a density is not positive.
    """
    gamma = christoffel(stiffness, directions)
    values, vectors = _eigh(gamma)
    return _velocity(values, _per_direction(density, stiffness, directions, 1)), vectors


def group_velocities(stiffness: ArrayLike, directions: ArrayLike, density: ArrayLike) -> Array:
    """Group velocity vectors, the velocity of energy, of the three waves along each direction.

        v_g,j = C_ijkl u_i u_k n_l / (density v)

    (Auld 1990, vol. 1, chapter 7; Jaeken, Cottenier, Comput. Phys. Commun. 2016, 207, 445).
    Parameters and errors are those of :func:`phase_velocities`.

    Returns
    -------
    (..., *d, 3, 3), m/s: row b belongs to wave b, in ascending order of phase velocity. Its
    component along n is the phase velocity.

    Notes
    -----
    Where waves are degenerate the formula depends on the arbitrary choice of polarisation when
    the slowness sheets meet in a cone (conical refraction, as along <111> of a cubic crystal).
    The mean over the degenerate waves is returned then, the axis of the cone, which does not
    depend on the choice; where the sheets only touch it is the one group velocity they share.
    """
    n = unit(directions, "directions")
    voigt = _voigt(stiffness)
    values, u = _eigh(christoffel(voigt, n))
    # C_ijkl u_k n_l is the stress of the strain that the wave makes
    strain = strain_to_voigt(u[..., :, None] * n[..., None, None, :])
    waves = strain.reshape(*voigt.shape[:-2], -1, 6)
    stress = voigt_to_stress((waves @ voigt.swapaxes(-1, -2)).reshape(strain.shape))
    gradient = (stress @ u[..., :, None])[..., 0]
    gap = np.abs(values[..., :, None] - values[..., None, :])
    same = (gap <= DEGENERATE * np.abs(values).max(axis=-1)[..., None, None]).astype(float)
    gradient = (same @ gradient) / same.sum(axis=-1, keepdims=True)
    rho = _per_direction(density, stiffness, directions, 1)
    velocity = _velocity(values, rho)
    scale = GPA_TO_PA / G_PER_CM3_TO_KG_PER_M3
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(scale * gradient / (rho * velocity)[..., None])


def christoffel(stiffness: ArrayLike, directions: ArrayLike) -> Array:
    """Christoffel matrix C_ijkl n_j n_l, GPa, (..., *d, 3, 3), of unit vectors along (*d, 3)."""
    n = unit(directions, "directions")
    voigt = _voigt(stiffness)
    full = np.moveaxis(voigt_to_cartesian(voigt), -3, -2)
    dyads = (n[..., :, None] * n[..., None, :]).reshape(-1, 9)
    gamma = dyads @ full.reshape(-1, 9, 9).swapaxes(-1, -2)
    gamma = gamma.reshape(*voigt.shape[:-2], *n.shape[:-1], 3, 3)
    return np.asarray(0.5 * (gamma + gamma.swapaxes(-1, -2)))


def sound_velocities(
    bulk: ArrayLike, shear: ArrayLike, density: ArrayLike
) -> tuple[Array, Array, Array]:
    """Longitudinal, transverse and mean sound velocity of an isotropic solid, m/s.

        v_l = sqrt((K + 4 G/3)/density),  v_t = sqrt(G/density),
        v_mean = [(2/v_t^3 + 1/v_l^3)/3]^(-1/3)

    Parameters
    ----------
    bulk, shear
        K and G, GPa, arrays that broadcast.
    density
        g/cm^3.

    Returns
    -------
    v_l, v_t, v_mean, each of the broadcast shape; NaN where K + 4 G/3 or G is negative.

    Raises
    ------
    InputError
        If a density is not positive.

    References
    ----------
    Anderson, J. Phys. Chem. Solids 1963, 24, 909.

    Examples
    --------
    >>> v_l, v_t, v_mean = sound_velocities(100.0, 60.0, 3.0)
    >>> print(f"{v_l:.1f} {v_t:.1f} {v_mean:.1f}")
    7746.0 4472.1 4964.9
    """
    rho = _density(density)
    k, g = np.asarray(bulk, float), np.asarray(shear, float)
    v_l, v_t = _velocity(k + 4.0 * g / 3.0, rho), _velocity(g, rho)
    with np.errstate(divide="ignore"):
        v_mean = ((2.0 / v_t**3 + 1.0 / v_l**3) / 3.0) ** (-1.0 / 3.0)
    return v_l, v_t, np.asarray(v_mean)


def debye_temperature(v_mean: ArrayLike, number_density: ArrayLike) -> Array:
    """Debye temperature, K, of a mean sound velocity.

        Theta = (h/k_B) [3 n/(4 pi)]^(1/3) v_mean

    Parameters
    ----------
    v_mean
        Mean velocity (...), m/s, as from :func:`sound_velocities`.
    number_density
        Atoms n per volume, 1/A^3.

    Returns
    -------
    (...), K.

    Raises
    ------
    InputError
        If a number density is not positive.

    References
    ----------
    Anderson, J. Phys. Chem. Solids 1963, 24, 909. Liu et al. 2025, eq. 5, prints h-bar in
    place of h; their tabulated temperatures agree with h.

    Examples
    --------
    >>> print(f"{debye_temperature(5000.0, 0.05):.1f}")
    548.4
    """
    n = np.asarray(number_density, float)
    if not (n > 0.0).all():
        raise InputError("a number density is not positive: give atoms per A^3")
    per_length = (3.0 * n / (4.0 * math.pi)) ** (1.0 / 3.0) / ANGSTROM_TO_M
    return np.asarray(PLANCK / BOLTZMANN * per_length * np.asarray(v_mean, float))


def debye_temperature_exact(
    stiffness: ArrayLike, density: ArrayLike, number_density: ArrayLike, degree: int = 35
) -> Array:
    """Debye temperature, K, from the velocities in all directions of the single crystal.

    That of :func:`debye_temperature` with the velocity of :func:`mean_velocity_exact`; it is
    the limit of the elastic heat capacity at low temperature.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    density
        g/cm^3, broadcasts to (...).
    number_density
        Atoms per A^3, broadcasts to (...).
    degree
        Of the sphere quadrature.

    Returns
    -------
    (...), K; NaN where a wave in any direction is unstable.

    Raises
    ------
    InputError
        If a shape is wrong, or a density is not positive.
    """
    return debye_temperature(mean_velocity_exact(stiffness, density, degree), number_density)


def mean_velocity_exact(stiffness: ArrayLike, density: ArrayLike, degree: int = 35) -> Array:
    """Debye mean velocity (...), m/s, of a single crystal, [<sum_b v_b(n)^-3>/3]^(-1/3).

    The average runs over all directions by quadrature of the given degree (Robie, Edwards,
    J. Appl. Phys. 1966, 37, 2659). NaN where a wave in any direction is unstable.
    Parameters and errors are those of :func:`debye_temperature_exact`.
    """
    voigt = _voigt(stiffness)
    lead = voigt.shape[:-2]
    directions, weights = _half_sphere(degree)
    flat = voigt.reshape(-1, 6, 6)
    step = max(1, CHUNK // len(directions))
    mean = np.empty(len(flat))
    for start in range(0, len(flat), step):
        gamma = christoffel(flat[start : start + step], directions)
        finite = np.isfinite(gamma)
        values = np.linalg.eigvalsh(np.where(finite, gamma, 0.0))
        positive = finite.all(axis=(-2, -1)) & (values[..., 0] > 0.0)
        safe = np.where(positive[..., None], values, np.nan)
        mean[start : start + step] = sphere_average((safe**-1.5).sum(axis=-1), weights)
    slowness = mean.reshape(lead) / 3.0
    return _velocity(slowness ** (-2.0 / 3.0), _density(density))


def _half_sphere(degree: int) -> tuple[Array, Array]:
    """Quadrature of even functions with one direction of each pair n, -n."""
    directions, weights = sphere_quadrature(degree)
    x, y, z = np.where(np.abs(directions) < 1e-12, 0.0, directions).T
    upper = (z > 0) | ((z == 0) & ((y > 0) | ((y == 0) & (x > 0))))
    return directions[upper], 2.0 * weights[upper]


def _velocity(modulus: Array, density: Array) -> Array:
    """sqrt(modulus/density), m/s, of GPa and g/cm^3; NaN for a negative modulus."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(modulus * GPA_TO_PA / (density * G_PER_CM3_TO_KG_PER_M3)))


def _eigh(gamma: Array) -> tuple[Array, Array]:
    """Eigenvalues (..., 3) ascending and eigenvectors as rows (..., 3, 3); NaN stays NaN."""
    finite = np.asarray(np.isfinite(gamma).all(axis=(-2, -1)))[..., None, None]
    values, columns = np.linalg.eigh(np.where(finite, gamma, 0.0))
    return (
        np.where(finite[..., 0], values, np.nan),
        np.where(finite, columns.swapaxes(-1, -2), np.nan),
    )


def _voigt(stiffness: ArrayLike) -> Array:
    voigt = np.asarray(stiffness, float)
    if voigt.shape[-2:] != (6, 6):
        raise InputError(
            f"stiffness has shape {voigt.shape}, expected (..., 6, 6): give Voigt matrices in GPa"
        )
    return voigt


def _density(density: ArrayLike) -> Array:
    rho = np.asarray(density, float)
    if not (rho > 0.0).all():
        raise InputError("a density is not positive: give g/cm^3")
    return rho


def _per_direction(
    density: ArrayLike, stiffness: ArrayLike, directions: ArrayLike, extra: int
) -> Array:
    """Density (...) with axes of length one for the directions and `extra` more."""
    rho = _density(density)
    lead = np.asarray(stiffness).shape[:-2]
    try:
        rho = np.broadcast_to(rho, lead)
    except ValueError:
        raise InputError(
            f"density has shape {rho.shape}, expected a number or the shape {lead} of the tensors"
        ) from None
    return rho.reshape(lead + (1,) * (np.ndim(directions) - 1 + extra))
