"""Space group and its operations, in the Cartesian frame of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cijkl.elasticity.ieee import conventional_lattice
from cijkl.errors import Diagnostic
from cijkl.structures.groups import POINT_GROUP_ORDERS, crystal_system, laue_class
from cijkl.structures.symmetry_search import Found, search, spglib_dataset

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["SYMPREC", "Symmetry", "symmetric_lattice", "symmetry"]

#: default tolerance on positions, A
SYMPREC = 1e-2
#: pairs of atoms that are compared at once
_TOGETHER = 100_000


@dataclass(frozen=True, eq=False)
class Symmetry:
    """The space group of a crystal as it lies in space.

    Operation k takes the fractional position x to ``fractional_rotations[k] @ x +
    translations[k]`` and, in space, turns vectors by ``rotations[k]``. All n operations of the
    cell are listed, so a centred cell has each rotation several times.

    Parameters
    ----------
    number, symbol
        International number (1 to 230) and short Hermann-Mauguin symbol.
    crystal_system
        triclinic, monoclinic, orthorhombic, tetragonal, trigonal, hexagonal or cubic.
    point_group, laue_class
        Hermann-Mauguin symbols.
    rotations
        (n, 3, 3) Cartesian, proper and improper, orthogonal to machine precision, in the frame of
        the input: a vector v goes to R @ v.
    point_operations
        (m, 3, 3) Cartesian: the whole point group, each rotation once. A supercell whose shape
        breaks the symmetry has fewer `rotations`, never fewer of these.
    fractional_rotations
        (n, 3, 3) integers, for fractional columns.
    translations
        (n, 3) fractional.
    permutations
        (n, natoms): atom a goes to the place of atom ``permutations[k, a]``.
    lattice
        (3, 3) rows, A: the cell strained without rotation to exactly this symmetry.
    conventional
        (3, 3) rows, A: the conventional cell in spglib's standard setting, as it lies in space.
    equivalent_atoms
        (natoms,): the first atom of each one's orbit.
    wyckoffs
        Wyckoff letter of each atom.
    tolerance
        Tolerance on positions that gave this group, A.
    deviation
        Farthest that an atom is from where an operation puts another, or a lattice vector from
        `lattice`, A.
    diagnostics
        Whether the search had to give way.
    """

    number: int
    symbol: str
    crystal_system: str
    point_group: str
    laue_class: str
    rotations: NDArray[np.float64]
    point_operations: NDArray[np.float64]
    fractional_rotations: NDArray[np.int_]
    translations: NDArray[np.float64]
    permutations: NDArray[np.int_]
    lattice: NDArray[np.float64]
    conventional: NDArray[np.float64]
    equivalent_atoms: NDArray[np.int_]
    wyckoffs: tuple[str, ...]
    tolerance: float
    deviation: float
    diagnostics: tuple[Diagnostic, ...] = ()


def symmetry(atoms: Atoms, symprec: float = SYMPREC) -> Symmetry:
    """Find the space group of a crystal.

    If the operations that are found do not form a group that permutes the atoms, the tolerance is
    reduced tenfold, up to three times; after that the crystal counts as P1. Either is said in
    `Symmetry.diagnostics`.

    Parameters
    ----------
    symprec
        How far (A) an atom may lie from where an operation puts it.
    """
    notes: tuple[Diagnostic, ...] = ()
    tolerance = symprec
    for _ in range(4):
        found = search(atoms, tolerance)
        if found is not None:
            built = _from_found(atoms, found, tolerance, notes)
            if built is not None:
                return built
        tolerance /= 10
        notes = (
            Diagnostic(
                "symmetry_tolerance",
                f"No consistent symmetry within {symprec:g} A; found with a tolerance of "
                f"{tolerance:g} A.",
            ),
        )
    return _triclinic(atoms, symprec)


def symmetric_lattice(
    lattice: NDArray[np.float64], rotations: NDArray[np.int_]
) -> NDArray[np.float64]:
    """Strain a lattice, without rotating it, so that fractional rotations keep its metric.

    Parameters
    ----------
    lattice
        Rows (3, 3), A.
    rotations
        (n, 3, 3) integer matrices of a group, for fractional columns.

    Notes
    -----
    With the columns A and the metric G averaged over the group, the stretch is
    U = (A^-T G A^-1)^(1/2), symmetric, so that A' = U A has the metric G.
    """
    columns = lattice.T
    metric = np.einsum("nji,jk,nkl->il", rotations, columns.T @ columns, rotations)
    metric = metric / len(rotations)
    inverse = np.linalg.inv(columns)
    values, vectors = np.linalg.eigh(inverse.T @ metric @ inverse)
    stretch = (vectors * np.sqrt(values)) @ vectors.T
    return np.asarray((stretch @ columns).T)


def _from_found(
    atoms: Atoms, found: Found, tolerance: float, notes: tuple[Diagnostic, ...]
) -> Symmetry | None:
    rotations = found.rotations
    if not _closed(rotations):
        return None
    mapped = _permutations(atoms, rotations, found.translations, tolerance)
    if mapped is None:
        return None
    permutations, deviation = mapped
    lattice = symmetric_lattice(atoms.cell.array, rotations)
    strained = np.linalg.norm(lattice - atoms.cell.array, axis=1).max()
    cartesian = _cartesian(rotations, lattice)
    _, first = np.unique(_labels(rotations), return_index=True)
    distinct = cartesian[np.sort(first)]
    if len(distinct) < POINT_GROUP_ORDERS[found.point_group]:
        distinct = _point_group_of_primitive(atoms, tolerance, distinct)
    return Symmetry(
        number=found.number,
        symbol=found.symbol,
        crystal_system=crystal_system(found.number),
        point_group=found.point_group,
        laue_class=laue_class(found.point_group),
        rotations=cartesian,
        point_operations=distinct,
        fractional_rotations=rotations,
        translations=found.translations,
        permutations=permutations,
        lattice=lattice,
        conventional=conventional_lattice(atoms.cell.array, found.transformation),
        equivalent_atoms=permutations.min(axis=0),
        wyckoffs=found.wyckoffs,
        tolerance=tolerance,
        deviation=float(max(deviation, strained)),
        diagnostics=notes,
    )


def _point_group_of_primitive(
    atoms: Atoms, tolerance: float, known: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the point group of the primitive cell, or what is known if it has no more."""
    found = spglib_dataset(atoms, tolerance)
    if found is None:
        return known
    # the mapping to the primitive cell keeps the frame: lattice vectors and one atom of each kind
    first = np.unique(found.mapping_to_primitive, return_index=True)[1]
    primitive = atoms[first]
    primitive.set_cell(np.asarray(found.primitive_lattice), scale_atoms=False)
    inner = search(primitive, tolerance)
    if inner is None:
        return known
    rotations = np.unique(inner.rotations, axis=0)
    if len(rotations) <= len(known) or not _closed(rotations):
        return known
    return _cartesian(rotations, symmetric_lattice(primitive.cell.array, rotations))


