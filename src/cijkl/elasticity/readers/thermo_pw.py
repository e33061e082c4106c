"""Elastic tensor of thermo_pw, the driver of Quantum ESPRESSO."""

from __future__ import annotations

import re

from cijkl.elasticity.readers.found import Found, table_after
from cijkl.errors import InputError
from cijkl.units import KBAR_TO_GPA

__all__ = ["TITLE", "read_thermo_pw"]

TITLE = re.compile(r"Elastic constants C_ij \((?P<unit>[^()]*)\)", re.IGNORECASE)


def read_thermo_pw(text: str) -> Found:
    """Stiffness that thermo_pw printed last, in the frame of its cell.

    It prints kbar in the order xx yy zz yz xz xy. A run with `frozen_ions` carries the doubt
    `clamped_ion`.

    Raises
    ------
    InputError
        If there is no table, it is cut short, or it is not in kbar.
    """
    lines = text.splitlines()
    titles = [(i, match) for i, line in enumerate(lines) if (match := TITLE.search(line))]
    if not titles:
        raise InputError("the thermo_pw output has no table 'Elastic constants C_ij (kbar)'")
    start, match = titles[-1]
    unit = match.group("unit").strip()
    if unit.lower() != "kbar":
        raise InputError(f"thermo_pw's table is in {unit}, expected kbar")
    doubts: tuple[tuple[str, str], ...] = ()
    if any(line.strip() == "Frozen ions" for line in lines[max(0, start - 4) : start]):
        doubts = (
            (
                "clamped_ion",
                "thermo_pw kept the ions frozen: the stiffness is too high where ions can relax",
            ),
        )
    stiffness = table_after(lines, start, labels=1) * KBAR_TO_GPA
    return Found(stiffness, extra={"frame": "input"}, doubts=doubts)
