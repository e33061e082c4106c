"""Measured moduli of crystal faces against those of any route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.datasets.nanoindentation import MeasuredFace
    from cijkl.layout import Face
    from cijkl.structures import Crystal, Unreadable

__all__ = ["FaceComparison", "agreement", "compare_faces", "structures_of", "summary_of_faces"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FaceComparison:
    """n measured faces and the moduli that a route gives them.

    Parameters
    ----------
    measured
        (n), those whose crystal has a tensor.
    normal
        (n), Young's modulus along the normal, GPa.
    indented
        (n), what an indenter would report as E, M (1 - nu^2), GPa; NaN for faces that were not
        measured with one.
    missing
        Faces without a modulus, each with the reason.
    """

    measured: list[MeasuredFace]
    normal: Array
    indented: Array
    missing: list[tuple[MeasuredFace, str]] = field(default_factory=list)

    @property
    def truth(self) -> Array:
        """(n), the measured E, GPa."""
        return np.array([face.youngs_modulus for face in self.measured])

    @property
    def error(self) -> Array:
        """(n), its uncertainty, GPa; NaN where none is known."""
        return np.array([face.youngs_error for face in self.measured])


def structures_of(measured: Iterable[MeasuredFace]) -> list[Crystal | Unreadable]:
    """The crystals of measured faces, each file once; the id is the name of the file.

    A file that holds none, or several, gives an `Unreadable`.
    """
    from dataclasses import replace

    from cijkl.structures import Unreadable, read

    found: dict[Path, Crystal | Unreadable] = {}
    for face in measured:
        path = face.structure
        if path in found:
            continue
        inside = list(read(path))
        if len(inside) == 1:
            found[path] = replace(inside[0], id=str(path))
        else:
            reason = f"the file holds {len(inside)} crystals, expected one"
            found[path] = Unreadable(str(path), str(path), reason)
    return list(found.values())


def compare_faces(
    measured: Sequence[MeasuredFace],
    records: Iterable[Mapping[str, Any]],
    crystals: Sequence[Crystal | Unreadable] | None = None,
) -> FaceComparison:
    """Put measured and computed moduli of faces side by side.

    Parameters
    ----------
    measured
        See `cijkl.datasets.nanoindentation.load_faces`.
    records
        Results of any route, of `structures_of` or of the same crystals under the name of the
        file or of the compound. They need ``C`` only: the crystal is that of the file where the
        record has none.
    crystals
        What `structures_of` gave, to read no file twice.

    Raises
    ------
    InputError
        If no record belongs to any of the faces.
    """
    given = {item.id: item for item in crystals or structures_of(measured)}
    by_id = {str(record["id"]): record for record in records}
    kept: list[MeasuredFace] = []
    moduli: list[Face] = []
    missing: list[tuple[MeasuredFace, str]] = []
    unknown = 0
    for face in measured:
        record = _record_of(face, by_id)
        unknown += record is None
        outcome = _moduli(face, record, given[str(face.structure)])
        if isinstance(outcome, str):
            missing.append((face, outcome))
        else:
            kept.append(face)
            moduli.append(outcome)
    if unknown == len(measured):
        raise InputError("no result has the name of a structure of the measured faces")
    return FaceComparison(
        measured=kept,
        normal=np.array([found["E"] for found in moduli]),
        indented=np.array(
            [
                found["M"] * (1.0 - face.poisson**2) if face.indented else np.nan
                for face, found in zip(kept, moduli, strict=True)
            ]
        ),
        missing=missing,
    )


def agreement(truth: ArrayLike, prediction: ArrayLike) -> dict[str, float | int | None]:
    """Count, mean absolute error, bias, and correlation by value (Pearson) and rank (Spearman).

    Parameters
    ----------
    truth, prediction
        (n), GPa; pairs with a NaN are left out. What is not determined is None.

    Examples
    --------
    >>> agreement([10, 20, 30], [12, 21, 36])["spearman"]
    1.0
    """
    known, said = np.asarray(truth, float), np.asarray(prediction, float)
    both = np.isfinite(known) & np.isfinite(said)
    known, said = known[both], said[both]
    found: dict[str, float | int | None] = {
        "count": len(known), "mae": None, "bias": None, "median_relative_error": None,
        "pearson": None, "spearman": None,
    }  # fmt: skip
    if len(known):
        found["mae"] = float(np.abs(said - known).mean())
        found["bias"] = float((said - known).mean())
        found["median_relative_error"] = float(np.median(np.abs(said - known) / known))
    if len(known) > 1 and np.ptp(known) > 0.0 and np.ptp(said) > 0.0:
        found["pearson"] = _pearson(known, said)
        found["spearman"] = _pearson(_ranks(known), _ranks(said))
    return found


def summary_of_faces(comparison: FaceComparison) -> dict[str, Any]:
    """All numbers of a comparison: agreement, and each face."""
    truth = comparison.truth
    return {
        "faces": len(comparison.measured),
        "compounds": len({face.compound for face in comparison.measured}),
        "missing": len(comparison.missing),
        "errors": {
            "E": agreement(truth, comparison.normal),
            "indentation": agreement(truth, comparison.indented),
        },
        "rows": [
            {
                "compound": face.compound,
                "hkl": list(face.hkl),
                "measured": face.youngs_modulus,
                "uncertainty": None if np.isnan(face.youngs_error) else face.youngs_error,
                "quantity": face.quantity,
                "temperature": face.temperature,
                "reference": face.reference,
                "E": float(normal),
                "indentation": None if np.isnan(indented) else float(indented),
            }
            for face, normal, indented in zip(
                comparison.measured, comparison.normal, comparison.indented, strict=True
            )
        ],
    }


def _record_of(
    face: MeasuredFace, by_id: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    path = face.structure
    names = (str(path), path.name, path.stem, face.compound)
    return next((by_id[name] for name in names if name in by_id), None)


def _moduli(
    face: MeasuredFace, record: Mapping[str, Any] | None, crystal: Crystal | Unreadable
) -> Face | str:
    """Moduli of a face, or the reason why there are none."""
    from cijkl.elasticity import ElasticTensor
    from cijkl.faces import cell_of_result, faces
    from cijkl.properties import ieee_rotation
    from cijkl.structures import Unreadable, symmetry

    if isinstance(crystal, Unreadable):
        return crystal.error
    if record is None:
        return "there is no result for its structure"
    if record.get("C") is None:
        return str(record.get("error") or "the result has no tensor")
    atoms = _crystal(record, crystal.atoms)
    tensor = ElasticTensor(record["C"])
    turn = None
    if record.get("frame") == "ieee":
        turn = ieee_rotation(atoms, symmetry(atoms))
    try:
        cell = cell_of_result(atoms, crystal.atoms)
        (found,) = faces(tensor, atoms, [face.hkl], lattice=cell, rotation=turn)
    except InputError as error:
        return str(error)
    return found


def _crystal(record: Mapping[str, Any], given: Atoms) -> Atoms:
    structure = record.get("structure")
    if not structure:
        return given
    from cijkl.structures.records import from_record

    return from_record(structure)[0]


def _pearson(x: Array, y: Array) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _ranks(values: Array) -> Array:
    """Ranks, equal values sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - 0.5 * (counts - 1.0))[inverse])
