"""What a potential is: one question, asked of a list of crystals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Array", "Evaluation", "EvaluationError", "Potential", "Sum"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Energy, forces and stress of one crystal.

    Parameters
    ----------
    energy
        Energy of the cell, eV.
    forces
        Shape (n, 3), eV/A.
    stress
        Shape (3, 3), symmetric, eV/A^3; positive in tension (the sign of ASE):
        the derivative of the energy by strain, divided by the volume.
    """

    energy: float
    forces: Array
    stress: Array


class EvaluationError(InputError):
    """One crystal of a list cannot be evaluated.

    Parameters
    ----------
    message
        One line that says why.
    index
        Its position in the list that was given, so that the others can go on without it.
    """

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


@runtime_checkable
class Potential(Protocol):
    """Anything that answers with the energies, forces and stresses of crystals."""

    @property
    def name(self) -> str:
        """The name that `cijkl.potentials.load` knows, for example ``chgnet+d3``."""

    @property
    def version(self) -> str:
        """Package and version that did the work, for example ``sevenn 0.13.0``."""

    @property
    def settings(self) -> Mapping[str, str]:
        """All that changes the numbers or the speed: precision, device, checkpoint, cutoffs."""

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure, in order.

        Parameters
        ----------
        structures
            Crystals, periodic in three directions. They are not changed.

        Raises
        ------
        EvaluationError
            A structure holds an element that the potential does not know, has no
            three-dimensional cell, or gives a result that is not finite.
        """


class Sum:
    """Potentials that act together: energies, forces and stresses add.

    Parameters
    ----------
    parts
        At least two potentials.
    """

    def __init__(self, parts: Iterable[Potential]) -> None:
        self._parts = tuple(parts)
        if len(self._parts) < 2:
            raise InputError("A sum of potentials needs at least two of them.")
        self.name = "+".join(part.name for part in self._parts)
        self.version = ", ".join(dict.fromkeys(part.version for part in self._parts))
        self.settings: Mapping[str, str] = {
            f"{part.name}.{key}": value
            for part in self._parts
            for key, value in part.settings.items()
        }

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Sums over the parts; see `Potential.evaluate`."""
        answers = [part.evaluate(structures) for part in self._parts]
        return [
            Evaluation(
                energy=sum(each.energy for each in terms),
                forces=np.sum([each.forces for each in terms], axis=0),
                stress=np.sum([each.stress for each in terms], axis=0),
            )
            for terms in zip(*answers, strict=True)
        ]
