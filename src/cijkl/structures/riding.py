"""Where hydrogen atoms ride on an atom, from the bonds that it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LENGTHS", "Neighbour", "Site", "riding"]

Array = NDArray[np.float64]

C, N, O = 6, 7, 8  # noqa: E741 - chemical symbols
#: X-H as neutrons find it, A (F. H. Allen and I. J. Bruno, Acta Cryst. B66, 380 (2010), rounded)
LENGTHS = {C: 1.09, N: 1.01}
#: sum of the angles at an atom with three bonds above which it is flat, and below which it is
#: not, degrees (360 and 328.4 for ideal sp2 and sp3)
FLAT, PYRAMIDAL = 354.0, 346.0
#: bond orders up to which a bond is single, and from which it is double and triple
SINGLE, DOUBLE, TRIPLE = 1.2, 1.55, 2.45
#: largest sum of the orders of two bonds to CH2, and the range of those to CH
METHYLENE, METHINE = 2.55, (2.7, 3.6)
#: orders of a bond from carbon to the nitrogen of a flat amino group
AMINO = (1.15, 1.7)
#: half the angle H-X-H of a methylene group: 108 degrees in alkanes
HALF_METHYLENE = np.radians(54.0)
TETRAHEDRAL = np.arccos(-1.0 / 3.0)


@dataclass(frozen=True, eq=False)
class Neighbour:
    """An atom bonded to one that lacks hydrogen.

    Parameters
    ----------
    number
        Its atomic number.
    arm
        Vector (3) to it, A.
    order
        Bond order by length.
    beyond
        Vectors (m, 3) from it to its own other neighbours, A.
    complete
        Whether it lacks no hydrogen itself.
    """

    number: int
    arm: Array
    order: float
    beyond: Array
    complete: bool = True

    @property
    def unit(self) -> Array:
        """Direction (3) to it."""
        return np.asarray(self.arm / np.linalg.norm(self.arm))


@dataclass(frozen=True, eq=False)
class Site:
    """An atom that lacks hydrogen.

    Parameters
    ----------
    number
        Its atomic number.
    neighbours
        All that are bonded to it.
    """

    number: int
    neighbours: tuple[Neighbour, ...]


def riding(site: Site) -> Array | str:
    """Vectors (h, 3) from an atom to the hydrogen atoms that it lacks, A, or why there are none.

    ======================  ==================================================================
    carbon with
    ======================  ==================================================================
    three bonds, pyramidal  one, opposite to their mean (CH)
    two bonds that count 3  one, opposite to their mean in their plane (aromatic, olefinic CH)
    two single bonds        two, in the plane across that of the bonds (CH2)
    one triple bond         one, opposite to it
    one double bond         two, in the plane of its neighbour (=CH2)
    one single bond         three, staggered (CH3), if the neighbour is not flat and complete
    ======================  ==================================================================

    Nitrogen with two bonds is like flat carbon; with one bond to flat carbon, not longer than
    1.43 A, it is a flat NH2.
    """
    units = [neighbour.unit for neighbour in site.neighbours]
    orders = [neighbour.order for neighbour in site.neighbours]
    if site.number == O:
        return "hydrogen on oxygen can turn about its bond"
    length = LENGTHS[site.number]
    if site.number == C and len(units) == 3:
        if _angle_sum(units) < PYRAMIDAL:
            return _opposite(units, length)
        return "three bonds that lie too flat for a fourth"
    if site.number == C and len(units) == 2:
        if sum(orders) <= METHYLENE:
            return _methylene(units, length)
        if METHINE[0] <= sum(orders) <= METHINE[1]:
            return _opposite(units, length)
        return "bond lengths that fit neither CH nor CH2"
    if site.number == C and len(units) == 1:
        return _terminal_carbon(site.neighbours[0], length)
    if site.number == N and len(units) == 2 and _bent(units):
        return _opposite(units, length)
    if site.number == N and len(units) == 1:
        low, high = AMINO
        neighbour = site.neighbours[0]
        if neighbour.number == C and low <= orders[0] <= high and _is_flat(neighbour):
            return _in_plane(neighbour, length)
        return "amino groups that may be turned or charged"
    return "its bonds leave more than one place"


def _terminal_carbon(neighbour: Neighbour, length: float) -> Array | str:
    if neighbour.order >= TRIPLE:
        return np.asarray(-length * neighbour.unit[None])
    if neighbour.order >= DOUBLE:
        if _is_flat(neighbour):
            return _in_plane(neighbour, length)
        return "a double bond whose plane is not known"
    if neighbour.order > SINGLE:
        return "bond lengths that fit neither CH2 nor CH3"
    if not neighbour.complete:
        return "methyl groups on atoms that lack hydrogen themselves"
    if _is_flat(neighbour) or not 1 <= len(neighbour.beyond) <= 3:
        return "methyl groups on a flat atom can turn"
    return _staggered(neighbour, length)


def _opposite(units: list[Array], length: float) -> Array:
    mean = np.sum(units, axis=0)
    return np.asarray(-length * mean[None] / np.linalg.norm(mean))


def _methylene(units: list[Array], length: float) -> Array:
    """Two directions symmetric about the plane of two bonds, away from them."""
    away = -(units[0] + units[1])
    away /= np.linalg.norm(away)
    across = np.cross(units[0], units[1])
    across /= np.linalg.norm(across)
    inward, outward = np.cos(HALF_METHYLENE) * away, np.sin(HALF_METHYLENE) * across
    return np.asarray(length * np.array([inward + outward, inward - outward]))


def _in_plane(neighbour: Neighbour, length: float) -> Array:
    """Two directions at 120 degrees to a bond, in the plane of the neighbour's bonds."""
    axis = -neighbour.unit
    side = neighbour.beyond[0] - (neighbour.beyond[0] @ axis) * axis
    side /= np.linalg.norm(side)
    forward, sideways = 0.5 * axis, np.sqrt(0.75) * side
    return np.asarray(length * np.array([forward + sideways, forward - sideways]))


def _staggered(neighbour: Neighbour, length: float) -> Array:
    """Three directions at the tetrahedral angle to a bond, between the neighbour's own bonds."""
    axis = -neighbour.unit
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    # the third harmonic of their azimuths is the mean of those of one, two or three bonds
    azimuths = np.arctan2(neighbour.beyond @ second, neighbour.beyond @ first)
    mean = np.angle(np.exp(3j * azimuths).sum()) / 3.0 + np.pi / 3.0
    turns = mean + np.radians([0.0, 120.0, 240.0])
    around = np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * second
    # seen from this atom the bond is at -axis
    return np.asarray(length * (np.sin(TETRAHEDRAL) * around - np.cos(TETRAHEDRAL) * axis))


def _is_flat(neighbour: Neighbour) -> bool:
    """Whether an atom has two more bonds, in one plane with that to the first."""
    if len(neighbour.beyond) != 2:
        return False
    ends = neighbour.beyond / np.linalg.norm(neighbour.beyond, axis=1, keepdims=True)
    return _angle_sum([-neighbour.unit, *ends]) > FLAT


def _angle_sum(units: list[Array]) -> float:
    pairs = ((0, 1), (0, 2), (1, 2))
    cosines = [float(np.clip(units[i] @ units[j], -1.0, 1.0)) for i, j in pairs]
    return float(np.degrees(np.arccos(cosines)).sum())


def _bent(units: list[Array]) -> bool:
    return bool(-0.75 < units[0] @ units[1] < -0.2)
