"""The IEEE frame, against pymatgen and the forms of the classes."""

from __future__ import annotations

import warnings
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import class_of_space_group, crystal_class_rotations, from_constants
from cijkl.elasticity.ieee import ieee_rotation, ieee_rotation_of_crystal
from cijkl.elasticity.notation import mandel_to_voigt, rotate, voigt_to_mandel
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

SETTINGS = {
    "as given": np.eye(3, dtype=int),
    "rotated": np.eye(3, dtype=int),
    "permuted": np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
    "primitive": np.eye(3, dtype=int),
    "supercell": np.array([[1, 1, 0], [-1, 1, 0], [0, 0, 1]]),
    "sheared": np.array([[1, 0, 0], [1, 1, 0], [-1, 2, 1]]),
}


class Crystal(NamedTuple):
    name: str
    number: int
    cell: tuple[float, ...]
    elements: tuple[str, ...]
    positions: tuple[tuple[float, ...], ...]


def crystals() -> list[Crystal]:
    found = []
    for line in (Path(__file__).parent / "crystals.txt").read_text().splitlines():
        if "|" not in line or line.startswith("#"):
            continue
        name, number, cell, sites = [part.strip() for part in line.split("|")]
        words = [site.split() for site in sites.split(";")]
        found.append(
            Crystal(
                name,
                int(number),
                tuple(float(x) for x in cell.split()),
                tuple(word[0] for word in words),
                tuple(tuple(float(Fraction(x)) for x in word[1:]) for word in words),
            )
        )
    return found


CRYSTALS = crystals()
NAMES = [crystal.name for crystal in CRYSTALS]


@cache
def standard(crystal: Crystal) -> tuple[Any, np.ndarray]:
    """The crystal in the standard setting, and a stiffness with its symmetry.

    The symmetry is taken here, since spglib leaves out what a supercell's lattice lacks.
    """
    pymatgen = pytest.importorskip("pymatgen.core")
    import spglib

    made = pymatgen.Structure.from_spacegroup(
        crystal.number,
        pymatgen.Lattice.from_parameters(*crystal.cell),
        crystal.elements,
        crystal.positions,
    )
    cell = (made.lattice.matrix, made.frac_coords, made.atomic_numbers)
    dataset = spglib.get_symmetry_dataset(cell, symprec=1e-2)
    assert dataset.number == crystal.number
    columns = made.lattice.matrix.T
    a = np.random.default_rng(crystal.number).normal(size=(6, 6))
    rotations = columns @ dataset.rotations @ np.linalg.inv(columns)
    return made, project(mandel_to_voigt(30.0 * a @ a.T), rotations)


@cache
def setting_of(crystal: Crystal, setting: str) -> tuple[Any, np.ndarray]:
    """The crystal in a setting, turned in space, and its stiffness in the same frame."""
    made, stiffness = standard(crystal)
    if setting == "as given":
        return made, stiffness
    made = made.get_primitive_structure() if setting == "primitive" else made.copy()
    made.make_supercell(SETTINGS[setting])
    turn = Rotation.random(random_state=crystal.number).as_matrix()
    made = type(made)(made.lattice.matrix @ turn.T, made.species, made.frac_coords)
    return made, rotate(stiffness, turn)


def ours(made: Any) -> np.ndarray:
    return ieee_rotation_of_crystal(made.lattice.matrix, made.frac_coords, made.atomic_numbers)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("crystal", CRYSTALS, ids=NAMES)
def test_same_tensor_as_pymatgen(crystal: Crystal, setting: str) -> None:
    tensors = pytest.importorskip("pymatgen.core.tensors")
    made, stiffness = setting_of(crystal, setting)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = np.asarray(tensors.Tensor.get_ieee_rotation(made))
    if class_of_space_group(crystal.number).startswith("tetragonal") and (
        crystal.cell[2] < crystal.cell[0]
    ):
        # pymatgen sorts the axes by length and here leaves c along x, a along z
        theirs = np.roll(theirs, -1, axis=0)
    rotation = ours(made)
    assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) > 0.0
    scale = np.abs(stiffness).max()
    assert_allclose(rotate(stiffness, rotation), rotate(stiffness, theirs), atol=1e-3 * scale)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("crystal", CRYSTALS, ids=NAMES)
