"""Softest and stiffest faces of the forms of a compound, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cijkl.report.faces import face_name
from cijkl.report.numbers import number

if TYPE_CHECKING:
    from rich.table import Table

    from cijkl.layout import Face
    from cijkl.polymorphs import Form

__all__ = ["forms_table"]


def forms_table(compounds: Mapping[str, Sequence[Form]]) -> Table:
    """A line for each form: its density, softest and stiffest face, and their ratio.

    Parameters
    ----------
    compounds
        As `cijkl.polymorphs.polymorphs` gives them.
    """
    from rich.markup import escape
    from rich.table import Table

    grid = Table(
        title="forms of one formula; faces by indentation modulus M, GPa",
        title_justify="left",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for name in ("", "form", "group", "g/cm³", "softest", "stiffest", "ratio"):
        grid.add_column(name, justify="left" if name in ("", "form") else "right")
    for formula, forms in compounds.items():
        for place, form in enumerate(forms):
            grid.add_row(
                escape(formula) if place == 0 else "",
                escape(form.id),
                str(form.spacegroup),
                number(form.density),
                _shown(form.softest),
                _shown(form.stiffest),
                number(form.stiffest["M"] / form.softest["M"]),
            )
    return grid


def _shown(face: Face) -> str:
    return f"{face_name(face['hkl'])} {number(face['M'])}"
