"""Rotation of a crystal into the standard frame of IEEE 176-1987."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError

__all__ = ["conventional_lattice", "ieee_rotation", "ieee_rotation_of_crystal"]

Array = NDArray[np.float64]


def ieee_rotation(conventional: ArrayLike, spacegroup: int) -> Array:
    """Rotation from the frame of a lattice to the IEEE standard frame.

    Parameters
    ----------
    conventional
        (3, 3) rows a, b, c of the CONVENTIONAL cell in the frame given: axis b unique for
        monoclinic, hexagonal axes for trigonal, as `conventional_lattice` gives it.
    spacegroup
        International number.

    Returns
    -------
    (3, 3) proper rotation whose rows are the IEEE axes x, y, z in the frame given, so that
    `notation.rotate(stiffness, rotation)` is the stiffness in the IEEE frame.

    Raises
    ------
    InputError
        If the lattice is not (3, 3), flat, or does not fit the space group's system within 3
        degrees and 5 %.

    References
    ----------
    ANSI/IEEE Std 176-1987, section 3.2.

    Notes
    -----
    The axes, as in pymatgen's `Tensor.get_ieee_rotation`:

    ============ ===================================================================
    cubic        x, y, z along a, b, c
    tetragonal   z along c, x along a
    orthorhombic z, x, y along the shortest, middle and longest axis
    hexagonal    z along c, x along a; trigonal likewise
    monoclinic   y along b, z along the shorter of a and c
    triclinic    z along the longest axis, y normal to it and the shortest
    ============ ===================================================================

    Four choices stay open in the standard, and are taken from the cell that is given: the sense of
    a in trigonal crystals (the sign of C14), a or a diagonal as x of tetragonal ones that have C16,
    the sense of b in monoclinic ones (the signs of C15, C25, C35, C46) and of the axes in triclinic
    ones. In the space groups 149, 151, 153, 157, 159, 162 and 163 the twofold axis is normal to a,
    and C15 appears in place of C14.

    pymatgen finds the main axis by the lengths or angles of the cell. That puts c along x in
    tetragonal crystals with c < a such as rutile, and fails when a monoclinic angle is 90 degrees
    by chance; its matrix may also be improper. Here the setting says which axis it is, and the
    matrix is proper; where both work, the tensors are the same.
    """
    cell = np.asarray(conventional, float)
    if cell.shape != (3, 3) or not np.isfinite(cell).all():
        raise InputError(f"the lattice has shape {cell.shape}, expected (3, 3) finite numbers in A")
    if not 1 <= spacegroup <= 230:
        raise InputError(f"space group {spacegroup} does not exist, expected 1 to 230")
    lengths = np.linalg.norm(cell, axis=1)
    if not abs(np.linalg.det(cell)) > 1e-6 * np.prod(lengths):
        raise InputError("the lattice vectors lie in a plane: give three independent ones")
    _check_setting(cell, lengths, spacegroup)
    a, b, c = cell / lengths[:, None]
    short, middle, long = np.argsort(lengths, kind="stable")
    if spacegroup <= 2:
        axes = _from_z_and_x(cell[long], cell[short])
    elif spacegroup <= 15:
        z = a if lengths[0] < lengths[2] else c
        axes = np.array([np.cross(b, z), b, z])
    elif spacegroup <= 74:
        axes = (cell / lengths[:, None])[[middle, long, short]]
    elif spacegroup <= 194:
        axes = _from_z_and_x(c, a)
    else:
        axes = np.array([a, b, c])
    return _nearest_rotation(axes)


def ieee_rotation_of_crystal(
    lattice: ArrayLike, fractional: ArrayLike, numbers: ArrayLike, symprec: float = 1e-2
) -> Array:
    """Rotation of a crystal, in any setting, to the IEEE standard frame.

    Parameters
    ----------
    lattice
        (3, 3) rows, A, in the frame of the stiffness; primitive or any other cell.
    fractional
        (n, 3) positions.
    numbers
        (n,) integers that tell species apart.
    symprec
        Tolerance of spglib, A.

    Returns
    -------
    (3, 3) proper rotation, see `ieee_rotation`.

    Raises
    ------
    InputError
        If spglib finds no symmetry, as for atoms on top of each other.
    """
    import spglib

    cell = (np.asarray(lattice, float), np.asarray(fractional, float), np.asarray(numbers))
    try:
        dataset = spglib.get_symmetry_dataset(cell, symprec=symprec)
    except (spglib.SpglibError, TypeError, ValueError) as error:
        raise InputError(f"spglib finds no symmetry in the crystal: {error}") from None
    if dataset is None:
        raise InputError(f"spglib finds no symmetry in the crystal at a tolerance of {symprec} A")
    conventional = conventional_lattice(lattice, dataset.transformation_matrix)
    return ieee_rotation(conventional, int(dataset.number))


def conventional_lattice(lattice: ArrayLike, transformation: ArrayLike) -> Array:
    """Conventional cell (3, 3), rows, in the frame of the cell that spglib was given.

    Parameters
    ----------
    lattice
        (3, 3) rows, A.
    transformation
        (3, 3) `transformation_matrix` P of spglib's dataset: (a b c) = (a_s b_s c_s) P.
    """
    inverse = np.linalg.inv(np.asarray(transformation, float))
    return np.asarray(inverse.T @ np.asarray(lattice, float))


def _from_z_and_x(z: Array, x: Array) -> Array:
    """Right-handed axes with z kept and x in the plane of z and x."""
    z = z / np.linalg.norm(z)
    y = np.cross(z, x)
    y = y / np.linalg.norm(y)
    return np.array([np.cross(y, z), y, z])


def _nearest_rotation(axes: Array) -> Array:
    """Proper rotation nearest to nearly orthonormal axes.

    A left-handed set is inverted, which no fourth-rank tensor notices.
    """
    left, _, right = np.linalg.svd(axes)
    rotation = left @ right
    return np.asarray(rotation * np.sign(np.linalg.det(rotation)))


def _check_setting(cell: Array, lengths: Array, spacegroup: int) -> None:
    """Raise if the cell cannot be the conventional one of the space group."""
    unit = cell / lengths[:, None]
    alpha, beta, gamma = np.degrees(
        np.arccos(np.clip([unit[1] @ unit[2], unit[0] @ unit[2], unit[0] @ unit[1]], -1.0, 1.0))
    )
    angles = {"alpha": (alpha, 90.0), "beta": (beta, 90.0), "gamma": (gamma, 90.0)}
    equal: tuple[tuple[int, int], ...] = ()
    if spacegroup <= 2:
        return
    if spacegroup <= 15:
        del angles["beta"]
    elif 75 <= spacegroup <= 194:
        equal = ((0, 1),)
        if spacegroup >= 143:
            angles["gamma"] = (gamma, 120.0)
    elif spacegroup >= 195:
        equal = ((0, 1), (0, 2))
    for name, (value, expected) in angles.items():
        if abs(value - expected) > 3.0:
            raise InputError(
                f"{name} = {value:.1f} degrees does not fit space group {spacegroup}, expected "
                f"{expected:g}: give the conventional cell, see conventional_lattice"
            )
    for i, j in equal:
        if abs(lengths[i] / lengths[j] - 1.0) > 0.05:
            raise InputError(
                f"axes {'abc'[i]} and {'abc'[j]} differ ({lengths[i]:.3f}, {lengths[j]:.3f} A), "
                f"which does not fit space group {spacegroup}: give the conventional cell, see "
                "conventional_lattice"
            )
