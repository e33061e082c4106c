"""Faces of crystals by their Miller indices: low-index ones, equivalent ones, four indices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import gcd

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError

__all__ = ["equivalent_faces", "low_index_faces", "spacings", "three_indices"]

Array = NDArray[np.float64]
Face = tuple[int, int, int]

#: how far an image of (hkl) may be from whole numbers: rounding of a cell, not another lattice
_WHOLE = 0.05
#: how far a cell may be from a hexagonal one: lengths relative, angles in degrees
_LENGTH, _ANGLE = 0.01, 1.0


def low_index_faces(
    lattice: ArrayLike, operations: ArrayLike, largest: int = 2
) -> list[tuple[Face, int]]:
    """Faces with small indices, one of each set that symmetry makes equal.

    A face and its opposite count as equal, as they are to every elastic property, also in a crystal
    without a centre.

    Parameters
    ----------
    lattice
        (3, 3) rows, A: the cell that the indices refer to.
    operations
        (m, 3, 3) point group, Cartesian, in the same frame.
    largest
        Largest absolute index.

    Returns
    -------
    (h, k, l) without a common factor, and the number of equivalent faces, opposite ones included;
    by decreasing spacing.

    Examples
    --------
    >>> turns = [[[0, 0, 1], [1, 0, 0], [0, 1, 0]], [[0, -1, 0], [1, 0, 0], [0, 0, 1]]]
    >>> low_index_faces(np.eye(3), turns, largest=1)
    [((1, 0, 0), 6), ((1, 1, 0), 12), ((1, 1, 1), 8)]
    """
    if largest < 1:
        raise InputError(f"the largest index must be at least 1, not {largest}")
    span = range(-largest, largest + 1)
    box = {face for face in product(span, span, span) if gcd(*face) == 1}
    images = _images(lattice, operations)
    found = []
    while box:
        # any face left begins a new set: those of a set leave the box together
        alike = _orbit(next(iter(box)), images)
        found.append((max(alike & box, key=_plainness), len(alike)))
        box -= alike
    order = spacings([face for face, _ in found], lattice)
    ranked = sorted(zip(found, order, strict=True), key=lambda x: (-round(x[1], 6), *_last(x[0])))
    return [entry for entry, _ in ranked]


def equivalent_faces(face: Sequence[int], lattice: ArrayLike, operations: ArrayLike) -> set[Face]:
    """All faces that a point group makes of one, opposite ones included.

    Parameters
    ----------
    face
        (h, k, l).
    lattice, operations
        As for `low_index_faces`.
    """
    return _orbit(_face(face), _images(lattice, operations))


def spacings(faces: ArrayLike, lattice: ArrayLike) -> Array:
    """Spacing d (n), A, of the lattice planes (hkl), (n, 3): the inverse of |h a* + k b* + l c*|.

    Centring is not looked at: (100) of a face-centred cubic cell has d = a.
    """
    reciprocal = np.linalg.inv(np.asarray(lattice, float)).T
    return np.asarray(1.0 / np.linalg.norm(np.asarray(faces, float) @ reciprocal, axis=-1))


def three_indices(indices: Sequence[float], lattice: ArrayLike) -> tuple[float, float, float]:
    """(hkl) of three indices, or of the four (hkil) of a hexagonal cell.

    Parameters
    ----------
    indices
        Three or four numbers.
    lattice
        (3, 3) rows, A.

    Raises
    ------
    InputError
        Another number of indices; four of which h + k + i is not zero; four in a cell that is not
        hexagonal, where they have no meaning.

    Examples
    --------
    >>> cell = [[2.0, 0, 0], [-1.0, 3**0.5, 0], [0, 0, 5.0]]
    >>> three_indices((1, 0, -1, 2), cell)
    (1, 0, 2)
    """
    if len(indices) == 3:
        return indices[0], indices[1], indices[2]
    text = " ".join(f"{index:g}" for index in indices)
    if len(indices) != 4:
        raise InputError(f"a face has three indices (hkl) or four (hkil), not ({text})")
    h, k, i, last = indices
    if abs(h + k + i) > 1e-9:
        raise InputError(f"of four indices the third is -(h + k): ({text}) is no face")
    if not _hexagonal(np.asarray(lattice, float)):
        raise InputError(
            f"({text}): four indices need a hexagonal cell, a = b and gamma = 120 degrees; give "
            "three"
        )
    return h, k, last


def _images(lattice: ArrayLike, operations: ArrayLike) -> NDArray[np.int_]:
    """Matrices (n, 3, 3) that take row vectors (h, k, l) to their images, inversion too."""
    cell = np.asarray(lattice, float)
    group = np.asarray(operations, float).reshape(-1, 3, 3)
    group = np.concatenate([np.eye(3)[None], group])
    matrices = np.linalg.inv(cell).T @ group.swapaxes(-1, -2) @ cell.T
    whole = np.rint(matrices)
    # an operation that does not keep this lattice, such as one of the primitive cell of a
    # supercell, takes planes to planes that it has no whole indices for
    kept = whole[np.abs(matrices - whole).max(axis=(1, 2)) < _WHOLE].astype(int)
    return np.unique(np.concatenate([kept, -kept]), axis=0)


def _orbit(face: Face, images: NDArray[np.int_]) -> set[Face]:
    """Every face that the images lead to, by as many steps as it takes."""
    found, new = {face}, [face]
    while new:
        reached = {_face(image) for old in new for image in np.asarray(old) @ images} - found
        found |= reached
        new = list(reached)
    return found


def _face(indices: Sequence[int] | NDArray[np.int_]) -> Face:
    return int(indices[0]), int(indices[1]), int(indices[2])


def _plainness(face: Face) -> tuple[int, ...]:
    """Few minus signs first, then large indices early, then a minus late."""
    return (-sum(index < 0 for index in face), *(abs(index) for index in face), *face)


def _last(entry: tuple[Face, int]) -> tuple[int, ...]:
    return tuple(-part for part in _plainness(entry[0]))


def _hexagonal(cell: Array) -> bool:
    a, b, c = np.linalg.norm(cell, axis=1)
    cosines = [
        cell[1] @ cell[2] / (b * c),
        cell[0] @ cell[2] / (a * c),
        cell[0] @ cell[1] / (a * b),
    ]
    angles = np.degrees(np.arccos(cosines))
    return bool(abs(a - b) < _LENGTH * a and (np.abs(angles - [90, 90, 120]) < _ANGLE).all())
