"""Measured and computed moduli of faces for people: tables on the terminal, and the figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cijkl.report.faces import face_name
from cijkl.report.numbers import number, with_half_width

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.nanoindentation import FaceComparison

__all__ = ["faces_figure", "print_faces"]

#: key of the errors, and what is compared with the measured modulus
_KINDS = (("E", "E along the normal"), ("indentation", "E by indentation"))


def print_faces(found: Mapping[str, Any]) -> None:
    """Print what `cijkl.nanoindentation.summary_of_faces` gives."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("", "face"):
        table.add_column(name)
    for name in ("measured E", "E along normal", "by indentation"):
        table.add_column(name, justify="right")
    for row in found["rows"]:
        error = row["uncertainty"]
        measured = number(row["measured"]) if not error else with_half_width(row["measured"], error)
        table.add_row(
            escape(row["compound"]), face_name(row["hkl"]), measured,
            number(row["E"]), number(row["indentation"]),
        )  # fmt: skip
    console.print(table)
    console.print()
    errors = Table(box=None, header_style="bold", pad_edge=False)
    errors.add_column("")
    for name in ("faces", "MAE (GPa)", "bias", "rel. error", "Pearson", "Spearman"):
        errors.add_column(name, justify="right")
    for key, name in _KINDS:
        values = found["errors"][key]
        if values["count"]:
            errors.add_row(
                name, str(values["count"]), number(values["mae"]), number(values["bias"]),
                f"{values['median_relative_error']:.1%}",
                *(_correlation(values[kind]) for kind in ("pearson", "spearman")),
            )  # fmt: skip
    console.print(errors)


def faces_figure(comparison: FaceComparison) -> go.Figure:
    """E along the normal and E by indentation against what was measured, with error bars."""
    from cijkl.nanoindentation import agreement
    from cijkl.plots.faces import FacePanel, faces_parity

    truth, error = comparison.truth, comparison.error
    panels = []
    for (_, name), values in zip(_KINDS, (comparison.normal, comparison.indented), strict=True):
        found = agreement(truth, values)
        if found["count"]:
            panels.append(FacePanel(name, truth, values, error, _note(found)))
    return faces_parity(
        panels,
        [face.compound for face in comparison.measured],
        [f"{face.compound} {face_name(face.hkl)}" for face in comparison.measured],
    )


def _note(found: Mapping[str, Any]) -> str:
    text = f"MAE {number(found['mae'], 'GPa')}, bias {number(found['bias'])}"
    if found["pearson"] is None:
        return text
    return f"{text}<br>Pearson {found['pearson']:.3f}, Spearman {found['spearman']:.3f}"


def _correlation(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".replace("-", "−")
