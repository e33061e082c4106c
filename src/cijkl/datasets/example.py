"""A crystal with what is known of its elasticity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.structures.crystal import Crystal

__all__ = ["MODULI", "Example", "known_moduli"]

Array = NDArray[np.float64]

#: names of the moduli of a polycrystal: Voigt and Reuss bounds and Hill's mean of bulk and shear
MODULI = ("K_V", "K_R", "K_VRH", "G_V", "G_R", "G_VRH")

#: the names of the averages in `cijkl.elasticity.moduli`
_AVERAGES = {"V": "voigt", "R": "reuss", "VRH": "hill"}


@dataclass(frozen=True, eq=False)
class Example:
    """A crystal and its labels: moduli, a stiffness, or both.

    Parameters
    ----------
    crystal
        Id, atoms and where they came from.
    moduli
        Some of `MODULI`, GPa, all positive.
    stiffness
        (6, 6) Voigt, GPa, in the Cartesian frame of the atoms; None if it is not known.

    Raises
    ------
    InputError
        For another name of a modulus, a value that is not positive and finite, or a stiffness of
        another shape.
    """

    crystal: Crystal
    moduli: Mapping[str, float] = field(default_factory=dict)
    stiffness: Array | None = None

    def __post_init__(self) -> None:
        for name, value in self.moduli.items():
            if name not in MODULI:
                raise InputError(f"no modulus is called {name!r}; known are {', '.join(MODULI)}")
            if not (math.isfinite(value) and value > 0.0):
                raise InputError(f"{name} is {value:g} GPa, expected a positive number")
        if self.stiffness is not None and self.stiffness.shape != (6, 6):
            raise InputError(f"the stiffness has shape {self.stiffness.shape}, expected (6, 6)")

    @property
    def id(self) -> str:
        """Id of the crystal."""
        return self.crystal.id

    @cached_property
    def formula(self) -> str:
        """Reduced formula, such as ``Al2O3``."""
        from cijkl.structures.properties import reduced_formula

        return reduced_formula(self.crystal.atoms)


def known_moduli(example: Example) -> dict[str, float]:
    """Give all moduli (GPa) that the labels of an example determine, in the order of `MODULI`.

    A modulus that is given stays as it is. Hill's mean that is missing is that of given bounds;
    what is missing then is taken from the stiffness.
    """
    known = dict(example.moduli)
    for letter in "KG":
        voigt, reuss = known.get(f"{letter}_V"), known.get(f"{letter}_R")
        if voigt is not None and reuss is not None:
            known.setdefault(f"{letter}_VRH", 0.5 * (voigt + reuss))
    if example.stiffness is not None and len(known) < len(MODULI):
        from cijkl.elasticity.averages import moduli

        averages = moduli(example.stiffness)
        for name in MODULI:
            letter, average = name.split("_")
            value = float(averages[letter][_AVERAGES[average]])  # type: ignore[index]  # a literal
            # the Reuss bound of a tensor that is not positive definite has no meaning
            if math.isfinite(value) and value > 0.0:
                known.setdefault(name, value)
    return {name: float(known[name]) for name in MODULI if name in known}
