"""What one frame teaches: labels of DFT (hard), of the teacher (soft), or both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.datasets.frames import Frame
    from cijkl.potentials import Evaluation

__all__ = ["SOURCES", "Labels", "Lesson"]

Array = NDArray[np.float64]

#: who gave labels
SOURCES = ("hard", "soft")


@dataclass(frozen=True, eq=False)
class Labels:
    """Energy (eV), forces (eV/A) and stress (eV/A^3, tension positive); None where unknown."""

    energy: float | None = None
    forces: Array | None = None
    stress: Array | None = None

    @classmethod
    def of(cls, source: Frame | Evaluation) -> Labels:
        """Those of a frame or of a potential's answer."""
        return cls(source.energy, source.forces, source.stress)

    def minus(self, other: Evaluation) -> Labels:
        """What is left for a student that acts together with another potential."""
        return Labels(
            None if self.energy is None else self.energy - other.energy,
            None if self.forces is None else self.forces - other.forces,
            None if self.stress is None else self.stress - other.stress,
        )

    def shifted(self, energy: float) -> Labels:
        """With a constant added to the energy."""
        return self if self.energy is None else replace(self, energy=self.energy + energy)


@dataclass(frozen=True, eq=False)
class Lesson:
    """One set of positions and what the student should say of it.

    Parameters
    ----------
    id, system, formula, kind
        Of the frame.
    atoms
        Positions and cell.
    hard, soft
        Labels of DFT and of the teacher; None if there are none.
    aligned
        Whether energies are on the student's scale already.
    """

    id: str
    system: str
    formula: str
    kind: str
    atoms: Atoms
    hard: Labels | None = None
    soft: Labels | None = None
    aligned: bool = False

    def labels(self, source: str) -> Labels | None:
        """Those of one of `SOURCES`."""
        return self.hard if source == "hard" else self.soft
