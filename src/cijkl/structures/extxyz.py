"""Extended XYZ, frame by frame; a bad frame does not lose the next."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import ISOTOPE_MASSES, element, not_periodic, one_line

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["extxyz_frames", "read_extxyz_frame"]

#: a frame with more atoms than this is not collected in memory
MAX_FRAME_ATOMS = 1_000_000
_LATTICE = re.compile(r"\blattice\s*=", re.IGNORECASE)
_PBC = re.compile(
    r"""\bpbc\s*=\s*["'{\[]?\s*([a-z01]+)[\s,]+([a-z01]+)[\s,]+([a-z01]+)""", re.IGNORECASE
)


def extxyz_frames(lines: Iterable[str]) -> Iterator[list[str]]:
    """Give the lines of each frame: count, comment, atoms.

    A frame ends where its count says or at the next line that is a count, whichever is first;
    lines that belong to no frame are given as a frame of their own, which then fails to read.
    """
    frame: list[str] = []
    left = 0
    stray: list[str] = []
    for raw in lines:
        line = raw.rstrip("\r\n")
        is_count = line.strip().isdecimal() and len(line.strip()) < 12
        if frame and (len(frame) == 1 or (left > 0 and not is_count)):
            frame.append(line)
            if len(frame) > 2:
                left -= 1
        elif is_count:
            if frame:
                yield frame
            if stray:
                yield stray
                stray = []
            frame, left = [line], min(int(line), MAX_FRAME_ATOMS)
        elif line.strip():
            if frame:
                yield frame
                frame = []
            if len(stray) < 3:
                stray.append(line)
    if frame:
        yield frame
    if stray:
        yield stray


def read_extxyz_frame(frame: list[str]) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the crystal of one frame, with ASE's ``info``, arrays and results kept.

    Raises
    ------
    InputError
        If the frame is truncated, has no cell, is not periodic, or holds unknown elements.
    """
    from ase.io.extxyz import read_xyz

    if not frame[0].strip().isdecimal() or len(frame) < 2:
        raise InputError(
            f"expected the number of atoms of a frame; found {one_line(repr(frame[0]), 60)}"
        )
    count, comment, rows = int(frame[0]), frame[1], frame[2:]
    if count == 0:
        raise InputError("there are no atoms")
    if len(rows) != count:
        raise InputError(f"the frame promises {count} atoms but has {len(rows)} lines of atoms")
    if not _LATTICE.search(comment):
        raise InputError(not_periodic(0) + ' (extxyz: Lattice="ax ay az bx ...")')
    flags = _PBC.search(comment)
    if flags:
        periodic = sum(flag[0] in "tT1" for flag in flags.groups())
        if periodic < 3:
            raise InputError(not_periodic(periodic))
    rows, masses = _isotopes(comment, rows)
    try:
        atoms = next(iter(read_xyz(io.StringIO("\n".join([frame[0], comment, *rows]) + "\n"), 0)))
    except Exception as error:
        raise InputError(f"the extxyz frame cannot be parsed: {one_line(error, 140)}") from None
    if not masses:
        return atoms, ()
    values = atoms.get_masses()
    for i, mass in masses.items():
        values[i] = mass
    atoms.set_masses(values)
    return atoms, (Diagnostic("isotopes", f"{len(masses)} D or T atoms are treated as hydrogen."),)


def _isotopes(comment: str, rows: list[str]) -> tuple[list[str], dict[int, float]]:
    """Check the species column, where it comes first, and put H for D and T."""
    declared = re.search(r"Properties\s*=\s*\"?(\w+)", comment)
    if declared and declared.group(1) != "species":
        return rows, {}
    masses: dict[int, float] = {}
    for i, row in enumerate(rows):
        symbol = row.split(maxsplit=1)[0] if row.strip() else ""
        if symbol in ISOTOPE_MASSES:
            masses[i] = ISOTOPE_MASSES[symbol]
            rows[i] = row.replace(symbol, "H", 1)
        elif not symbol.isdecimal():
            element(symbol)
    return rows, masses
