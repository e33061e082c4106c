"""Products of the energy's second derivatives with directions, from forces and stresses."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.response.deformation import Gradient, deform, gradient

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["products"]

Array = NDArray[np.float64]


def products(
    atoms: Atoms, directions: list[tuple[Array, Array]], strain_step: float, ion_step: float
) -> Generator[list[Atoms], list[Evaluation], list[Gradient]]:
    """Second derivatives of the energy times directions, by central differences, in one request.

    Parameters
    ----------
    atoms
        The reference.
    directions
        (strain, displacement) pairs: Mandel (6), and (n, 3) in A. Their length does not matter for
        the step, which is the largest with a strain norm of at most `strain_step` and no atom
        displaced by more than `ion_step` (A).

    Returns
    -------
    Derivative of the gradient along each direction: eV, and eV/A for (n, 3).
    """
    moves = []
    for strain, displacement in directions:
        size = max(
            float(np.linalg.norm(strain)) / strain_step,
            float(np.linalg.norm(displacement, axis=1).max()) / ion_step,
        )
        moves += [(sign * strain / size, sign * displacement / size, size) for sign in (1.0, -1.0)]
    trials = [deform(atoms, strain, displacement) for strain, displacement, _ in moves]
    answers = yield trials
    slopes = [
        gradient(answer, move[0], trial.get_volume())
        for answer, move, trial in zip(answers, moves, trials, strict=True)
    ]
    products = []
    for plus, minus, (_, _, size) in zip(slopes[::2], slopes[1::2], moves[::2], strict=True):
        products.append(
            Gradient(
                strain=(plus.strain - minus.strain) * (0.5 * size),
                ions=(plus.ions - minus.ions) * (0.5 * size),
            )
        )
    return products
