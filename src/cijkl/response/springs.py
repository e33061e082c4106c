"""A model of springs between neighbours: the preconditioner of relaxation and linear response.

Every pair of atoms closer than the sum of their covalent radii plus a margin is joined by a spring
whose constant falls exponentially with distance, so that bonds come out stiff and contacts between
molecules soft. Pairs feel the strain too, which couples cell and ions as in the real crystal. Only
the ratios matter: the users of the model find its scale from the potential's own answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.response.deformation import mandel_to_matrix

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["spring_hessian"]

Array = NDArray[np.float64]

#: eV/A^2, a pair at the sum of its covalent radii: a typical covalent bond
_STIFFNESS = 25.0
#: A, distance over which springs weaken by 1/e: bonds to hydrogen bonds 1:10, to contacts 1:200
_DECAY = 0.35
#: A, margin on each radius within which pairs are joined
_MARGIN = 1.25
#: transverse over longitudinal constant, in place of angle terms
_TRANSVERSE = 0.12
#: eV/A^2, tie of every atom to its place: keeps lone atoms from drifting
_TIE = 0.05


def spring_hessian(atoms: Atoms) -> Array:
    """Second derivatives of the spring model by ionic displacement and strain.

    Parameters
    ----------
    atoms
        n atoms in a periodic cell.

    Returns
    -------
    (3n + 6, 3n + 6), positive definite but for strains that no spring resists; displacements
    (n, 3) flattened in A come first, then the strain as a Mandel vector; eV.
    """
    from ase.data import covalent_radii
    from ase.neighborlist import neighbor_list

    n = len(atoms)
    radii = covalent_radii[atoms.numbers]
    first, second, vectors = neighbor_list("ijD", atoms, list(radii + _MARGIN))
    hessian = np.zeros((3 * n + 6, 3 * n + 6))
    if len(first):
        lengths = np.linalg.norm(vectors, axis=1)
        excess = lengths - radii[first] - radii[second]
        constants = _STIFFNESS * np.exp(-np.maximum(excess, -0.3) / _DECAY)
        along = vectors / lengths[:, None]
        springs = (1.0 - _TRANSVERSE) * along[:, :, None] * along[:, None, :]
        springs = constants[:, None, None] * (springs + _TRANSVERSE * np.eye(3))
        # each pair is listed twice, and a spring's energy is half its constant times length squared
        blocks = np.zeros((n, n, 3, 3))
        np.add.at(blocks, (first, first), springs)
        np.add.at(blocks, (first, second), -springs)
        hessian[: 3 * n, : 3 * n] = blocks.swapaxes(1, 2).reshape(3 * n, 3 * n)
        stretch = _stretch(vectors)
        pull = np.einsum("pab,pbs->pas", springs, stretch)
        coupling = np.zeros((n, 3, 6))
        np.add.at(coupling, first, -pull)
        hessian[: 3 * n, 3 * n :] = coupling.reshape(3 * n, 6)
        hessian[3 * n :, : 3 * n] = coupling.reshape(3 * n, 6).T
        hessian[3 * n :, 3 * n :] = 0.5 * np.einsum("pas,pat->st", stretch, pull)
    hessian[np.arange(3 * n), np.arange(3 * n)] += _TIE
    return hessian


def _stretch(vectors: Array) -> Array:
    """(p, 3, 6): how far each pair vector (p, 3) is pulled by each unit Mandel strain."""
    pulled: Array = np.einsum("sab,pb->pas", mandel_to_matrix(np.eye(6)), vectors)
    return pulled
