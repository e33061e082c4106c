"""Phonons of one cell from the forces in a supercell with single atoms displaced."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import MissingPackageError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["Phonons", "phonons", "repeats"]

Array = NDArray[np.float64]

#: A, the length that a mesh of wave vectors resolves
_MESH = 40.0
#: THz below which a mode is taken for imaginary, not for a translation with its error
IMAGINARY = -0.1
#: supercells in one request
_TOGETHER = 4


@dataclass(frozen=True, eq=False)
class Phonons:
    """Frequencies on a mesh of wave vectors.

    Parameters
    ----------
    frequencies
        (q, 3n), THz; imaginary ones negative.
    weights
        (q), how often each wave vector counts.
    supercell
        Repeats of the cell along its vectors.
    evaluations
        Supercells that were evaluated.
    """

    frequencies: Array
    weights: Array
    supercell: tuple[int, int, int]
    evaluations: int

    @property
    def imaginary(self) -> float:
        """Share of the modes that are imaginary."""
        bad = (self.frequencies < IMAGINARY).mean(axis=1)
        return float(np.average(bad, weights=self.weights))


def repeats(cell: Array, width: float) -> tuple[int, int, int]:
    """Smallest repeats of a cell that make it wider than `width` (A) between opposite faces.

    Parameters
    ----------
    cell
        (3, 3), rows, A.
    """
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    first, second, third = (max(1, int(np.ceil(width / height - 1e-6))) for height in heights)
    return first, second, third


def phonons(
    atoms: Atoms, supercell: tuple[int, int, int], displacement: float, symprec: float = 1e-4
) -> Generator[list[Atoms], list[Evaluation], Phonons]:
    """Phonons of a relaxed crystal: a coroutine that yields supercells and is sent their forces.

    Parameters
    ----------
    atoms
        Primitive cell, ions at rest.
    supercell
        See `repeats`.
    displacement
        Of one atom, A.
    symprec
        Tolerance of the symmetry that saves displacements, A.

    Raises
    ------
    MissingPackageError
        Without phonopy.
    """
    phonopy = _phonopy(atoms, supercell, symprec)
    phonopy.generate_displacements(distance=displacement)
    displaced = [_atoms(cell) for cell in phonopy.supercells_with_displacements]
    forces: list[Array] = []
    for start in range(0, len(displaced), _TOGETHER):
        answers = yield displaced[start : start + _TOGETHER]
        forces += [answer.forces for answer in answers]
    phonopy.forces = np.array(forces)
    phonopy.produce_force_constants(show_drift=False)
    phonopy.symmetrize_force_constants()
    lengths = np.linalg.norm(np.linalg.inv(atoms.cell.array), axis=0)
    phonopy.run_mesh([int(np.ceil(_MESH * length)) for length in lengths], is_gamma_center=True)
    found = phonopy.mesh
    frequencies, weights = np.asarray(found.frequencies), np.asarray(found.weights, float)
    return Phonons(frequencies, weights, supercell, len(displaced))


def _phonopy(atoms: Atoms, supercell: tuple[int, int, int], symprec: float) -> Any:
    if find_spec("phonopy") is None:
        raise MissingPackageError("--temperature needs phonopy: pip install 'cijkl[thermal]'")
    # an optional package, which may be missing where types are checked
    from phonopy import Phonopy  # type: ignore[import-not-found, unused-ignore]
    from phonopy.structure.atoms import (  # type: ignore[import-not-found, unused-ignore]
        PhonopyAtoms,
    )

    cell = PhonopyAtoms(
        symbols=atoms.get_chemical_symbols(),
        cell=atoms.cell.array,
        scaled_positions=atoms.get_scaled_positions(),
        masses=atoms.get_masses(),
    )
    return Phonopy(cell, np.diag(supercell), primitive_matrix=np.eye(3), symprec=symprec)


def _atoms(cell: Any) -> Atoms:
    from ase import Atoms

    return Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)
