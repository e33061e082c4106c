"""Energies of different methods on one scale: a constant for each element.

Energies of two methods differ by constants of the elements (pseudopotentials, reference atoms)
that no force shows. They are found by least squares,

    min over s of  sum over frames of [ (E_target - E_student - sum_Z n_Z s_Z) / N ]^2,

and taken from the targets, so that the student need not learn them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["element_shifts", "total_shift"]

Array = NDArray[np.float64]


def element_shifts(structures: Sequence[Atoms], differences: Sequence[float]) -> dict[int, float]:
    """Give the constants of the elements.

    Where compositions cannot tell elements apart, as in ice, the smallest constants are given
    that explain the differences.

    Parameters
    ----------
    structures
        (k) crystals.
    differences
        Energy of one method less that of the other, (k), eV.

    Returns
    -------
    eV for each atomic number that occurs.
    """
    if not structures:
        return {}
    elements = sorted({int(z) for atoms in structures for z in atoms.numbers})
    counts = np.array([[(a.numbers == z).sum() for z in elements] for a in structures], dtype=float)
    sizes = counts.sum(1)
    shifts, *_ = np.linalg.lstsq(counts / sizes[:, None], np.array(differences) / sizes)
    return dict(zip(elements, map(float, shifts), strict=True))


def total_shift(atoms: Atoms, shifts: Mapping[int, float]) -> float:
    """Sum of the constants of all atoms, eV; an element without one counts as zero."""
    numbers, counts = np.unique(atoms.numbers, return_counts=True)
    return float(sum(n * shifts.get(int(z), 0.0) for z, n in zip(numbers, counts, strict=True)))
