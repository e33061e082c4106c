"""Projection of a stiffness on a point group, and the stiffnesses that a point group allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import mandel_to_voigt, rotation_to_mandel, voigt_to_mandel
from cijkl.errors import InputError

__all__ = ["allowed_basis", "group_from_generators", "project"]

Array = NDArray[np.float64]


def project(stiffness: ArrayLike, rotations: ArrayLike) -> Array:
    """Nearest stiffness that every rotation of a point group leaves as it is.

    The average over the group is the orthogonal projection in the Mandel-Frobenius norm, the norm
    of the Cartesian tensor C_ijkl.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt.
    rotations
        (n, 3, 3) Cartesian rotations of a whole group, proper or improper, in the frame of
        `stiffness`.

    Returns
    -------
    (..., 6, 6), same unit.

    Raises
    ------
    InputError
        If `rotations` has another shape or holds a matrix that is not orthogonal.

    References
    ----------
    Moakher & Norris, J. Elasticity 85, 215 (2006), eq. 4.6.
    """
    average = _group_average(rotations)
    return mandel_to_voigt(np.einsum("iljk,...jk->...il", average, voigt_to_mandel(stiffness)))


def allowed_basis(rotations: ArrayLike) -> Array:
    """Orthonormal basis of the stiffnesses that a point group allows.

    Parameters
    ----------
    rotations
        (n, 3, 3) Cartesian rotations of a whole group.

    Returns
    -------
    (k, 6, 6) symmetric matrices in MANDEL form, orthonormal in the Frobenius inner product; k is
    the number of independent elastic constants (3 for cubic, 21 for triclinic).

    Raises
    ------
    InputError
        If `rotations` has another shape or holds a matrix that is not orthogonal.
    """
    basis = _symmetric_basis()
    turned = np.einsum("iljk,bjk->bil", _group_average(rotations), basis)
    projector = np.einsum("aij,bij->ab", basis, turned)
    values, vectors = np.linalg.eigh(0.5 * (projector + projector.T))
    kept: Array = np.einsum("ak,aij->kij", vectors[:, values > 0.5], basis)
    return kept


def group_from_generators(generators: ArrayLike, limit: int = 192) -> Array:
    """All products of some rotations.

    Parameters
    ----------
    generators
        (n, 3, 3) orthogonal matrices of finite order.
    limit
        The largest order that is believed.

    Returns
    -------
    (order, 3, 3), the identity first.

    Raises
    ------
    InputError
        If the generators are not orthogonal or the group is larger than `limit`.
    """
    steps = _orthogonal(generators)
    group = np.eye(3)[None]
    frontier = group
    while len(frontier):
        products = (steps[:, None] @ frontier[None]).reshape(-1, 3, 3)
        found: list[Array] = []
        for product in products:
            known = np.concatenate([group, np.array(found).reshape(-1, 3, 3)])
            if np.abs(known - product).max(axis=(1, 2)).min() > 1e-6:
                found.append(product)
        frontier = np.array(found).reshape(-1, 3, 3)
        group = np.concatenate([group, frontier])
        if len(group) > limit:
            raise InputError(f"the generators make more than {limit} rotations: no point group")
    return group


def _group_average(rotations: ArrayLike) -> Array:
    """Operator (6, 6, 6, 6) that takes a Mandel matrix M_jk to its average over a group."""
    q = rotation_to_mandel(_orthogonal(rotations))
    average: Array = np.einsum("gij,glk->iljk", q, q) / len(q)
    return average


def _symmetric_basis() -> Array:
    """(21, 6, 6) orthonormal basis of symmetric matrices."""
    rows, columns = np.triu_indices(6)
    basis = np.zeros((21, 6, 6))
    weight = np.where(rows == columns, 1.0, 0.5**0.5)
    basis[np.arange(21), rows, columns] = weight
    basis[np.arange(21), columns, rows] = weight
    return basis


def _orthogonal(rotations: ArrayLike) -> Array:
    """Rotations as (n, 3, 3), made exactly orthogonal.

    Rotations of a measured or relaxed lattice are so only within the tolerance of its symmetry.
    """
    r = np.asarray(rotations, float)
    if r.ndim != 3 or r.shape[1:] != (3, 3) or len(r) == 0:
        raise InputError(f"rotations have shape {r.shape}, expected (n, 3, 3) with n at least 1")
    error = float(np.abs(r @ r.swapaxes(1, 2) - np.eye(3)).max())
    if not error < 0.05:
        raise InputError(
            f"rotations are not orthogonal (error {error:.2g}): give Cartesian rotations, "
            "not those in fractional coordinates"
        )
    left, _, right = np.linalg.svd(r)
    return np.asarray(left @ right)
