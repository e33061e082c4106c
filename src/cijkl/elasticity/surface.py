"""How the flat surface of an anisotropic half-space gives way to a normal load.

In Stroh's formalism a half-space with the outward normal n, loaded by tractions that vary along
one direction t of its surface only, has the Barnett-Lothe tensor

    L(n, t) = (1/pi) int_0^pi [ Q - R T^-1 R^T ] dw

    Q_ik = C_ijkl a_j a_l     R_ik = C_ijkl a_j b_l     T_ik = C_ijkl b_j b_l
    a = t cos w + n sin w     b = -t sin w + n cos w

A normal pressure exp(i k t.x) then bends the surface by Y exp(i k t.x) / k with Y = n L^-1 n
(Barnett and Lothe, Phys. Norv. 1975, 8, 13; Ting, Anisotropic Elasticity, 1996), and a normal
point force bends it by Y(t) / (2 pi r) at the distance r, t at right angles to the way there. For
an isotropic solid Y = (1 - nu) / G in every direction.

The integrand is periodic and analytic, so that the trapezoidal rule converges exponentially. The
nodes are doubled until Y stands still; only where it does not are further nodes spent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.directional import perpendicular
from cijkl.elasticity.notation import voigt_to_cartesian
from cijkl.errors import InputError

__all__ = ["surface_compliance"]

Array = NDArray[np.float64]

#: nodes to begin with, and to give up at: a layered crystal whose constants differ thousandfold
#: needs some five hundred
_FIRST, _LAST = 16, 16384
#: planes that are worked on at once, so that they stay in the processor's cache
_TOGETHER = 1024


def surface_compliance(
    stiffness: ArrayLike, normals: ArrayLike, tangents: ArrayLike, rtol: float = 1e-9
) -> Array:
    """Y(n, t) = n L^-1 n, 1/GPa: normal compliance of a surface for loads that vary along t.

    Parameters
    ----------
    stiffness
        (6, 6), or (*d, 6, 6) with one tensor for each pair; Voigt, GPa; positive definite.
    normals, tangents
        (*d, 3) each, or shapes that broadcast: unit normal of the surface, and direction in it.
    rtol
        Relative change of Y at the last doubling of the nodes, which bounds its error from above.

    Returns
    -------
    (*d). NaN for a tensor that is not positive definite.

    Raises
    ------
    InputError
        If a shape is wrong, a vector is zero or not finite, or a pair is not perpendicular.

    Examples
    --------
    >>> import numpy as np
    >>> isotropic = np.diag([0.0, 0, 0, 1, 1, 1]) + np.pad(np.eye(3) * 2 + 1, (0, 3))
    >>> print(round(float(surface_compliance(isotropic, [0, 0, 1], [1, 0, 0])), 6))
    0.75
    """
    n, t = perpendicular(normals, tangents, ("normals", "tangents"))
    voigt = np.asarray(stiffness, float)
    if voigt.shape[-2:] != (6, 6):
        raise InputError(
            f"stiffness has shape {voigt.shape}, expected (..., 6, 6): give Voigt matrices in GPa"
        )
    try:
        shape = np.broadcast_shapes(voigt.shape[:-2], n.shape[:-1])
    except ValueError:
        raise InputError(
            f"tensors of shape {voigt.shape[:-2]} and directions of shape {n.shape[:-1]} do not "
            "broadcast: give one tensor for each direction, or one for all"
        ) from None
    single = voigt.size == 36
    good = _positive_definite(voigt)
    full = voigt_to_cartesian(voigt.reshape(-1, 6, 6))
    owner = np.zeros(shape, int) if single else _owners(voigt, shape)
    n, t = (np.broadcast_to(v, (*shape, 3)).reshape(-1, 3) for v in (n, t))
    owner = owner.ravel()
    result = np.full(len(owner), np.nan)
    rows = np.flatnonzero(good.ravel()[owner])
    for start in range(0, len(rows), _TOGETHER):
        part = rows[start : start + _TOGETHER]
        result[part] = _converged(_plane(full, owner[part], n[part], t[part]), rtol)
    return result.reshape(shape)


def _owners(voigt: Array, shape: tuple[int, ...]) -> NDArray[np.int_]:
    """The tensor, counted through, of each pair of directions."""
    numbers = np.arange(voigt.size // 36).reshape(voigt.shape[:-2])
    return np.broadcast_to(numbers, shape)


def _positive_definite(voigt: Array) -> NDArray[np.bool_]:
    good = np.isfinite(voigt).all(axis=(-2, -1))
    lowest = np.full(voigt.shape[:-2], -1.0)
    if good.any():
        values = np.linalg.eigvalsh(0.5 * (voigt + voigt.swapaxes(-1, -2))[good])
        lowest[good] = values[:, 0] / np.abs(values).max(axis=-1)
    return np.asarray(lowest > 1e-12)


def _plane(
    full: Array, owner: NDArray[np.int_], n: Array, t: Array
) -> tuple[Array, Array, Array, Array]:
    """Q, R, T (3, 3, m) of m planes at w = 0, and the normals (3, m) in them."""
    if len(full) == 1:
        along_t, along_n = (np.tensordot(v, full[0], (1, 1)) for v in (t, n))
    else:
        along_t, along_n = (np.einsum("mj,mijkl->mikl", v, full[owner]) for v in (t, n))
    # planes come last, so that every operation runs over long arrays
    q, r, s = (
        np.ascontiguousarray(np.einsum("mikl,ml->ikm", side, v))
        for side, v in ((along_t, t), (along_t, n), (along_n, n))
    )
    return q, r, s, n.T


def _converged(plane: tuple[Array, Array, Array, Array], rtol: float) -> Array:
    """Y of each plane, nodes doubled until it stands still."""
    nodes = _FIRST
    total = _sum(plane, np.arange(nodes) * np.pi / nodes)
    result = _normal_compliance(total / nodes, plane[3])
    left = np.arange(len(result))
    while len(left) and nodes < _LAST:
        total += _sum(plane, (np.arange(nodes) + 0.5) * np.pi / nodes)
        nodes *= 2
        new = _normal_compliance(total / nodes, plane[3])
        moving = np.abs(new - result[left]) > rtol * np.abs(new)
        result[left] = new
        left, total = left[moving], total[..., moving]
        plane = (*(part[..., moving] for part in plane),)  # type: ignore[assignment]
    return result


def _sum(plane: tuple[Array, Array, Array, Array], angles: Array) -> Array:
    """Sum over angles of Q - R T^-1 R^T, (3, 3, m)."""
    q, r, t, _ = plane
    both = r + r.swapaxes(0, 1)
    difference = t - q
    # the mean of Q over any evenly spread angles is that of its ends
    total = 0.5 * len(angles) * (q + t)
    for angle in angles:
        c, s = np.cos(angle), np.sin(angle)
        turned_t = q + c * c * difference - c * s * both
        turned_r = r - s * s * both + c * s * difference
        inner = _product(_inverse(turned_t), turned_r.swapaxes(0, 1))
        total -= _product(turned_r, inner)
    return np.asarray(total)


def _product(a: Array, b: Array) -> Array:
    return np.asarray(a[:, :1] * b[:1] + a[:, 1:2] * b[1:2] + a[:, 2:] * b[2:])


def _inverse(m: Array) -> Array:
    """Inverse of symmetric matrices (3, 3, m) by cofactors."""
    xx, yy, zz = m[0, 0], m[1, 1], m[2, 2]
    yz, xz, xy = m[1, 2], m[0, 2], m[0, 1]
    result = np.empty_like(m)
    result[0, 0] = yy * zz - yz * yz
    result[1, 1] = xx * zz - xz * xz
    result[2, 2] = xx * yy - xy * xy
    result[0, 1] = result[1, 0] = xz * yz - xy * zz
    result[0, 2] = result[2, 0] = xy * yz - xz * yy
    result[1, 2] = result[2, 1] = xy * xz - xx * yz
    result /= xx * result[0, 0] + xy * result[0, 1] + xz * result[0, 2]
    return result


def _normal_compliance(barnett_lothe: Array, n: Array) -> Array:
    return np.asarray(np.einsum("im,ijm,jm->m", n, _inverse(barnett_lothe), n))
