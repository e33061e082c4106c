"""Stiffness of the faces of a crystal: along their normals, for an indenter, and for sliding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.directions import along
from cijkl.errors import Diagnostic, InputError
from cijkl.structures.miller import equivalent_faces, low_index_faces, spacings, three_indices

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.elasticity.contact import Contact
    from cijkl.elasticity.tensor import ElasticTensor
    from cijkl.layout import Direction, Face, Warning
    from cijkl.record import Result

__all__ = ["add_faces", "cell_of_result", "faces"]

Array = NDArray[np.float64]


def faces(
    tensor: ElasticTensor,
    structure: Atoms,
    hkl: Sequence[Sequence[float]] | None = None,
    *,
    largest: int = 2,
    contact: Contact = "cone",
    lattice: Array | None = None,
    rotation: Array | None = None,
    symprec: float = 1e-2,
) -> list[Face]:
    """Young's and indentation modulus and shear of a crystal's faces.

    Parameters
    ----------
    tensor
        One stable tensor.
    structure
        Its crystal.
    hkl
        Faces, each of three indices, or of four in a hexagonal cell. By default all low-index
        faces, one of each set that symmetry makes equal.
    largest
        Largest index of low-index faces.
    contact
        Of the indenter, see `cijkl.elasticity.indentation_modulus`.
    lattice
        (3, 3) rows, A: another cell of the same crystal, in the same frame, to which indices
        refer.
    rotation
        (3, 3), from the crystal's frame to that of the tensor, where they differ.
    symprec
        Tolerance of the symmetry search, A.

    Returns
    -------
    As `cijkl.layout.Face` says, by decreasing spacing, or in the order given.

    Raises
    ------
    InputError
        An unstable tensor, several of them, or indices that are no face.

    Examples
    --------
    >>> from ase.build import bulk
    >>> from cijkl import ElasticTensor
    >>> silicon = ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)
    >>> for face in faces(silicon, bulk("Si", cubic=True), largest=1):
    ...     print(face["hkl"], f"{face['E']:.1f} {face['M']:.1f}")
    [1, 0, 0] 130.1 164.8
    [1, 1, 0] 169.1 172.9
    [1, 1, 1] 187.9 175.3
    """
    from cijkl.structures import symmetry

    if tensor.shape:
        raise InputError(f"one tensor was expected, not an array of shape {tensor.voigt.shape}")
    if not tensor.is_stable():
        raise InputError("the tensor is unstable: its faces have no moduli")
    group = symmetry(structure, symprec)
    cell = structure.cell.array if lattice is None else lattice
    if hkl is None:
        found = low_index_faces(cell, group.point_operations, largest)
    else:
        chosen = [_whole(three_indices(face, cell)) for face in hkl]
        found = [(f, len(equivalent_faces(f, cell, group.point_operations))) for f in chosen]
    if not found:
        return []
    indices = np.array([face for face, _ in found])
    normals = indices @ np.linalg.inv(cell).T
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    if rotation is not None:
        normals = normals @ rotation.T
    young = tensor.youngs_modulus(normals)
    indented = tensor.indentation_modulus(normals, contact)
    low, high = tensor.plane_shear_range(normals)
    return [
        {
            "hkl": list(face),
            "multiplicity": count,
            "spacing": float(spacing),
            "direction": normal.tolist(),
            "E": float(e),
            "M": float(m),
            "G": [float(least), float(largest_shear)],
        }
        for (face, count), spacing, normal, e, m, least, largest_shear in zip(
            found, spacings(indices, cell), normals, young, indented, low, high, strict=True
        )
    ]


def add_faces(
    result: Result,
    hkl: Sequence[Sequence[float]] = (),
    *,
    given: Atoms | None = None,
    table: bool = False,
    symprec: float = 1e-2,
) -> Result:
    """The result with directions along faces, and with a table of all low-index faces.

    Parameters
    ----------
    result
        Of any route. One without moduli, and one without a crystal, comes back as it is.
    hkl
        Faces along whose normals to report, as ``directions`` of the record.
    given
        The crystal as it was given to the route: indices refer to its cell, also where the result
        has a primitive or relaxed one. By default that of the result.
    table
        Whether the record gets ``faces``.
    symprec
        Tolerance of the symmetry search, A.

    Notes
    -----
    A face that the crystal cannot have, such as four indices in a cell that is not hexagonal, is
    left out with the warning ``face_unknown``.
    """
    record, tensor, atoms = result.record, result.tensor, result.atoms
    if tensor is None or atoms is None or not record["moduli"] or not (table or hkl):
        return result
    from cijkl.properties import ieee_rotation
    from cijkl.structures import symmetry

    cell = cell_of_result(atoms, given, symprec)
    turn = np.eye(3)
    if record["frame"] == "ieee":
        turn = ieee_rotation(atoms, symmetry(atoms, symprec))
    structure = record["structure"]
    density = structure["density"] if structure else None
    directions: list[Direction] = list(record.get("directions", []))
    notes: list[Warning] = []
    for face in hkl:
        try:
            directions.append(along(tensor, face, "hkl", cell @ turn.T, density))
        except InputError as error:
            doubt = Diagnostic("face_unknown", f"A face is left out: {error}.")
            notes.append({"code": doubt.code, "message": doubt.message})
    more = record.copy()
    if directions:
        more["directions"] = directions
    if table:
        more["faces"] = faces(tensor, atoms, lattice=cell, rotation=turn, symprec=symprec)
    more["warnings"] = [*record["warnings"], *notes]
    return replace(result, record=more)


def cell_of_result(atoms: Atoms, given: Atoms | None, symprec: float = 1e-2) -> Array:
    """The cell (3, 3) of a crystal as given, A, in its shape as of the result.

    Parameters
    ----------
    atoms
        The crystal of a result, perhaps primitive and relaxed, not rotated.
    given
        The same crystal as given; None if that is `atoms`.
    """
    from cijkl.structures import primitive, symmetrise, symmetry

    if given is None:
        return np.asarray(atoms.cell.array)
    start = given
    if len(atoms) != len(given):
        # the way of `cijkl.response`, which alone changes the number of atoms
        start = primitive(symmetrise(given, symmetry(given, symprec)), symprec)
    whole = np.rint(given.cell.array @ np.linalg.inv(start.cell.array))
    return np.asarray(whole @ atoms.cell.array)


def _whole(indices: Sequence[float]) -> tuple[int, int, int]:
    rounded = [round(index) for index in indices]
    if not any(rounded) or any(abs(i - r) > 1e-9 for i, r in zip(indices, rounded, strict=True)):
        text = " ".join(f"{index:g}" for index in indices)
        raise InputError(f"({text}) is no face: give whole numbers, not all zero")
    return rounded[0], rounded[1], rounded[2]
