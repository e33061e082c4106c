"""Free energy of a crystal against its volume: the energy at rest, and the vibrations.

    F(V, T) = E(V) + F_vib(V, T) + P V,
    F_vib = sum over modes of [h nu / 2 + k T ln(1 - exp(-h nu / k T))],

the mean over wave vectors. E is a polynomial in V^(-2/3), the equation of state of Birch (1947,
Phys. Rev. 71, 809); F_vib, its entropy and its heat capacity are parabolas in V.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError
from cijkl.units import (
    BOLTZMANN,
    ELEMENTARY_CHARGE,
    EV_PER_A3_TO_GPA,
    GPA_TO_EV_PER_A3,
    PLANCK,
)

__all__ = ["Equilibrium", "Vibrations", "equilibrium", "vibrations"]

Array = NDArray[np.float64]

#: THz, below which a mode is a translation, or imaginary, and left out
SOFT = 0.02
_THZ_TO_EV = PLANCK * 1e12 / ELEMENTARY_CHARGE
_KELVIN_TO_EV = BOLTZMANN / ELEMENTARY_CHARGE
#: volumes between which the minimum is sought
_GRID = 2001


@dataclass(frozen=True)
class Vibrations:
    """What the vibrations of one cell add.

    Parameters
    ----------
    free_energy
        eV.
    entropy, heat_capacity
        eV/K, at constant volume.
    """

    free_energy: float
    entropy: float
    heat_capacity: float


@dataclass(frozen=True)
class Equilibrium:
    """A crystal at a temperature and pressure.

    Parameters
    ----------
    volume
        A^3, of least free energy.
    inside
        Whether it lies between the volumes that were computed.
    static_pressure
        GPa, under which the crystal at rest has this volume; negative where vibrations push it
        apart.
    bulk_modulus
        Isothermal, GPa.
    expansion
        Of the volume, 1/K.
    heat_capacity
        eV/K, at constant volume.
    isothermal_term
        V d2F_vib/dV2, GPa: what vibrations add to C11, C12 ... C33 at constant temperature.
    adiabatic_term
        T V (expansion * bulk modulus)^2 / heat capacity, GPa: what is added to these besides where
        no heat flows.
    """

    volume: float
    inside: bool
    static_pressure: float
    bulk_modulus: float
    expansion: float
    heat_capacity: float
    isothermal_term: float
    adiabatic_term: float


def vibrations(frequencies: ArrayLike, weights: ArrayLike, temperature: float) -> Vibrations:
    """Sum over modes, for one cell.

    Parameters
    ----------
    frequencies
        (q, m), THz; those below `SOFT` count nothing.
    weights
        (q), of the wave vectors.
    temperature
        K; 0 leaves the energy of zero point.
    """
    quanta = np.asarray(frequencies, float) * _THZ_TO_EV
    share = np.asarray(weights, float)[:, None] / np.sum(weights)
    counted = quanta > SOFT * _THZ_TO_EV
    quanta = np.where(counted, quanta, 1.0)
    thermal = _KELVIN_TO_EV * temperature
    free, entropy, heat = 0.5 * quanta, np.zeros_like(quanta), np.zeros_like(quanta)
    if thermal > 0.0:
        ratio = quanta / thermal
        occupied = 1.0 / np.expm1(np.minimum(ratio, 700.0))
        lost = np.log1p(-np.exp(-ratio))
        free = free + thermal * lost
        entropy = _KELVIN_TO_EV * (ratio * occupied - lost)
        heat = _KELVIN_TO_EV * ratio**2 * occupied * (1.0 + occupied)
    sums = (float((share * counted * values).sum()) for values in (free, entropy, heat))
    return Vibrations(*sums)


def equilibrium(
    volumes: ArrayLike,
    energies: ArrayLike,
    vibrating: list[Vibrations],
    temperature: float,
    pressure: float = 0.0,
) -> Equilibrium:
    """Find the volume of least free energy, and what its curvature says.

    Parameters
    ----------
    volumes
        (n), A^3, four at least.
    energies
        (n), eV, at rest.
    vibrating
        (n), see `vibrations`.
    temperature
        K, of `vibrating`.
    pressure
        GPa.

    Raises
    ------
    InputError
        If the free energy has no minimum near these volumes.
    """
    size = np.asarray(volumes, float)
    if len(size) < 4:
        raise InputError(f"four volumes at least are needed, not {len(size)}")
    at_rest = _Birch(size, np.asarray(energies, float))
    free, entropy, heat = (
        Polynomial.fit(size, [getattr(one, name) for one in vibrating], 2)
        for name in ("free_energy", "entropy", "heat_capacity")
    )
    outside = 0.5 * np.ptp(size)
    grid = np.linspace(size.min() - outside, size.max() + outside, _GRID)
    push = at_rest.slope(grid) + free.deriv()(grid) + pressure * GPA_TO_EV_PER_A3
    rising = np.flatnonzero((push[:-1] < 0.0) & (push[1:] >= 0.0))
    if not len(rising):
        raise InputError(
            f"the free energy at {temperature:g} K has no minimum between {size.min():.1f} and "
            f"{size.max():.1f} A^3 or near: the potential does not hold the crystal that hot"
        )
    # the one nearest to the cell at rest
    k = rising[np.abs(grid[rising] - size[np.argmin(energies)]).argmin()]
    volume = float(grid[k] - push[k] * (grid[k + 1] - grid[k]) / (push[k + 1] - push[k]))
    stiffening = volume * float(free.deriv(2)(volume)) * EV_PER_A3_TO_GPA
    bulk = volume * float(at_rest.curvature(volume)) * EV_PER_A3_TO_GPA + stiffening
    # (dP/dT) at constant volume is (dS/dV) at constant temperature
    slope = float(entropy.deriv()(volume)) * EV_PER_A3_TO_GPA
    capacity = float(heat(volume))
    lost = temperature * volume * slope**2 * GPA_TO_EV_PER_A3
    return Equilibrium(
        volume,
        bool(size.min() <= volume <= size.max()),
        -float(at_rest.slope(volume)) * EV_PER_A3_TO_GPA,
        bulk,
        slope / bulk,
        capacity,
        stiffening,
        lost / capacity if capacity > 0.0 else 0.0,
    )


class _Birch:
    """A polynomial in x = V^(-2/3), and its derivatives by V."""

    def __init__(self, volumes: Array, energies: Array) -> None:
        self.unit = float(volumes.mean())
        degree = 3 if len(volumes) > 4 else 2
        self.energy = Polynomial.fit(self._x(volumes), energies, degree)

    def slope(self, volumes: ArrayLike) -> Array:
        """First derivative, eV/A^3."""
        v = np.asarray(volumes, float)
        return np.asarray(self.energy.deriv()(self._x(v)) * (-2.0 / 3.0) * self._x(v) / v)

    def curvature(self, volumes: ArrayLike) -> Array:
        """Second derivative, eV/A^6."""
        v = np.asarray(volumes, float)
        x = self._x(v)
        first, second = -2.0 / 3.0 * x / v, 10.0 / 9.0 * x / v**2
        bent = self.energy.deriv(2)(x) * first**2 + self.energy.deriv()(x) * second
        return np.asarray(bent)

    def _x(self, volumes: Array) -> Array:
        return np.asarray((volumes / self.unit) ** (-2.0 / 3.0))
