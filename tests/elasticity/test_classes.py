"""Crystal classes, their constants, and tensors made from them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cijkl.elasticity.classes import (
    CRYSTAL_CLASSES,
    class_of_space_group,
    crystal_class_rotations,
    from_constants,
    independent_constants,
)
from cijkl.elasticity.notation import rotate
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

# Nye (1985), table 9, in the IEEE setting; 1, 2, ... stand for the constants in order, a minus sign
# for the negative, 0 for zero, and x for (C11 - C12)/2
FORMS = {
    "cubic": (
        "C11 C12 C44",
        ["1 2 2 0 0 0", "2 1 2 0 0 0", "2 2 1 0 0 0", "0 0 0 3 0 0", "0 0 0 0 3 0", "0 0 0 0 0 3"],
    ),
    "hexagonal": (
        "C11 C12 C13 C33 C44",
        ["1 2 3 0 0 0", "2 1 3 0 0 0", "3 3 4 0 0 0", "0 0 0 5 0 0", "0 0 0 0 5 0", "0 0 0 0 0 x"],
    ),
    "tetragonal": (
        "C11 C12 C13 C33 C44 C66",
        ["1 2 3 0 0 0", "2 1 3 0 0 0", "3 3 4 0 0 0", "0 0 0 5 0 0", "0 0 0 0 5 0", "0 0 0 0 0 6"],
    ),
    "tetragonal_low": (
        "C11 C12 C13 C16 C33 C44 C66",
        [
            "1 2 3 0 0 4",
            "2 1 3 0 0 -4",
            "3 3 5 0 0 0",
            "0 0 0 6 0 0",
            "0 0 0 0 6 0",
            "4 -4 0 0 0 7",
        ],
    ),
    "trigonal": (
        "C11 C12 C13 C14 C33 C44",
        [
            "1 2 3 4 0 0",
            "2 1 3 -4 0 0",
            "3 3 5 0 0 0",
            "4 -4 0 6 0 0",
            "0 0 0 0 6 4",
            "0 0 0 0 4 x",
        ],
    ),
    "trigonal_low": (
        "C11 C12 C13 C14 C15 C33 C44",
        [
            "1 2 3 4 5 0",
            "2 1 3 -4 -5 0",
            "3 3 6 0 0 0",
            "4 -4 0 7 0 -5",
            "5 -5 0 0 7 4",
            "0 0 0 -5 4 x",
        ],
    ),
    "isotropic": (
        "C11 C12",
        ["1 2 2 0 0 0", "2 1 2 0 0 0", "2 2 1 0 0 0", "0 0 0 x 0 0", "0 0 0 0 x 0", "0 0 0 0 0 x"],
    ),
}
VALUES = [270.0, 110.0, 84.0, 23.0, 9.0, 190.0, 61.0]


def expected(name: str) -> tuple[dict[str, float], np.ndarray]:
    names, rows = FORMS[name]
    given = dict(zip(names.split(), VALUES, strict=False))
    listed = list(given.values())
    by_symbol = {"0": 0.0, "x": 0.5 * (given["C11"] - given["C12"])}
    for n, value in enumerate(listed, 1):
        by_symbol |= {str(n): value, f"-{n}": -value}
    return given, np.array([[by_symbol[s] for s in row.split()] for row in rows])


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_the_textbook(name: str) -> None:
    constants, matrix = expected(name)
    assert independent_constants(name) == tuple(constants)
    assert np.array_equal(from_constants(name, constants), matrix)


def test_monoclinic_and_orthorhombic_zeros() -> None:
    filled = {f"C{i}{j}" for i in range(1, 7) for j in range(i, 7)}
    zero_mono = {f"C{i}{j}" for i in (1, 2, 3, 5) for j in (4, 6)} | {"C45", "C56"}
    zero_mono = {"C" + "".join(sorted(name[1:])) for name in zero_mono}
    assert set(independent_constants("monoclinic")) == filled - zero_mono
    assert " ".join(independent_constants("orthorhombic")) == "C11 C12 C13 C22 C23 C33 C44 C55 C66"
    assert set(independent_constants("triclinic")) == filled


@pytest.mark.parametrize("name", CRYSTAL_CLASSES)
def test_from_constants_has_the_symmetry_and_the_values(name: str) -> None:
    rng = np.random.default_rng(5)
    constants = {key: float(rng.uniform(1.0, 300.0)) for key in independent_constants(name)}
    matrix = from_constants(name, constants)
    rotations = crystal_class_rotations(name)
    assert_allclose(project(matrix, rotations), matrix, atol=1e-9)
    for key, value in constants.items():
        assert_allclose(matrix[int(key[1]) - 1, int(key[2]) - 1], value)


def test_low_forms_turn_into_high_ones() -> None:
    constants, _ = expected("tetragonal_low")
    low = from_constants("tetragonal_low", constants)
    # angle that removes C16 (Fedorov 1968, section 9)
    angle = 0.25 * np.arctan2(4.0 * low[0, 5], low[0, 0] - low[0, 1] - 2.0 * low[5, 5])
    c, s = np.cos(angle), np.sin(angle)
    turned = rotate(low, np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]))
    assert abs(turned[0, 5]) < 1e-9
    assert_allclose(project(turned, crystal_class_rotations("tetragonal")), turned, atol=1e-9)


def test_other_sets_of_constants_serve() -> None:
    by_c12 = from_constants(
        "hexagonal", {"C11": 160, "C12": 90, "C13": 66, "C33": 181, "C44": 46.5}
    )
    by_c66 = from_constants(
        "Transversely isotropic", {"c11": 160, "c66": 35, "C_31": 66, "C33": 181, "C55": 46.5}
    )
    assert_allclose(by_c12, by_c66, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "constants", "says"),
    [
        ("cubic", {"C11": 1.0}, "missing C12, C44"),
        ("cubic", {}, "missing C11, C12, C44"),
        ("hexagonal", {"C11": 1, "C66": 1, "C33": 2}, "missing C13, C44"),
        ("cubic", {"C11": 1, "C12": 1, "C47": 1}, "'C47' is no elastic constant"),
        ("cubic", {"C11": 1, "C12": 1, "bulk": 1}, "'bulk' is no elastic constant"),
        ("cubic", {"C11": 9, "C12": 5, "C44": 3, "C66": 4}, "contradicts"),
        ("cubic", {"C11": 9, "C12": 5, "C44": 3, "C14": 1}, "C14 = 1 contradicts"),
        ("cubic", {"C11": 9, "C12": 5, "C21": 6, "C44": 3}, "C12 is given twice"),
        ("cubic", {"C11": float("nan"), "C12": 5, "C44": 3}, "C11 is nan"),
        ("cubic", {"C11": "stiff", "C12": 5, "C44": 3}, "C11 is 'stiff', expected a number"),
        ("quasicrystal", {"C11": 1}, "is no crystal class"),
    ],
)
def test_bad_constants(name: str, constants: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        from_constants(name, constants)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (2, "triclinic"),
        (14, "monoclinic"),
        (62, "orthorhombic"),
        (88, "tetragonal_low"),
        (89, "tetragonal"),
        (136, "tetragonal"),
        (148, "trigonal_low"),
        (152, "trigonal"),
        (167, "trigonal"),
        (168, "hexagonal"),
        (194, "hexagonal"),
        (195, "cubic"),
        (230, "cubic"),
    ],
)
def test_class_of_space_group(number: int, name: str) -> None:
    assert class_of_space_group(number) == name


@pytest.mark.parametrize("number", [0, 231, -5])
def test_space_groups_that_do_not_exist(number: int) -> None:
    with pytest.raises(InputError, match="1 to 230"):
        class_of_space_group(number)
