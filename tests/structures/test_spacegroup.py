"""Space groups, their operations in space, and cells that keep the orientation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import spglib
from ase import Atoms
from ase.build import bulk, make_supercell
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from cijkl.structures import Crystal, conventional, primitive, read, symmetrise, symmetry
from cijkl.structures.cells import primitive_of_symmetric
from cijkl.structures.groups import POINT_GROUP_ORDERS, crystal_system, laue_class

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.cif"))


def example(name: str) -> Atoms:
    (found,) = read(EXAMPLES / f"{name}.cif")
    assert isinstance(found, Crystal)
    return found.atoms


def turned(atoms: Atoms, seed: int = 0) -> Atoms:
    """Rotate lattice and atoms together, so that no axis stays along x, y or z."""
    matrix = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    result = atoms.copy()
    result.set_cell(atoms.cell.array @ matrix.T, scale_atoms=True)
    return result


def surroundings(atoms: Atoms, reach: float = 4.5) -> NDArray[np.float64]:
    """All vectors between neighbours, with the elements at their ends: it fixes the crystal."""
    from ase.neighborlist import neighbor_list

    i, j, vector = neighbor_list("ijD", atoms, reach)
    rows = np.column_stack([atoms.numbers[i], atoms.numbers[j], np.round(vector, 3) + 0.0])
    return np.unique(rows, axis=0)


@pytest.mark.parametrize("name", NAMES)
def test_operations_map_the_crystal_onto_itself(name: str) -> None:
    atoms = turned(example(name))
    found = symmetry(atoms)
    cell = atoms.cell.array
    orthogonal = found.rotations @ found.rotations.transpose(0, 2, 1)
    np.testing.assert_allclose(orthogonal, np.broadcast_to(np.eye(3), orthogonal.shape), atol=1e-12)
    for rotation, translation, permutation in zip(
        found.rotations, found.translations, found.permutations, strict=True
    ):
        moved = atoms.positions @ rotation.T + translation @ cell
        shift = (moved - atoms.positions[permutation]) @ np.linalg.inv(cell)
        np.testing.assert_allclose((shift - np.rint(shift)) @ cell, 0, atol=1e-3)
        assert (atoms.numbers[permutation] == atoms.numbers).all()


@pytest.mark.parametrize("name", NAMES)
def test_point_operations_are_the_whole_group(name: str) -> None:
    found = symmetry(turned(example(name)))
    operations = found.point_operations
    assert len(operations) == POINT_GROUP_ORDERS[found.point_group]
    products = (operations[:, None] @ operations[None]).reshape(-1, 3, 3)
    nearest = np.abs(products[:, None] - operations[None]).max(axis=(2, 3)).min(axis=1)
    assert nearest.max() < 1e-10


def test_known_groups() -> None:
    expected = {
        "FeSi4P4": (1, "triclinic", "1", "-1"),
        "NaCl": (225, "cubic", "m-3m", "m-3m"),
        "alpha-quartz": (154, "trigonal", "32", "-3m"),
        "corundum": (167, "trigonal", "-3m", "-3m"),
        "rutile": (136, "tetragonal", "4/mmm", "4/mmm"),
        "silicon": (227, "cubic", "m-3m", "m-3m"),
        "urea": (113, "tetragonal", "-42m", "4/mmm"),
        "wurtzite-ZnO": (186, "hexagonal", "6mm", "6/mmm"),
    }
    assert sorted(expected) == NAMES
    for name, values in expected.items():
        found = symmetry(example(name))
        assert values == (
            found.number,
            found.crystal_system,
            found.point_group,
            found.laue_class,
        )


def test_tables_agree_with_the_database_of_spglib() -> None:
    for hall in range(1, 531):
        kind = spglib.get_spacegroup_type(hall)
        group = kind.pointgroup_international
        rotations = np.unique(spglib.get_symmetry_from_database(hall)["rotations"], axis=0)
        assert len(rotations) == POINT_GROUP_ORDERS[group]
        # the Laue group adds the inversion
        laue = np.unique(np.vstack([rotations, -rotations]), axis=0)
        assert len(laue) == POINT_GROUP_ORDERS[laue_class(group)]
        assert laue_class(laue_class(group)) == laue_class(group)
    assert [crystal_system(n) for n in (1, 3, 16, 75, 143, 168, 195)] == [
        "triclinic",
        "monoclinic",
        "orthorhombic",
        "tetragonal",
        "trigonal",
        "hexagonal",
        "cubic",
    ]


def test_supercell_that_hides_symmetry_keeps_its_point_group() -> None:
    found = symmetry(turned(bulk("Fe", cubic=True).repeat((2, 1, 3))))
    assert found.number == 229
    assert len(np.unique(found.fractional_rotations, axis=0)) == 8
    assert len(found.point_operations) == 48
    single = symmetry(turned(bulk("Fe", cubic=True)))
    differences = np.abs(found.point_operations[:, None] - single.point_operations[None])
    assert differences.max(axis=(2, 3)).min(axis=1).max() < 1e-10


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cell", [primitive, conventional])
def test_other_cells_keep_the_orientation(name: str, cell: object) -> None:
    atoms = turned(example(name), seed=3).repeat((1, 2, 1))
    other = cell(atoms)  # type: ignore[operator]
    assert np.linalg.det(other.cell.array) > 0
    expected = surroundings(atoms)
    np.testing.assert_allclose(surroundings(other), expected, atol=2e-3)


@pytest.mark.parametrize(
    ("name", "count"),
    [("silicon", 2), ("NaCl", 2), ("corundum", 10), ("rutile", 6), ("alpha-quartz", 9)],
)
def test_primitive_is_smallest(name: str, count: int) -> None:
    atoms = example(name)
    assert len(primitive(atoms.repeat((2, 1, 1)))) == count
    again = primitive(primitive(atoms))
    assert len(again) == count
    assert len(conventional(primitive(atoms))) == len(atoms)


def test_primitive_cell_is_given_back_as_it_is() -> None:
    atoms = turned(example("alpha-quartz"))
    atoms.positions += 0.123
    same = primitive(atoms)
    assert same is not atoms
    np.testing.assert_array_equal(same.cell.array, atoms.cell.array)
    np.testing.assert_array_equal(same.positions, atoms.positions)


@pytest.mark.parametrize("name", NAMES)
def test_symmetrise_makes_the_group_exact(name: str) -> None:
    rng = np.random.default_rng(1)
    atoms = turned(example(name))
    number = symmetry(atoms).number
    atoms.rattle(5e-4, rng=rng)
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + 5e-5 * rng.normal(size=(3, 3))), True)
    assert symmetry(atoms, 1e-6).number == 1
    group = symmetry(atoms)
    result = symmetrise(atoms, group)
    assert symmetry(result, 1e-8).number == number
    assert np.abs(result.positions - atoms.positions).max() < 1e-2
    # no rotation: the deformation gradient is symmetric
    gradient = np.linalg.solve(atoms.cell.array, result.cell.array)
    np.testing.assert_allclose(gradient, gradient.T, atol=1e-12)


def test_symmetrise_changes_nothing_exact() -> None:
    atoms = turned(example("urea"))
    result = symmetrise(atoms, symmetry(atoms))
    np.testing.assert_allclose(result.positions, atoms.positions, atol=1e-9)
    np.testing.assert_allclose(result.cell.array, atoms.cell.array, atol=1e-9)


def test_search_that_fails_falls_to_p1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cijkl.structures.spacegroup.search", lambda atoms, symprec: None)
    found = symmetry(bulk("Cu"))
    assert (found.number, found.crystal_system, found.laue_class) == (1, "triclinic", "-1")
    assert [d.code for d in found.diagnostics] == ["symmetry_not_found"]
    np.testing.assert_array_equal(found.point_operations, np.eye(3)[None])


def test_tolerance_is_reduced_where_the_first_is_inconsistent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cijkl.structures.symmetry_search import search

    monkeypatch.setattr(
        "cijkl.structures.spacegroup.search",
        lambda atoms, symprec: None if symprec > 5e-3 else search(atoms, symprec),
    )
    found = symmetry(bulk("Cu"))
    assert found.number == 225
    assert found.tolerance == pytest.approx(1e-3)
    assert [d.code for d in found.diagnostics] == ["symmetry_tolerance"]


def test_equivalent_atoms() -> None:
    found = symmetry(example("urea"))
    # C, O, N and two kinds of H
    assert len(np.unique(found.equivalent_atoms)) == 5
    assert len(found.wyckoffs) == 16


@pytest.mark.parametrize("turn", [np.eye(3), np.array([[0, 0.6, 0.8], [-1, 0, 0], [0, -0.8, 0.6]])])
def test_the_conventional_cell_lies_along_the_axes_of_the_crystal(turn):
    atoms = bulk("NaCl", "rocksalt", a=5.64)
    atoms.set_cell(atoms.cell.array @ turn.T, scale_atoms=True)
    axes = symmetry(atoms).conventional / 5.64
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    along = np.abs(axes @ turn)
    np.testing.assert_allclose(np.sort(along, axis=1), [[0, 0, 1]] * 3, atol=1e-9)


@pytest.mark.parametrize(
    "shape", [np.eye(3), np.diag([3, 1, 2]), [[1, 2, 0], [-1, 1, 1], [0, 0, 2]]]
)
@pytest.mark.parametrize("kind", ["NaCl", "Fe", "Mg"])
def test_a_primitive_cell_without_a_search(kind, shape):
    start = {
        "NaCl": bulk("NaCl", "rocksalt", a=5.64, cubic=True),
        "Fe": bulk("Fe", cubic=True),
        "Mg": bulk("Mg"),
    }[kind]
    atoms = make_supercell(start, shape)
    group = symmetry(atoms)
    small = primitive_of_symmetric(symmetrise(atoms, group), group)
    assert len(small) == {"NaCl": 2, "Fe": 1, "Mg": 2}[kind]
    assert small.get_volume() / len(small) == pytest.approx(start.get_volume() / len(start))
    # the same crystal in the same place: every old atom is a lattice vector from one of the new
    inverse = np.linalg.inv(small.cell.array)
    for position, number in zip(atoms.positions, atoms.numbers, strict=True):
        steps = (position - small.positions[small.numbers == number]) @ inverse
        assert np.abs(steps - np.rint(steps)).max(1).min() < 1e-6
    np.testing.assert_allclose(
        atoms.cell.array @ inverse, np.rint(atoms.cell.array @ inverse), atol=1e-6
    )
    assert symmetry(small).number == group.number
