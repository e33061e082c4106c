"""The route `analyze`: everything that follows from a tensor that somebody already has."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.directions import along
from cijkl.elasticity import ElasticTensor, project
from cijkl.elasticity.readers import read_each
from cijkl.errors import Diagnostic, InputError
from cijkl.properties import ieee_rotation
from cijkl.record import Engine, Result, failed_record, ok_record

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Symmetry

__all__ = ["analyze", "analyze_file"]

Array = NDArray[np.float64]

#: relative distance from the crystal's symmetry above which a tensor is doubted
_MISFIT = 0.05


def analyze(
    stiffness: ArrayLike,
    atoms: Atoms | None = None,
    *,
    id: str = "tensor",
    source: str = "",
    frame: Literal["input", "ieee"] = "input",
    density: float | None = None,
    hkl: Sequence[Sequence[float]] = (),
    uvw: Sequence[Sequence[float]] = (),
    symprec: float = 1e-2,
    warnings: Sequence[Diagnostic] = (),
    formula: str | None = None,
) -> Result:
    """Everything that follows from one tensor.

    Parameters
    ----------
    stiffness
        (6, 6), GPa, Voigt.
    atoms
        Its crystal, for what needs a cell: density, sound, (hkl), symmetry.
    id, source, formula
        For the record.
    frame
        Frame of `stiffness`: that of the crystal's Cartesian axes, or the IEEE standard.
    density
        g/cm^3, where there is no crystal.
    hkl, uvw
        Faces and lattice directions (of the cell as given) along which to report; not for an
        unstable tensor, where moduli mean nothing.
    symprec
        Tolerance of the symmetry search, A.
    warnings
        Doubts that came with the tensor.

    Raises
    ------
    InputError
        No tensor, or indices without a crystal.

    Examples
    --------
    >>> result = analyze([[165.7, 63.9, 63.9, 0, 0, 0], [63.9, 165.7, 63.9, 0, 0, 0],
    ...                   [63.9, 63.9, 165.7, 0, 0, 0], [0, 0, 0, 79.6, 0, 0],
    ...                   [0, 0, 0, 0, 79.6, 0], [0, 0, 0, 0, 0, 79.6]])
    >>> round(result.record["moduli"]["G"]["hill"], 2)
    66.54
    """
    start = time.perf_counter()
    tensor = ElasticTensor(stiffness)
    if tensor.shape:
        raise InputError(
            f"one tensor was expected, not an array of shape {tensor.voigt.shape}: "
            "the functions of cijkl.elasticity take arrays of tensors"
        )
    wanted: list[tuple[Literal["hkl", "uvw"], Sequence[float]]] = [
        *(("hkl", indices) for indices in hkl),
        *(("uvw", indices) for indices in uvw),
    ]
    if wanted and atoms is None:
        raise InputError(
            f"{wanted[0][0]} indices need a crystal's cell: give the structure with the tensor"
        )
    notes, symmetry, lattice, sheet = list(warnings), None, None, None
    if atoms is not None:
        from cijkl.structures import layer

        symmetry, more = _symmetry(atoms, symprec)
        sheet = layer(atoms, symmetry)
        notes += more
        rotation = ieee_rotation(atoms, symmetry) if frame == "ieee" else np.eye(3)
        lattice = atoms.cell.array @ rotation.T
        notes += _symmetry_doubts(tensor, symmetry, rotation)
        density = None
    record = ok_record(
        id,
        source,
        tensor,
        _engine(start),
        atoms=atoms,
        symmetry=symmetry,
        density=density,
        formula=_formula(atoms, formula),
        frame=frame,
        warnings=notes,
        layer=sheet,
    )
    rho = record["structure"]["density"] if record["structure"] else density
    if wanted and record["stable"] and sheet is None:
        record["directions"] = [
            along(tensor, indices, kind, lattice, rho) for kind, indices in wanted
        ]
    record["engine"] = {**record["engine"], "seconds": round(time.perf_counter() - start, 4)}
    return Result(record, tensor, atoms)


def analyze_file(
    path: str | Path, atoms: Atoms | None = None, *, source: str | None = None, **options: Any
) -> Iterator[Result]:
    """`analyze` every tensor of a file in any known format.

    The file is read at once, the tensors are analysed one by one.

    Parameters
    ----------
    path
        File, or text, that `cijkl.elasticity.read_tensor` knows.
    atoms
        The crystal; that of the file's own record by default, if it holds one.
    source
        What the record says of where the tensor comes from; the path by default.
    options
        As for `analyze`; ``frame`` and ``density`` default to what the file says.

    Raises
    ------
    InputError
        The file holds no tensor, or its only tensor cannot be used. Of several tensors, one that
        cannot be used gives a failed record instead.
    """
    entries = read_each(path)
    if len(entries) == 1 and isinstance(entries[0][1], InputError):
        raise entries[0][1]
    return _each(entries, atoms, source or str(path), options)


def _each(
    entries: Sequence[tuple[str, Array | InputError, dict[str, Any]]],
    atoms: Atoms | None,
    source: str,
    options: Mapping[str, Any],
) -> Iterator[Result]:
    for identifier, stiffness, extra in entries:
        start = time.perf_counter()
        try:
            if isinstance(stiffness, InputError):
                raise stiffness
            yield _one(identifier, stiffness, extra, atoms, source, dict(options))
        except InputError as error:
            if len(entries) == 1:
                raise
            record = failed_record(
                identifier, source, str(error), _engine(start), formula=extra.get("formula")
            )
            yield Result(record)


def _one(
    identifier: str,
    stiffness: Array,
    extra: Mapping[str, Any],
    atoms: Atoms | None,
    source: str,
    options: dict[str, Any],
) -> Result:
    notes = list(extra.get("diagnostics") or ())
    if atoms is None and options.get("density") is None and extra.get("structure"):
        atoms, more = _own_crystal(extra["structure"])
        notes += more
    return analyze(
        stiffness,
        atoms,
        id=identifier,
        source=source,
        frame=options.pop("frame", None) or extra.get("frame") or "input",
        density=options.pop("density", None) or extra.get("density"),
        warnings=notes,
        formula=extra.get("formula"),
        **options,
    )


def _own_crystal(structure: Any) -> tuple[Atoms | None, list[Diagnostic]]:
    """The crystal of the record that holds the tensor, if it can be used."""
    from cijkl.structures.records import from_record

    try:
        atoms, notes = from_record(structure)
    except InputError as error:
        return None, [
            Diagnostic(
                "structure_unused",
                f"The record's own structure cannot be used ({error}); give one by `structure`.",
            )
        ]
    return atoms, list(notes)


def _symmetry(atoms: Atoms, symprec: float) -> tuple[Symmetry, tuple[Diagnostic, ...]]:
    from cijkl.structures import symmetry

    found = symmetry(atoms, symprec)
    return found, found.diagnostics


def _symmetry_doubts(
    tensor: ElasticTensor, symmetry: Symmetry, rotation: Array
) -> list[Diagnostic]:
    """A warning if the tensor lacks the symmetry of the crystal it is said to belong to."""
    operations = rotation @ symmetry.point_operations @ rotation.T
    rest = tensor.mandel - ElasticTensor(project(tensor.voigt, operations)).mandel
    misfit = float(np.linalg.norm(rest) / np.linalg.norm(tensor.mandel))
    if misfit <= _MISFIT:
        return []
    return [
        Diagnostic(
            "symmetry_mismatch",
            f"The tensor is {100 * misfit:.0f} % away from the symmetry of the crystal "
            f"({symmetry.symbol}): is it in another frame? Say which by the option `frame`.",
        )
    ]


def _formula(atoms: Atoms | None, given: str | None) -> str | None:
    if atoms is None:
        return given
    from cijkl.structures import reduced_formula

    return reduced_formula(atoms)


def _engine(start: float) -> Engine:
    from cijkl import __version__

    return Engine("analyze", f"cijkl {__version__}", {}, seconds=time.perf_counter() - start)