def test_tensor_has_the_form_of_its_class(crystal: Crystal, setting: str) -> None:
    made, stiffness = setting_of(crystal, setting)
    turned = rotate(stiffness, ours(made))
    form = project(turned, crystal_class_rotations(class_of_space_group(crystal.number)))
    rest = np.linalg.norm(voigt_to_mandel(turned - form))
    assert rest < 1e-3 * np.linalg.norm(voigt_to_mandel(turned))


def test_there_are_enough_crystals_of_every_system() -> None:
    systems = [class_of_space_group(c.number).removesuffix("_low") for c in CRYSTALS]
    assert len(CRYSTALS) >= 40
    assert len(set(systems)) == 7
    assert min(map(systems.count, set(systems))) >= 4


def test_rules_on_bare_lattices() -> None:
    shortest_b = np.diag([5.0, 3.0, 4.0])
    assert_allclose(
        np.abs(ieee_rotation(shortest_b, 62)),
        [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        atol=1e-12,
    )
    monoclinic = np.array([[5.0, 0, 0], [0, 4.0, 0], [-1.0, 0, 6.0]])
    axes = ieee_rotation(monoclinic, 14)
    assert_allclose(axes[1], [0, 1, 0], atol=1e-12)
    assert_allclose(axes[2], [1, 0, 0], atol=1e-12)
    hexagonal = np.array([[3.0, 0, 0], [-1.5, 1.5 * 3**0.5, 0], [0, 0, 5.0]])
    assert_allclose(ieee_rotation(hexagonal, 194), np.eye(3), atol=1e-12)
    triclinic = np.array([[3.0, 0, 0], [0.5, 4.0, 0], [0.3, 0.2, 5.0]])
    axes = ieee_rotation(triclinic, 1)
    assert_allclose(axes[2], triclinic[2] / np.linalg.norm(triclinic[2]))
    assert abs(axes[1] @ triclinic[0]) < 1e-12


def test_monoclinic_with_a_right_angle() -> None:
    """The unique axis is b whatever the angle, which a rule by angles cannot see."""
    cell = np.diag([5.0, 4.0, 6.0])
    constants = {"C11": 200, "C12": 80, "C13": 70, "C15": 9, "C22": 180, "C23": 60, "C25": -7}
    constants |= {"C33": 150, "C35": 5, "C44": 50, "C46": 4, "C55": 60, "C66": 70}
    stiffness = from_constants("monoclinic", constants)
    turned = rotate(stiffness, ieee_rotation(cell, 14))
    assert_allclose(project(turned, crystal_class_rotations("monoclinic")), turned, atol=1e-9)


def test_left_handed_cells_give_proper_rotations() -> None:
    for number in (1, 14, 62, 136, 225):
        cell = np.diag([4.0, 4.0, -4.0])
        assert np.linalg.det(ieee_rotation(cell, number)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("cell", "number", "says"),
    [
        (np.eye(2), 225, "expected \\(3, 3\\)"),
        (np.full((3, 3), np.nan), 225, "expected \\(3, 3\\) finite"),
        (np.eye(3), 0, "1 to 230"),
        (np.array([[1.0, 0, 0], [0, 1, 0], [1, 1, 0]]), 2, "in a plane"),
        (np.array([[0.0, 2, 2], [2, 0, 2], [2, 2, 0]]), 225, "conventional cell"),
        (np.diag([3.0, 4.0, 5.0]), 136, "axes a and b differ"),
        (np.diag([3.0, 3.0, 5.0]), 194, "expected 120"),
    ],
)
def test_bad_lattices(cell: np.ndarray, number: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ieee_rotation(cell, number)


def test_crystal_without_symmetry_data() -> None:
    with pytest.raises(InputError, match="spglib finds no symmetry"):
        ieee_rotation_of_crystal(np.eye(3) * 4.0, [[0, 0, 0], [0, 0, 0]], [1, 1])
