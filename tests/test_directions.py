"""Moduli along (hkl) normals and [uvw], and the ranges of G and nu around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.directions import along
from cijkl.elasticity import ElasticTensor
from cijkl.errors import InputError

#: alpha-quartz (McSkimin 1965), GPa, and its cell, A
QUARTZ = ElasticTensor(
    [
        [86.80, 7.04, 11.91, -18.04, 0, 0],
        [7.04, 86.80, 11.91, 18.04, 0, 0],
        [11.91, 11.91, 105.75, 0, 0, 0],
        [-18.04, 18.04, 0, 58.20, 0, 0],
        [0, 0, 0, 0, 58.20, -18.04],
        [0, 0, 0, 0, -18.04, 39.88],
    ]
)
A, C = 4.9134, 5.4052
CELL = np.array([[A, 0, 0], [-A / 2, A * 3**0.5 / 2, 0], [0, 0, C]])

indices = st.lists(st.integers(-4, 4), min_size=3, max_size=3).filter(any)


@given(indices)
def test_the_normal_of_a_face_is_normal_to_it(hkl):
    found = along(QUARTZ, hkl, "hkl", CELL)
    normal = np.array(found["direction"])
    # lattice vectors [uvw] with hu + kv + lw = 0 lie in the face
    for uvw in np.cross(hkl, np.eye(3)):
        assert normal @ (uvw @ CELL) == pytest.approx(0.0, abs=1e-9)
    assert found["E"] == pytest.approx(float(QUARTZ.youngs_modulus(normal)))
    assert found["hkl"] == [float(index) for index in hkl]


@given(indices)
def test_a_lattice_direction_is_the_sum_of_the_vectors(uvw):
    found = along(QUARTZ, uvw, "uvw", CELL)
    vector = uvw[0] * CELL[0] + uvw[1] * CELL[1] + uvw[2] * CELL[2]
    assert found["direction"] == pytest.approx(vector / np.linalg.norm(vector))


def test_faces_of_quartz_by_hand():
    """Rhombohedral (101) makes 51.8 degrees with the base, prism (100) 90 degrees."""
    s = np.linalg.inv(QUARTZ.voigt)
    basal, prism, rhombohedral = (
        along(QUARTZ, hkl, "hkl", CELL) for hkl in ((0, 0, 1), (1, 0, 0), (1, 0, 1))
    )
    assert basal["E"] == pytest.approx(1 / s[2, 2])
    assert basal["beta"] == pytest.approx(2 * s[0, 2] + s[2, 2])
    # in the base of a trigonal crystal E is the same in every direction
    assert prism["E"] == pytest.approx(1 / s[0, 0])
    tilt = np.degrees(np.arccos(rhombohedral["direction"][2]))
    assert tilt == pytest.approx(np.degrees(np.arctan(2 * C / (3**0.5 * A))))
    assert tilt == pytest.approx(51.8, abs=0.1)
    # the minor rhombohedra differ from the major ones by the sign of C14
    minor = along(QUARTZ, (0, 1, 1), "hkl", CELL)
    assert minor["E"] != pytest.approx(rhombohedral["E"], rel=0.1)


@settings(max_examples=25, deadline=None)
@given(indices)
def test_ranges_against_dense_sampling(hkl):
    found = along(QUARTZ, hkl, "hkl", CELL)
    n = np.array(found["direction"])
    first = np.linalg.svd(n[None])[2][1]
    second = np.cross(n, first)
    angle = np.linspace(0, np.pi, 4001)[:, None]
    transverse = np.cos(angle) * first + np.sin(angle) * second
    everywhere = np.broadcast_to(n, transverse.shape)
    shear = QUARTZ.directional_shear_modulus(everywhere, transverse)
    poisson = QUARTZ.poisson_ratio(everywhere, transverse)
    assert found["G"] == pytest.approx([shear.min(), shear.max()], rel=1e-5)
    assert found["nu"] == pytest.approx([poisson.min(), poisson.max()], abs=1e-5)


def test_velocities_need_a_density():
    assert along(QUARTZ, (0, 0, 1), "xyz")["velocities"] is None
    slow, _, fast = along(QUARTZ, (0, 0, 2), "xyz", density=2.65)["velocities"]
    assert fast == pytest.approx((105.75e6 / 2.65) ** 0.5)
    assert slow == pytest.approx((58.20e6 / 2.65) ** 0.5)


@pytest.mark.parametrize("kind", ["hkl", "uvw"])
def test_indices_need_a_cell(kind):
    with pytest.raises(InputError, match="cell"):
        along(QUARTZ, (1, 0, 0), kind)


def test_no_direction():
    with pytest.raises(InputError, match="zero"):
        along(QUARTZ, (0, 0, 0), "hkl", CELL)
