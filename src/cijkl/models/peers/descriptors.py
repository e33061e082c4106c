"""Six numbers of a crystal from which the classical baselines learn.

Those of Liu et al., Acta Phys. Sin. 74, 120702 (2025). All are means or densities, so they do not
depend on the choice of the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.peers.element_attributes import LAST_ELEMENT, electronegativities
from cijkl.structures import density, symmetry

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["DESCRIPTORS", "descriptors"]

#: (name, unit) of the columns of `descriptors`
DESCRIPTORS = (
    ("mean_atomic_number", ""),
    ("mean_atomic_mass", "u"),
    ("mean_electronegativity", "Pauling"),
    ("space_group_number", ""),
    ("density", "g/cm^3"),
    ("volume_per_atom", "A^3"),
)


def descriptors(crystals: Sequence[Atoms]) -> NDArray[np.float64]:
    """Descriptors of crystals, (n, 6), columns as in `DESCRIPTORS`.

    Helium, neon and argon have no electronegativity on Pauling's scale; the mean leaves them out.

    Raises
    ------
    InputError
        If an element has no tabulated properties, or no atom of a crystal an electronegativity.

    Examples
    --------
    >>> from ase.build import bulk
    >>> descriptors([bulk("NaCl", "rocksalt", a=5.64)]).round(1).tolist()
    [[14.0, 29.2, 2.0, 225.0, 2.2, 22.4]]
    """
    rows = [_row(atoms) for atoms in crystals]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(DESCRIPTORS))


def _row(atoms: Atoms) -> tuple[float, ...]:
    numbers = np.asarray(atoms.numbers)
    if not len(numbers) or numbers.min() < 1 or numbers.max() > LAST_ELEMENT:
        raise InputError(
            f"the descriptors need elements 1 to {LAST_ELEMENT}; this is '{atoms.symbols}'"
        )
    known = electronegativities()[numbers]
    known = known[~np.isnan(known)]
    if not len(known):
        raise InputError(f"no atom of '{atoms.symbols}' has a Pauling electronegativity")
    return (
        float(numbers.mean()),
        float(atoms.get_masses().mean()),
        float(known.mean()),
        float(symmetry(atoms).number),
        density(atoms),
        float(atoms.get_volume()) / len(atoms),
    )
