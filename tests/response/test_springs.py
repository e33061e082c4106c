import numpy as np
import pytest

from cijkl.response.deformation import mandel_to_matrix
from cijkl.response.springs import _TIE, spring_hessian


@pytest.mark.parametrize("name", ["silicon", "alpha-quartz", "urea"])
def test_moving_all_atoms_alike_costs_only_the_tie(crystal, name):
    atoms, _ = crystal(name)
    n = len(atoms)
    shift = np.concatenate([np.tile([0.3, -0.2, 0.5], n), np.zeros(6)])
    cost = shift @ spring_hessian(atoms) @ shift
    assert cost == pytest.approx(_TIE * n * 0.38, rel=1e-9)


@pytest.mark.parametrize("name", ["silicon", "urea"])
def test_a_pure_strain_of_a_supercell_costs_as_many_times_more(crystal, name):
    atoms, _ = crystal(name)
    strain = np.array([0.2, 0.1, -0.3, 0.2, 0.5, -0.1])
    single = strain @ spring_hessian(atoms)[-6:, -6:] @ strain
    double = strain @ spring_hessian(atoms.repeat((2, 1, 1)))[-6:, -6:] @ strain
    assert double == pytest.approx(2 * single, rel=1e-9)


def test_cell_and_ions_are_coupled_as_in_the_energy_of_the_springs(crystal):
    """A displacement that undoes the strain for one pair makes that pair cost nothing."""
    atoms, _ = crystal("urea")
    hessian = spring_hessian(atoms)
    assert hessian == pytest.approx(hessian.T, abs=1e-12)
    # isolated molecules: a strain and the displacement that cancels it within the cell
    molecule = atoms[[0, 1]]
    molecule.set_cell(np.eye(3) * 30)
    molecule.positions = [[15, 15, 15], [15, 15, 16.25]]
    strain = np.array([0, 0, 0.1, 0, 0, 0])
    undo = -np.array([[0, 0, 0], [0, 0, 1.25]]) @ mandel_to_matrix(strain)
    both = np.concatenate([undo.ravel(), strain])
    tie = _TIE * (undo**2).sum()
    assert both @ spring_hessian(molecule) @ both == pytest.approx(tie, rel=1e-9)


def test_positive_definite_in_ions(crystal):
    atoms, _ = crystal("urea")
    n = len(atoms)
    assert np.linalg.eigvalsh(spring_hessian(atoms)[: 3 * n, : 3 * n]).min() >= 0.99 * _TIE


def test_bonds_are_far_stiffer_than_contacts_between_molecules(crystal):
    atoms, _ = crystal("urea")
    n = len(atoms)
    values = np.linalg.eigvalsh(spring_hessian(atoms)[: 3 * n, : 3 * n])
    assert values[-1] / values[3] > 50
