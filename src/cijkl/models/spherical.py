"""Real spherical harmonics up to degree 4 and the couplings between them.

The convention is e3nn's: y is the polar axis, order m = -l ... l, components of degree l have the
mean square 1 over the sphere.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["coupling", "spherical_harmonics"]


def spherical_harmonics(directions: Tensor) -> list[Tensor]:
    """Degrees 0 to 4 at unit vectors.

    Parameters
    ----------
    directions
        (..., 3), unit vectors.

    Returns
    -------
    Five tensors (..., 2 l + 1).
    """
    x, y, z = directions.unbind(-1)
    xx, yy, zz = x * x, y * y, z * z
    # cos and sin of m times the angle around y, with sin^m of the polar angle
    c1, s1 = z, x
    c2, s2 = zz - xx, 2.0 * x * z
    c3, s3 = c1 * c2 - s1 * s2, s1 * c2 + c1 * s2
    c4, s4 = c2 * c2 - s2 * s2, 2.0 * s2 * c2
    p31, p41, p42 = 5.0 * yy - 1.0, y * (7.0 * yy - 3.0), 7.0 * yy - 1.0
    columns = [
        [torch.ones_like(y)],
        [s1, y, c1],
        [s2, 2 * y * s1, (3 * yy - 1) / 3**0.5, 2 * y * c1, c2],
        [s3, 6**0.5 * y * s2, 0.6**0.5 * p31 * s1, 0.4**0.5 * y * (5 * yy - 3)]
        + [0.6**0.5 * p31 * c1, 6**0.5 * y * c2, c3],
        [s4, 8**0.5 * y * s3, (4 / 7) ** 0.5 * p42 * s2, (8 / 7) ** 0.5 * p41 * s1]
        + [(35 * yy * yy - 30 * yy + 3) / 35**0.5]
        + [(8 / 7) ** 0.5 * p41 * c1, (4 / 7) ** 0.5 * p42 * c2, 8**0.5 * y * c3, c4],
    ]
    norms = (1.0, 3.0**0.5, (15 / 4) ** 0.5, (35 / 8) ** 0.5, (315 / 64) ** 0.5)
    return [torch.stack(c, -1) * norm for c, norm in zip(columns, norms, strict=True)]


@cache
def coupling(first: int, second: int, result: int) -> NDArray[np.float64]:
    """Tensor that couples harmonics of two degrees to a third, invariant under rotations.

    It is the integral of the product of three harmonics over the sphere, scaled to the norm
    sqrt(2 l + 1), and proportional to Wigner's 3j symbol; so the sum of the degrees must be even.

    Returns
    -------
    (2 a + 1, 2 b + 1, 2 l + 1), read-only.
    """
    if (first + second + result) % 2:
        raise ValueError("the degrees must have an even sum")
    heights, weights = leggauss(first + second + result + 1)
    angles = 2.0 * np.pi * np.arange(16) / 16
    sine = np.sqrt(1.0 - heights**2)
    directions = np.stack(
        [
            np.outer(sine, np.sin(angles)),
            np.outer(heights, np.ones(16)),
            np.outer(sine, np.cos(angles)),
        ],
        -1,
    )
    harmonics = [h.numpy() for h in spherical_harmonics(torch.from_numpy(directions))]
    a, b, c = (harmonics[degree] for degree in (first, second, result))
    integral = np.einsum("t,tpi,tpj,tpk->ijk", weights, a, b, c)
    tensor = np.asarray(integral / np.linalg.norm(integral) * (2 * result + 1) ** 0.5)
    tensor[np.abs(tensor) < 1e-14] = 0.0
    tensor.flags.writeable = False
    return tensor
