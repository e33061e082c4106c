"""Young's modulus, linear compressibility, shear modulus and Poisson's ratio along directions.

Every property is a contraction of the Voigt compliance S with six-vectors that a direction
makes. With n and m unit vectors, m normal to n,

    s(n) = (n1^2, n2^2, n3^2, n2 n3, n1 n3, n1 n2)
    t(n, m) = (2 n1 m1, 2 n2 m2, 2 n3 m3, n2 m3 + n3 m2, n1 m3 + n3 m1, n1 m2 + n2 m1)

    1/E(n) = s(n) S s(n)             beta(n) = s(n) S (1, 1, 1, 0, 0, 0)
    1/G(n, m) = t(n, m) S t(n, m)    nu(n, m) = -s(m) S s(n) / s(n) S s(n)

(Nye, Physical Properties of Crystals, 1985, pp. 143-145; Marmier et al., Comput. Phys. Commun.
2010, 181, 2102). So many tensors in many directions cost one matrix product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.quadrature import sphere_average, sphere_quadrature
from cijkl.errors import InputError

__all__ = [
    "direction_from_uvw",
    "linear_compressibility",
    "normal_from_hkl",
    "poisson_ratio",
    "shear_modulus",
    "youngs_modulus",
    "youngs_modulus_difference",
]

Array = NDArray[np.float64]

#: largest cosine between directions that must be at right angles
PERPENDICULAR = 1e-3


def youngs_modulus(stiffness: ArrayLike, directions: ArrayLike) -> Array:
    """Young's modulus E(n), GPa, for uniaxial stress along each direction.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    directions
        (*d, 3), Cartesian, of any length but zero.

    Returns
    -------
    (..., *d): every tensor with every direction. NaN where a stiffness is singular or not finite.

    Raises
    ------
    InputError
        If a shape is wrong, or a direction is zero or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> isotropic = np.diag([0.0, 0, 0, 1, 1, 1]) + np.pad(np.eye(3) * 2 + 1, (0, 3))
    >>> youngs_modulus(isotropic, [[1, 0, 0], [1, 1, 1]])
    array([2.5, 2.5])
    """
    s = uniaxial(unit(directions, "directions"))
    with np.errstate(divide="ignore"):
        return 1.0 / contract(finite_compliance(stiffness), s, s)


def linear_compressibility(stiffness: ArrayLike, directions: ArrayLike) -> Array:
    """Linear compressibility beta(n), 1/GPa: shortening along n per hydrostatic pressure.

    Parameters, result (..., *d) and errors are those of :func:`youngs_modulus`. Negative
    where the crystal grows along n under pressure.
    """
    s = uniaxial(unit(directions, "directions"))
    return contract(finite_compliance(stiffness), s, np.broadcast_to(HYDROSTATIC, s.shape))


def shear_modulus(stiffness: ArrayLike, directions: ArrayLike, normals: ArrayLike) -> Array:
    """Shear modulus G(n, m), GPa, of shear along a direction in the plane with a normal.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    directions, normals
        (*d, 3) each, or shapes that broadcast; at right angles to each other, of any length
        but zero. G does not change when the two are exchanged.

    Returns
    -------
    (..., *d). NaN where a stiffness is singular or not finite.

    Raises
    ------
    InputError
        If a shape is wrong, a vector is zero or not finite, or a pair is not perpendicular.
    """
    n, m = perpendicular(directions, normals, ("directions", "normals"))
    t = shear(n, m)
    with np.errstate(divide="ignore"):
        return 1.0 / contract(finite_compliance(stiffness), t, t)


def poisson_ratio(stiffness: ArrayLike, directions: ArrayLike, transverse: ArrayLike) -> Array:
    """Poisson's ratio nu(n, m): contraction along m per extension along n, stress along n.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, GPa.
    directions, transverse
        (*d, 3) each, or shapes that broadcast: n and m, at right angles.

    Returns
    -------
    (..., *d). NaN where a stiffness is singular or not finite.

    Raises
    ------
    InputError
        If a shape is wrong, a vector is zero or not finite, or a pair is not perpendicular.
    """
    n, m = perpendicular(directions, transverse, ("directions", "transverse"))
    s = uniaxial(n)
    compliance = finite_compliance(stiffness)
    with np.errstate(divide="ignore", invalid="ignore"):
        return -contract(compliance, uniaxial(m), s) / contract(compliance, s, s)


def youngs_modulus_difference(
    stiffness: ArrayLike, reference: ArrayLike, degree: int = 35
) -> Array:
    """Signed relative difference D of two crystals' directional Young's moduli.

        D = <E(n) - E_ref(n)> / <E_ref(n)>,  <.> the average over all directions

    Positive when the crystal is on the whole stiffer than the reference. Opposite differences
    in different directions cancel. Both tensors must be in the same frame.

    Parameters
    ----------
    stiffness, reference
        (..., 6, 6), Voigt, GPa; leading axes broadcast.
    degree
        Of the sphere quadrature, see :func:`cijkl.elasticity.quadrature.sphere_quadrature`.

    Returns
    -------
    (...), without unit.

    Notes
    -----
    Wen et al., Digital Discovery 2024, 3, 869, section 2.4, compare crystals by a signed difference
    of their E(n). The definition above, with the mean of the reference as its unit, is this
    package's own and need not equal theirs.
    """
    directions, weights = sphere_quadrature(degree)
    mean = sphere_average(youngs_modulus(stiffness, directions), weights)
    mean_reference = sphere_average(youngs_modulus(reference, directions), weights)
    return np.asarray(mean / mean_reference - 1.0)


def direction_from_uvw(uvw: ArrayLike, lattice: ArrayLike) -> Array:
    """Unit vector along the lattice direction [uvw].

    Parameters
    ----------
    uvw
        (..., 3), need not be whole numbers.
    lattice
        (3, 3), its rows the cell vectors, A.

    Returns
    -------
    (..., 3), in the Cartesian frame of `lattice`.

    Raises
    ------
    InputError
        If [uvw] is zero or the cell vectors are not three independent ones.
    """
    return unit(_triples(uvw, "[uvw]") @ _cell(lattice), "[uvw]")


def normal_from_hkl(hkl: ArrayLike, lattice: ArrayLike) -> Array:
    """Unit normal of the lattice planes (hkl).

    Parameters, result and errors are those of :func:`direction_from_uvw`.
    """
    reciprocal = np.linalg.inv(_cell(lattice)).T
    return unit(_triples(hkl, "(hkl)") @ reciprocal, "(hkl)")


#: Voigt vector of a unit hydrostatic stress
HYDROSTATIC = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])


def uniaxial(n: Array) -> Array:
    """Voigt vector s(n) (..., 6) of the stress n n of a unit vector n (..., 3)."""
    x, y, z = np.moveaxis(n, -1, 0)
    return np.stack([x * x, y * y, z * z, y * z, x * z, x * y], axis=-1)


def shear(n: Array, m: Array) -> Array:
    """Voigt vector t(n, m) (..., 6) of the stress n m + m n of unit vectors (..., 3)."""
    x, y, z = np.moveaxis(n, -1, 0)
    u, v, w = np.moveaxis(m, -1, 0)
    return np.stack(
        [2 * x * u, 2 * y * v, 2 * z * w, y * w + z * v, x * w + z * u, x * v + y * u], axis=-1
    )


def contract(compliance: Array, left: Array, right: Array) -> Array:
    """Sum a_i S_ij b_j of every S (..., 6, 6) with every pair of vectors (*d, 6): (..., *d)."""
    pairs = left[..., :, None] * right[..., None, :]
    flat = compliance.reshape(-1, 36) @ pairs.reshape(-1, 36).T
    return flat.reshape(compliance.shape[:-2] + pairs.shape[:-2])


def finite_compliance(stiffness: ArrayLike) -> Array:
    """Voigt compliance (..., 6, 6); NaN, instead of an error, for a tensor without an inverse.

    One bad tensor must not take a batch with it.
    """
    voigt = np.asarray(stiffness, float)
    if voigt.shape[-2:] != (6, 6):
        raise InputError(
            f"stiffness has shape {voigt.shape}, expected (..., 6, 6): give Voigt matrices in GPa"
        )
    flat = voigt.reshape(-1, 6, 6)
    result = np.full(flat.shape, np.nan)
    good = np.isfinite(flat).all(axis=(-2, -1))
    with np.errstate(all="ignore"):
        good[good] &= np.linalg.cond(flat[good]) < 1.0 / np.finfo(float).eps
    result[good] = np.linalg.inv(flat[good])
    return result.reshape(voigt.shape)


def unit(vectors: ArrayLike, name: str) -> Array:
    """Vectors (..., 3) scaled to length one; `name` is what the error calls them."""
    v = _triples(vectors, name)
    # the largest component first, so that no square under- or overflows
    largest = np.abs(v).max(axis=-1, keepdims=True)
    if not np.isfinite(largest).all() or (largest == 0.0).any():
        raise InputError(f"{name} holds a zero or non-finite vector: give a direction")
    v = v / largest
    return np.asarray(v / np.linalg.norm(v, axis=-1, keepdims=True))


def perpendicular(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str]
) -> tuple[Array, Array]:
    """Unit vectors of both, broadcast, the second made exactly normal to the first."""
    n, m = np.broadcast_arrays(unit(first, names[0]), unit(second, names[1]))
    cosine = np.sum(n * m, axis=-1, keepdims=True)
    if (np.abs(cosine) > PERPENDICULAR).any():
        worst = np.degrees(np.arccos(min(1.0, float(np.abs(cosine).max()))))
        raise InputError(
            f"{names[0]} and {names[1]} are {worst:.2f} degrees apart, expected 90: "
            "give perpendicular vectors"
        )
    return n, unit(m - cosine * n, names[1])


def _triples(vectors: ArrayLike, name: str) -> Array:
    v = np.asarray(vectors, float)
    if v.shape[-1:] != (3,):
        raise InputError(f"{name} has shape {v.shape}, expected (..., 3)")
    return v


def _cell(lattice: ArrayLike) -> Array:
    cell = np.asarray(lattice, float)
    if cell.shape != (3, 3):
        raise InputError(f"lattice has shape {cell.shape}, expected (3, 3): rows are cell vectors")
    if not np.isfinite(cell).all() or abs(np.linalg.det(cell)) < 1e-8:
        raise InputError("the cell vectors are not three independent ones: check the lattice")
    return cell
