"""Elastic tensor of a VASP OUTCAR (IBRION = 5 or 6 with ISIF = 3, or LEPSILON with IBRION = 8)."""

from __future__ import annotations

import numpy as np

from cijkl.elasticity.readers.found import Found, table_after
from cijkl.errors import InputError
from cijkl.units import KBAR_TO_GPA

__all__ = ["TITLE", "read_outcar"]

TITLE = "ELASTIC MODULI (kBar)"
_TOTAL = "TOTAL ELASTIC MODULI (kBar)"
_CLAMPED = "SYMMETRIZED ELASTIC MODULI (kBar)"
_ORDER = ("XX", "YY", "ZZ", "YZ", "ZX", "XY")


def read_outcar(text: str) -> Found:
    """Total (relaxed-ion) stiffness of an OUTCAR, in the frame of its POSCAR.

    VASP prints kbar in the order XX YY ZZ XY YZ ZX, which the table's own header tells. The last
    table of the file is taken. Without a total one, the clamped-ion stiffness is given with the
    doubt `clamped_ion`.

    Raises
    ------
    InputError
        If there is no table or it is cut short.
    """
    lines = text.splitlines()
    for title in (_TOTAL, _CLAMPED):
        found = [i for i, line in enumerate(lines) if line.strip() == title]
        if found:
            break
    else:
        raise InputError(
            f"the OUTCAR has no {_TOTAL!r}: it is not of a finished run with IBRION = 6, ISIF = 3"
        )
    start = found[-1]
    table = table_after(lines, start, labels=1)
    header = lines[start + 1].split()[1:]
    if sorted(header) != sorted(_ORDER):
        raise InputError(
            f"the OUTCAR's elastic table has the columns {' '.join(header)!r}, expected "
            "XX YY ZZ XY YZ ZX in some order"
        )
    order = [header.index(name) for name in _ORDER]
    doubts: tuple[tuple[str, str], ...] = ()
    if title == _CLAMPED:
        doubts = (
            (
                "clamped_ion",
                "the OUTCAR holds only the clamped-ion stiffness, which is too stiff where ions "
                "can relax: finish the run with ionic displacements (IBRION = 6)",
            ),
        )
    stiffness = table[np.ix_(order, order)] * KBAR_TO_GPA
    return Found(stiffness, extra={"frame": "input"}, doubts=doubts)
