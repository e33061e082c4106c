"""How far a stiffness is from each elastic symmetry, in its frame and in the best frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.classes import ELASTIC_CLASSES, crystal_class_rotations
from cijkl.elasticity.notation import rotation_to_mandel, voigt_to_cartesian, voigt_to_mandel
from cijkl.elasticity.symmetry import allowed_basis
from cijkl.errors import InputError

__all__ = ["SymmetryDistance", "symmetry_class", "symmetry_distances"]

Array = NDArray[np.float64]

_GRID_SIZE = 1500
_STARTS = 12
_STEPS = 60


@dataclass(frozen=True)
class SymmetryDistance:
    """Distance of stiffnesses to a symmetry class, Frobenius norm of C_ijkl.

    Parameters
    ----------
    given
        (...), in the frame given, unit of the stiffness.
    given_relative
        (...), `given` over the norm of the stiffness.
    best
        (...), smallest over all orientations of the class.
    best_relative
        (...), `best` over the norm of the stiffness.
    rotation
        (..., 3, 3) proper: `notation.rotate(stiffness, rotation)` is nearest to the class in its
        IEEE setting.
    """

    given: Array
    given_relative: Array
    best: Array
    best_relative: Array
    rotation: Array


def symmetry_distances(stiffness: ArrayLike) -> dict[str, SymmetryDistance]:
    """Distance to each of the eight elastic symmetry classes.

    The distance to a class in a frame is that to the projection on it. Over orientations the search
    is global: a uniform grid of rotations and the frames of the two contractions C_ijkk and C_ikjk
    (Cowin & Mehrabadi 1987), of which the best are polished by Newton's method.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt.

    Returns
    -------
    `SymmetryDistance` by the names of `classes.ELASTIC_CLASSES`, highest symmetry first.

    Raises
    ------
    InputError
        If a stiffness is not finite or zero.

    References
    ----------
    Moakher & Norris, J. Elasticity 85, 215 (2006); Cowin & Mehrabadi, Q. J. Mech. Appl. Math. 40,
    451 (1987); Alexa, CVPR 2022 (grid).
    """
    mandel = voigt_to_mandel(stiffness)
    lead = mandel.shape[:-2]
    flat = mandel.reshape(-1, 6, 6)
    norm = np.linalg.norm(flat, axis=(1, 2))
    if not (np.isfinite(norm).all() and (norm > 0.0).all()):
        raise InputError("distances need a finite stiffness that is not zero")
    given = _left_over(flat)
    searches = [_search(matrix / size) for matrix, size in zip(flat, norm, strict=True)]
    best = np.array([values for values, _ in searches]).reshape(len(flat), -1) * norm[:, None]
    frames = np.array([found for _, found in searches]).reshape(len(flat), -1, 3, 3)
    return {
        name: SymmetryDistance(
            given=given[:, k].reshape(lead),
            given_relative=(given[:, k] / norm).reshape(lead),
            best=best[:, k].reshape(lead),
            best_relative=(best[:, k] / norm).reshape(lead),
            rotation=frames[:, k].reshape(*lead, 3, 3),
        )
        for k, name in enumerate(ELASTIC_CLASSES)
    }


def symmetry_class(stiffness: ArrayLike, tolerance: float = 0.01) -> str:
    """Highest elastic symmetry that a stiffness has, in whatever frame.

    Parameters
    ----------
    stiffness
        (6, 6), Voigt.
    tolerance
        Largest relative distance to the class.

    Returns
    -------
    One of `classes.ELASTIC_CLASSES`.

    Raises
    ------
    InputError
        If the stiffness is not one (6, 6) matrix, not finite, or zero.

    Notes
    -----
    An elastic tensor can have more symmetry than its crystal, never less.
    """
    if np.shape(stiffness) != (6, 6):
        raise InputError(f"the stiffness has shape {np.shape(stiffness)}, expected (6, 6)")
    distances = symmetry_distances(stiffness)
    within = [name for name in ELASTIC_CLASSES if distances[name].best_relative <= tolerance]
    if not within:
        return "triclinic"
    if within[0] == "tetragonal" and "trigonal" in within:
        return min(within[:2], key=lambda name: float(distances[name].best_relative))
    return within[0]


@cache
def _bases() -> Array:
    """(8, 21, 36) orthonormal bases of the classes, padded with zeros."""
    bases = np.zeros((len(ELASTIC_CLASSES), 21, 36))
    for k, name in enumerate(ELASTIC_CLASSES):
        basis = allowed_basis(crystal_class_rotations(name))
        bases[k, : len(basis)] = basis.reshape(len(basis), 36)
    return bases


@cache
def _projectors() -> Array:
    """(8, 36, 36) projectors on the classes, acting on flattened Mandel matrices."""
    bases = _bases()
    return np.asarray(bases.swapaxes(1, 2) @ bases)


def _left_over(mandel: Array) -> Array:
    """Norm (n, 8) of what the classes leave of Mandel matrices (n, 6, 6).

    From the difference of the matrices, since that of their norms loses half the digits.
    """
    vectors = mandel.reshape(-1, 36)
    inside = np.einsum("kvw,nw->nkv", _projectors(), vectors, optimize=True)
    return np.asarray(np.linalg.norm(vectors[:, None] - inside, axis=-1))


def _search(mandel: Array) -> tuple[Array, Array]:
    """Least distances (8,) of one Mandel matrix of norm 1, and rotations (8, 3, 3)."""
    projectors = _projectors()
    frames = np.concatenate([_contraction_frames(mandel), _grid()])
    q = rotation_to_mandel(frames)
    turned = q @ mandel @ q.swapaxes(1, 2)
    inside = np.einsum("kbv,nv->knb", _bases(), turned.reshape(-1, 36), optimize=True)
    captured = np.einsum("knb,knb->kn", inside, inside)
    starts = np.argsort(-captured, axis=1)[:, :_STARTS]
    classes = np.repeat(np.arange(len(projectors)), _STARTS)
    polished = _polish(mandel, frames[starts.ravel()], projectors[classes])
    q = rotation_to_mandel(polished)
    turned = (q @ mandel @ q.swapaxes(1, 2)).reshape(-1, 36)
    rest = turned - np.einsum("nvw,nw->nv", projectors[classes], turned)
    distance = np.linalg.norm(rest, axis=1).reshape(-1, _STARTS)
    least = distance.argmin(axis=1)
    rows = np.arange(len(projectors))
    return distance[rows, least], polished.reshape(-1, _STARTS, 3, 3)[rows, least]


def _polish(mandel: Array, frames: Array, projectors: Array) -> Array:
    """Rotations (n, 3, 3) at local maxima of |P M(R)|^2, by a damped Newton method.

    For R -> exp(w) R the matrix changes by w_a [L_a, M] + w_a w_b [L_a, [L_b, M]] / 2.
    """
    frames = frames.copy()
    damping = np.full(len(frames), 1e-2)
    value, slope, curvature = _expansion(mandel, frames, projectors)
    for _ in range(_STEPS):
        sizes, axes = np.linalg.eigh(curvature)
        # directions along which the distance does not change need no step
        scale = np.maximum(np.abs(sizes), 1e-12) + damping[:, None]
        step = np.einsum("nai,ni,nbi,nb->na", axes, 1.0 / scale, axes, slope)
        length = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1.0, 0.3 / np.maximum(length, 1e-300))
        trial = _exponential(step) @ frames
        new_value, new_slope, new_curvature = _expansion(mandel, trial, projectors)
        better = new_value >= value
        frames[better], value[better] = trial[better], new_value[better]
        slope[better], curvature[better] = new_slope[better], new_curvature[better]
        damping = np.where(better, damping / 10.0, damping * 5.0)
        if np.all((np.linalg.norm(slope, axis=1) < 1e-12) | (damping > 1e6)):
            break
    return frames


def _expansion(mandel: Array, frames: Array, projectors: Array) -> tuple[Array, Array, Array]:
    """Value (n,), gradient (n, 3) and Hessian (n, 3, 3) of |P M(R)|^2 / 2."""
    q = rotation_to_mandel(frames)
    m = q @ mandel @ q.swapaxes(1, 2)
    generators = _generators()
    n = len(frames)
    first = generators @ m[:, None] - m[:, None] @ generators
    second = generators[:, None] @ first[:, None] - first[:, None] @ generators[:, None]
    inside = np.einsum("nvw,nw->nv", projectors, m.reshape(n, 36))
    flat = first.reshape(n, 3, 36)
    projected = np.einsum("nvw,naw->nav", projectors, flat, optimize=True)
    hessian = projected @ flat.swapaxes(1, 2)
    mixed = np.einsum("nabv,nv->nab", second.reshape(n, 3, 3, 36), inside)
    hessian = hessian + 0.5 * (mixed + mixed.swapaxes(1, 2))
    return 0.5 * np.sum(inside**2, axis=1), np.einsum("nav,nv->na", flat, inside), hessian


@cache
def _generators() -> Array:
    """(3, 6, 6) derivatives of the Mandel rotation about x, y, z."""
    cross = -np.array(
        [
            [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]],
            [[0.0, 0.0, -1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]],
            [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        ]
    )
    # the Mandel matrix is quadratic in the rotation, so this difference is exact
    return 0.5 * (rotation_to_mandel(np.eye(3) + cross) - rotation_to_mandel(np.eye(3) - cross))


def _exponential(vectors: Array) -> Array:
    """Rotations (n, 3, 3) of rotation vectors (n, 3)."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    cross = np.zeros((len(vectors), 3, 3))
    cross[:, 2, 1], cross[:, 0, 2], cross[:, 1, 0] = vectors.T
    cross = cross - cross.swapaxes(1, 2)
    # sin(t)/t and (1 - cos t)/t^2, safe at 0
    s = np.sinc(angle / np.pi)
    c = 0.5 * np.sinc(0.5 * angle / np.pi) ** 2
    return np.asarray(np.eye(3) + s * cross + c * (cross @ cross))


