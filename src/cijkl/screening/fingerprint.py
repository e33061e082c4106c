"""Which crystals are the same: distances that no choice of cell, origin or atom order changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures import reduced_formula

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Profile", "digest", "near", "profile", "same"]

#: distances are looked at up to here, A; one that is longer counts as this
REACH = 6.0
#: which neighbours count, nearest first: all near ones, and ever fewer of those farther out
_RANKS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40])
#: two crystals are the same if mean distances differ by at most this (A), volumes per atom by this
#: share, and masses per atom by this (amu): more than rounding does, less than physics
DISTANCE, VOLUME, MASS = 5e-3, 1.5e-3, 1e-3


@dataclass(frozen=True, eq=False)
class Profile:
    """What identifies a crystal; see `profile`.

    Parameters
    ----------
    formula
        Reduced formula.
    volume, mass
        Of an atom on average, A^3 and amu.
    distances
        (m,), A. All cells of one crystal give the same up to rounding.
    """

    formula: str
    volume: float
    mass: float
    distances: NDArray[np.float64]

    @property
    def fingerprint(self) -> str:
        """Name of the crystal: 24 hexadecimal digits.

        It is a hash of rounded numbers: crystals of one name are the same. One crystal in another
        cell can get another name where a number lies at the edge of rounding, so which crystals
        are the same is decided by `same`, and all then go by the name of the first.
        """
        sizes = [np.log(self.volume) / VOLUME, self.mass / MASS]
        rounded = np.rint(np.append(self.distances / DISTANCE, sizes))
        text = self.formula.encode() + rounded.astype("<i4").tobytes()
        return hashlib.blake2b(text, digest_size=12).hexdigest()


def profile(atoms: Atoms) -> Profile:
    """Composition, density and mean distances to neighbours of a crystal.

    For every pair of elements A and B: the distance from an atom A to its first, second, ... atom
    B, as the mean over the atoms A and as the standard deviation among them. Both are the same for
    every cell, origin, orientation and order of atoms, change continuously with the positions, and
    are the same for mirror images, whose elastic constants differ by a rotation only.

    Parameters
    ----------
    atoms
        Periodic in three dimensions.

    References
    ----------
    D. Widdowson et al., MATCH Commun. Math. Comput. Chem. 87, 529 (2022): average minimum
    distances, here for each pair of elements and within `REACH`.
    """
    return Profile(
        reduced_formula(atoms),
        float(atoms.get_volume()) / len(atoms),
        float(atoms.get_masses().mean()),
        _distances(atoms),
    )


def near(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether two crystals of one formula could be the same, by volume and mass per atom."""
    return (
        abs(first[0] - second[0]) <= VOLUME * max(first[0], second[0])
        and abs(first[1] - second[1]) <= MASS
    )


def same(first: Profile, second: Profile) -> bool:
    """Whether two profiles are those of one crystal.

    Examples
    --------
    >>> from ase.build import bulk
    >>> silicon = bulk("Si", "diamond", a=5.431)
    >>> same(profile(silicon), profile(silicon.repeat((1, 2, 3))))
    True
    >>> same(profile(silicon), profile(bulk("Si", "diamond", a=5.45)))
    False
    """
    return (
        first.formula == second.formula
        and near((first.volume, first.mass), (second.volume, second.mass))
        and bool(np.abs(first.distances - second.distances).max() <= DISTANCE)
    )


def digest(atoms: Atoms) -> str:
    """Name of these very numbers: the same input again gives it, any other cell another."""
    parts = [atoms.numbers.astype("<i2"), atoms.cell.array, atoms.positions]
    if atoms.has("masses"):
        parts.append(atoms.get_masses())
    text = b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def _distances(atoms: Atoms) -> NDArray[np.float64]:
    from matscipy.neighbours import neighbour_list

    center, other, distance = neighbour_list("ijd", atoms, REACH)
    kinds, kind = np.unique(atoms.numbers, return_inverse=True)
    count = len(kinds)
    # neighbours of one atom and one element side by side, nearest first: one sort of one number
    keys = np.sort((center * count + kind[other]) * (2.0 * REACH) + distance)
    group = (keys / (2.0 * REACH)).astype(int)
    distance = keys - group * (2.0 * REACH)
    sizes = np.bincount(group, minlength=len(atoms) * count)
    rank = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    table = np.full((len(atoms) * count, int(_RANKS[-1])), REACH)
    kept = rank < table.shape[1]
    table[group[kept], rank[kept]] = distance[kept]
    chosen = table[:, _RANKS - 1].reshape(len(atoms), count, len(_RANKS))
    parts = []
    for number in range(count):
        rows = chosen[kind == number]
        parts += [rows.mean(0).ravel(), rows.std(0).ravel()]
    return np.concatenate(parts)
