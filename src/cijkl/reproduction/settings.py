"""Axes: the settings in which a measured tensor may be given, and constants compared in them.

Moduli of the polycrystal do not depend on axes, constants do. A measured tensor refers to axes that
its author chose along the crystal: in a monoclinic one y along b and z along c, or x along a, of
one of several cells; in an orthorhombic one any order of a, b and c. A computed tensor is turned
into each of these settings; those in which the measured tensor has the symmetry of the crystal are
admissible, and of them the nearest one is taken. That choice favours agreement: the number of
settings tried is reported with the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.elasticity.notation import rotate, voigt_to_mandel
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

__all__ = ["Agreement", "admissible", "compare_constants", "settings"]

Array = NDArray[np.float64]

#: relative distance of a measured tensor from the symmetry of its crystal that is believed
TOLERANCE = 0.05
#: part of the largest constant below which symmetry forbids one
_FORBIDDEN = 1e-6
_UPPER = np.triu_indices(6)


@dataclass(frozen=True, eq=False)
class Agreement:
    """A computed tensor beside a measured one in the same axes.

    Parameters
    ----------
    computed
        (6, 6), GPa, turned into the axes of the measured tensor.
    rotation
        (3, 3), whose rows are the axes of the measured tensor in the frame of the computed one.
    constants
        Number of constants that the crystal's symmetry allows to differ from zero.
    mae
        Mean absolute error over these, GPa.
    relative
        Norm of the difference over that of the measured tensor; of the Cartesian components.
    asymmetry
        Relative distance of the measured tensor from the crystal's symmetry.
    tried
        Admissible settings among which the nearest was taken.
    """

    computed: Array
    rotation: Array
    constants: int
    mae: float
    relative: float
    asymmetry: float
    tried: int


def compare_constants(
    computed: ArrayLike,
    measured: ArrayLike,
    conventional: ArrayLike,
    operations: ArrayLike,
    system: str,
    *,
    known_frame: bool = True,
) -> Agreement:
    """Compare constants in the admissible setting in which both tensors are nearest.

    Parameters
    ----------
    computed, measured
        (6, 6), GPa, Voigt.
    conventional
        (3, 3) rows a, b, c of the conventional cell.
    operations
        (n, 3, 3) Cartesian point group in the frame of `conventional`.
    system
        Crystal system.
    known_frame
        Whether `computed` is in the frame of `conventional`; otherwise it may be in any of the
        settings, and all pairs of settings are tried.

    Raises
    ------
    InputError
        If no setting gives the measured tensor the symmetry of the crystal: the structure is
        another form of the compound.
    """
    target = np.asarray(measured, float)
    frames = settings(conventional, system)
    good, asymmetries = admissible(target, frames, operations)
    if not len(good):
        raise InputError(
            f"in none of {len(frames)} settings has the measured tensor the symmetry of this "
            f"{system} crystal (nearest {asymmetries.min():.0%}): it is another form"
        )
    best: tuple[float, Array, Array, float] | None = None
    tried = 0
    for frame in good:
        # the rows of `frame` are the new axes; an unknown frame is one of the settings itself
        for rotation in [frame] if known_frame else [frame @ other.T for other in frames]:
            turned = rotate(computed, rotation)
            tried += 1
            distance = _norm(turned - target) / _norm(target)
            if best is None or distance < best[0] - 1e-9:
                best = (float(distance), turned, rotation, _distance(target, frame, operations))
    assert best is not None  # `good` is not empty
    distance, turned, rotation, asymmetry = best
    allowed = _allowed(good[0], operations)
    return Agreement(
        computed=turned,
        rotation=np.asarray(rotation),
        constants=int(allowed.sum()),
        mae=float(np.abs(turned - target)[_UPPER][allowed].mean()),
        relative=distance,
        asymmetry=asymmetry,
        tried=tried,
    )


def admissible(
    measured: ArrayLike, frames: ArrayLike, operations: ArrayLike, tolerance: float = TOLERANCE
) -> tuple[Array, Array]:
    """Give the frames in which a tensor has a point group's symmetry, and its distance in each.

    Parameters
    ----------
    measured
        (6, 6), Voigt.
    frames
        (n, 3, 3) as of `settings`.
    operations
        (m, 3, 3) in the frame from which `frames` lead.
    tolerance
        Largest relative distance from the symmetry.

    Returns
    -------
    (k, 3, 3) frames, and (n) relative distances of all.
    """
    every = np.asarray(frames, float)
    distances = np.array([_distance(measured, frame, operations) for frame in every])
    return every[distances <= tolerance], distances


def settings(conventional: ArrayLike, system: str) -> Array:
    """Give the axes that authors choose, (n, 3, 3): each has the new axes as rows.

    Parameters
    ----------
    conventional
        (3, 3) rows a, b, c of the conventional cell; b is the axis of a monoclinic one.
    system
        Crystal system.

    Raises
    ------
    InputError
        If the crystal system is none.
    """
    cell = np.asarray(conventional, float)
    unit = cell / np.linalg.norm(cell, axis=1)[:, None]
    if system == "triclinic":
        return _triclinic(cell)
    if system == "monoclinic":
        return _monoclinic(cell)
    if system == "orthorhombic":
        return np.array([_proper(unit[list(order)]) for order in permutations(range(3))])
    if system in ("tetragonal", "trigonal", "hexagonal"):
        # x along a or between; turned about x for the other sense of C16, C14, C15
        step = np.pi / (4.0 if system == "tetragonal" else 6.0)
        base = _axes(unit[2], unit[0])
        turns = [_about_z(k * step) @ base for k in range(4)]
        return np.array([flip @ turn for turn in turns for flip in (np.eye(3), _FLIP)])
    if system == "cubic":
        return _proper(unit)[None]
    raise InputError(f"{system!r} is no crystal system")


_FLIP = np.diag([1.0, -1.0, -1.0])


def _monoclinic(cell: Array) -> Array:
    """z or x along a short lattice vector normal to b, either sense; b along y, or along z."""
    a, b, c = cell
    frames = []
    for vector, sense in product((a, c, a + c, a - c), (1.0, -1.0)):
        y = sense * b / np.linalg.norm(b)
        v = vector / np.linalg.norm(vector)
        for axes in ((np.cross(y, v), y, v), (v, y, np.cross(v, y))):
            x, y, z = axes
            frames += [np.array([x, y, z]), np.array([z, x, y])]
    return np.array([_proper(frame) for frame in frames])


def _triclinic(cell: Array) -> Array:
    """One axis along a lattice vector, another along the normal of a face that contains it."""
    reciprocal = np.linalg.inv(cell).T
    frames = []
    for i, j in permutations(range(3), 2):
        v = cell[i] / np.linalg.norm(cell[i])
        n = reciprocal[j] / np.linalg.norm(reciprocal[j])
        for (p, q), signs in product(permutations(range(3), 2), product((1.0, -1.0), repeat=2)):
            frame = np.zeros((3, 3))
            frame[p], frame[q] = signs[0] * v, signs[1] * n
            rest = 3 - p - q
            frame[rest] = np.cross(frame[(rest + 1) % 3], frame[(rest + 2) % 3])
            frames.append(frame)
    return np.array(frames)


def _axes(z: Array, x: Array) -> Array:
    y = np.cross(z, x)
    y = y / np.linalg.norm(y)
    return np.array([np.cross(y, z), y, z])


def _about_z(angle: float) -> Array:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _proper(axes: Array) -> Array:
    """Nearest orthogonal axes, right-handed; an inversion changes no elastic tensor."""
    left, _, right = np.linalg.svd(axes)
    rotation = left @ right
    return np.asarray(rotation * np.sign(np.linalg.det(rotation)))


def _distance(measured: ArrayLike, frame: Array, operations: ArrayLike) -> float:
    """Relative distance of a tensor in a frame from the symmetry of the crystal."""
    group = frame @ np.asarray(operations, float) @ frame.T
    target = np.asarray(measured, float)
    return float(_norm(target - project(target, group)) / _norm(target))


def _allowed(frame: Array, operations: ArrayLike) -> NDArray[np.bool_]:
    """Which of the 21 constants the crystal's symmetry leaves different from zero."""
    group = frame @ np.asarray(operations, float) @ frame.T
    generic = np.random.default_rng(0).normal(size=(6, 6))
    mean = np.abs(project(generic + generic.T, group))
    return np.asarray((mean > _FORBIDDEN * mean.max())[_UPPER])


def _norm(stiffness: ArrayLike) -> float:
    return float(np.linalg.norm(voigt_to_mandel(stiffness)))
