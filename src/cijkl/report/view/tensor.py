"""The matrix of constants: its cells, what stands above them, and the criteria that they meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cijkl.report.numbers import MISSING, finite, number, with_half_width
from cijkl.report.verdict import elastic_class

__all__ = ["criteria_rows", "deviation_note", "tensor_caption", "tensor_rows"]

_FRAMES = {
    "ieee": "in the IEEE standard orientation",
    "input": "in the Cartesian frame of the input",
}
#: GPa, below which the standard deviation of a constant that symmetry fixes is rounding
_SMALLEST_DEVIATION = 5e-3


def tensor_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """The 6x6 matrix as text, with the same decimals everywhere."""
    stiffness = record.get("C") or []
    error = (record.get("response") or {}).get("C_error")
    deviation = _deviation(record)
    rows = []
    for i, row in enumerate(stiffness):
        cells = [f"{v:.2f}".replace("-", "−") if finite(v) else MISSING for v in row]
        cells = ["0.00" if c == "−0.00" else c for c in cells]
        if error:
            cells = [f"{c} ± {number(error[i][j], digits=2)}" for j, c in enumerate(cells)]
        elif deviation:
            cells = [
                with_half_width(row[j], d) if d >= _SMALLEST_DEVIATION else c
                for j, (c, d) in enumerate(zip(cells, deviation[i], strict=True))
            ]
        rows.append(cells)
    return rows


def deviation_note(record: Mapping[str, Any]) -> str:
    """What follows the unit of the matrix where a learned model says how sure it is."""
    return ", ± standard deviation" if _deviation(record) else ""


def tensor_caption(record: Mapping[str, Any]) -> str:
    """What the matrix is: unit, frame, class, what blanks mean."""
    number_of_group = (record.get("structure") or {}).get("spacegroup")
    frame = _FRAMES.get(record.get("frame") or "", "")
    text = "Stiffness in GPa, Voigt order xx, yy, zz, yz, xz, xy"
    text += f", {frame}." if frame else "."
    if number_of_group:
        name, count = elastic_class(int(number_of_group))
        text += f" Class: {name}, {count} independent constants."
    elif record.get("symmetry_class"):
        text += f" By its values: {str(record['symmetry_class']).replace('_', ' ')}."
    return text + " Grey zeros are zero by symmetry."


def criteria_rows(
    record: Mapping[str, Any],
) -> list[tuple[list[tuple[str, bool]], str, str]]:
    """Born's criteria of the crystal class: expression in pieces, value, whether it holds."""
    return [
        (
            _expression_parts(str(row.get("expression", ""))),
            number(row.get("value")),
            "holds" if row.get("satisfied") else "fails",
        )
        for row in record.get("criteria") or []
    ]


def _deviation(record: Mapping[str, Any]) -> Any:
    uncertainty = record.get("uncertainty")
    return uncertainty.get("C_std") if isinstance(uncertainty, Mapping) else None


def _expression_parts(expression: str) -> list[tuple[str, bool]]:
    """Pieces of a criterion such as "C11 - C12 > 0", each with whether it is a subscript."""
    text = expression.removesuffix(" > 0").replace("^2", "²").replace(" - ", " − ")
    parts = re.split(r"(?<=C)(\d\d)(?!\d)", text)
    return [(part, index % 2 == 1) for index, part in enumerate(parts) if part]
