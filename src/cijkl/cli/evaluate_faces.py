"""`cijkl evaluate --faces`: computed moduli of faces against measured ones."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.cli.output import complain, json_stream

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.structures import Crystal, Unreadable

__all__ = ["evaluate_faces"]


def evaluate_faces(
    table: Path,
    by: str,
    records: Callable[[Sequence[Crystal | Unreadable]], Iterator[Mapping[str, Any]]],
    json: str | None,
    quiet: bool,
    draw: Callable[[Callable[[], go.Figure], str], None],
) -> int:
    """Compare, print and draw; the exit code.

    Parameters
    ----------
    table
        CSV of measured faces.
    by
        Name of the route.
    records
        Gives the records of crystals.
    json
        Path for all numbers; - for standard output.
    quiet
        Whether to print nothing.
    draw
        Writes a figure under a name, where pictures were asked for.
    """
    from cijkl.datasets.nanoindentation import load_faces
    from cijkl.nanoindentation import compare_faces, structures_of, summary_of_faces

    measured = load_faces(table)
    crystals = structures_of(measured)
    with json_stream(json) as stream:
        comparison = compare_faces(measured, records(crystals), crystals)
        found = {"faces_of": str(table), "by": by, **summary_of_faces(comparison)}
        if stream is not None:
            stream.write(json_module.dumps(found, allow_nan=False) + "\n")
    from cijkl.report.nanoindentation import faces_figure, print_faces

    if json != "-" and not quiet:
        print_faces(found)
    if comparison.measured:
        draw(lambda: faces_figure(comparison), "faces")
    for face, reason in comparison.missing:
        complain(f"{face.place}: no modulus of this face: {reason}")
    return 1 if comparison.missing else 0
