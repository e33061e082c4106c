"""What reading gives: a crystal, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cijkl.errors import Diagnostic

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Crystal", "Unreadable", "Value"]

#: what a column of a crystal may hold
Value = bool | int | float | str


@dataclass(frozen=True, eq=False)
class Crystal:
    """A crystal that was read and can be computed.

    Parameters
    ----------
    id
        Unique among the results of one call of `read`, and the same in the next call.
    atoms
        Periodic in three dimensions, right-handed cell, finite positions. Lengths in A.
    source
        Where it came from: path, member of an archive after ``!``, line after ``:``, frame or
        block after ``#``.
    diagnostics
        What reading had to change or found doubtful.
    columns
        What the source says about it besides the structure, such as a band gap; see
        `cijkl.structures.columns`.
    """

    id: str
    atoms: Atoms
    source: str
    diagnostics: tuple[Diagnostic, ...] = ()
    columns: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable:
    """An input that gave no crystal.

    Parameters
    ----------
    id
        Unique, like the id of a crystal.
    source
        Where it came from, as in `Crystal`.
    error
        The reason, in one line.
    """

    id: str
    source: str
    error: str
