"""VASP's POSCAR and CONTCAR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import build_atoms, one_line

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["read_poscar"]


def read_poscar(text: str) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the crystal of a POSCAR (VASP 5; VASP 4 if its comment line names the elements).

    Raises
    ------
    InputError
        Naming the line that is wrong.

    References
    ----------
    The VASP manual, page POSCAR: a positive scale multiplies, a negative one is minus the
    volume, three scale x, y and z.
    """
    lines = text.splitlines()
    if len(lines) < 7:
        raise InputError(f"a POSCAR has at least 8 lines; found {len(lines)}")
    scale = _floats(lines, 1)
    lattice = np.array([_floats(lines, row, 3) for row in (2, 3, 4)])
    factors = _scale(scale, lattice)
    at = 5
    symbols = lines[at].split()
    if symbols and symbols[0].lstrip("+-").isdigit():
        symbols = lines[0].split()
        if len(symbols) != len(lines[at].split()):
            raise InputError(
                "POSCAR has no line of element symbols (VASP 4); add it above the atom counts"
            )
    else:
        at += 1
    try:
        counts = [int(word) for word in _line(lines, at).split()]
    except ValueError:
        counts = []
    if len(counts) != len(symbols) or any(count < 0 for count in counts):
        raise InputError(
            f"POSCAR line {at + 1} must hold {len(symbols)} atom counts; "
            f"found {one_line(repr(_line(lines, at)), 60)}"
        )
    at += 1
    if _line(lines, at).strip()[:1] in ("s", "S"):
        at += 1
    mode = _line(lines, at).strip()[:1].lower()
    total = sum(counts)
    if total > len(lines):
        raise InputError(f"POSCAR promises {total} atoms but has only {len(lines)} lines")
    coordinates = np.array([_floats(lines, at + 1 + i, 3) for i in range(total)]).reshape(-1, 3)
    species = [
        symbol.split("/")[0].split("_")[0]
        for symbol, count in zip(symbols, counts, strict=True)
        for _ in range(count)
    ]
    cell = lattice * factors
    if mode in ("c", "k"):
        return build_atoms(species, cell, cartesian=coordinates * factors)
    return build_atoms(species, cell, fractional=coordinates)


def _scale(scale: list[float], lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(scale) == 3:
        return np.array(scale)
    if scale[0] >= 0:
        return np.full(3, scale[0])
    volume = abs(float(np.linalg.det(lattice)))
    if volume == 0:
        raise InputError("POSCAR's lattice vectors span no volume")
    return np.full(3, (-scale[0] / volume) ** (1 / 3))


def _line(lines: list[str], index: int) -> str:
    if index >= len(lines):
        raise InputError(f"POSCAR ends at line {len(lines)}, before all atoms are given")
    return lines[index]


def _floats(lines: list[str], index: int, count: int | None = None) -> list[float]:
    words = _line(lines, index).split()
    values: list[float] = []
    for word in words[: count or 3]:
        try:
            values.append(float(word))
        except ValueError:
            break
    if not values or (count is not None and len(values) < count):
        raise InputError(
            f"POSCAR line {index + 1} must hold {count or 'one or three'} numbers; "
            f"found {one_line(repr(lines[index]), 60)}"
        )
    return values if len(values) in (1, 3) else values[:1]
