"""Structures that the command line names: several paths, of which some may be unusable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.cli.output import complain
from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.structures import Crystal, Unreadable

__all__ = ["again", "crystals", "readable"]


def readable(paths: Iterable[str]) -> Iterator[Crystal | Unreadable] | None:
    """Crystals of all paths, see `crystals`; None, after complaints, if none can be read."""
    from cijkl.structures import Unreadable

    found = crystals(paths)
    unread: list[Crystal | Unreadable] = []
    for item in found:
        unread.append(item)
        if not isinstance(item, Unreadable):
            return chain(unread, found)
    for each in unread:
        if isinstance(each, Unreadable):
            complain(f"{each.source}: {each.error}")
    return None


def crystals(paths: Iterable[str]) -> Iterator[Crystal | Unreadable]:
    """Crystals of all paths, in order; a path that cannot be opened is one of them.

    Parameters
    ----------
    paths
        As for `cijkl.structures.read`, which gives up at once where a path does not exist; here
        the others go on.
    """
    from cijkl.structures import Unreadable, read
    from cijkl.structures.seen import Seen

    seen = Seen()
    for path in paths:
        found: Iterable[Crystal | Unreadable]
        try:
            found = read(path)
        except InputError as error:
            found = [Unreadable(Path(path).name, path, str(error).removeprefix(f"{path}: "))]
        for item in found:
            identifier, number = item.id, 1
            while not seen.add(identifier):
                number += 1
                identifier = f"{item.id}#{number}"
            yield item if identifier == item.id else replace(item, id=identifier)


def again(paths: tuple[str, ...]) -> Callable[[], Iterable[object]] | None:
    """Reads the inputs a second time; None where that would take them from the first or a server.

    What a server gave is kept, but the second reading would run ahead of the first.
    """
    from cijkl.structures.formats import is_address

    if any(map(is_address, paths)):
        return None
    places = [Path(path) for path in paths]
    if all(place.is_file() or place.is_dir() or not place.exists() for place in places):
        return lambda: crystals(paths)
    return None
