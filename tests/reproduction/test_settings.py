"""Axes of a measurement found again, and crystals that cannot be what was measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cijkl.elasticity import project
from cijkl.elasticity.notation import rotate
from cijkl.elasticity.symmetry import group_from_generators
from cijkl.errors import InputError
from cijkl.reproduction.benchmark import polycrystal
from cijkl.reproduction.settings import admissible, compare_constants, settings


def turn(axis, fold):
    return Rotation.from_rotvec(2 * np.pi / fold * np.asarray(axis, float)).as_matrix()


X, Y, Z = np.eye(3)
ROOT3 = 3**0.5
#: conventional cell, generators of the point group, number of constants that may differ from zero
CRYSTALS = {
    "triclinic": ([[5, 0, 0], [1, 6, 0], [-1, 0.5, 7]], [np.eye(3)], 21),
    "monoclinic": ([[8, 0, 0], [0, 6, 0], [-3, 0, 9]], [turn(Y, 2)], 13),
    "orthorhombic": ([[7, 0, 0], [0, 9, 0], [0, 0, 6]], [turn(X, 2), turn(Y, 2)], 9),
    "tetragonal": ([[5, 0, 0], [0, 5, 0], [0, 0, 8]], [turn(Z, 4), turn(X, 2)], 9),
    "trigonal": ([[5, 0, 0], [-2.5, 2.5 * ROOT3, 0], [0, 0, 9]], [turn(Z, 3), turn(X, 2)], 12),
    "hexagonal": ([[5, 0, 0], [-2.5, 2.5 * ROOT3, 0], [0, 0, 9]], [turn(Z, 6), turn(X, 2)], 9),
    "cubic": ([[6, 0, 0], [0, 6, 0], [0, 0, 6]], [turn(Z, 4), turn(X, 4)], 9),
}


def crystal(system, seed=0):
    """Cell, point group and a tensor that has it, positive definite."""
    cell, generators, _ = CRYSTALS[system]
    group = group_from_generators(generators)
    random = np.random.default_rng(seed).normal(size=(6, 6))
    tensor = project(random @ random.T + 10 * np.eye(6), group)
    return np.array(cell, float), group, tensor


@pytest.mark.parametrize("system", CRYSTALS)
def test_axes_are_proper_and_complete(system):
    cell, _, _ = crystal(system)
    frames = settings(cell, system)
    np.testing.assert_allclose(
        frames @ frames.swapaxes(1, 2), np.broadcast_to(np.eye(3), frames.shape), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(frames), 1.0)


@pytest.mark.parametrize("system", CRYSTALS)
def test_a_tensor_given_in_another_setting_is_found_again(system):
    cell, group, tensor = crystal(system)
    frames = settings(cell, system)
    for frame in frames[:: max(1, len(frames) // 7)]:
        found = compare_constants(tensor, rotate(tensor, frame), cell, group, system)
        assert found.mae < 1e-9
        assert found.relative < 1e-9
        assert found.asymmetry < 1e-9
        assert found.constants == CRYSTALS[system][2]
        assert 1 <= found.tried <= len(frames)


@pytest.mark.parametrize("system", CRYSTALS)
def test_the_orientation_of_the_crystal_does_not_matter(system):
    cell, group, tensor = crystal(system)
    measured = rotate(crystal(system, seed=1)[2], settings(cell, system)[-1])
    before = compare_constants(tensor, measured, cell, group, system)
    q = Rotation.from_euler("zyx", [0.3, -1.1, 0.7]).as_matrix()
    after = compare_constants(rotate(tensor, q), measured, cell @ q.T, q @ group @ q.T, system)
    assert after.mae == pytest.approx(before.mae)
    assert after.relative == pytest.approx(before.relative)
    np.testing.assert_allclose(after.rotation, before.rotation @ q.T, atol=1e-9)
    np.testing.assert_allclose(polycrystal(after.computed), polycrystal(tensor))


def test_errors_by_hand():
    """Cubic: one setting; C11 off by 3, C12 by 0, C44 by 1; of 9 constants 3 + 0 + 3."""
    cell, group, _ = crystal("cubic")

    def cubic(c11, c12, c44):
        tensor = np.diag([c11 - c12] * 3 + [c44] * 3).astype(float)
        tensor[:3, :3] += c12
        return tensor

    found = compare_constants(cubic(19, 5, 6), cubic(16, 5, 5), cell, group, "cubic")
    assert found.mae == pytest.approx((3 * 3 + 3 * 1) / 9)
    # as Cartesian components C44 stands for four
    norm = 3 * 16**2 + 6 * 5**2 + 12 * 5**2
    assert found.relative == pytest.approx(((3 * 3**2 + 12 * 1) / norm) ** 0.5)
    assert found.tried == 1


def test_unknown_axes_are_tried_in_all_pairs():
    cell, group, tensor = crystal("monoclinic")
    frames = settings(cell, "monoclinic")
    elsewhere, measured = rotate(tensor, frames[5]), rotate(tensor, frames[20])
    known = compare_constants(elsewhere, measured, cell, group, "monoclinic")
    unknown = compare_constants(elsewhere, measured, cell, group, "monoclinic", known_frame=False)
    assert known.relative > 0.05
    assert unknown.relative < 1e-9
    assert unknown.tried == known.tried * len(frames)


def test_a_crystal_of_other_symmetry_is_refused():
    cell, group, _ = crystal("cubic")
    orthorhombic = crystal("orthorhombic")[2]
    good, distances = admissible(orthorhombic, settings(cell, "cubic"), group)
    assert len(good) == 0
    assert distances.min() > 0.05
    with pytest.raises(InputError, match="another form"):
        compare_constants(orthorhombic, orthorhombic, cell, group, "cubic")
    with pytest.raises(InputError, match="no crystal system"):
        settings(cell, "amorphous")
