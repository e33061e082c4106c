"""What a crystal is made of and how densely, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["DESCRIPTORS", "descriptors"]

Array = NDArray[np.float64]

#: atomic numbers of the noble gases, where a period ends
_ENDS = (2, 10, 18, 36, 54, 86, 118)
_OF_AN_ELEMENT = ("period", "group", "mass", "radius")
#: names of the columns
DESCRIPTORS = (
    *(f"mean {name}" for name in _OF_AN_ELEMENT),
    *(f"spread of {name}" for name in _OF_AN_ELEMENT),
    "log volume per atom",
    "log density",
)


def descriptors(structures: Sequence[Atoms]) -> Array:
    """Give mean and standard deviation of properties of the atoms, and volume and density.

    The properties are period and group in the periodic table, mass (amu) and covalent radius (A;
    Cordero et al., Dalton Trans. 2832 (2008)). Volume per atom is in A^3, density in g/cm^3, of
    both the natural logarithm.

    Parameters
    ----------
    structures
        n crystals.

    Returns
    -------
    (n, 10), columns `DESCRIPTORS`.
    """
    from cijkl.structures.properties import density

    table = _elements()
    rows = []
    for atoms in structures:
        values = table[atoms.numbers]
        per_atom = atoms.get_volume() / len(atoms)
        size = [np.log(per_atom), np.log(density(atoms))]
        rows.append(np.concatenate([values.mean(axis=0), values.std(axis=0), size]))
    return np.array(rows).reshape(len(rows), len(DESCRIPTORS))


def _elements() -> Array:
    """Properties (119, 4) by atomic number."""
    from ase.data import atomic_masses, covalent_radii

    places = np.array([(0, 0), *(_place(z) for z in range(1, 119))], float)
    return np.column_stack([places, atomic_masses[:119], covalent_radii[:119]])


def _place(number: int) -> tuple[int, int]:
    """Period and group; lanthanides and actinides are in group 3.

    >>> _place(1), _place(8), _place(26), _place(60), _place(72), _place(82)
    ((1, 1), (2, 16), (4, 8), (6, 3), (6, 4), (6, 14))
    """
    period = int(np.searchsorted(_ENDS, number)) + 1
    before_end = _ENDS[period - 1] - number
    # counted from the end of the period, but for the s block and the f block
    since_start = number - (_ENDS[period - 2] if period > 1 else 0)
    if since_start <= 2 and number != 2:
        return period, since_start
    return period, max(3, 18 - before_end)
