"""The argument `hkl` of the routes: results with the faces that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.structures import Crystal, Unreadable

__all__ = ["AskedFaces", "Hkl", "asked_faces", "with_faces"]

#: one face or several, as text or as three or four indices; "all" for the low-index ones
Hkl: TypeAlias = str | Sequence[str | Sequence[float]]


@dataclass(frozen=True)
class AskedFaces:
    """What was asked for.

    Parameters
    ----------
    chosen
        Faces by three or four indices.
    table
        Whether all low-index faces are wanted.
    """

    chosen: tuple[tuple[float, ...], ...] = ()
    table: bool = False

    def __bool__(self) -> bool:
        return bool(self.chosen) or self.table


def asked_faces(hkl: Hkl) -> AskedFaces:
    """Read the argument.

    Raises
    ------
    InputError
        Something that is no face.

    Examples
    --------
    >>> asked_faces(["1 0 0", (1, 0, -1, 1), "all"])
    AskedFaces(chosen=((1.0, 0.0, 0.0), (1.0, 0.0, -1.0, 1.0)), table=True)
    """
    from cijkl.structures.indices import parse_indices

    texts = [hkl] if isinstance(hkl, str) else list(hkl)
    words = [text if isinstance(text, str) else " ".join(map(str, text)) for text in texts]
    named = [word for word in words if word.strip().lower() != "all"]
    chosen = tuple(tuple(map(float, parse_indices(word, four=True))) for word in named)
    return AskedFaces(chosen, len(named) < len(words))


def with_faces(
    run: Callable[[Iterable[Crystal | Unreadable]], Iterator[Result]],
    items: Iterator[Crystal | Unreadable],
    wanted: AskedFaces,
    symprec: float,
) -> Iterator[Result]:
    """Results of a route, one for each crystal in order, with the faces of each.

    Parameters
    ----------
    run
        The route.
    items
        The crystals as given, to whose cells the indices refer.
    wanted
        What was asked for.
    symprec
        Tolerance of the symmetry search, A.
    """
    if not wanted:
        return run(items)
    asked, again = tee(items)
    return _each(run(asked), again, wanted, symprec)


def _each(
    results: Iterator[Result],
    crystals: Iterator[Crystal | Unreadable],
    wanted: AskedFaces,
    symprec: float,
) -> Iterator[Result]:
    from cijkl.faces import add_faces
    from cijkl.structures import Unreadable

    for result, item in zip(results, crystals, strict=False):
        if isinstance(item, Unreadable):
            yield result
        else:
            yield add_faces(
                result, wanted.chosen, given=item.atoms, table=wanted.table, symprec=symprec
            )
