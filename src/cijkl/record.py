"""The result of one crystal: a record for machines, and the objects behind it.

The record is a plain dictionary whose keys are fixed by `SCHEMA`; they do not change without a new
number. GPa, A, g/cm^3, m/s, K, W/(m K), MPa m^0.5. What cannot be known is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import Diagnostic

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Symmetry

__all__ = ["SCHEMA", "Engine", "Record", "Result", "failed_record", "ok_record"]

Array = NDArray[np.float64]

#: version of the record's layout
SCHEMA = 1

_UNSTABLE = (
    "The tensor is unstable: at least one strain lowers the energy, so moduli have no meaning and "
    "are left out."
)


class Record(TypedDict, total=False):
    """Layout of a result record; `docs/record.md` explains every key."""

    schema: int
    id: str
    formula: str | None
    source: str
    status: Literal["ok", "failed"]
    error: str | None
    warnings: list[dict[str, str]]
    structure: dict[str, Any] | None
    C: list[list[float]] | None
    frame: Literal["input", "ieee"]
    stable: bool | None
    eigenvalues: list[float] | None
    symmetry_class: str | None
    criteria: list[dict[str, Any]] | None
    moduli: dict[str, dict[str, float]] | None
    anisotropy: dict[str, float | None] | None
    directional: dict[str, Any] | None
    directions: list[dict[str, Any]]
    acoustics: dict[str, float] | None
    engineering: dict[str, Any] | None
    uncertainty: dict[str, Any] | None
    engine: dict[str, Any]
    relaxation: dict[str, Any] | None
    response: dict[str, Any] | None


@dataclass(frozen=True)
class Engine:
    """What produced a result.

    Parameters
    ----------
    name
        ``analyze``, or the name of a potential or a model.
    version
        Package and version that did the work.
    settings
        All that changes the numbers.
    seconds
        Wall time.
    evaluations
        Calls of the potential; None where there is none.
    """

    name: str
    version: str
    settings: Mapping[str, Any]
    seconds: float = 0.0
    evaluations: int | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """One crystal's result.

    Parameters
    ----------
    record
        The machine-readable result, see `Record`.
    tensor
        The elastic tensor; None if the crystal failed.
    atoms
        The crystal that the tensor belongs to (relaxed, for `compute`); None if there is none.
    """

    record: Record
    tensor: ElasticTensor | None = None
    atoms: Atoms | None = None

    @property
    def ok(self) -> bool:
        """Whether there is a tensor."""
        return self.record["status"] == "ok"


def failed_record(
    identifier: str,
    source: str,
    error: str,
    engine: Engine,
    *,
    formula: str | None = None,
    warnings: Iterable[Diagnostic] = (),
    **parts: Any,
) -> Record:
    """Record of a crystal that gave no tensor, with the reason.

    Parameters
    ----------
    parts
        Further keys of `Record` that are known, such as ``relaxation``.
    """
    record: Record = {
        "schema": SCHEMA,
        "id": identifier,
        "formula": formula,
        "source": source,
        "status": "failed",
        "error": error,
        "warnings": _warnings(warnings),
        "C": None,
        "stable": None,
        "moduli": None,
        "engine": _engine(engine),
    }
    record.update(parts)  # type: ignore[typeddict-item]  # callers pass keys of Record
    return record


def ok_record(
    identifier: str,
    source: str,
    tensor: ElasticTensor,
    engine: Engine,
    *,
    atoms: Atoms | None = None,
    symmetry: Symmetry | None = None,
    density: float | None = None,
    formula: str | None = None,
    frame: Literal["input", "ieee"] = "input",
    warnings: Iterable[Diagnostic] = (),
    **parts: Any,
) -> Record:
    """Record of a tensor and everything that follows from it.

    Parameters
    ----------
    tensor
        One tensor, in `frame`.
    atoms, symmetry
        The crystal and its space group, in the input frame. Without them what needs a density or a
        crystal class is None.
    density
        g/cm^3, for a tensor without a crystal.
    """
    from cijkl.properties import properties

    found = properties(tensor, atoms=atoms, symmetry=symmetry, density=density, frame=frame)
    notes = list(warnings)
    if not found["stable"]:
        notes.append(Diagnostic("unstable", _UNSTABLE))
    record: Record = {
        "schema": SCHEMA,
        "id": identifier,
        "formula": formula,
        "source": source,
        "status": "ok",
        "error": None,
        "warnings": _warnings(notes),
        "structure": None,
        "C": tensor.voigt.tolist(),
        "frame": frame,
        **found,  # type: ignore[typeddict-item]  # a dictionary of keys of Record
        "uncertainty": None,
        "engine": _engine(engine),
    }
    record.update(parts)  # type: ignore[typeddict-item]  # callers pass keys of Record
    return record


def _warnings(diagnostics: Iterable[Diagnostic]) -> list[dict[str, str]]:
    unique = dict.fromkeys(diagnostics)
    return [{"code": note.code, "message": note.message} for note in unique]


def _engine(engine: Engine) -> dict[str, Any]:
    return {
        "name": engine.name,
        "version": engine.version,
        "settings": dict(engine.settings),
        "seconds": round(engine.seconds, 3),
        "evaluations": engine.evaluations,
    }
