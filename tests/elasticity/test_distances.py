"""Distances to the symmetry classes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import ELASTIC_CLASSES, crystal_class_rotations, from_constants
from cijkl.elasticity.distances import symmetry_class, symmetry_distances
from cijkl.elasticity.harmonic import anisotropic_fraction
from cijkl.elasticity.notation import mandel_to_voigt, rotate, voigt_to_mandel
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

# each class is a special case of those that follow its name
WITHIN = {
    "isotropic": ELASTIC_CLASSES,
    "cubic": ("cubic", "tetragonal", "trigonal", "orthorhombic", "monoclinic", "triclinic"),
    "hexagonal": (
        "hexagonal",
        "tetragonal",
        "trigonal",
        "orthorhombic",
        "monoclinic",
        "triclinic",
    ),
    "tetragonal": ("tetragonal", "orthorhombic", "monoclinic", "triclinic"),
    "trigonal": ("trigonal", "monoclinic", "triclinic"),
    "orthorhombic": ("orthorhombic", "monoclinic", "triclinic"),
    "monoclinic": ("monoclinic", "triclinic"),
    "triclinic": ("triclinic",),
}


def random_stiffness(seed: int) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(6, 6))
    return mandel_to_voigt(30.0 * a @ a.T)


def distance_in_frame(stiffness: np.ndarray, name: str, frame: np.ndarray) -> np.ndarray:
    turned = rotate(stiffness, frame)
    rest = turned - project(turned, crystal_class_rotations(name))
    return np.linalg.norm(voigt_to_mandel(rest), axis=(-2, -1))


@pytest.mark.parametrize("name", ELASTIC_CLASSES)
def test_turned_crystals_are_recognised(name: str) -> None:
    for seed in range(6):
        stiffness = project(random_stiffness(seed), crystal_class_rotations(name))
        turned = rotate(stiffness, Rotation.random(random_state=seed).as_matrix())
        distances = symmetry_distances(turned)
        for other in ELASTIC_CLASSES:
            relative = float(distances[other].best_relative)
            assert (relative < 1e-9) == (other in WITHIN[name]), (other, relative)
        assert symmetry_class(turned, 1e-6) == name


def test_distances_reproduce_from_the_rotation() -> None:
    stiffness = random_stiffness(11)
    distances = symmetry_distances(stiffness)
    norm = np.linalg.norm(voigt_to_mandel(stiffness))
    for name, distance in distances.items():
        assert_allclose(np.linalg.det(distance.rotation), 1.0)
        assert_allclose(
            distance_in_frame(stiffness, name, distance.rotation), distance.best, atol=1e-9 * norm
        )
        assert_allclose(
            distance_in_frame(stiffness, name, np.eye(3)), distance.given, atol=1e-9 * norm
        )
        assert_allclose(distance.best / norm, distance.best_relative)
        assert distance.best <= distance.given + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_no_orientation_is_better(seed: int) -> None:
    """Against another search: 4000 random frames, the best 6 polished by Nelder and Mead."""
    stiffness = random_stiffness(100 + seed)
    distances = symmetry_distances(stiffness)
    frames = Rotation.random(4000, random_state=seed)
    for name in ("cubic", "hexagonal", "tetragonal", "trigonal", "orthorhombic", "monoclinic"):
        coarse = distance_in_frame(stiffness, name, frames.as_matrix())
        best = min(
            minimize(
                lambda w, start=frames[int(k)], name=name: float(
                    distance_in_frame(
                        stiffness, name, (Rotation.from_rotvec(w) * start).as_matrix()
                    )
                ),
                np.zeros(3),
                method="Nelder-Mead",
                options={"maxfev": 120, "initial_simplex": 0.1 * np.eye(4, 3)},
            ).fun
            for k in np.argsort(coarse)[:6]
        )
        assert distances[name].best <= best + 1e-6 * best


def test_best_distance_does_not_depend_on_the_frame() -> None:
    stiffness = random_stiffness(7)
    frames = Rotation.random(5, random_state=1).as_matrix()
    turned = symmetry_distances(rotate(stiffness, frames))
    here = symmetry_distances(stiffness)
    for name in ELASTIC_CLASSES:
        assert turned[name].best.shape == (5,)
        assert turned[name].rotation.shape == (5, 3, 3)
        norm = np.linalg.norm(voigt_to_mandel(stiffness))
        assert_allclose(turned[name].best, float(here[name].best), rtol=1e-7, atol=1e-9 * norm)


def test_distance_to_isotropy_is_the_anisotropic_fraction() -> None:
    stiffness = random_stiffness(3)
    assert_allclose(
        symmetry_distances(stiffness)["isotropic"].best_relative, anisotropic_fraction(stiffness)
    )


def test_closed_form_of_a_cubic_crystal() -> None:
    """The anisotropic part of cubic constants has the norm |C11 - C12 - 2 C44| sqrt(6/5)."""
    stiffness = from_constants("cubic", {"C11": 165.8, "C12": 63.9, "C44": 79.6})
    distance = symmetry_distances(stiffness)["isotropic"].given
    assert_allclose(distance, abs(165.8 - 63.9 - 2 * 79.6) * np.sqrt(6.0 / 5.0))


def test_class_within_a_tolerance() -> None:
    cubic = from_constants("cubic", {"C11": 165.8, "C12": 63.9, "C44": 79.6})
    strained = cubic + np.diag([0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    assert symmetry_class(strained, 0.01) == "cubic"
    assert symmetry_class(strained, 1e-5) == "tetragonal"


@pytest.mark.parametrize("bad", [np.zeros((6, 6)), np.full((6, 6), np.nan)])
def test_distances_of_nothing(bad: np.ndarray) -> None:
    with pytest.raises(InputError, match="finite stiffness that is not zero"):
        symmetry_distances(bad)


def test_class_of_several_at_once_is_refused() -> None:
    with pytest.raises(InputError, match="expected \\(6, 6\\)"):
        symmetry_class(np.ones((2, 6, 6)))
