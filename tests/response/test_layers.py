"""Strains held within a layer: against the closed form of a harmonic crystal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cijkl.response import (
    FiniteSettings,
    Group,
    LinearSettings,
    RelaxSettings,
    finite_response,
    linear_response,
    relax,
    run,
)
from cijkl.response.strains import allowed_stiffnesses, minimal_strains
from tests.response.harmonic_crystal import HarmonicCrystal

PLANE = [0, 1, 5]
UP = (0.0, 0.0, 1.0)


def plane_group(order, mirrors=False):
    """Point group of a layer normal to z: turns about the normal, and mirror lines."""
    turns = Rotation.from_rotvec(np.outer(np.arange(order) * 2 * np.pi / order, UP)).as_matrix()
    if mirrors:
        turns = np.concatenate([turns, turns @ np.diag([-1.0, 1.0, 1.0])])
    return Group(turns, np.zeros((len(turns), 1), int))


@pytest.mark.parametrize(
    ("group", "constants", "strains"),
    [
        (plane_group(1), 6, 3),
        (plane_group(2), 6, 3),
        (plane_group(2, mirrors=True), 4, 2),
        (plane_group(4), 4, 2),
        (plane_group(4, mirrors=True), 3, 1),
        (plane_group(3), 2, 1),
        (plane_group(6, mirrors=True), 2, 1),
    ],
)
def test_each_plane_lattice_has_its_constants_and_needs_few_strains(group, constants, strains):
    turn = Rotation.random(random_state=1).as_matrix()
    for rotation in (np.eye(3), turn):
        rotated = Group(rotation @ group.rotations @ rotation.T, group.permutations)
        normal = tuple(rotation[:, 2])
        basis = allowed_stiffnesses(rotated, normal)
        assert len(basis) == constants
        taken = minimal_strains(basis)
        assert len(taken) == strains
        assert np.linalg.norm(taken, axis=1) == pytest.approx(1)


@pytest.mark.parametrize("name", ["alpha-quartz", "rutile", "wurtzite-ZnO"])
def test_exact_within_the_plane_of_a_harmonic_crystal(crystal, name):
    atoms, group = crystal(name)
    potential = HarmonicCrystal(atoms, group, seed=2)
    exact = potential.stiffness()
    limit = 2e-3 * np.abs(exact).max()
    # strains out of the plane are held at zero, so the constants are those of the whole crystal
    for found in (
        run(linear_response(atoms, group, LinearSettings(1e-5, 1e-4), normal=UP), potential),
        run(finite_response(atoms, group, FiniteSettings(1e-4, 1e-7), normal=UP), potential),
    ):
        assert found.converged
        inside = np.ix_(PLANE, PLANE)
        assert found.stiffness[inside] == pytest.approx(exact[inside], abs=limit)
        outside = found.stiffness.copy()
        outside[inside] = 0.0
        assert np.abs(outside).max() < 1e-9
        assert np.delete(np.delete(found.error, PLANE, 0), PLANE, 1) == pytest.approx(0, abs=1e-9)


def test_the_height_of_the_cell_is_kept(crystal):
    atoms, group = crystal("rutile")
    potential = HarmonicCrystal(atoms, group, seed=2)
    stretched = atoms.copy()
    stretched.set_cell(atoms.cell.array @ np.diag([1.004, 1.004, 0.997]), scale_atoms=True)
    done = run(relax(stretched, group, RelaxSettings(normal=UP)), potential)
    assert done.converged
    assert done.atoms.cell[2] == pytest.approx(stretched.cell[2], abs=1e-12)
    assert done.smax < 0.01 < np.abs(done.evaluation.stress[2, 2]) * 160
