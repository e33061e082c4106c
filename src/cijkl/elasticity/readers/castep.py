"""Elastic tensor of CASTEP: `.castep`, `.elastic`, and Materials Studio's text."""

from __future__ import annotations

import re

import numpy as np

from cijkl.elasticity.readers.found import Found, table_after
from cijkl.errors import InputError
from cijkl.units import EV_PER_A3_TO_GPA, KBAR_TO_GPA

__all__ = ["TITLE", "read_castep"]

#: `.castep` (version 23 on); `.elastic`; Materials Studio's "Elastic Constants.txt"
TITLE = re.compile(
    r"Elastic Constants Tensor.*\((?P<a>[^()]+)\)\s*$"
    r"|^\s*BEGIN Elastic Constants.*\((?P<b>[^()]+)\)\s*$"
    r"|Elastic Stiffness Constants Cij\s*\((?P<c>[^()]+)\)",
    re.MULTILINE,
)
_TO_GPA = {
    "gpa": 1.0,
    "mbar": 1e3 * KBAR_TO_GPA,
    "kbar": KBAR_TO_GPA,
    "mpa": 1e-3,
    "ev/ang**3": EV_PER_A3_TO_GPA,
}


def read_castep(text: str) -> Found:
    """Relaxed-ion stiffness of a CASTEP output, in the frame of its cell.

    The order is xx yy zz yz zx xy. The last table is taken; that of frozen ions only if there is no
    other, with the doubt `clamped_ion`.

    Raises
    ------
    InputError
        If there is no table, it is cut short, or its unit is unknown.
    """
    lines = text.splitlines()
    titles = [(i, match) for i, line in enumerate(lines) if (match := TITLE.search(line))]
    relaxed = [(i, match) for i, match in titles if "frozen" not in match.group().lower()]
    if not titles:
        raise InputError(
            "the CASTEP file has no table of elastic constants: it is not of a finished "
            "calculation of elastic constants"
        )
    start, match = (relaxed or titles)[-1]
    unit = next(group for group in match.groups() if group)
    factor = _TO_GPA.get(unit.strip().lower())
    if factor is None:
        raise InputError(f"the CASTEP file gives elastic constants in {unit}, expected GPa")
    doubts: tuple[tuple[str, str], ...] = ()
    if not relaxed:
        doubts = (
            (
                "clamped_ion",
                "the CASTEP file holds only the frozen-ion stiffness, which is too stiff where "
                "ions can relax",
            ),
        )
    return Found(
        np.asarray(table_after(lines, start) * factor), extra={"frame": "input"}, doubts=doubts
    )
