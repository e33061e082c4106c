"""Eigenvalues and the nearest positive-definite tensor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import CRYSTAL_CLASSES, crystal_class_rotations, from_constants
from cijkl.elasticity.notation import mandel_to_voigt, rotate, voigt_to_mandel
from cijkl.elasticity.stability import eigenvalues, is_stable, nearest_positive_definite
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError


def random_symmetric(seed: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(*shape, 6, 6))
    return mandel_to_voigt(50.0 * (a + a.swapaxes(-1, -2)) + 40.0 * np.eye(6))


def test_cubic_eigenvalues_in_closed_form() -> None:
    """C11 + 2 C12 once, C11 - C12 twice, 2 C44 three times."""
    stiffness = from_constants("cubic", {"C11": 165.8, "C12": 63.9, "C44": 79.6})
    assert_allclose(eigenvalues(stiffness), [101.9, 101.9, 159.2, 159.2, 159.2, 293.6])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_eigenvalues_do_not_depend_on_the_frame(seed: int) -> None:
    stiffness = random_symmetric(seed, (2,))
    turned = rotate(stiffness, Rotation.random(random_state=seed).as_matrix())
    assert_allclose(eigenvalues(turned), eigenvalues(stiffness), atol=1e-9)


def test_stable_means_that_no_strain_gains_energy() -> None:
    stiffness = random_symmetric(1, (40,))
    strains = np.random.default_rng(2).normal(size=(20000, 6))
    lowest = np.einsum("si,nij,sj->ns", strains, stiffness, strains, optimize=True).min(axis=1)
    stable = is_stable(stiffness)
    assert stable.shape == (40,)
    assert not (stable & (lowest < 0.0)).any()
    assert (lowest[eigenvalues(stiffness)[:, 0] < -30.0] < 0.0).all()
    assert not is_stable(np.zeros((6, 6)))
    soft = np.diag([1.0] * 6)
    assert is_stable(soft) and not is_stable(soft, tolerance=1.5)


def test_floor_holds_and_a_stable_tensor_is_kept() -> None:
    stiffness = random_symmetric(3, (50,))
    raised = nearest_positive_definite(stiffness, 5.0)
    assert eigenvalues(raised).min() > 5.0 - 1e-9
    already = nearest_positive_definite(raised, 5.0)
    assert_allclose(already, raised, atol=1e-9)


def test_no_positive_tensor_is_nearer() -> None:
    """Against a search over Cholesky factors, which makes only positive-definite tensors."""
    stiffness = random_symmetric(5)
    mandel = voigt_to_mandel(stiffness)
    assert eigenvalues(stiffness)[0] < -10.0
    nearest = np.linalg.norm(voigt_to_mandel(nearest_positive_definite(stiffness, 1e-9)) - mandel)
    lower = np.tril_indices(6)

    def distance(entries: np.ndarray) -> float:
        factor = np.zeros((6, 6))
        factor[lower] = entries
        return float(np.sum((factor @ factor.T - mandel) ** 2))

    start = np.linalg.cholesky(mandel + (10.0 - eigenvalues(stiffness)[0]) * np.eye(6))[lower]
    searched = minimize(distance, start, method="BFGS", options={"maxiter": 500}).fun ** 0.5
    assert nearest <= searched * (1.0 + 1e-9)
    assert_allclose(searched, nearest, rtol=1e-3)


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_nearest_keeps_the_symmetry(name: str) -> None:
    rotations = crystal_class_rotations(name)
    stiffness = project(random_symmetric(6, (30,)), rotations) - 20.0 * mandel_to_voigt(np.eye(6))
    nearest = nearest_positive_definite(stiffness, 1.0)
    assert not is_stable(stiffness).all()
    assert_allclose(project(nearest, rotations), nearest, atol=1e-9)


@pytest.mark.parametrize("floor", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_floor(floor: float) -> None:
    with pytest.raises(InputError, match="positive number"):
        nearest_positive_definite(np.eye(6), floor)
