"""Elastic constants at a reference under stress, and the cell kept as given."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.response import (
    ComputeSettings,
    Group,
    RelaxSettings,
    compute_crystal,
    finite_response,
    linear_response,
    relax,
    run,
)
from cijkl.response.deformation import deform, mandel_to_matrix, matrix_to_mandel
from cijkl.response.stress import (
    antisymmetric_part,
    doubtful_stress,
    residual_stress,
    stress_strain,
)
from cijkl.structures import Crystal, symmetry
from cijkl.units import EV_PER_A3_TO_GPA, GPA_TO_EV_PER_A3


@pytest.fixture(scope="module")
def squeezed(emt):
    """An ordered alloy in a cell under a stress that is far from hydrostatic, ions relaxed."""
    atoms = bulk("Cu", "fcc", a=3.8, cubic=True)
    atoms.symbols[:] = ["Cu", "Cu", "Au", "Pd"]
    atoms.positions[2] += [0.1, 0.05, -0.07]
    strain = matrix_to_mandel(np.array([[-0.04, 0.02, 0.0], [0.02, 0.03, 0.01], [0.0, 0.01, 0.0]]))
    start = deform(atoms, strain, np.zeros((4, 3)))
    return run(relax(start, Group.trivial(4), RelaxSettings(fmax=1e-6, cell=False)), emt)


def differences(reference, potential, step=1e-4):
    """Derivative of the Cauchy stress by symmetric strains, ions relaxed: nothing but stresses."""
    columns = []
    for strain in np.eye(6):
        ends = []
        for sign in (1.0, -1.0):
            strained = deform(reference.atoms, sign * step * strain, np.zeros((4, 3)))
            criteria = RelaxSettings(fmax=1e-7, cell=False)
            ends.append(run(relax(strained, Group.trivial(4), criteria), potential))
        difference = ends[0].evaluation.stress - ends[1].evaluation.stress
        columns.append(matrix_to_mandel(difference) / (2.0 * step))
    return np.array(columns).T * EV_PER_A3_TO_GPA


def test_under_any_stress_it_is_the_derivative_of_the_stress(squeezed, emt):
    stress = squeezed.evaluation.stress
    shear = stress - np.trace(stress) / 3.0 * np.eye(3)
    assert np.abs(shear).max() * EV_PER_A3_TO_GPA > 2.5
    whole = differences(squeezed, emt)
    symmetric, skew = 0.5 * (whole + whole.T), 0.5 * (whole - whole.T)
    assert skew == pytest.approx(antisymmetric_part(stress) * EV_PER_A3_TO_GPA, abs=0.01)
    assert np.abs(skew).max() > 1.0
    for respond in (linear_response, finite_response):
        found = run(respond(squeezed.atoms, Group.trivial(4), stress=stress), emt)
        assert voigt_to_mandel(found.stiffness) == pytest.approx(symmetric, abs=0.2)
        assert found.asymmetry < 2e-3
    blind = run(linear_response(squeezed.atoms, Group.trivial(4)), emt)
    assert np.abs(voigt_to_mandel(blind.stiffness) - symmetric).max() > 1.0


def test_finite_strains_without_their_antisymmetric_part_fit_a_tensor(emt):
    """Copper pulled along one axis: what no symmetric tensor explains is known from the stress."""
    atoms = bulk("Cu", "fcc", a=3.6)
    atoms = deform(atoms, np.array([0.0, 0.0, 0.06, 0.0, 0.0, 0.0]), np.zeros((1, 3)))
    found = symmetry(atoms)
    group = Group(found.rotations, found.permutations)
    stress = emt.evaluate([atoms])[0].stress
    linear = run(linear_response(atoms, group, stress=stress), emt)
    finite = run(finite_response(atoms, group, stress=stress), emt)
    blind = run(finite_response(atoms, group), emt)
    assert finite.strains < 6
    assert finite.stiffness == pytest.approx(linear.stiffness, abs=0.1)
    assert finite.asymmetry < 1e-4
    assert blind.asymmetry > 5e-3


def test_antisymmetric_part_is_none_under_pressure():
    assert np.abs(antisymmetric_part(-7.0 * np.eye(3))).max() < 1e-12
    along = antisymmetric_part(np.diag([2.0, 0.0, 0.0]))
    # d(sigma_xx)/d(e_yy) - d(sigma_yy)/d(e_xx) = -sigma_xx where only xx is stressed
    assert along[0, 1] - along[1, 0] == pytest.approx(-2.0)


def test_terms_of_a_stress_turn_with_it():
    rng = np.random.default_rng(3)
    stress = rng.normal(size=(3, 3))
    stress += stress.T
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    q = matrix_to_mandel(turn @ mandel_to_matrix(np.eye(6)) @ turn.T).T
    for part in (stress_strain, antisymmetric_part):
        assert part(turn @ stress @ turn.T) == pytest.approx(q @ part(stress) @ q.T)


def test_residual_stress_is_what_the_pressure_does_not_explain():
    atoms = bulk("Cu", "fcc", a=3.6)
    found = symmetry(atoms)
    group = Group(found.rotations, found.permutations)
    stress = np.diag([-9.0, -10.0, -11.0]) * GPA_TO_EV_PER_A3
    assert residual_stress(stress, group, 10.0) == pytest.approx(np.zeros((3, 3)), abs=1e-12)
    trivial = Group.trivial(1)
    assert residual_stress(stress, trivial, 10.0) == pytest.approx(np.diag([1.0, 0.0, -1.0]))


def test_doubt_where_the_potential_prefers_another_cell():
    """An isotropic tensor with K = 10 GPa: 1 GPa of pressure changes the volume by 10 %."""
    tensor = np.diag([12.0, 12.0, 12.0, 3.0, 3.0, 3.0])
    tensor[:3, :3] += 9.0 - np.diag([3.0] * 3)
    assert tensor[:3, :3].sum() / 9.0 == pytest.approx(12.0)
    assert doubtful_stress(-0.3 * np.eye(3), tensor) is None
    note = doubtful_stress(-1.8 * np.eye(3), tensor)
    assert note.code == "residual_stress"
    assert "+1.8 GPa" in note.message
    assert "+15 %" in note.message
    assert doubtful_stress(-1.8 * np.eye(3), -tensor) is None


@pytest.mark.parametrize("method", ["linear", "finite"])
def test_a_given_cell_is_kept(emt, method):
    atoms = bulk("Cu", "fcc", a=3.7)
    settings = ComputeSettings(method=method, relax=RelaxSettings(cell=False))
    result = compute_crystal(Crystal("Cu", atoms, "here"), emt, settings)
    record = result.record
    facts = record["relaxation"]
    assert facts["cell"] == "given"
    assert result.atoms.cell.array == pytest.approx(atoms.cell.array)
    pressure = facts["residual_pressure"]
    assert pressure < -3.0
    assert np.array(facts["residual_stress"]) == pytest.approx(-pressure * np.eye(3), abs=1e-6)
    assert facts["smax"] == pytest.approx(-pressure)
    # the bulk modulus is that of the curve of pressure against volume there
    k = record["moduli"]["K"]["voigt"]
    assert k == pytest.approx(slope_of_pressure(emt, atoms), rel=2e-3)


def slope_of_pressure(potential, atoms, step=1e-3):
    """-V dP/dV from two volumes, GPa."""
    ends = []
    for sign in (1.0, -1.0):
        scaled = atoms.copy()
        scaled.set_cell(atoms.cell * (1.0 + sign * step), scale_atoms=True)
        ends.append(np.trace(potential.evaluate([scaled])[0].stress) / 3.0)
    return (ends[0] - ends[1]) / (6.0 * step) * EV_PER_A3_TO_GPA


def test_a_relaxed_cell_has_no_stress_left(emt):
    record = compute_crystal(Crystal("Cu", bulk("Cu", "fcc", a=3.7), "here"), emt).record
    assert record["relaxation"]["cell"] == "relaxed"
    assert abs(record["relaxation"]["residual_pressure"]) < 0.01
