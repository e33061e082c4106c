"""The symmetry that a library finds in a crystal: moyo in cubic lattices, spglib in all others.

spglib takes 15 ms for a face-centred cubic cell of nine atoms and moyo 0.9 ms, more than all else
that is asked of such a crystal; for other lattices both take less than 1 ms. Axes decide how a
tensor of lower symmetry is written, so they are always those of spglib: two choices of axes of a
cubic crystal differ by rotations that no elastic tensor of it notices.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["Found", "search", "spglib_dataset"]

#: first space group that is cubic
_CUBIC = 195
#: cosines of the angles of cubic lattices: primitive, and primitive cells of F and I
_COSINES = (0.0, 0.5, -1 / 3)
#: relative deviation from these up to which a lattice may be cubic
_NEARLY = 0.02


@dataclass(frozen=True, eq=False)
class Found:
    """What a library says of the symmetry of a crystal.

    Parameters
    ----------
    number, symbol
        International number and short Hermann-Mauguin symbol.
    point_group
        Hermann-Mauguin symbol.
    rotations, translations
        (n, 3, 3) integers and (n, 3), for fractional columns: all operations of the cell.
    transformation
        (3, 3) matrix P from the standard cell to the given one: (a b c) = (a_s b_s c_s) P.
    wyckoffs
        Letter of each atom.
    """

    number: int
    symbol: str
    point_group: str
    rotations: NDArray[np.int_]
    translations: NDArray[np.float64]
    transformation: NDArray[np.float64]
    wyckoffs: tuple[str, ...]


def search(atoms: Atoms, symprec: float) -> Found | None:
    """Symmetry of a crystal, or None where none is found, as for atoms on top of each other.

    Parameters
    ----------
    symprec
        How far (A) an atom may lie from where an operation puts it.

    References
    ----------
    A. Togo, K. Shinohara and I. Tanaka, Sci. Technol. Adv. Mater. Methods 4, 2384822 (2024)
    (spglib); K. Shinohara, moyo, https://github.com/spglib/moyo.
    """
    if _may_be_cubic(atoms.cell.array):
        cubic = _by_moyo(atoms, symprec)
        if cubic is not None:
            return cubic
    found = spglib_dataset(atoms, symprec)
    if found is None:
        return None
    return Found(
        number=int(found.number),
        symbol=str(found.international),
        point_group=str(found.pointgroup).strip(),
        rotations=np.asarray(found.rotations, dtype=int),
        translations=np.asarray(found.translations, dtype=float),
        transformation=np.asarray(found.transformation_matrix, dtype=float),
        wyckoffs=tuple(found.wyckoffs),
    )


def spglib_dataset(atoms: Atoms, symprec: float) -> Any | None:
    """spglib's dataset, or None where spglib finds none."""
    import spglib

    # spglib's C code writes to stderr unless told not to; a setting of the user's own stays
    os.environ.setdefault("SPGLIB_WARNING", "OFF")
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # spglib 2.7 and later may raise where earlier ones return None
        try:
            return spglib.get_symmetry_dataset(cell, symprec=symprec)
        except spglib.SpglibError:
            return None


def _may_be_cubic(lattice: NDArray[np.float64]) -> bool:
    """Whether cell vectors have equal lengths and the angles of a cubic lattice, roughly."""
    metric = lattice @ lattice.T
    squares = np.diagonal(metric)
    mean = squares.mean()
    if abs(squares - mean).max() > 2 * _NEARLY * mean:
        return False
    cosines = metric[(0, 0, 1), (1, 2, 2)] / mean
    # a cell of F or I may have vectors of any sign: three of its cosines may be negative or two
    return any(abs(abs(cosines) - abs(one)).max() < 2 * _NEARLY for one in _COSINES)


def _by_moyo(atoms: Atoms, symprec: float) -> Found | None:
    """What moyo finds if it is cubic and found at that very tolerance."""
    from moyopy import Cell, MoyoDataset

    positions = atoms.get_scaled_positions()
    cell = Cell(atoms.cell.array.tolist(), positions.tolist(), atoms.numbers.tolist())
    try:
        found = MoyoDataset(cell, symprec=symprec)
    except ValueError:
        return None
    if found.number < _CUBIC or found.symprec != symprec:
        return None
    symbol, point_group = _names(found.number)
    return Found(
        number=found.number,
        symbol=symbol,
        point_group=point_group,
        rotations=np.asarray(found.operations.rotations, dtype=int),
        translations=np.asarray(found.operations.translations, dtype=float),
        # moyo: (a_s b_s c_s) = (a b c) L
        transformation=np.linalg.inv(np.asarray(found.std_linear, dtype=float)),
        wyckoffs=tuple(found.wyckoffs),
    )


@cache
def _names(number: int) -> tuple[str, str]:
    """Symbols of a space group and of its point group, in spglib's spelling."""
    import spglib

    for hall in range(1, 531):
        kind = spglib.get_spacegroup_type(hall)
        if kind is not None and kind.number == number:
            return str(kind.international_short), str(kind.pointgroup_international)
    raise ValueError(f"there is no space group {number}")
