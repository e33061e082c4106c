"""Structures near given ones: other volumes, strained cells, displaced atoms or molecules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Augmentation", "augmented"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Augmentation:
    """What is made of each structure.

    Parameters
    ----------
    volumes
        Ratios of volumes: each gives a set of copies; for molecular crystals 0.9 to 1.06 span
        about +2 to -0.5 GPa.
    copies
        Copies for each volume.
    strain
        Standard deviation of the components of a random symmetric strain.
    rattle
        Standard deviation of the displacements of atoms, A.
    whole
        Whether molecules keep their shape when cells change; they move with their centres.
    shift, turn
        Standard deviations of random displacements (A) and rotations (degrees) of whole molecules.
    original
        Whether the structure itself is there too.

    Raises
    ------
    InputError
        For negative numbers.
    """

    volumes: tuple[float, ...] = (1.0,)
    copies: int = 0
    strain: float = 0.0
    rattle: float = 0.0
    whole: bool = True
    shift: float = 0.0
    turn: float = 0.0
    original: bool = True

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "volumes", tuple(float(v) for v in self.volumes))
        except (TypeError, ValueError):
            raise InputError(f"augment: volumes is {self.volumes!r}, expected numbers") from None
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in ("whole", "original"):
                if not isinstance(value, bool):
                    raise InputError(f"augment: {item.name} is {value!r}, expected true or false")
            elif item.name == "volumes":
                if not value or min(value) <= 0.0:
                    raise InputError("augment: volumes are positive ratios, at least one")
            elif isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise InputError(f"augment: {item.name} is {value!r}, expected a number from 0")


def augmented(atoms: Atoms, settings: Augmentation, seed: int) -> Iterator[Atoms]:
    """Give a structure and its copies.

    Parameters
    ----------
    atoms
        A crystal.
    settings
        What is made of it.
    seed
        Of all that is random.
    """
    if settings.original:
        yield atoms.copy()
    if settings.copies == 0:
        return
    random = np.random.default_rng(seed)
    rigid = _rigid_parts(atoms)
    for volume in settings.volumes:
        for _ in range(settings.copies):
            yield _copy(atoms, settings, volume, rigid, random)


def _copy(
    atoms: Atoms,
    settings: Augmentation,
    volume: float,
    rigid: list[tuple[NDArray[np.intp], Array]],
    random: np.random.Generator,
) -> Atoms:
    new = atoms.copy()
    strain = random.normal(0.0, settings.strain, (3, 3)) if settings.strain else np.zeros((3, 3))
    deformation = np.eye(3) + 0.5 * (strain + strain.T)
    deformation *= (volume / np.linalg.det(deformation)) ** (1.0 / 3.0)
    new.set_cell(atoms.cell.array @ deformation, scale_atoms=True)
    for members, offsets in rigid:
        inside = atoms.positions[members] + offsets @ atoms.cell.array
        centre = inside.mean(0)
        moved = centre @ deformation + settings.shift * random.normal(size=3)
        shape = (inside - centre) @ _rotation(settings.turn, random)
        if not settings.whole:
            shape = shape @ deformation
        new.positions[members] = moved + shape - offsets @ new.cell.array
    if settings.rattle:
        new.positions += random.normal(0.0, settings.rattle, new.positions.shape)
    return new


def _rigid_parts(atoms: Atoms) -> list[tuple[NDArray[np.intp], Array]]:
    """Atoms and lattice translations of each finite molecule of at least two atoms."""
    from cijkl.structures.molecules import components

    return [
        (part.atoms, part.offsets.astype(float))
        for part in components(atoms)
        if part.dimension == 0 and len(part.atoms) > 1
    ]


def _rotation(turn: float, random: np.random.Generator) -> Array:
    """A rotation by a random small vector (degrees)."""
    from scipy.spatial.transform import Rotation

    vector = np.radians(turn) * random.normal(size=3)
    return np.asarray(Rotation.from_rotvec(vector).as_matrix())
