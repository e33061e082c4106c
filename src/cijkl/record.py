"""The result of one crystal: a record for machines, and the objects behind it.

The record is a plain dictionary laid out as `cijkl.layout.Record` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import Diagnostic
from cijkl.layout import EngineFacts, Record, Warning

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.properties import Sampled
    from cijkl.structures import Layer, Symmetry

__all__ = ["SCHEMA", "Engine", "Record", "Result", "failed_record", "ok_record"]

#: version of the record's layout
SCHEMA = 1

_UNSTABLE = (
    "The tensor is unstable: at least one strain lowers the energy, so moduli have no meaning and "
    "are left out."
)


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
        "id": _text(identifier),
        "formula": formula,
        "source": _text(source),
        "status": "failed",
        "error": error,
        "warnings": _warnings(warnings),
        "structure": None,
        "C": None,
        "frame": "input",
        "stable": None,
        "eigenvalues": None,
        "symmetry_class": None,
        "criteria": None,
        "moduli": None,
        "anisotropy": None,
        "directional": None,
        "acoustics": None,
        "engineering": None,
        "uncertainty": None,
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
    layer: Layer | None = None,
    sampled: Sampled | None = None,
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
    layer
        The layer in vacuum that the crystal is, in the input frame; None for bulk.
    sampled
        See `properties`.
    parts
        Further keys of `Record`, such as ``response``.
    """
    from cijkl.molecular import packing_facts
    from cijkl.planar import LAYER, planar_facts
    from cijkl.properties import ieee_rotation, properties
    from cijkl.structures import is_molecular

    found = properties(
        tensor,
        atoms=atoms,
        symmetry=symmetry,
        density=density,
        frame=frame,
        layer=layer,
        sampled=sampled,
    )
    notes = list(warnings)
    if layer is not None and atoms is not None:
        turn = ieee_rotation(atoms, symmetry) if frame == "ieee" else np.eye(3)
        error = parts.get("response", {}).get("C_error")
        planar = planar_facts(tensor, layer, atoms, turn, error)
        found["stable"] = planar["eigenvalues"][0] > 0.0
        parts = {"planar": planar, **parts}
        notes.append(LAYER)
    if layer is None and atoms is not None and is_molecular(atoms):
        turn = ieee_rotation(atoms, symmetry) if frame == "ieee" else np.eye(3)
        lattice = atoms.cell.array @ turn.T
        parts = {"packing": packing_facts(tensor, atoms, lattice, symmetry), **parts}
    if not found["stable"]:
        notes.append(Diagnostic("unstable", _UNSTABLE))
    record: Record = {
        "schema": SCHEMA,
        "id": _text(identifier),
        "formula": formula,
        "source": _text(source),
        "status": "ok",
        "error": None,
        "warnings": _warnings(notes),
        "structure": found["structure"],
        "C": tensor.voigt.tolist(),
        "frame": frame,
        "stable": found["stable"],
        "eigenvalues": found["eigenvalues"],
        "symmetry_class": found["symmetry_class"],
        "criteria": found["criteria"],
        "moduli": found["moduli"],
        "anisotropy": found["anisotropy"],
        "directional": found["directional"],
        "acoustics": found["acoustics"],
        "engineering": found["engineering"],
        "uncertainty": None,
        "engine": _engine(engine),
    }
    record.update(parts)  # type: ignore[typeddict-item]  # callers pass keys of Record
    return record


def _text(name: str) -> str:
    """The name, with the bytes of a file name that are no text written out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _warnings(diagnostics: Iterable[Diagnostic]) -> list[Warning]:
    unique = dict.fromkeys(diagnostics)
    return [{"code": note.code, "message": note.message} for note in unique]


def _engine(engine: Engine) -> EngineFacts:
    return {
        "name": engine.name,
        "version": engine.version,
        "settings": dict(engine.settings),
        "seconds": round(engine.seconds, 3),
        "evaluations": engine.evaluations,
    }
