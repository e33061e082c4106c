"""Other cells of the same crystal: primitive, conventional, exactly symmetric."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from cijkl.structures.spacegroup import SYMPREC, Symmetry, symmetry

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["conventional", "primitive", "primitive_of_symmetric", "symmetrise"]


def primitive(atoms: Atoms, symprec: float = SYMPREC, group: Symmetry | None = None) -> Atoms:
    """Give a primitive cell of the crystal, with its orientation in space kept.

    A cell that is primitive already is given back as it is, atoms in the same order.

    Parameters
    ----------
    symprec
        Tolerance of the symmetry search, A.
    group
        Symmetry of `atoms`, if it is known already.
    """
    found = group or symmetry(atoms, symprec)
    identity = (found.fractional_rotations == np.eye(3, dtype=int)).all(axis=(1, 2))
    if int(identity.sum()) == 1:
        return atoms.copy()
    return _standardised(atoms, found.tolerance, to_primitive=True)


def primitive_of_symmetric(atoms: Atoms, group: Symmetry) -> Atoms:
    """Give a primitive cell of a crystal that has a symmetry exactly, as it lies in space.

    It needs no search for the symmetry, which in cubic crystals takes the longest.

    Parameters
    ----------
    atoms
        From `symmetrise`.
    group
        The symmetry it was given.
    """
    pure = (group.fractional_rotations == np.eye(3, dtype=int)).all(axis=(1, 2))
    count = int(pure.sum())
    if count == 1:
        return atoms.copy()
    # a translation, repeated as often as there are translations, is one of the lattice
    steps = np.rint(count * group.translations[pure]).astype(int)
    basis = _integer_basis(np.vstack([count * np.eye(3, dtype=int), steps])) / count
    if np.linalg.det(basis) < 0.0:
        basis = -basis
    result = atoms[np.unique(group.permutations[pure].min(axis=0))]
    result.set_cell(basis @ atoms.cell.array)
    result.wrap()
    return result


def _integer_basis(vectors: NDArray[np.int_]) -> NDArray[np.int_]:
    """Basis (3, 3) of all sums of integer vectors (n, 3), by Euclid's algorithm on columns."""
    rows = vectors.copy()
    basis = np.zeros((3, 3), dtype=int)
    for axis in range(3):
        while np.count_nonzero(rows[:, axis]) > 1:
            lead = np.flatnonzero(rows[:, axis])
            pivot = lead[np.abs(rows[lead, axis]).argmin()]
            others = lead[lead != pivot]
            rows[others] -= (rows[others, axis] // rows[pivot, axis])[:, None] * rows[pivot]
        (pivot,) = np.flatnonzero(rows[:, axis])
        basis[axis] = rows[pivot]
        rows = np.delete(rows, pivot, axis=0)
    return basis


def conventional(atoms: Atoms, symprec: float = SYMPREC) -> Atoms:
    """Give the conventional cell in the standard setting, with its orientation in space kept.

    Its lattice vectors are those of the crystallographic axes (International Tables, as spglib
    chooses settings), which the IEEE standard orientation starts from.
    """
    return _standardised(atoms, symmetry(atoms, symprec).tolerance, to_primitive=False)


def symmetrise(atoms: Atoms, group: Symmetry) -> Atoms:
    """Give the crystal with cell and positions moved to exactly a space group.

    The cell is strained without rotation; each atom goes to the mean of where all operations put
    it. Atoms keep their order and, but for the correction, their place. A supercell whose shape
    hides operations only gets those that it has; symmetrise its `primitive` cell instead.

    Parameters
    ----------
    group
        Symmetry of `atoms`, from `symmetry`.
    """
    fractional = atoms.get_scaled_positions(wrap=False)
    images = np.einsum("nij,aj->nai", group.fractional_rotations, fractional)
    images += group.translations[:, None, :]
    target = fractional[group.permutations]
    shift = images - target
    shift -= np.rint(shift)
    correction = np.zeros_like(fractional)
    for permutation, delta in zip(group.permutations, shift, strict=True):
        correction[permutation] += delta
    result = atoms.copy()
    result.set_cell(group.lattice)
    result.set_scaled_positions(fractional + correction / len(group.permutations))
    return result


def _standardised(atoms: Atoms, symprec: float, *, to_primitive: bool) -> Atoms:
    import spglib
    from ase import Atoms as AseAtoms

    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = spglib.standardize_cell(
                cell, to_primitive=to_primitive, no_idealize=True, symprec=symprec
            )
        except spglib.SpglibError:
            found = None
    if found is None:
        return atoms.copy()
    lattice, fractional, numbers = found
    masses = {z: atoms.get_masses()[atoms.numbers == z].mean() for z in set(atoms.numbers)}
    result = AseAtoms(numbers=numbers, cell=lattice, scaled_positions=fractional, pbc=True)
    if atoms.has("masses"):
        result.set_masses([masses[z] for z in numbers])
    result.info = dict(atoms.info)
    return result
