"""moyo's answer for cubic lattices against spglib's."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell
from ase.spacegroup import crystal

from cijkl.elasticity import ElasticTensor, project
from cijkl.elasticity.ieee import conventional_lattice, ieee_rotation
from cijkl.structures import primitive, symmetry
from cijkl.structures.symmetry_search import search, spglib_dataset

CUBIC = range(195, 231)


def general(number, lattice="primitive"):
    """A crystal of a cubic group: an atom on a general position, another on a special one."""
    setting = 2 if number in (201, 203, 222, 224, 227, 228) else 1
    atoms = crystal(
        ["Si", "O"],
        [(0.11, 0.19, 0.32), (0.13, 0.13, 0.13)],
        spacegroup=number,
        setting=setting,
        cellpar=[9.0] * 3 + [90.0] * 3,
        onduplicates="error",
    )
    atoms = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, pbc=True)
    atoms.rotate(37.0, (1.0, 2.0, -0.5), rotate_cell=True)
    return primitive(atoms) if lattice == "primitive" else atoms


def as_set(rotations, translations):
    wrapped = np.round((translations - np.rint(translations)) * 720).astype(int) % 720
    return {(*r.ravel().tolist(), *t.tolist()) for r, t in zip(rotations, wrapped, strict=True)}


@pytest.mark.parametrize(
    ("number", "lattice"),
    [*((number, "primitive") for number in CUBIC), *((n, "conventional") for n in CUBIC[1::5])],
)
def test_both_libraries_agree_on_every_cubic_group(number, lattice):
    atoms = general(number, lattice)
    found, expected = search(atoms, 1e-2), spglib_dataset(atoms, 1e-2)
    assert found.number == expected.number == number
    assert found.symbol == expected.international
    assert found.point_group == expected.pointgroup
    assert as_set(found.rotations, found.translations) == as_set(
        expected.rotations, expected.translations
    )
    # axes may be named otherwise, which no tensor of the group notices
    rotations = [
        ieee_rotation(conventional_lattice(atoms.cell.array, matrix), number)
        for matrix in (found.transformation, expected.transformation_matrix)
    ]
    stiffness = np.diag([3.0, 5.0, 7.0, 2.0, 1.0, 4.0]) + 0.5
    tensor = ElasticTensor(project(stiffness, symmetry(atoms).point_operations))
    first, second = (tensor.rotate(rotation).voigt for rotation in rotations)
    np.testing.assert_allclose(first, second, atol=1e-9)


@pytest.mark.parametrize("shape", [[2, 2, 2], [1, 1, 2], [1, 2, 3]])
def test_operations_of_supercells(shape):
    atoms = make_supercell(bulk("NaCl", "rocksalt", a=5.64), np.diag(shape))
    found, expected = search(atoms, 1e-2), spglib_dataset(atoms, 1e-2)
    assert found.number == 225
    assert len(found.rotations) == len(expected.rotations)
    assert as_set(found.rotations, found.translations) == as_set(
        expected.rotations, expected.translations
    )


@pytest.mark.parametrize("strain", [0.0, 1e-4, 2e-3, 0.02, 0.1])
def test_a_cell_that_is_nearly_cubic(strain):
    atoms = bulk("NaCl", "rocksalt", a=5.64, cubic=True)
    atoms.set_cell(atoms.cell.array * [1.0, 1.0, 1.0 + strain], scale_atoms=True)
    for tolerance in (1e-4, 1e-2, 0.05):
        found, expected = search(atoms, tolerance), spglib_dataset(atoms, tolerance)
        assert found.number == expected.number
        assert len(found.rotations) == len(expected.rotations)


@pytest.mark.parametrize("amplitude", [1e-4, 2e-3, 0.03])
def test_atoms_that_are_nearly_in_place(amplitude):
    atoms = displaced(amplitude)
    found, expected = search(atoms, 1e-2), spglib_dataset(atoms, 1e-2)
    assert len(symmetry(atoms).rotations) == len(expected.rotations) == len(found.rotations)


def displaced(amplitude):
    """Caesium chloride whose atoms are off their places by up to an amplitude, in A."""
    atoms = bulk("CsCl", "cesiumchloride", a=4.12).repeat(2)
    atoms.positions += np.random.default_rng(3).uniform(-amplitude, amplitude, (len(atoms), 3))
    return atoms


def test_a_left_handed_cell():
    atoms = general(198)
    atoms = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell.array[[1, 0, 2]])
    atoms.pbc = True
    assert np.linalg.det(atoms.cell.array) < 0.0
    assert search(atoms, 1e-2).number == 198


def test_atoms_on_top_of_each_other_have_no_symmetry():
    atoms = Atoms("Si2", positions=[[0, 0, 0], [0, 0, 1e-4]], cell=[4, 4, 4], pbc=True)
    assert search(atoms, 1e-2) is None