def _triclinic(atoms: Atoms, symprec: float) -> Symmetry:
    note = Diagnostic(
        "symmetry_not_found",
        f"No symmetry could be found within {symprec:g} A; the crystal counts as P1.",
    )
    return Symmetry(
        number=1,
        symbol="P1",
        crystal_system="triclinic",
        point_group="1",
        laue_class="-1",
        rotations=np.eye(3)[None],
        point_operations=np.eye(3)[None],
        fractional_rotations=np.eye(3, dtype=int)[None],
        translations=np.zeros((1, 3)),
        permutations=np.arange(len(atoms))[None],
        lattice=atoms.cell.array.copy(),
        conventional=atoms.cell.array.copy(),
        equivalent_atoms=np.arange(len(atoms)),
        wyckoffs=("a",) * len(atoms),
        tolerance=symprec,
        deviation=0.0,
        diagnostics=(note,),
    )


def _cartesian(rotations: NDArray[np.int_], lattice: NDArray[np.float64]) -> NDArray[np.float64]:
    columns = lattice.T
    return np.asarray(columns @ rotations @ np.linalg.inv(columns))


def _closed(rotations: NDArray[np.int_]) -> bool:
    """Whether the distinct rotations form a group."""
    labels, first = np.unique(_labels(rotations), return_index=True)
    matrices = rotations[first]
    products = (matrices[:, None] @ matrices[None]).reshape(-1, 3, 3)
    return bool(np.isin(_labels(products), labels).all())


def _labels(matrices: NDArray[np.int_]) -> NDArray[np.int_]:
    """A number for each integer matrix (n, 3, 3), by which equal ones are found fast.

    It is a hash of 64 bits: that two of a thousand matrices share one by chance has a probability
    of 1e-13.
    """
    return np.asarray(matrices.reshape(-1, 9).astype(np.int64) @ _HASH)


_HASH = np.random.default_rng(0).integers(-(2**63), 2**63 - 1, 9)


def _permutations(
    atoms: Atoms,
    rotations: NDArray[np.int_],
    translations: NDArray[np.float64],
    tolerance: float,
) -> tuple[NDArray[np.int_], float] | None:
    """Where each operation puts each atom, and how far off (A); None if it permutes no atoms."""
    fractional = atoms.get_scaled_positions(wrap=False)
    cell = atoms.cell.array
    result = np.full((len(rotations), len(atoms)), -1)
    kinds = [np.flatnonzero(atoms.numbers == z) for z in np.unique(atoms.numbers)]
    step = max(1, _TOGETHER // max(len(kind) for kind in kinds) ** 2)
    farthest = 0.0
    for start in range(0, len(rotations), step):
        part = slice(start, start + step)
        images = fractional @ rotations[part].swapaxes(1, 2) + translations[part, None]
        for kind in kinds:
            difference = fractional[kind] - images[:, kind, None]
            difference -= np.rint(difference)
            squared = ((difference @ cell) ** 2).sum(-1)
            nearest = squared.argmin(axis=2)
            farthest = max(farthest, float(np.sqrt(squared.min(axis=2).max())))
            # an operation that spglib accepts may move an atom by a few tolerances
            if farthest > 4 * tolerance + 1e-4:
                return None
            result[part, kind] = kind[nearest]
    if not (np.sort(result, axis=1) == np.arange(len(atoms))).all():
        return None
    return result, farthest
