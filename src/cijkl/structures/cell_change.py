"""How the cell of a crystal differs from that of another of the same substance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.structures.cells import primitive
from cijkl.structures.properties import density

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["CellChange", "cell_parameters", "change_of_lattice", "compare_cells"]

Array = NDArray[np.float64]

#: relative lengths within which lattice vectors of two crystals can correspond
_LENGTHS = 0.25
#: largest strain between two lattices that are called the same
_STRAIN = 0.25
#: mean displacement against the cell (A) up to which atoms in the same order correspond
_SAME_ATOMS = 1.0


@dataclass(frozen=True)
class CellChange:
    """Cell parameters of two crystals in one setting, and their differences.

    Parameters
    ----------
    before, after
        a, b, c (A), alpha, beta, gamma (degrees).
    lengths_percent
        Changes of a, b, c, %.
    angles_degrees
        Changes of alpha, beta, gamma.
    volume_percent
        Change of the volume, %.
    density_percent
        Change of the density, %.
    """

    before: tuple[float, ...]
    after: tuple[float, ...]
    lengths_percent: tuple[float, ...]
    angles_degrees: tuple[float, ...]
    volume_percent: float
    density_percent: float


def compare_cells(first: Atoms, second: Atoms) -> CellChange:
    """Compare two cells of one substance, in the setting of the first.

    Where both list the same atoms at nearly the same fractional coordinates, their vectors
    correspond one to one. Otherwise the vectors of the second lattice are sought that need the
    least strain to become those of the first, which makes the choice of the cell, its setting,
    centring and supercells irrelevant.

    Raises
    ------
    InputError
        If the two hold different substances, or no cell of the second is within 25 % of that of
        the first.

    Examples
    --------
    >>> from ase.build import bulk
    >>> small, large = bulk("NaCl", "rocksalt", a=5.64), bulk("NaCl", "rocksalt", a=5.7, cubic=True)
    >>> round(compare_cells(small, large).volume_percent, 3)
    3.226
    """
    if not _same_composition(first, second):
        raise InputError(
            f"{first.symbols} and {second.symbols} are different substances; only cells of the "
            "same one can be compared"
        )
    if _same_setting(first, second):
        return change_of_lattice(first.cell.array, second.cell.array, density_of=(first, second))
    here, there = primitive(first), primitive(second)
    if len(here) != len(there):
        raise InputError(
            f"the primitive cells hold {len(here)} and {len(there)} atoms; they are different "
            "crystals"
        )
    multiples = np.rint(first.cell.array @ np.linalg.inv(here.cell.array))
    found = _corresponding(here.cell.array, there.cell.array)
    if found is None:
        raise InputError(
            f"no cell of the second crystal is within {100 * _LENGTHS:.0f} % of that of the first; "
            "they are different crystals"
        )
    return change_of_lattice(first.cell.array, multiples @ found, density_of=(first, second))


def change_of_lattice(
    before: Array, after: Array, *, density_of: tuple[Atoms, Atoms] | None = None
) -> CellChange:
    """Changes between two lattices (3, 3), rows, A, whose vectors correspond.

    Parameters
    ----------
    density_of
        The crystals, whose masses may differ by isotopes; without them, mass is conserved.
    """
    old, new = cell_parameters(before), cell_parameters(after)
    growth = abs(float(np.linalg.det(after) / np.linalg.det(before)))
    denser = 1.0 / growth
    if density_of is not None:
        denser = density(density_of[1]) / density(density_of[0])
    return CellChange(
        before=old,
        after=new,
        lengths_percent=tuple(100.0 * (b / a - 1.0) for a, b in zip(old[:3], new[:3], strict=True)),
        angles_degrees=tuple(b - a for a, b in zip(old[3:], new[3:], strict=True)),
        volume_percent=100.0 * (growth - 1.0),
        density_percent=100.0 * (denser - 1.0),
    )


def cell_parameters(lattice: Array) -> tuple[float, ...]:
    """Lengths a, b, c (A) and angles alpha, beta, gamma (degrees) of a lattice (3, 3), rows."""
    lengths = np.linalg.norm(lattice, axis=1)
    units = lattice / lengths[:, None]
    cosines = [units[1] @ units[2], units[0] @ units[2], units[0] @ units[1]]
    angles = np.degrees(np.arccos(np.clip(cosines, -1.0, 1.0)))
    return (*(float(x) for x in lengths), *(float(x) for x in angles))


def _same_composition(first: Atoms, second: Atoms) -> bool:
    counts = [np.bincount(atoms.numbers, minlength=120) for atoms in (first, second)]
    return bool((counts[0] * len(second) == counts[1] * len(first)).all())


def _same_setting(first: Atoms, second: Atoms) -> bool:
    """Whether the atoms, in the order given, are at nearly the same places of the cell."""
    if len(first) != len(second) or (first.numbers != second.numbers).any():
        return False
    if np.abs(_strain(first.cell.array, second.cell.array)).max() > _STRAIN:
        return False
    moved = second.get_scaled_positions(wrap=False) - first.get_scaled_positions(wrap=False)
    moved -= np.rint(moved - moved[0]) + moved[0]
    moved -= moved.mean(axis=0)
    return bool(np.sqrt(((moved @ first.cell.array) ** 2).sum(-1).mean()) < _SAME_ATOMS)


def _strain(before: Array, after: Array) -> Array:
    """Principal strains (3) that take a lattice to another, rotation left out."""
    return np.asarray(np.linalg.svd(np.linalg.inv(before) @ after, compute_uv=False) - 1.0)


def _corresponding(wanted: Array, other: Array) -> Array | None:
    """The basis (3, 3) of a primitive lattice that is nearest in shape to another primitive one."""
    from ase.geometry import minkowski_reduce

    reduced, steps = minkowski_reduce(wanted)
    base = np.asarray(minkowski_reduce(other)[0])
    trials = np.array(list(product(range(-3, 4), repeat=3)))
    vectors = trials @ base
    lengths = np.linalg.norm(vectors, axis=1)
    targets = np.linalg.norm(reduced, axis=1)
    fits = [np.flatnonzero(np.abs(lengths / target - 1.0) <= _LENGTHS) for target in targets]
    if not all(len(fit) for fit in fits):
        return None
    chosen = np.stack(np.meshgrid(*fits, indexing="ij"), axis=-1).reshape(-1, 3)
    integers = trials[chosen]
    chosen = chosen[np.abs(np.rint(np.linalg.det(integers))) == 1]
    if not len(chosen):
        return None
    bases = vectors[chosen]
    inverse = np.linalg.inv(reduced)
    strains = np.linalg.svd(inverse @ bases, compute_uv=False) - 1.0
    # volume apart: a crystal that is compressed evenly has the same shape
    shape = np.log1p(strains)
    scores = ((shape - shape.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    scores += 1e-3 * (shape**2).sum(axis=1)
    best = int(scores.argmin())
    if np.abs(strains[best]).max() > _STRAIN:
        return None
    return np.asarray(np.linalg.inv(steps.astype(float)) @ bases[best])
