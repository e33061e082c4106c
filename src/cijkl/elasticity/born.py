"""Born's criteria of mechanical stability, crystal class by crystal class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.classes import crystal_class_name, crystal_class_rotations
from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

__all__ = ["Criterion", "born_criteria"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Criterion:
    """One condition of stability.

    Parameters
    ----------
    expression
        What must be above zero, such as "C11 - C12 > 0".
    value
        (...), its left side, in a power of the stiffness's unit.
    satisfied
        (...) of bool.
    """

    expression: str
    value: Array
    satisfied: NDArray[np.bool_]


def born_criteria(
    stiffness: ArrayLike, crystal_class: str, tolerance: float = 0.05
) -> tuple[Criterion, ...]:
    """Conditions, necessary and sufficient together, for a stiffness to be stable at zero stress.

    All hold if and only if all eigenvalues are positive. Criteria of low symmetry without a closed
    form are the leading principal minors of the matrix (Sylvester): of C for triclinic, of the
    blocks of xx, yy, zz, xz and of yz, xy for monoclinic crystals.

    Parameters
    ----------
    stiffness
        (..., 6, 6), Voigt, in the IEEE setting of the class. It is projected on the class first,
        so that the noise of a calculation does not matter.
    crystal_class
        One of `classes.CRYSTAL_CLASSES`. A trigonal stiffness may hold C14, C15 or both.
    tolerance
        Largest relative distance to the class.

    Raises
    ------
    InputError
        If the class is unknown, or a stiffness is further from it than `tolerance`: it is in
        another frame or of another class.

    References
    ----------
    Mouhat & Coudert, Phys. Rev. B 90, 224104 (2014).
    """
    name = crystal_class_name(crystal_class)
    rotations = crystal_class_rotations("trigonal_low" if name == "trigonal" else name)
    c = project(stiffness, rotations)
    whole = np.linalg.norm(voigt_to_mandel(stiffness), axis=(-2, -1))
    rest = np.linalg.norm(voigt_to_mandel(np.asarray(stiffness, float) - c), axis=(-2, -1))
    ratio = float(np.max(rest / np.where(whole > 0.0, whole, 1.0)))
    if not ratio <= tolerance:
        raise InputError(
            f"the stiffness is not {crystal_class} in this frame (relative distance {ratio:.2g}, "
            f"limit {tolerance:g}): rotate it to the IEEE frame or name its class"
        )
    values = _expressions(c, name)
    return tuple(
        Criterion(f"{expression} > 0", np.asarray(value), np.asarray(value > 0.0))
        for expression, value in values.items()
    )


def _expressions(c: Array, name: str) -> dict[str, Array]:
    """Left sides of the criteria of a class."""
    c11, c12, c13, c33 = c[..., 0, 0], c[..., 0, 1], c[..., 0, 2], c[..., 2, 2]
    c44, c66 = c[..., 3, 3], c[..., 5, 5]
    if name == "isotropic":
        return {"C11 - C12": c11 - c12, "C11 + 2 C12": c11 + 2.0 * c12}
    if name == "cubic":
        return {"C11 - C12": c11 - c12, "C11 + 2 C12": c11 + 2.0 * c12, "C44": c44}
    if name in ("orthorhombic", "monoclinic", "triclinic"):
        return _minors(c, name)
    # uniaxial classes: the block of in-plane dilatation and c, that of in-plane shear
    values = {
        "C11 - |C12|": c11 - np.abs(c12),
        "C33 (C11 + C12) - 2 C13^2": c33 * (c11 + c12) - 2.0 * c13**2,
        "C44": c44,
    }
    if name == "tetragonal":
        values["C66"] = c66
    elif name == "tetragonal_low":
        values["C66 (C11 - C12) - 2 C16^2"] = c66 * (c11 - c12) - 2.0 * c[..., 0, 5] ** 2
    elif name in ("trigonal", "trigonal_low"):
        coupling = c[..., 0, 3] ** 2 + c[..., 0, 4] ** 2
        values["C44 (C11 - C12) - 2 (C14^2 + C15^2)"] = c44 * (c11 - c12) - 2.0 * coupling
    return values


def _minors(c: Array, name: str) -> dict[str, Array]:
    """Leading principal minors of the blocks that symmetry leaves apart."""
    blocks = {
        "orthorhombic": ((0, 1, 2), (3,), (4,), (5,)),
        "monoclinic": ((0, 1, 2, 4), (3, 5)),
        "triclinic": ((0, 1, 2, 3, 4, 5),),
    }[name]
    values: dict[str, Array] = {}
    for block in blocks:
        for size in range(1, len(block) + 1):
            part = block[:size]
            expression = _minor_name(tuple(index + 1 for index in part))
            values[expression] = np.linalg.det(c[..., np.array(part)[:, None], np.array(part)])
    return values


def _minor_name(part: tuple[int, ...]) -> str:
    """Name of the principal minor of some Voigt indices."""
    if len(part) == 1:
        return f"C{part[0]}{part[0]}"
    if len(part) == 2:
        i, j = part
        return f"C{i}{i} C{j}{j} - C{i}{j}^2"
    return f"det C[{', '.join(map(str, part))}]"
