"""Newton's method over orthonormal frames, for a component of a rotated Mandel compliance.

In the frame turned by a small rotation w the compliance is exp(W) M' exp(-W) with W = sum w_a W_a,
so the gradient and the Hessian of any component are linear in M': one matrix product gives both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import VOIGT_PAIRS, rotation_to_mandel

__all__ = ["Form", "polish"]

Array = NDArray[np.float64]

#: longest step, rad
LONGEST_STEP = 0.3
ITERATIONS = 200
#: steps without progress before the search goes back
PATIENCE = 4
#: decrease of the form, relative to the largest compliance, that is rounding
ROUNDING = 1e-15


@dataclass(frozen=True)
class Form:
    """What to minimise: sign * M'[component], divided by M'_11 if `ratio`.

    The sign is one of all compliances, or one of each (n,).
    """

    component: tuple[int, int]
    sign: float | Array
    ratio: bool = False

    def of(self, rows: slice | NDArray[np.intp]) -> Form:
        """The form of some of the compliances."""
        return replace(self, sign=self.sign[rows]) if isinstance(self.sign, np.ndarray) else self


def polish(mandel: Array, frame: Array, bound: Array, form: Form) -> tuple[Array, Array]:
    """Newton's method from each frame.

    It descends N - q D, and lowers q to N/D as soon as the difference is negative, so that it
    ends in the minimum of N/D next to a frame that beats the bound q.

    Parameters
    ----------
    mandel, frame, bound
        (c, 6, 6), (c, 3, 3) and (c,), one for each start.

    Returns
    -------
    values N/D (c,) and frames (c, 3, 3).
    """
    q = bound.copy()
    frame = frame.copy()
    best = frame.copy()
    lowest = np.full(len(q), np.inf)
    damping = np.zeros(len(q))
    waited = np.zeros(len(q), int)
    active = np.arange(len(q))
    for _ in range(ITERATIONS):
        n, d = _derivatives(mandel[active], frame[active], form.of(active))
        f = n - q[active, None] * d
        lower = f[:, 0] < lowest[active]
        gain = active[lower]
        best[gain], lowest[gain] = frame[gain], f[lower, 0]
        under = lower & (f[:, 0] < 0.0)
        q[active[under]], lowest[active[under]] = n[under, 0] / d[under, 0], 0.0
        f = n - q[active, None] * d

        step, decrease = _newton_step(f[:, 1:4], f[:, _HESSIAN], damping[active])
        # full Newton steps follow a curved valley although they first rise at its side, so
        # some are allowed before the search goes back
        waited[active] = np.where(lower, 0, waited[active] + 1)
        settled = decrease <= ROUNDING
        at_best = f[:, 0] <= lowest[active] + ROUNDING
        lost = (waited[active] > PATIENCE) | (settled & ~at_best)
        damping[active] *= np.where(lower, 0.25, 1.0)
        frame[active] = _rotation(step) @ frame[active]
        done = active[settled & at_best]
        best[done] = frame[done]
        back = active[lost]
        frame[back], waited[back], damping[back] = best[back], 0, 4.0 * damping[back] + 0.05
        active = active[~(settled & at_best)]
        if not active.size:
            break
    n, d = _derivatives(mandel, best, form)
    return n[:, 0] / d[:, 0], best


#: place of the Hessian's elements in a row of value, gradient, Hessian (xx yy zz yz xz xy)
_HESSIAN = np.array([[4, 9, 8], [9, 5, 7], [8, 7, 6]])


def _newton_step(gradient: Array, hessian: Array, damping: Array) -> tuple[Array, Array]:
    """Downhill Newton steps (c, 3), rad, and the decrease that they promise (c,).

    Curvatures are made positive, so a saddle point is left downhill; those near zero, along
    which a symmetric crystal does not change, are raised.
    """
    curvature, axes = np.linalg.eigh(hessian)
    curvature = np.abs(curvature)
    largest = curvature.max(axis=-1, keepdims=True)
    curvature = np.maximum(curvature, 1e-7 * largest + 1e-12) + damping[:, None] * largest
    slope = (gradient[:, None, :] @ axes)[:, 0]
    step = -(axes @ (slope / curvature)[:, :, None])[:, :, 0]
    length = np.linalg.norm(step, axis=-1, keepdims=True)
    step *= np.minimum(1.0, LONGEST_STEP / np.maximum(length, 1e-300))
    return step, 0.5 * np.sum(slope**2 / curvature, axis=-1)


def _derivatives(mandel: Array, frame: Array, form: Form) -> tuple[Array, Array]:
    """Numerator and denominator, each (c, 10): value, gradient, Hessian in the rotation."""
    q = rotation_to_mandel(frame)
    flat = (q @ mandel @ q.swapaxes(-1, -2)).reshape(-1, 36)
    numerator = np.reshape(form.sign, (-1, 1)) * (flat @ _derivative_map(form.component))
    if form.ratio:
        return numerator, flat @ _derivative_map((0, 0))
    denominator = np.zeros_like(numerator)
    denominator[:, 0] = 1.0
    return numerator, denominator


@cache
def _derivative_map(component: tuple[int, int]) -> Array:
    """Matrix (36, 10) from M' to value, gradient and Hessian of a component.

    The terms of first and second order of exp(W) M' exp(-W) are [W_a, M'] and [W_a, [W_b, M']].
    """
    skew = np.zeros((3, 3, 3))
    for a, (i, j) in enumerate([(2, 1), (0, 2), (1, 0)]):
        skew[a, i, j], skew[a, j, i] = 1.0, -1.0
    one = np.eye(3)
    generators = 0.5 * (rotation_to_mandel(one + skew) - rotation_to_mandel(one - skew))
    basis = np.eye(36).reshape(36, 6, 6)
    first = [w @ basis - basis @ w for w in generators]
    second = [[w @ f - f @ w for f in first] for w in generators]
    terms = [basis, *first, *(0.5 * (second[a][b] + second[b][a]) for a, b in VOIGT_PAIRS)]
    return np.stack([t[(slice(None), *component)] for t in terms], axis=1)


def _rotation(vector: Array) -> Array:
    """Rotation matrices (c, 3, 3) of rotation vectors (c, 3), Rodrigues' formula."""
    angle = np.linalg.norm(vector, axis=-1)[:, None, None]
    x, y, z = vector.T
    zero = np.zeros_like(x)
    skew = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
    sine = np.sinc(angle / np.pi)
    versine = 0.5 * np.sinc(0.5 * angle / np.pi) ** 2
    return np.asarray(np.eye(3) + sine * skew + versine * skew @ skew)
