"""What page and table say about the faces of a crystal, as plain text and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cijkl.report.numbers import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["DRAWN", "FaceRow", "extremes", "face_name", "figure", "ranges", "rows"]

#: faces in the figure, and in the table before it has to be opened
DRAWN = 12


@dataclass(frozen=True)
class FaceRow:
    """One face: its name, cells of the table, and whether it is the softest or the stiffest."""

    name: str
    cells: list[str]
    mark: str = ""


def rows(record: Mapping[str, Any]) -> list[FaceRow]:
    """Faces by decreasing spacing: equal faces, d, E, M, G."""
    faces = record.get("faces") or []
    marks = _marks(faces)
    return [
        FaceRow(
            face_name(face["hkl"]),
            [
                str(face["multiplicity"]),
                number(face["spacing"]),
                number(face["E"]),
                number(face["M"]),
                " to ".join(dict.fromkeys(number(value) for value in face["G"])),
            ],
            marks.get(index, ""),
        )
        for index, face in enumerate(faces)
    ]


def extremes(record: Mapping[str, Any]) -> list[FaceRow]:
    """The softest and the stiffest face to an indenter."""
    marked = {row.mark: row for row in rows(record) if row.mark}
    return [marked[mark] for mark in ("softest", "stiffest") if mark in marked]


def ranges(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which face is softest and stiffest, by either modulus, and easiest to slide over."""
    faces = record.get("faces") or []
    if not faces:
        return []
    found = []
    for key, word, pick in (
        ("M", "Softest to an indenter", min),
        ("M", "Stiffest to an indenter", max),
        ("E", "Smallest E along the normal", min),
        ("E", "Largest E along the normal", max),
    ):
        face = pick(faces, key=lambda entry: entry[key])
        found.append((word, f"{face_name(face['hkl'])}, {number(face[key], 'GPa')}"))
    easiest = min(faces, key=lambda entry: entry["G"][0])
    text = f"{face_name(easiest['hkl'])}, {number(easiest['G'][0], 'GPa')}"
    return [*found, ("Least shear modulus on a face", text)]


def figure(record: Mapping[str, Any]) -> go.Figure:
    """E and M of the first faces."""
    from cijkl.plots.faces import faces_plot

    faces = record["faces"][:DRAWN]
    names = [face_name(face["hkl"]) for face in faces]
    drawn = faces_plot(names, *([face[key] for face in faces] for key in ("E", "M")))
    # the page decides
    drawn.layout.height = None
    return drawn


def face_name(hkl: Any) -> str:
    """Indices in round brackets: "(1 0 −1)"."""
    return "({})".format(" ".join(f"{v:g}".replace("-", "−") for v in hkl))


def _marks(faces: Any) -> dict[int, str]:
    """Softest and stiffest face; none where all faces are alike."""
    if not faces:
        return {}
    order = sorted(range(len(faces)), key=lambda index: faces[index]["M"])
    low, high = order[0], order[-1]
    # to three digits, as they are shown
    if number(faces[low]["M"]) == number(faces[high]["M"]):
        return {}
    return {low: "softest", high: "stiffest"}
