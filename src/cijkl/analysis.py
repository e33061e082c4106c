"""The route `analyze`: everything that follows from a tensor that somebody already has."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from cijkl.elasticity import ElasticTensor, project, read_tensor
from cijkl.errors import Diagnostic, InputError
from cijkl.properties import along, ieee_rotation
from cijkl.record import Engine, Result, ok_record

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Symmetry

__all__ = ["analyze", "analyze_file"]

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
        Faces and lattice directions (of the cell as given) along which to report.
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
    notes, symmetry, lattice = list(warnings), None, None
    if atoms is not None:
        symmetry, more = _symmetry(atoms, symprec)
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
    )
    rho = record["structure"]["density"] if record["structure"] else density
    wanted: list[tuple[Literal["hkl", "uvw"], Sequence[float]]] = [
        *(("hkl", indices) for indices in hkl),
        *(("uvw", indices) for indices in uvw),
    ]
    if wanted:
        record["directions"] = [
            along(tensor, indices, kind, lattice, rho) for kind, indices in wanted
        ]
    record["engine"] = {**record["engine"], "seconds": round(time.perf_counter() - start, 4)}
    return Result(record, tensor, atoms)


def analyze_file(path: str | Path, atoms: Atoms | None = None, **options: Any) -> Iterator[Result]:
    """`analyze` every tensor of a file in any known format.

    Parameters
    ----------
    path
        File, or text, that `cijkl.elasticity.read_tensor` knows.
    atoms, options
        As for `analyze`; ``frame`` defaults to what the file says.
    """
    for identifier, stiffness, extra in read_tensor(path):
        given = dict(options)
        frame = given.pop("frame", None) or extra.get("frame") or "input"
        notes = extra.get("diagnostics") or ()
        density = given.pop("density", None) or extra.get("density")
        yield analyze(
            stiffness,
            atoms,
            id=identifier,
            source=str(extra.get("source") or path),
            frame=frame,  # type: ignore[arg-type]  # read_tensor gives "input" or "ieee"
            density=density,  # type: ignore[arg-type]  # read_tensor gives a number
            warnings=notes,  # type: ignore[arg-type]  # read_tensor gives diagnostics
            formula=extra.get("formula"),  # type: ignore[arg-type]  # read_tensor gives a string
            **given,
        )


def _symmetry(atoms: Atoms, symprec: float) -> tuple[Symmetry, tuple[Diagnostic, ...]]:
    from cijkl.structures import symmetry

    found = symmetry(atoms, symprec)
    return found, found.diagnostics


def _symmetry_doubts(
    tensor: ElasticTensor, symmetry: Symmetry, rotation: np.ndarray[Any, Any]
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
