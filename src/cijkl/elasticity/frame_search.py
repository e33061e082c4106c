"""Global minimum, over orthonormal frames (n, m, p), of a component of a rotated compliance.

With M' the Mandel compliance in the frame, 1/E is M'_11, 1/(2 G) is M'_66 and nu is -M'_12/M'_11.
At fixed n the best m is an eigenvector of a 2x2 matrix, so a grid over half the sphere of n sees
all frames. The local minima of the grid are then polished by Newton's method on the rotation
group, where gradient and curvature are linear in M'.

A ratio N/D is minimised by Dinkelbach's method (Management Science 1967, 13, 492): q is its
minimum if and only if N - q D is nowhere negative. That difference is again a component of a
fourth-rank tensor, smooth on the scale of the grid however sharp the ratio is, so the last round
of the search is a check that nothing was missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.frame_newton import Form, polish

__all__ = ["canonical", "minimise"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

#: directions of the grid over half the sphere; neighbours are some 4.5 degrees apart
GRID = 1000
#: a grid point is polished if it is lower than so many of its nearest neighbours
NEIGHBOURS = 4
#: the same for a tensor with a soft mode, where valleys are narrower than the grid, and the ratio
#: of Mandel eigenvalues from which this is so
NEIGHBOURS_SOFT = 2
SOFT = 100.0
#: a local minimum of the grid may hold the global one if it is this close to the best, in units
#: of the range over the grid: ten times what curvature and spacing can make
MARGIN = 0.5
#: range over the grid, of the largest compliance, that is rounding
FLAT = 1e-12
#: how far a grid point may be outside the part of the sphere that symmetry maps to all of it:
#: twice the distance of any direction to the grid
BORDER = 0.13
#: in the middle of that part: any direction that is none of a crystal's usual ones
_MIDDLE = np.array([0.81, 0.53, 0.25]) / np.linalg.norm([0.81, 0.53, 0.25])
#: tensors that are searched together
CHUNK = 256
#: difference of two minima that is rounding: relative, and of the largest compliance
EQUAL = (1e-10, 1e-13)


def minimise(
    mandel: Array, form: Form, operations: Sequence[Array] | None = None
) -> tuple[Array, Array]:
    """Least value of a form over all frames, and a frame that has it.

    Parameters
    ----------
    mandel
        (n, 6, 6), symmetric and finite Mandel compliances, any unit. For a ratio M'_11 must be
        positive in every direction.
    form
        Component (0, 0), (0, 1) or (5, 5), and its sign: one, or one of each compliance.
    operations
        Point group (m, 3, 3) of each compliance, Cartesian, if known: of what symmetry makes equal
        only a part is searched then.

    Returns
    -------
    values (n,); frames (n, 3, 3), rows n, m, p.
    """
    values = np.empty(len(mandel))
    frames = np.empty((len(mandel), 3, 3))
    for start in range(0, len(mandel), CHUNK):
        part = slice(start, start + CHUNK)
        groups = None if operations is None else operations[part]
        values[part], frames[part] = _minimise_chunk(mandel[part], form.of(part), groups)
    return values, frames


def _minimise_chunk(
    mandel: Array, form: Form, operations: Sequence[Array] | None
) -> tuple[Array, Array]:
    scale = np.abs(mandel).max(axis=(-2, -1))
    scale = np.where(scale > 0.0, scale, 1.0)
    mandel = mandel / scale[:, None, None]
    matrix, denominator = _on_grid(mandel, form)
    numerator = _lower_eigenvalue(matrix)
    ratio = numerator / denominator
    everyone = np.arange(len(mandel))
    modes = np.abs(np.linalg.eigvalsh(mandel))
    soft = modes.max(axis=-1) > SOFT * modes.min(axis=-1)

    outside = None if operations is None else ~_searched(operations)

    point = ratio.argmin(axis=0)
    value = ratio[point, everyone]
    frame = _frames(point, matrix[:, point, everyone])
    if form.ratio:
        value, frame = polish(mandel, frame, value, form)

    pending = everyone
    while pending.size:
        gap = numerator[:, pending] - value[pending] * denominator[:, pending]
        if outside is not None:
            gap = np.where(outside[:, pending], np.inf, gap)
        point, column = _local_minima(gap, soft[pending])
        tensor = pending[column]
        start = _frames(point, matrix[:, point, tensor])
        polished = polish(mandel[tensor], start, value[tensor], form.of(tensor))
        before = value
        value, frame = _best(
            np.concatenate([everyone, tensor]),
            np.concatenate([value, polished[0]]),
            np.concatenate([frame, polished[1]]),
        )
        # the difference N - q D of a form without denominator is the same for every q
        lower = value < before - _tolerance(before)
        pending = pending[lower[pending]] if form.ratio else pending[:0]
    if operations is not None:
        frame = _foremost(frame, operations)
    return value * (1.0 if form.ratio else scale), frame


def _on_grid(mandel: Array, form: Form) -> tuple[Array, Array]:
    """Form at every grid direction: 2x2 matrix in m as (aa, bb, ab) (3, d, t), denominator."""
    pairs = _grid().pairs[form.component]
    flat = mandel.reshape(-1, 36).T
    matrix = form.sign * (pairs.reshape(-1, 36) @ flat).reshape(3, -1, len(mandel))
    if form.ratio:
        return matrix, _grid().pairs[0, 0][0] @ flat
    return matrix, np.ones_like(matrix[0])


def _lower_eigenvalue(matrix: Array) -> Array:
    """Smaller eigenvalue of the symmetric 2x2 matrices (aa, bb, ab)."""
    aa, bb, ab = matrix
    return np.asarray(0.5 * (aa + bb) - np.hypot(0.5 * (aa - bb), ab))


def _frames(point: Index, matrix: Array) -> Array:
    """Frames (c, 3, 3) at grid points whose m is the eigenvector of the smaller eigenvalue."""
    aa, bb, ab = matrix
    angle = 0.5 * np.arctan2(2.0 * ab, aa - bb) + 0.5 * np.pi
    n, a, b = np.moveaxis(_grid().frames[point], 1, 0)
    m = np.cos(angle)[:, None] * a + np.sin(angle)[:, None] * b
    return np.stack([n, m, np.cross(n, m)], axis=1)


def _local_minima(gap: Array, soft: NDArray[np.bool_]) -> tuple[Index, Index]:
    """Grid points and columns of gap (d, t) that are worth polishing; `soft` is (t,)."""
    low = gap.min(axis=0)
    spread = np.where(np.isfinite(gap), gap, -np.inf).max(axis=0) - low
    # of an isotropic tensor, which is flat but for rounding, one point is enough
    wanted = gap <= low + np.where(spread > FLAT, MARGIN * spread, 0.0)
    for k, neighbour in enumerate(_grid().neighbours.T):
        wanted &= (gap <= gap[neighbour]) | (soft & (k >= NEIGHBOURS_SOFT))
    point, column = np.nonzero(wanted)
    return point, column


def _best(tensor: Index, value: Array, frame: Array) -> tuple[Array, Array]:
    """Least value for each tensor, and its frame.

    Of equal minima the one with the largest components of n, first come first, is taken: crystal
    symmetry makes many, and rounding must not choose.
    """
    least = np.full(tensor.max() + 1, np.inf)
    np.minimum.at(least, tensor, value)
    equal = value <= least[tensor] + _tolerance(least[tensor])
    tensor, frame = tensor[equal], canonical(frame[equal])
    n = np.round(frame[:, 0], 5)
    order = np.lexsort((-n[:, 2], -n[:, 1], -n[:, 0], tensor))
    first = np.unique(tensor[order], return_index=True)[1]
    return least, frame[order][first]


def _searched(operations: Sequence[Array]) -> NDArray[np.bool_]:
    """Grid points (d, t) in or near the part of the sphere nearest to `_MIDDLE`, for each group.

    Up to inversion, each direction has an image under the group in that part.
    """
    n = np.ascontiguousarray(_grid().frames[:, 0].T)
    nearest = [np.abs((_MIDDLE @ group) @ n).max(axis=0) for group in operations]
    border = np.abs(_MIDDLE @ n) + BORDER
    near: NDArray[np.bool_] = np.stack(nearest, axis=1) <= border[:, None]
    return near


def _foremost(frame: Array, operations: Sequence[Array]) -> Array:
    """The image of each frame (t, 3, 3) under its group that `_best` would choose."""
    images = [one @ group.swapaxes(1, 2) for one, group in zip(frame, operations, strict=True)]
    tensor = np.repeat(np.arange(len(frame)), [len(part) for part in images])
    return _best(tensor, np.zeros(len(tensor)), np.concatenate(images))[1]


def canonical(frame: Array) -> Array:
    """Frames with the signs of n and m such that their first component that is not 0 is above."""
    n, m = (_upper(frame[:, 0]), _upper(frame[:, 1]))
    return np.stack([n, m, np.cross(n, m)], axis=1)


def _tolerance(value: Array) -> Array:
    return np.asarray(EQUAL[0] * np.abs(value) + EQUAL[1])


def _upper(vector: Array) -> Array:
    significant = np.where(np.abs(vector) > 1e-6, vector, 0.0)
    leading = np.argmax(significant != 0.0, axis=-1)
    sign = np.sign(np.take_along_axis(vector, leading[:, None], axis=-1))
    return np.asarray(vector * sign)


@dataclass(frozen=True)
class _Grid:
    """Frames (d, 3, 3) over half the sphere, neighbours (d, k) across inversion too, and, for
    each component, what makes its matrix in m from M: (3, d, 36) for aa, bb, ab."""

    frames: Array
    neighbours: Index
    pairs: dict[tuple[int, int], Array]


@cache
def _grid() -> _Grid:
    # Fibonacci lattice: equal areas, no symmetry in common with a crystal
    k = np.arange(GRID)
    z = (k + 0.5) / GRID
    azimuth = k * np.pi * (3.0 - 5.0**0.5)
    rho = np.sqrt(1.0 - z * z)
    n = np.stack([rho * np.cos(azimuth), rho * np.sin(azimuth), z], axis=1)
    # nearest up to sign; a k-d tree would be no faster, and SciPy's is slow to import
    farness = -np.abs(n @ n.T)
    np.fill_diagonal(farness, 0.0)
    nearest = np.argpartition(farness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    order = np.take_along_axis(farness, nearest, axis=1).argsort(axis=1)
    nearest = np.take_along_axis(nearest, order, axis=1)

    helper = np.where(np.abs(n[:, :1]) < 0.6, np.eye(3)[0], np.eye(3)[1])
    a = np.cross(n, helper)
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = np.cross(n, a)

    def pair(left: tuple[Array, Array], right: tuple[Array, Array]) -> Array:
        return (_mandel_dyad(*left)[:, :, None] * _mandel_dyad(*right)[:, None, :]).reshape(-1, 36)

    axial = pair((n, n), (n, n))
    pairs = {
        (0, 0): np.stack([axial, axial, np.zeros_like(axial)]),
        (0, 1): np.stack([pair((n, n), (a, a)), pair((n, n), (b, b)), pair((n, n), (a, b))]),
        (5, 5): 2.0 * np.stack([pair((n, a), (n, a)), pair((n, b), (n, b)), pair((n, a), (n, b))]),
    }
    return _Grid(np.stack([n, a, b], axis=1), nearest, pairs)


def _mandel_dyad(u: Array, v: Array) -> Array:
    """Mandel vector (d, 6) of the symmetric part of u v."""
    i, j = np.array([[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]])
    symmetric = 0.5 * (u[:, i] * v[:, j] + u[:, j] * v[:, i])
    return np.asarray(symmetric * np.where(i == j, 1.0, 2.0**0.5))
