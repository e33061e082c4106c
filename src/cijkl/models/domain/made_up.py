"""Crystals that are none: real ones strained, shaken, shuffled, packed anew, of other elements.

They show a `Judge` what to warn of. Not all of them are impossible: an element may be replaced by
one that fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from cijkl.structures.bonds import covalent_radii

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["displaced", "made_up", "packed", "permuted", "replaced", "sheared", "strained"]

#: change of the volume in which crystals are pressed and stretched
_PRESSED, _STRETCHED = (-0.38, -0.10), (0.15, 0.60)
#: shear, as the tangent of its angle
_SHEARED = (0.12, 0.3)
#: A, how far atoms are displaced
_DISPLACED = (0.2, 0.5)
#: least misfit of the covalent radius of another element
_MISFIT = 0.15
#: cells that are packed at random, atoms
_SMALL, _LARGE = 4, 24
#: of the sum of the covalent radii: nearest distance in a random packing; and how often atoms are
#: pushed apart to reach it
_APART, _ROUNDS = 0.95, 200


def made_up(
    structures: Sequence[Atoms], elements: NDArray[np.int64], rng: Generator
) -> Iterator[Atoms]:
    """Several for each crystal, one of each kind that can be made of it.

    Parameters
    ----------
    structures
        Real crystals.
    elements
        Atomic numbers of the elements that may replace others.
    """
    for atoms in structures:
        yield strained(atoms, rng.uniform(*_PRESSED))
        yield strained(atoms, rng.uniform(*_STRETCHED))
        yield sheared(atoms, rng.uniform(*_SHEARED), rng)
        yield displaced(atoms, rng.uniform(*_DISPLACED), rng)
        yield replaced(atoms, elements, rng, _MISFIT)
        if len(set(atoms.numbers.tolist())) > 1:
            yield permuted(atoms, rng)
        if _SMALL <= len(atoms) <= _LARGE:
            yield packed(atoms, rng)


def strained(atoms: Atoms, change: float) -> Atoms:
    """Its volume changed by a share, all distances alike."""
    found = atoms.copy()
    found.set_cell(atoms.cell * (1.0 + change) ** (1 / 3), scale_atoms=True)
    return found


def sheared(atoms: Atoms, amount: float, rng: Generator) -> Atoms:
    """Sheared in a random plane and direction, at the same volume."""
    normal, direction = np.linalg.qr(rng.normal(size=(3, 2)))[0].T
    found = atoms.copy()
    shear = np.eye(3) + amount * np.outer(normal, direction)
    found.set_cell(atoms.cell.array @ shear, scale_atoms=True)
    return found


def displaced(atoms: Atoms, length: float, rng: Generator) -> Atoms:
    """Every atom displaced by a length (A) in a random direction."""
    found = atoms.copy()
    steps = rng.normal(size=(len(atoms), 3))
    found.positions += length * steps / np.linalg.norm(steps, axis=1, keepdims=True)
    return found


def permuted(atoms: Atoms, rng: Generator) -> Atoms:
    """Atoms of different elements exchanged."""
    found = atoms.copy()
    while (found.numbers == atoms.numbers).all():
        found.numbers[:] = rng.permutation(atoms.numbers)
    return found


def replaced(
    atoms: Atoms, elements: NDArray[np.int64], rng: Generator, misfit: float = 0.0
) -> Atoms:
    """One element made another, whose covalent radius differs by a share at least."""
    found = atoms.copy()
    old = rng.choice(np.unique(atoms.numbers))
    radii = covalent_radii(elements)
    fits = np.abs(radii / covalent_radii(np.array([old]))[0] - 1.0) < misfit
    found.numbers[found.numbers == old] = rng.choice(elements[~fits & (elements != old)])
    return found


def packed(atoms: Atoms, rng: Generator) -> Atoms:
    """The same atoms anywhere in a cube of the same volume, pushed apart until few overlap."""
    side = atoms.get_volume() ** (1 / 3)
    places = side * rng.random((len(atoms), 3))
    radii = covalent_radii(atoms.numbers)
    wanted = _APART * (radii[:, None] + radii)[..., None]
    shifts = side * np.stack(np.meshgrid(*[(-1, 0, 1)] * 3), -1).reshape(-1, 3)
    for _ in range(_ROUNDS):
        vectors = places[None, :, None] - places[:, None, None] + shifts
        lengths = np.linalg.norm(vectors, axis=-1)
        lengths[lengths < 1e-9] = np.inf
        overlap = np.clip(wanted - lengths, 0.0, None)
        if overlap.max() < 0.05:
            break
        vectors[~np.isfinite(lengths)] = 0.0
        finite = np.where(np.isfinite(lengths), lengths, 1.0)
        places -= 0.3 * (vectors * (overlap / finite)[..., None]).sum((1, 2))
    return Atoms(atoms.numbers, places, cell=[side] * 3, pbc=True)
