"""Born's criteria against the eigenvalues."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cijkl.elasticity.born import born_criteria
from cijkl.elasticity.classes import (
    CRYSTAL_CLASSES,
    crystal_class_rotations,
    from_constants,
    independent_constants,
)
from cijkl.elasticity.notation import mandel_to_voigt, rotate
from cijkl.elasticity.stability import eigenvalues, is_stable
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError


def random_tensors(name: str, count: int = 4000) -> np.ndarray:
    """Tensors of a class, about half of them stable."""
    a = np.random.default_rng(len(name)).normal(size=(count, 6, 6))
    mandel = 30.0 * a @ a.swapaxes(1, 2)
    tensors = project(mandel_to_voigt(mandel), crystal_class_rotations(name))
    lowest = eigenvalues(tensors)[:, 0]
    shift = np.random.default_rng(1).uniform(0.0, 2.0, count) * lowest
    return tensors - shift[:, None, None] * mandel_to_voigt(np.eye(6))


def indefinite_tensors(name: str, count: int = 4000) -> np.ndarray:
    a = np.random.default_rng(7).normal(size=(count, 6, 6))
    mandel = 50.0 * (a + a.swapaxes(1, 2)) + 60.0 * np.eye(6)
    return project(mandel_to_voigt(mandel), crystal_class_rotations(name))


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_all_hold_exactly_where_all_eigenvalues_are_positive(name: str) -> None:
    tensors = np.concatenate([random_tensors(name), indefinite_tensors(name)])
    clear = np.abs(eigenvalues(tensors)[:, 0]) > 1e-6
    stable = is_stable(tensors)
    assert 0.1 < stable.mean() < 0.9
    criteria = born_criteria(tensors, name)
    hold = np.all([criterion.satisfied for criterion in criteria], axis=0)
    assert np.array_equal(hold[clear], stable[clear])


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_each_criterion_is_needed(name: str) -> None:
    """Each can fail while the others hold, so the one that fails is worth naming."""
    tensors = np.concatenate([random_tensors(name), indefinite_tensors(name)])
    criteria = born_criteria(tensors, name)
    satisfied = np.array([criterion.satisfied for criterion in criteria])
    failing_alone = [
        (~satisfied[k] & np.delete(satisfied, k, axis=0).all(axis=0)).any()
        for k in range(len(satisfied))
    ]
    # C44 > 0 of trigonal crystals follows from the first and the last; the paper lists it too
    expected = [c.expression != "C44 > 0" or not name.startswith("trigonal") for c in criteria]
    assert failing_alone == expected


def test_which_one_fails_is_named() -> None:
    soft_shear = from_constants("cubic", {"C11": 100.0, "C12": 40.0, "C44": -5.0})
    failed = [c.expression for c in born_criteria(soft_shear, "cubic") if not c.satisfied]
    assert failed == ["C44 > 0"]
    tetragonal_shear = from_constants("cubic", {"C11": 100.0, "C12": 110.0, "C44": 50.0})
    failed = [c.expression for c in born_criteria(tetragonal_shear, "cubic") if not c.satisfied]
    assert failed == ["C11 - C12 > 0"]
    shifted = from_constants(
        "trigonal", {"C11": 90, "C12": 10, "C13": 10, "C14": 60, "C33": 100, "C44": 60}
    )
    failed = [c.expression for c in born_criteria(shifted, "trigonal") if not c.satisfied]
    assert failed == ["C44 (C11 - C12) - 2 (C14^2 + C15^2) > 0"]


def test_values_are_the_expressions() -> None:
    c = from_constants(
        "orthorhombic",
        dict(zip(independent_constants("orthorhombic"), range(20, 200, 20), strict=True)),
    )
    by_name = {x.expression.removesuffix(" > 0"): float(x.value) for x in born_criteria(
        c, "orthorhombic")}  # fmt: skip
    assert by_name["C11"] == pytest.approx(20.0)
    assert by_name["C11 C22 - C12^2"] == pytest.approx(20.0 * 80.0 - 40.0**2, abs=1e-9)
    long = 20 * 80 * 120 + 2 * 40 * 60 * 100 - 20 * 100**2 - 80 * 60**2 - 120 * 40**2
    assert by_name["det C[1, 2, 3]"] == pytest.approx(long)
    assert by_name["C55"] == pytest.approx(160.0)


def test_trigonal_tensor_with_the_twofold_axis_normal_to_x() -> None:
    constants = {"C11": 90, "C12": 10, "C13": 10, "C14": 30, "C33": 100, "C44": 60}
    here = from_constants("trigonal", constants)
    turned = rotate(here, Rotation.from_euler("z", 90, degrees=True).as_matrix())
    assert abs(turned[0, 4]) == pytest.approx(30.0)
    values = [float(c.value) for c in born_criteria(turned, "rhombohedral")]
    assert values == pytest.approx([float(c.value) for c in born_criteria(here, "trigonal")])


def test_noise_is_projected_away_but_a_wrong_frame_is_refused() -> None:
    silicon = from_constants("cubic", {"C11": 165.8, "C12": 63.9, "C44": 79.6})
    noise = np.random.default_rng(0).normal(size=(6, 6))
    assert all(c.satisfied for c in born_criteria(silicon + 0.5 * (noise + noise.T), "cubic"))
    turned = rotate(silicon, Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix())
    with pytest.raises(InputError, match="not cubic in this frame"):
        born_criteria(turned, "cubic")


def test_unknown_class() -> None:
    with pytest.raises(InputError, match="no crystal class"):
        born_criteria(np.eye(6), "amorphous")
