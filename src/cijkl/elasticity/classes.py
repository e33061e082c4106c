"""Crystal classes of elasticity: their rotations in the IEEE setting, and independent constants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.elasticity.symmetry import allowed_basis, group_from_generators
from cijkl.errors import InputError

__all__ = [
    "CRYSTAL_CLASSES",
    "ELASTIC_CLASSES",
    "class_of_space_group",
    "crystal_class_name",
    "crystal_class_rotations",
    "from_constants",
    "independent_constants",
]

Array = NDArray[np.float64]

#: the eight symmetries that an elastic tensor can have, highest first (Forte & Vianello 1996)
ELASTIC_CLASSES: tuple[str, ...] = (
    "isotropic",
    "cubic",
    "hexagonal",
    "tetragonal",
    "trigonal",
    "orthorhombic",
    "monoclinic",
    "triclinic",
)
#: the same, and the forms with C16 or C15 of point groups 4, -4, 4/m and 3, -3, which are the
#: tetragonal and trigonal symmetry with the axes turned about z
CRYSTAL_CLASSES: tuple[str, ...] = (*ELASTIC_CLASSES, "tetragonal_low", "trigonal_low")

_ALIASES = {"transversely_isotropic": "hexagonal", "rhombohedral": "trigonal"}
_LAST_NUMBERS = (
    (2, "triclinic"),
    (15, "monoclinic"),
    (74, "orthorhombic"),
    (88, "tetragonal_low"),
    (142, "tetragonal"),
    (148, "trigonal_low"),
    (167, "trigonal"),
    (194, "hexagonal"),
    (230, "cubic"),
)


def crystal_class_rotations(name: str) -> Array:
    """Rotations of a crystal class in the IEEE setting.

    Monoclinic has its twofold axis along y, orthorhombic along x, y and z; tetragonal, trigonal and
    hexagonal have the main axis along z, and trigonal a twofold axis along x. Inversion is left
    out, for it changes no elastic tensor. Hexagonal stands for transversely isotropic, which a
    sixfold axis makes any fourth-rank tensor (Hermann 1934); isotropic is the icosahedral group,
    which leaves no other fourth-rank tensor.

    Parameters
    ----------
    name
        One of `CRYSTAL_CLASSES`, or "transversely isotropic".

    Returns
    -------
    (n, 3, 3), a whole group.

    Raises
    ------
    InputError
        If the name is unknown.
    """
    return _rotations(crystal_class_name(name)).copy()


def independent_constants(crystal_class: str) -> tuple[str, ...]:
    """Names of a set of independent constants of a class.

    >>> independent_constants("hexagonal")
    ('C11', 'C12', 'C13', 'C33', 'C44')

    Raises
    ------
    InputError
        If the class is unknown.
    """
    return _independent(crystal_class_name(crystal_class))


def from_constants(crystal_class: str, constants: Mapping[str, float]) -> Array:
    """Stiffness of a crystal class from its independent constants, in the IEEE setting.

    Parameters
    ----------
    crystal_class
        One of `CRYSTAL_CLASSES`, or "transversely isotropic".
    constants
        Voigt constants by name ("C11", "c_11" and "C21" for "C12" will do), one unit. Any set that
        fixes the tensor serves, such as C11, C13, C33, C44, C66 for hexagonal; what is given twice
        must agree.

    Returns
    -------
    (6, 6), Voigt, same unit.

    Raises
    ------
    InputError
        If the class or a name is unknown, a value is no finite number, constants are missing (the
        message lists them), or values contradict the class.
    """
    name = crystal_class_name(crystal_class)
    given = _parsed(constants)
    shapes = _shapes(name)
    index = [_indices(key) for key in given]
    rows = np.array([shapes[:, i, j] for i, j in index]).reshape(len(given), len(shapes))
    missing = _missing(shapes, rows)
    if missing:
        raise InputError(
            f"{name} needs {', '.join(_independent(name))}: missing {', '.join(missing)}"
        )
    values = np.array(list(given.values()))
    # a square system is solved as it stands, so that constants come back to the last digit
    square = len(rows) == len(shapes)
    weights = np.linalg.solve(rows, values) if square else np.linalg.lstsq(rows, values)[0]
    error = np.abs(rows @ weights - values)
    if error.max() > 1e-3 * np.abs(values).max():
        worst = list(given)[int(error.argmax())]
        raise InputError(
            f"{worst} = {given[worst]:g} contradicts the other constants of a {name} crystal: give "
            f"only {', '.join(_independent(name))}"
        )
    stiffness: Array = np.einsum("k,kij->ij", weights, shapes)
    return stiffness


def class_of_space_group(number: int) -> str:
    """Crystal class of a space group, one of `CRYSTAL_CLASSES`.

    >>> class_of_space_group(225), class_of_space_group(88)
    ('cubic', 'tetragonal_low')

    Raises
    ------
    InputError
        If the number is not from 1 to 230.
    """
    if not 1 <= number <= 230:
        raise InputError(f"space group {number} does not exist, expected 1 to 230")
    return next(name for last, name in _LAST_NUMBERS if number <= last)


def crystal_class_name(name: str) -> str:
    """The name of a class as `CRYSTAL_CLASSES` spells it.

    >>> crystal_class_name("Transversely isotropic")
    'hexagonal'

    Raises
    ------
    InputError
        If the class is unknown.
    """
    plain = re.sub(r"[\s-]+", "_", str(name).strip().lower())
    plain = _ALIASES.get(plain, plain)
    if plain not in CRYSTAL_CLASSES:
        raise InputError(
            f"{name!r} is no crystal class, expected one of {', '.join(CRYSTAL_CLASSES)}"
        )
    return plain


def _axis_rotation(axis: tuple[float, float, float], order: int) -> Array:
    """Rotation by 360/order degrees about an axis (Rodrigues)."""
    n = np.array(axis) / np.linalg.norm(axis)
    angle = 2.0 * np.pi / order
    cross = np.array([[0.0, -n[2], n[1]], [n[2], 0.0, -n[0]], [-n[1], n[0], 0.0]])
    turned: Array = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return turned


@cache
def _rotations(name: str) -> Array:
    """Rotations of a class by its canonical name."""
    x, y, z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    golden = 0.5 * (1.0 + 5.0**0.5)
    generators: dict[str, list[tuple[tuple[float, float, float], int]]] = {
        "triclinic": [(z, 1)],
        "monoclinic": [(y, 2)],
        "orthorhombic": [(x, 2), (y, 2)],
        "tetragonal": [(z, 4), (x, 2)],
        "tetragonal_low": [(z, 4)],
        "trigonal": [(z, 3), (x, 2)],
        "trigonal_low": [(z, 3)],
        "hexagonal": [(z, 6), (x, 2)],
        "cubic": [(z, 4), ((1.0, 1.0, 1.0), 3)],
        "isotropic": [((0.0, 1.0, golden), 5), ((1.0, 1.0, 1.0), 3)],
    }
    return group_from_generators(np.array([_axis_rotation(*g) for g in generators[name]]))


@cache
def _shapes(name: str) -> Array:
    """Voigt matrices (k, 6, 6) of a class with one independent constant 1 and the others 0."""
    basis = mandel_to_voigt(allowed_basis(_rotations(name)))
    rows, columns = np.transpose([_indices(key) for key in _independent(name)])
    shapes = np.linalg.solve(basis[:, rows, columns], basis.reshape(len(basis), 36))
    # every entry is 0, 1, 1/2 or 2 up to sign
    rounded: Array = np.round(shapes.reshape(-1, 6, 6), 9) + 0.0
    return rounded


@cache
def _independent(name: str) -> tuple[str, ...]:
    """First constants, row by row, that fix the tensor of a class."""
    basis = mandel_to_voigt(allowed_basis(_rotations(name)))
    return tuple(_missing(basis, np.zeros((0, len(basis)))))


def _indices(constant: str) -> tuple[int, int]:
    """Row and column of a constant such as C12."""
    return int(constant[1]) - 1, int(constant[2]) - 1


def _missing(shapes: Array, rows: Array) -> list[str]:
    """Constants, first ones row by row, that `rows` leave free in the span of `shapes`."""
    missing: list[str] = []
    rank = int(np.linalg.matrix_rank(rows, tol=1e-6)) if len(rows) else 0
    for i, j in zip(*np.triu_indices(6), strict=True):
        longer = np.vstack([rows, shapes[:, i, j]])
        if int(np.linalg.matrix_rank(longer, tol=1e-6)) > rank:
            missing.append(f"C{i + 1}{j + 1}")
            rows, rank = longer, rank + 1
    return missing


def _parsed(constants: Mapping[str, float]) -> dict[str, float]:
    """Constants with names as in C12, lower index first, and values checked."""
    parsed: dict[str, float] = {}
    for name, value in constants.items():
        match = re.fullmatch(r"[cC]_?([1-6])([1-6])", str(name).strip())
        if not match:
            raise InputError(f"{name!r} is no elastic constant, expected C11 to C66")
        key = "C" + "".join(sorted(match.groups()))
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{key} is {value!r}, expected a number") from None
        if not np.isfinite(number):
            raise InputError(f"{key} is {number}, expected a finite number")
        if key in parsed and abs(parsed[key] - number) > 1e-9 * abs(number):
            raise InputError(f"{key} is given twice, as {parsed[key]:g} and {number:g}")
        parsed[key] = number
    return parsed
