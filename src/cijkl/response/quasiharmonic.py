"""A crystal at a temperature: the cell that the quasi-harmonic approximation gives it.

The crystal is relaxed at several volumes; at each its phonons give the free energy of the
vibrations. The volume of least free energy is that of the temperature; shape and ions are those
that the crystal has at rest at this volume.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import Diagnostic
from cijkl.response.deformation import Group
from cijkl.response.quasiharmonic_cells import held_at, scaled_to
from cijkl.response.quasiharmonic_fit import Equilibrium, Vibrations, equilibrium, vibrations
from cijkl.response.quasiharmonic_phonons import phonons, repeats
from cijkl.response.relax import Relaxation, RelaxSettings
from cijkl.response.stress import residual_stress
from cijkl.units import EV_PER_A3_TO_GPA

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation

__all__ = ["Expansion", "ThermalSettings", "expand", "thermal_facts"]

Array = NDArray[np.float64]
Asking = Generator[list["Atoms"], list["Evaluation"], "Relaxation"]

#: relative step to the second volume, by which the expansion is guessed
_PROBE = 0.01
#: least half of the range of volumes, relative
_HALF = 0.012
#: volumes, and the most of them where the range has to be moved
_VOLUMES, _MOST = 5, 9
#: derivative of the bulk modulus by pressure, to guess a pressure
_STIFFENING = 6.0
#: share of imaginary modes that is told
_SHARE = 1e-3


@dataclass(frozen=True)
class ThermalSettings:
    """How the crystal is heated.

    Parameters
    ----------
    temperature
        K.
    width
        Least distance between opposite faces of the supercell, A.
    displacement
        Of single atoms, A.
    """

    temperature: float
    width: float = 9.0
    displacement: float = 0.02


@dataclass(frozen=True, eq=False)
class Expansion:
    """What heating did.

    Parameters
    ----------
    equilibrium
        At the temperature.
    volumes, energies, free_energies
        (n), A^3 and eV: computed points, of the cell at rest and of its vibrations.
    supercell
        Repeats of the primitive cell for the phonons.
    imaginary
        Largest share of imaginary modes at any volume.
    diagnostics
        What is in doubt.
    """

    equilibrium: Equilibrium
    volumes: Array
    energies: Array
    free_energies: Array
    supercell: tuple[int, int, int]
    imaginary: float
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, eq=False)
class _Point:
    volume: float
    pressure: float
    relaxed: Relaxation
    vibrations: Vibrations
    imaginary: float


def expand(
    start: Relaxation, group: Group, criteria: RelaxSettings, settings: ThermalSettings
) -> Generator[list[Atoms], list[Evaluation], tuple[Relaxation, Expansion]]:
    """Give a relaxed crystal the volume of a temperature: a coroutine as `relax`.

    Parameters
    ----------
    start
        At rest, relaxed with `criteria`.
    group
        Operations to keep.
    criteria
        Of all relaxations; their pressure is that of the result.
    settings
        Temperature and supercell.

    Returns
    -------
    The crystal relaxed at that volume, and what was found on the way.

    Raises
    ------
    InputError
        If the free energy has no minimum near the volumes that the potential can reach.
    MissingPackageError
        Without phonopy.
    """
    supercell = repeats(start.atoms.cell.array, settings.width)
    at_rest = start.atoms.get_volume()

    def point(relaxed: Relaxation) -> Generator[list[Atoms], list[Evaluation], _Point]:
        found = yield from phonons(relaxed.atoms, supercell, settings.displacement)
        vibrating = vibrations(found.frequencies, found.weights, settings.temperature)
        pressure = -float(np.trace(residual_stress(relaxed.evaluation.stress, group))) / 3.0
        volume = float(relaxed.atoms.get_volume())
        return _Point(volume, pressure, relaxed, vibrating, found.imaginary)

    points = [(yield from point(start))]
    relaxed = yield from _stretched(points, at_rest * (1.0 + _PROBE), group, criteria)
    points.append((yield from point(relaxed)))
    for ratio in _targets(points, at_rest):
        relaxed = yield from _stretched(points, at_rest * ratio, group, criteria)
        points.append((yield from point(relaxed)))
    found = _equilibrium(points, settings, criteria)
    while not found.inside and len(points) < _MOST:
        relaxed = yield from _stretched(points, found.volume, group, criteria)
        points.append((yield from point(relaxed)))
        found = _equilibrium(points, settings, criteria)
    near = min(points, key=lambda one: abs(one.volume - found.volume)).relaxed
    scaled, bulk = scaled_to(near.atoms, found.volume), _bulk_modulus(points)
    final = yield from held_at(scaled, found.static_pressure, bulk, group, criteria)
    points.sort(key=lambda one: one.volume)
    return final, Expansion(
        found,
        np.array([one.volume for one in points]),
        np.array([one.relaxed.evaluation.energy for one in points]),
        np.array([one.vibrations.free_energy for one in points]),
        supercell,
        max(one.imaginary for one in points),
        tuple(_doubts(points, found)),
    )


def thermal_facts(
    start: Relaxation, settings: ThermalSettings, expansion: Expansion
) -> dict[str, Any]:
    """What a record says of the heating: part of its ``relaxation``.

    Parameters
    ----------
    start
        The crystal at rest.
    """
    found, at_rest = expansion.equilibrium, float(start.atoms.get_volume())
    return {
        "temperature": settings.temperature,
        "static_volume": at_rest,
        "volume": found.volume,
        "volume_change_percent": 100.0 * (found.volume / at_rest - 1.0),
        "static_pressure": found.static_pressure,
        "expansion": found.expansion,
        "bulk_modulus": found.bulk_modulus,
        "heat_capacity": found.heat_capacity,
        "isothermal_term": found.isothermal_term,
        "adiabatic_term": found.adiabatic_term,
        "imaginary": expansion.imaginary,
        "supercell": list(expansion.supercell),
        "volumes": expansion.volumes.tolist(),
        "energies": expansion.energies.tolist(),
        "free_energies": expansion.free_energies.tolist(),
    }


def _targets(points: list[_Point], at_rest: float) -> list[float]:
    """Volumes that remain to be computed, relative to that at rest."""
    first, second = points[0], points[1]
    step = second.volume - first.volume
    push = -(second.vibrations.free_energy - first.vibrations.free_energy) / step
    bulk = _bulk_modulus(points) / EV_PER_A3_TO_GPA
    # softening makes the true expansion larger than the linear guess
    guess = float(np.clip(push / bulk, -0.02, 0.08))
    half = max(_HALF, 0.5 * abs(guess))
    wanted = 1.0 + guess + half * np.linspace(-1.0, 1.0, _VOLUMES)
    known = np.array([one.volume for one in points]) / at_rest
    # those nearest to what is there already are spared
    spare = {int(np.abs(wanted - ratio).argmin()) for ratio in known}
    return [float(ratio) for k, ratio in enumerate(wanted) if k not in spare]


def _bulk_modulus(points: list[_Point]) -> float:
    """By the first two points, GPa."""
    first, second = points[0], points[1]
    return -(second.pressure - first.pressure) / float(np.log(second.volume / first.volume))


def _stretched(
    points: list[_Point], volume: float, group: Group, criteria: RelaxSettings
) -> Asking:
    """Relax at a volume, whose pressure is guessed from the nearest point."""
    near = min(points, key=lambda one: abs(one.volume - volume))
    scaled = scaled_to(near.relaxed.atoms, volume)
    if len(points) > 1:
        bulk = _bulk_modulus(points)
        # Murnaghan's equation
        local = max(bulk + _STIFFENING * (near.pressure - points[0].pressure), 0.2 * bulk)
        ratio = (near.volume / volume) ** _STIFFENING
        pressure = near.pressure + local / _STIFFENING * (ratio - 1.0)
    else:
        (answer,) = yield [scaled]
        # of the ions held, which is more than they would need: the volume comes out larger
        pressure = -float(np.trace(residual_stress(answer.stress, group))) / 3.0
        bulk = (near.pressure - pressure) / float(np.log(volume / near.volume))
    relaxed = yield from held_at(scaled, pressure, bulk, group, criteria)
    return relaxed


def _equilibrium(
    points: list[_Point], settings: ThermalSettings, criteria: RelaxSettings
) -> Equilibrium:
    return equilibrium(
        [one.volume for one in points],
        [one.relaxed.evaluation.energy for one in points],
        [one.vibrations for one in points],
        settings.temperature,
        criteria.pressure,
    )


def _doubts(points: list[_Point], found: Equilibrium) -> list[Diagnostic]:
    notes = []
    share = max(one.imaginary for one in points)
    if share > _SHARE:
        notes.append(
            Diagnostic(
                "imaginary_modes",
                f"Up to {100.0 * share:.1f} % of the vibrations are imaginary and were left out of "
                "the free energy: the structure is no minimum in a larger cell, or the potential "
                "is rough. The thermal expansion is uncertain.",
            )
        )
    if not found.inside:
        notes.append(
            Diagnostic(
                "thermal_extrapolation",
                f"The volume of the temperature, {found.volume:.1f} A^3, lies outside those that "
                "were computed: the potential hardly holds the crystal that hot.",
            )
        )
    return notes