def _contraction_frames(mandel: Array) -> Array:
    """Frames of the eigenvectors of C_ijkk and C_ikjk, each axis along z in turn."""
    weight = np.array([1.0, 1.0, 1.0, 2.0**0.5, 2.0**0.5, 2.0**0.5])
    tensor = voigt_to_cartesian(mandel / np.outer(weight, weight))
    frames = []
    for contraction in (np.einsum("ijkk->ij", tensor), np.einsum("ikjk->ij", tensor)):
        axes = np.linalg.eigh(0.5 * (contraction + contraction.T))[1].T
        axes[2] *= np.sign(np.linalg.det(axes))
        frames += [np.roll(axes, shift, axis=0) for shift in range(3)]
    return np.array(frames)


@cache
def _grid() -> Array:
    """(n, 3, 3) uniform rotations: a super-Fibonacci spiral of unit quaternions (Alexa 2022)."""
    s = np.arange(_GRID_SIZE) + 0.5
    t = s / _GRID_SIZE
    alpha = 2.0 * np.pi * s / 2.0**0.5
    beta = 2.0 * np.pi * s / 1.533751168755204288118041
    x, y = np.sqrt(t) * np.sin(alpha), np.sqrt(t) * np.cos(alpha)
    z, w = np.sqrt(1.0 - t) * np.sin(beta), np.sqrt(1.0 - t) * np.cos(beta)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    ).transpose(2, 0, 1)
