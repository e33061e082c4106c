"""Whether a structure is a minimum: its softest mode, by a few products spread by symmetry."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.response.products import products
from cijkl.response.subspace import Subspace

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["lowest_mode"]

Array = NDArray[np.float64]

_SEED = 7
#: relative residual of a mode below which its curvature is known well enough
_SETTLED = 0.1


def lowest_mode(
    atoms: Atoms, space: Subspace, springs: Array, limit: int, ion_step: float
) -> Generator[list[Atoms], list[Evaluation], tuple[float, Array, int]]:
    """Smallest curvature of the ions at the zone centre, or an upper bound of it.

    Preconditioned search after Davidson (1975, J. Comput. Phys. 17, 87), from a seeded random
    displacement, in the space that the linear response has explored already. A product serves every
    image of its direction, so that for small symmetric crystals a few complete the space and the
    answer is exact. The directions are added to `space`.

    Parameters
    ----------
    atoms
        The reference, n atoms.
    space
        What is known of the second derivatives; grows.
    springs
        Cholesky factor (3n, 3n) of the preconditioner.
    limit
        Most products to spend.
    ion_step
        Largest displacement in the central differences, A.

    Returns
    -------
    curvature
        eV/A^2.
    mode
        (n, 3), norm 1.
    products
        How many were spent.
    """
    from scipy.linalg import cho_solve

    n = len(atoms)
    direction = np.random.default_rng(_SEED).normal(size=3 * n)
    direction = np.asarray(cho_solve((springs, True), direction), np.float64)
    spent = 0
    while spent < limit and space.dimension < 3 * (n - 1):
        moves = space.fresh([direction.reshape(n, 3)])
        if not moves:
            break
        (answer,) = yield from products(atoms, [(np.zeros(6), moves[0])], ion_step, ion_step)
        spent += 1
        space.add(moves[0], answer.ions)
        curvature, mode = space.lowest_mode()
        residual = space.residual(mode, curvature)
        if np.linalg.norm(residual) < _SETTLED * abs(curvature):
            break
        direction = np.asarray(cho_solve((springs, True), residual.ravel()), np.float64)
    curvature, mode = space.lowest_mode()
    return curvature, mode, spent
