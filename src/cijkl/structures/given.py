"""Crystals from whatever a caller of the package has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any

from cijkl.structures.columns import columns
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.reading import read

__all__ = ["given"]


def given(structures: str | PathLike[str] | Iterable[Any]) -> Iterator[Crystal | Unreadable]:
    """Crystals of paths (see `read`), `ase.Atoms` or `Crystal` objects, one or many, in order.

    Parameters
    ----------
    structures
        Taken one by one, only as far as the crystals are asked for. Atoms are named by
        ``info["id"]``, or else by their number.

    Raises
    ------
    InputError
        As it goes, where a path does not exist.
    """
    from ase import Atoms

    if isinstance(structures, str | PathLike):
        yield from read(structures)
        return
    if isinstance(structures, Crystal | Unreadable | Atoms):
        structures = [structures]
    for index, item in enumerate(structures):
        if isinstance(item, Crystal | Unreadable):
            yield item
        elif isinstance(item, Atoms):
            name = str(item.info.get("id", index))
            yield Crystal(name, item, "ase.Atoms", columns=columns(item.info))
        else:
            yield from read(item)
