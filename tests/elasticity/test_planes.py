"""Shear on planes against dense sampling."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.elasticity import from_constants, plane_shear_range
from cijkl.elasticity.directional import shear_modulus

QUARTZ = from_constants(
    "trigonal", {"C11": 86.8, "C12": 7.04, "C13": 11.91, "C14": -18.04, "C33": 105.75, "C44": 58.2}
)


def test_against_dense_sampling():
    rng = np.random.default_rng(2)
    normals = rng.normal(size=(6, 3))
    low, high = plane_shear_range(QUARTZ, normals)
    angle = np.linspace(0, np.pi, 4001)[:, None]
    for n, least, largest in zip(normals, low, high, strict=True):
        first = np.linalg.svd(n[None])[2][1]
        second = np.cross(n / np.linalg.norm(n), first)
        m = np.cos(angle) * first + np.sin(angle) * second
        sampled = shear_modulus(QUARTZ, np.broadcast_to(n, m.shape), m)
        assert (least, largest) == pytest.approx((sampled.min(), sampled.max()), rel=1e-6)


def test_the_base_of_a_hexagonal_crystal_shears_alike_in_every_direction():
    zinc = from_constants(
        "hexagonal", {"C11": 163.7, "C12": 36.4, "C13": 53.0, "C33": 63.5, "C44": 38.8}
    )
    low, high = plane_shear_range(zinc, [[0, 0, 1], [1, 0, 0]])
    assert (low[0], high[0]) == pytest.approx((38.8, 38.8))
    # on the prism: C44 along the axis, C66 = (C11 - C12)/2 across
    assert (low[1], high[1]) == pytest.approx((38.8, 63.65))


def test_shapes_and_broken_tensors():
    stack = np.stack([QUARTZ, np.full((6, 6), np.nan), 2 * QUARTZ])
    low, high = plane_shear_range(stack, np.eye(3)[:2])
    assert low.shape == high.shape == (3, 2)
    assert np.isnan(low[1]).all()
    assert low[2] == pytest.approx(2 * low[0])
