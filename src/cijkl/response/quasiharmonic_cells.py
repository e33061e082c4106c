"""Crystals relaxed at a given volume."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import InputError
from cijkl.response.deformation import Group, deform
from cijkl.response.relax import Relaxation, RelaxSettings, relax
from cijkl.units import GPA_TO_EV_PER_A3

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["held_at", "scaled_to"]

#: stiffness of the spring that holds a volume, in bulk moduli
_SPRING = 5.0


def held_at(
    atoms: Atoms, pressure: float, bulk: float, group: Group, criteria: RelaxSettings
) -> Generator[list[Atoms], list[Evaluation], Relaxation]:
    """Relax shape and ions near the volume that a crystal has.

    Its volume is held by a spring, which bears the pressure of the crystal at rest: under a
    pressure alone a soft crystal would fall apart where vibrations still hold it.

    Parameters
    ----------
    pressure
        GPa, that is expected of the crystal at rest.
    bulk
        Its bulk modulus, GPa, by which the spring is chosen.
    """
    constant = _SPRING * max(bulk, 1.0)
    spring = _Spring(atoms.get_volume() / (1.0 + pressure / constant), constant * GPA_TO_EV_PER_A3)
    search = relax(atoms, group, replace(criteria, pressure=0.0, cell=True))
    try:
        wanted = next(search)
        while True:
            answers = yield wanted
            pairs = zip(wanted, answers, strict=True)
            wanted = search.send([spring.added(trial, answer) for trial, answer in pairs])
    except StopIteration as stop:
        relaxed: Relaxation = stop.value
    if not relaxed.converged:
        reason = " ".join(note.message for note in relaxed.diagnostics)
        raise InputError(f"At {relaxed.atoms.get_volume():.1f} A^3, for the expansion: {reason}")
    free = spring.added(relaxed.atoms, relaxed.evaluation, -1.0)
    return replace(relaxed, evaluation=free)


def scaled_to(atoms: Atoms, volume: float) -> Atoms:
    """The same crystal with another volume (A^3), in the same shape."""
    stretch = (volume / atoms.get_volume()) ** (1.0 / 3.0) - 1.0
    return deform(atoms, np.array([stretch] * 3 + [0.0] * 3), np.zeros((len(atoms), 3)))


@dataclass(frozen=True)
class _Spring:
    """Energy k (V - V0)^2 / (2 V0) of a volume, k in eV/A^3."""

    volume: float
    constant: float

    def added(self, atoms: Atoms, answer: Evaluation, times: float = 1.0) -> Evaluation:
        """The potential's answer with that of the spring."""
        size = float(atoms.get_volume())
        change = size / self.volume - 1.0
        energy = 0.5 * self.constant * self.volume * change**2
        stress = self.constant * change * np.eye(3)
        return replace(
            answer, energy=answer.energy + times * energy, stress=answer.stress + times * stress
        )
