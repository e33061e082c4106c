"""Softest and stiffest face of each form of a compound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cijkl.layout import Face

__all__ = ["Form", "form_of", "polymorphs"]


@dataclass(frozen=True)
class Form:
    """One form of a compound, by its record.

    Parameters
    ----------
    id, formula
        Of the record; crystals of one reduced formula are taken for forms of one compound.
    spacegroup
        Its number.
    density
        g/cm^3.
    softest, stiffest
        Of the low-index faces, by the indentation modulus M.
    """

    id: str
    formula: str
    spacegroup: int
    density: float
    softest: Face
    stiffest: Face


def form_of(record: Mapping[str, Any]) -> Form | None:
    """The form of a record; None without the table of faces that ``--hkl all`` gives.

    Parameters
    ----------
    record
        Result of any route.
    """
    faces, structure = record.get("faces"), record.get("structure")
    if not faces or not structure:
        return None
    return Form(
        str(record["id"]),
        str(record["formula"]),
        int(structure["spacegroup"]),
        float(structure["density"]),
        min(faces, key=lambda face: float(face["M"])),
        max(faces, key=lambda face: float(face["M"])),
    )


def polymorphs(forms: Iterable[Form]) -> dict[str, list[Form]]:
    """Compounds of which there are several forms, the densest first.

    Examples
    --------
    >>> face = {"hkl": [1, 0, 0], "M": 10.0}
    >>> two = [Form("alpha", "C6H6O2", 33, 1.28, face, face),
    ...        Form("beta", "C6H6O2", 33, 1.33, face, face), Form("x", "CH4", 1, 1.0, face, face)]
    >>> {formula: [form.id for form in found] for formula, found in polymorphs(two).items()}
    {'C6H6O2': ['beta', 'alpha']}
    """
    found: dict[str, list[Form]] = {}
    for form in forms:
        found.setdefault(form.formula, []).append(form)
    return {
        formula: sorted(mine, key=lambda form: -form.density)
        for formula, mine in found.items()
        if len(mine) > 1
    }
