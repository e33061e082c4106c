"""The page of a result and its figures, drawn by a process that reads.

A page comes without figures, which take twenty times as long: its numbers are read while they are
drawn, and a script of the page asks for them.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cijkl.report.html import html_page, page_context, record_atoms
from cijkl.report.jsonl import dumps, plain
from cijkl.web.records import in_ieee_frame
from cijkl.web.templating import render

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["packed_figures", "page"]

#: of gzip: the next level takes twice the time for 3 % less
_LEVEL = 4


def page(
    record: Mapping[str, Any],
    *,
    frame: str,
    alone: bool,
    nonce: str,
    base: str,
    here: str,
    given: Atoms | None = None,
) -> str:
    """The report of a record.

    Parameters
    ----------
    frame
        ``input`` for the frame of the record, or ``ieee``.
    alone
        Whether it is to be kept as a file; else its scripts and styles are the server's.
    nonce
        What the styles that plotly.js makes must carry.
    base
        Address of the result, without the last slash.
    here
        Address of the page of the navigation that led here.
    given
        The crystal as it was sent, whose faces are shown.

    Raises
    ------
    InputError
        It has no IEEE frame.
    """
    shown = _shown(record, frame, given)
    if alone:
        return html_page(shown)
    atoms = record_atoms(shown)
    return render(
        "result.html.j2",
        **page_context(shown, atoms, drawn=False),
        nonce=nonce,
        base=base,
        here=here,
        turned=frame == "ieee",
        # a layer has its own frame, and one without a crystal none to turn to
        turnable=atoms is not None and shown["C"] is not None and not shown.get("planar"),
        crystal=atoms is not None,
    )


def packed_figures(record: Mapping[str, Any], *, frame: str, given: Atoms | None = None) -> bytes:
    """Figures of a record by name, as JSON for plotly.js, compressed by gzip; see `page`."""
    from cijkl.report.figures import figures

    shown = plain(_shown(record, frame, given))
    return gzip.compress(dumps(figures(shown, record_atoms(shown))).encode(), _LEVEL)


def _shown(record: Mapping[str, Any], frame: str, given: Atoms | None) -> dict[str, Any]:
    shown = in_ieee_frame(record) if frame == "ieee" else dict(record)
    return _with_faces(shown, given)


def _with_faces(record: dict[str, Any], given: Atoms | None) -> dict[str, Any]:
    """With the table of faces, which a page shows and a record has only if it was asked for."""
    from cijkl.elasticity import ElasticTensor
    from cijkl.faces import add_faces
    from cijkl.record import Result

    atoms = record_atoms(record)
    if atoms is None or record["C"] is None or record.get("faces") or record["frame"] != "input":
        return record
    result = Result(record, ElasticTensor(record["C"]), atoms)  # type: ignore[arg-type]  # is one
    return dict(add_faces(result, table=True, given=given).record)
