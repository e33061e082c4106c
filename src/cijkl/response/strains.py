"""The smallest set of strains from which symmetry gives the whole elastic tensor.

With B_a an orthonormal basis of the stiffnesses that the point group allows, C = sum_a c_a B_a, and
the stress at the strain e is sum_a c_a (B_a e). A set of strains is enough when these vectors,
stacked over the set, are linearly independent. No table of crystal classes is needed: one strain
does for cubic crystals, six for triclinic ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.symmetry import allowed_basis
from cijkl.response.deformation import Group, in_plane

__all__ = ["allowed_stiffnesses", "fit_stiffness", "minimal_strains"]

Array = NDArray[np.float64]

#: a set is taken when its worst-determined constant is at most this many times worse than the best
_CONDITION = 6.0
_SEED = 20240631


def allowed_stiffnesses(group: Group, normal: tuple[float, float, float] | None = None) -> Array:
    """Orthonormal basis (k, 6, 6), Mandel, of the stiffnesses that a crystal or layer can have.

    Parameters
    ----------
    group
        Its symmetry.
    normal
        Unit vector normal to a layer, whose stiffness answers strains within it only; None for
        bulk crystals.
    """
    basis = allowed_basis(group.rotations)
    if normal is None:
        return basis
    held = in_plane(normal)
    flat = (held @ basis @ held).reshape(len(basis), 36)
    _, sizes, rows = np.linalg.svd(flat, full_matrices=False)
    return np.asarray(rows[sizes > 1e-8].reshape(-1, 6, 6), np.float64)


def minimal_strains(basis: Array) -> Array:
    """Unit strains (m, 6), Mandel, that determine every tensor of a basis, m as small as can be.

    Strains that no tensor of the basis answers (out of the plane of a layer, say) are left out.
    Among the sets of that size one is searched in which the constants are evenly determined (a
    D-optimal design), so that noise in the stress spreads evenly over them.

    Parameters
    ----------
    basis
        (k, 6, 6) Mandel matrices, orthonormal; see `allowed_stiffnesses`.
    """
    rng = np.random.default_rng(_SEED)
    reached, sizes, _ = np.linalg.svd(np.hstack(list(basis)))
    best = reached[:, sizes > 1e-8].T
    for count in range(1, len(best)):
        strains = _design(basis, count, rng) @ best.T @ best
        strains /= np.linalg.norm(strains, axis=1, keepdims=True)
        singular = np.linalg.svd(_design_matrix(basis, strains), compute_uv=False)
        if len(singular) == len(basis) and singular[-1] * _CONDITION > singular[0]:
            best = strains
            break
    return best


def fit_stiffness(basis: Array, strains: Array, responses: Array) -> tuple[Array, float]:
    """Tensor of the allowed form nearest to measured responses, by least squares.

    Parameters
    ----------
    basis
        (k, 6, 6) Mandel matrices.
    strains
        (m, 6) Mandel vectors.
    responses
        (m, 6): the tensor times each strain, as measured.

    Returns
    -------
    tensor
        (6, 6), Mandel, exactly of the allowed form.
    residual
        Norm of what no tensor of that form explains, over the norm of the responses.
    """
    matrix = _design_matrix(basis, strains)
    constants, *_ = np.linalg.lstsq(matrix, responses.ravel(), rcond=None)
    unexplained = np.linalg.norm(matrix @ constants - responses.ravel())
    scale = np.linalg.norm(responses)
    return np.tensordot(constants, basis, 1), float(unexplained / scale) if scale else 0.0


def _design_matrix(basis: Array, strains: Array) -> Array:
    """(6 m, k): column a holds B_a e of every strain e."""
    return np.asarray(np.einsum("aij,sj->sia", basis, strains).reshape(-1, len(basis)), np.float64)


def _design(basis: Array, count: int, rng: np.random.Generator) -> Array:
    """`count` unit strains of nearly greatest log-determinant of the information matrix."""
    from scipy.optimize import minimize

    def cost(flat: Array) -> tuple[float, Array]:
        raw = flat.reshape(count, 6)
        length = np.linalg.norm(raw, axis=1, keepdims=True)
        strains = raw / length
        matrix = np.einsum("aij,sj->sia", basis, strains)
        stacked = matrix.reshape(-1, len(basis))
        information = stacked.T @ stacked + 1e-9 * np.eye(len(basis))
        inverse = np.linalg.inv(information)
        slope = -2.0 * np.einsum("aij,sib,ab->sj", basis, matrix, inverse)
        slope = (slope - strains * (slope * strains).sum(1, keepdims=True)) / length
        return -float(np.linalg.slogdet(information)[1]), slope.ravel()

    starts = [rng.normal(size=6 * count) for _ in range(6)]
    found = [minimize(cost, start, jac=True, method="L-BFGS-B") for start in starts]
    strains = min(found, key=lambda result: result.fun).x.reshape(count, 6)
    unit: Array = strains / np.linalg.norm(strains, axis=1, keepdims=True)
    return unit
