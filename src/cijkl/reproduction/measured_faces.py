"""Moduli of crystal faces against nanoindentation, as figure 3 of Taniguchi 2024."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.datasets.nanoindentation import load_faces
from cijkl.errors import InputError
from cijkl.nanoindentation import FaceComparison, agreement, compare_faces, structures_of
from cijkl.reproduction.asking import figure_name, own_records, told_of
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table, beside, read_printed

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.datasets.nanoindentation import MeasuredFace

__all__ = ["ERRORS", "faces_outcome"]

#: rows of the tables of errors, and the keys of `cijkl.nanoindentation.agreement`
ERRORS = {
    "MAE, GPa": "mae",
    "bias, GPa": "bias",
    "relative error, median": "median_relative_error",
    "r": "pearson",
    "rank correlation": "spearman",
}
_NOTES = (
    "E of an indenter is M (1 - nu^2) with the M of an anisotropic half-space under a cone, and "
    "the nu that the measurement took.",
    "`compute` relaxes the cell, of molecular crystals too; records of `cijkl compute --cell "
    "given` as --results give the moduli in the cells as measured.",
)


def faces_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give errors and correlation of E along the normals of measured faces, by each column.

    Raises
    ------
    InputError
        Without a table of measured faces, or without anything that is compared with them.
    """
    if request.data is None:
        raise InputError(
            f"{name} needs measured faces: --data FILE, a CSV with the columns compound, cif, "
            "face, E"
        )
    if not (request.results or request.potentials or request.models):
        raise InputError(f"{name} needs --potential, --model or --results to compare with")
    measured = load_faces(request.data)
    crystals = structures_of(measured)
    printed = {} if request.printed is None else read_printed(request.printed, list(ERRORS))
    found: dict[str, FaceComparison] = {}
    for label, records in own_records(request, crystals):
        found[label] = compare_faces(measured, records, crystals)
        for face, reason in found[label].missing:
            told_of(request, label)(f"{face.place}: no modulus of this face: {reason}")
    indented = any(face.indented for one in found.values() for face in one.measured)
    tables = [_errors("E along the normal", found, _normal, printed)]
    if indented:
        tables.append(_errors("E that an indenter would report", found, _indented))
    return Outcome(
        name,
        title,
        (*tables, _by_face(measured, found)),
        (*_counts(found), *_NOTES),
        {figure_name("parity", label): _drawn(one) for label, one in found.items() if one.measured},
    )


def _normal(comparison: FaceComparison) -> Any:
    return comparison.normal


def _indented(comparison: FaceComparison) -> Any:
    return comparison.indented


def _errors(
    what: str,
    found: Mapping[str, FaceComparison],
    values: Callable[[FaceComparison], Any],
    printed: Mapping[str, Mapping[str, float]] | None = None,
) -> Table:
    ours = {}
    for label, one in found.items():
        said = agreement(one.truth, values(one))
        numbers = (said[key] for key in ERRORS.values())
        ours[label] = [np.nan if number is None else float(number) for number in numbers]
    return beside(f"{what} against the measured E", list(ERRORS), ours, printed)


def _by_face(measured: Sequence[MeasuredFace], found: Mapping[str, FaceComparison]) -> Table:
    """Both moduli of each face by each column; None where there is none."""
    columns = ["compound", "face", "measured E"]
    columns += [f"{label}, {kind}" for label in found for kind in ("normal", "indenter")]
    said = {
        label: {
            id(face): (float(normal), float(indented))
            for face, normal, indented in zip(one.measured, one.normal, one.indented, strict=True)
        }
        for label, one in found.items()
    }
    rows = []
    for face in measured:
        row: list[Cell] = [face.compound, _indices(face.hkl), face.youngs_modulus]
        for label in found:
            row += said[label].get(id(face), (None, None))
        rows.append(tuple(row))
    return Table("Young's modulus of each face, GPa", tuple(columns), tuple(rows), 1)


def _counts(found: Mapping[str, FaceComparison]) -> list[str]:
    return [
        f"{label}: {len(one.measured)} faces of {len({f.compound for f in one.measured})} "
        "compounds."
        for label, one in found.items()
    ]


def _indices(hkl: Sequence[float]) -> str:
    return f"({' '.join(f'{index:g}' for index in hkl)})"


def _drawn(comparison: FaceComparison) -> Callable[[], go.Figure]:
    def draw() -> go.Figure:
        from cijkl.report.nanoindentation import faces_figure

        return faces_figure(comparison)

    return draw
