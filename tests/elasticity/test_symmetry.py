"""Projection on point groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import CRYSTAL_CLASSES, crystal_class_rotations
from cijkl.elasticity.notation import mandel_to_voigt, rotate, voigt_to_cartesian, voigt_to_mandel
from cijkl.elasticity.symmetry import allowed_basis, group_from_generators, project
from cijkl.errors import InputError

# independent constants of each class (Nye 1985, table 9)
COUNTS = {
    "triclinic": 21,
    "monoclinic": 13,
    "orthorhombic": 9,
    "tetragonal": 6,
    "tetragonal_low": 7,
    "trigonal": 6,
    "trigonal_low": 7,
    "hexagonal": 5,
    "cubic": 3,
    "isotropic": 2,
}


def random_stiffness(seed: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(*shape, 6, 6))
    return mandel_to_voigt(30.0 * a @ a.swapaxes(-1, -2))


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_number_of_independent_constants(name: str) -> None:
    basis = allowed_basis(crystal_class_rotations(name))
    assert len(basis) == COUNTS[name]
    gram = np.einsum("aij,bij->ab", basis, basis)
    assert np.allclose(gram, np.eye(len(basis)), atol=1e-12)


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_projection_is_the_cartesian_group_average(name: str) -> None:
    rotations = crystal_class_rotations(name)
    stiffness = random_stiffness(1)
    full = voigt_to_cartesian(stiffness)
    mean = np.mean(
        [np.einsum("ip,jq,kr,ls,pqrs", r, r, r, r, full, optimize=True) for r in rotations], axis=0
    )
    assert np.allclose(voigt_to_cartesian(project(stiffness, rotations)), mean, atol=1e-9)


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_projection_equals_that_on_the_allowed_basis(name: str) -> None:
    rotations = crystal_class_rotations(name)
    stiffness = random_stiffness(2, (4,))
    mandel, basis = voigt_to_mandel(stiffness), allowed_basis(rotations)
    by_basis = np.einsum("...ij,bij,bkl->...kl", mandel, basis, basis)
    assert np.allclose(voigt_to_mandel(project(stiffness, rotations)), by_basis, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CRYSTAL_CLASSES))
def test_projected_is_invariant_nearest_and_follows_the_frame(seed: int, name: str) -> None:
    rotations = crystal_class_rotations(name)
    stiffness = random_stiffness(seed)
    projected = project(stiffness, rotations)
    assert np.allclose(rotate(projected, rotations), projected, atol=1e-9)
    assert np.allclose(project(projected, rotations), projected, atol=1e-9)
    rest = voigt_to_mandel(stiffness - projected)
    assert abs(np.sum(rest * voigt_to_mandel(projected))) < 1e-6 * np.sum(projected**2)
    turn = Rotation.random(random_state=seed % 2**31).as_matrix()
    moved = project(rotate(stiffness, turn), turn @ rotations @ turn.T)
    assert np.allclose(moved, rotate(projected, turn), atol=1e-8)


def test_improper_rotations_count_like_proper_ones() -> None:
    proper = crystal_class_rotations("cubic")
    both = np.concatenate([proper, -proper])
    stiffness = random_stiffness(3)
    assert np.allclose(project(stiffness, both), project(stiffness, proper), atol=1e-10)


@pytest.mark.parametrize(
    ("name", "order"),
    [("cubic", 24), ("hexagonal", 12), ("isotropic", 60), ("trigonal", 6), ("monoclinic", 2)],
)
def test_group_orders(name: str, order: int) -> None:
    group = crystal_class_rotations(name)
    assert len(group) == order
    products = (group[:, None] @ group[None]).reshape(-1, 3, 3)
    nearest = np.abs(products[:, None] - group[None]).max(axis=(2, 3)).min(axis=1)
    assert nearest.max() < 1e-9


def test_fractional_rotations_are_refused() -> None:
    sixfold = np.array([[[1, -1, 0], [1, 0, 0], [0, 0, 1]]])
    with pytest.raises(InputError, match="Cartesian"):
        project(random_stiffness(0), sixfold)


def test_rotations_of_a_slightly_strained_lattice() -> None:
    strain = np.eye(3) + np.diag([1e-3, -1e-3, 5e-4])
    exact = crystal_class_rotations("cubic")
    nearly = strain @ exact @ np.linalg.inv(strain)
    stiffness = random_stiffness(4)
    projected = project(stiffness, nearly)
    scale = np.abs(stiffness).max()
    assert np.allclose(projected, project(stiffness, exact), atol=0.01 * scale)
    assert len(allowed_basis(nearly)) == 3


@pytest.mark.parametrize("shape", [(3, 3), (0, 3, 3), (2, 3, 2)])
def test_wrong_shape_of_rotations(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="shape"):
        allowed_basis(np.zeros(shape))


def test_endless_group_is_refused() -> None:
    turn = Rotation.from_rotvec([0.0, 0.0, 1.0]).as_matrix()
    with pytest.raises(InputError, match="no point group"):
        group_from_generators(turn[None])
