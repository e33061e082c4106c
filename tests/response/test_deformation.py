import numpy as np
import pytest
from ase.build import bulk

from cijkl.elasticity.notation import rotation_to_mandel
from cijkl.response.deformation import (
    Group,
    deform,
    gradient,
    mandel_to_matrix,
    matrix_to_mandel,
)


@pytest.fixture
def alloy():
    atoms = bulk("Cu", "fcc", a=3.7, cubic=True)
    atoms.symbols[0] = "Au"
    atoms.rattle(0.05, seed=3)
    return atoms


def energy(emt, atoms, strain, displacement):
    return emt.evaluate([deform(atoms, strain, displacement)])[0].energy


def test_gradient_is_the_derivative_of_the_energy_at_finite_strain(emt, alloy):
    rng = np.random.default_rng(1)
    strain, displacement = 0.03 * rng.normal(size=6), 0.05 * rng.normal(size=(4, 3))
    deformed = deform(alloy, strain, displacement)
    slope = gradient(emt.evaluate([deformed])[0], strain, deformed.get_volume())
    step = 1e-4
    for index, unit in enumerate(np.eye(6)):
        numeric = (
            energy(emt, alloy, strain + step * unit, displacement)
            - energy(emt, alloy, strain - step * unit, displacement)
        ) / (2 * step)
        assert slope.strain[index] == pytest.approx(numeric, abs=2e-5)
    for atom, axis in np.ndindex(4, 3):
        push = np.zeros((4, 3))
        push[atom, axis] = step
        numeric = (
            energy(emt, alloy, strain, displacement + push)
            - energy(emt, alloy, strain, displacement - push)
        ) / (2 * step)
        assert slope.ions[atom, axis] == pytest.approx(numeric, abs=2e-5)


def test_mandel_vectors_keep_the_frobenius_norm_and_invert():
    matrix = np.random.default_rng(0).normal(size=(5, 3, 3))
    matrix = matrix + matrix.swapaxes(1, 2)
    vector = matrix_to_mandel(matrix)
    assert np.linalg.norm(vector, axis=1) == pytest.approx(np.linalg.norm(matrix, axis=(1, 2)))
    assert mandel_to_matrix(vector) == pytest.approx(matrix)


@pytest.mark.parametrize("name", ["alpha-quartz", "rutile", "corundum", "wurtzite-ZnO"])
def test_group_maps_the_crystal_onto_itself(crystal, name):
    atoms, group = crystal(name)
    # distances from every atom to every other are a fingerprint that operations must permute
    distances = np.sort(atoms.get_all_distances(mic=True), axis=1)
    for permutation in group.permutations:
        assert sorted(permutation) == list(range(len(atoms)))
        assert (atoms.numbers[permutation] == atoms.numbers).all()
        assert distances[permutation] == pytest.approx(distances, abs=1e-8)


def test_forces_and_stress_of_a_strained_crystal_follow_the_group(sevennet, crystal):
    """Straining by the image of a strain gives the image of the forces."""
    atoms, group = crystal("rutile")
    proper = np.linalg.det(group.rotations) > 0  # SevenNet breaks mirrors slightly
    strain = np.array([0.01, -0.004, 0.007, 0.006, -0.003, 0.008])
    still = np.zeros((len(atoms), 3))
    here = sevennet.evaluate([deform(atoms, strain, still)])[0]
    images = group.on_strain(strain)[proper]
    forces, stress = group.on_ions(here.forces)[proper], group.rotations[proper]
    answers = sevennet.evaluate([deform(atoms, image, still) for image in images])
    for answer, force, rotation in zip(answers, forces, stress, strict=True):
        assert answer.forces == pytest.approx(force, abs=2e-4)
        assert answer.stress == pytest.approx(rotation @ here.stress @ rotation.T, abs=2e-6)


def test_stabiliser_keeps_just_the_operations_that_keep_the_strain(crystal):
    _, group = crystal("silicon")
    axial = group.stabiliser(np.array([0.01, 0, 0, 0, 0, 0]))
    assert (group.order, axial.order) == (48, 16)
    q = rotation_to_mandel(axial.rotations)
    assert q[:, 0, 0] == pytest.approx(np.ones(16))
    assert group.stabiliser(np.array([1, 1, 1, 0, 0, 0.0])).order == 48


def test_trivial_group():
    group = Group.trivial(3)
    push = np.arange(9.0).reshape(3, 3)
    assert group.order == 1
    assert group.on_ions(push)[0] == pytest.approx(push)
