"""The option `--hkl` of the verbs that give records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.structures import Crystal, Unreadable

__all__ = ["Faces", "hkl_option", "with_faces"]

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Faces:
    """What `--hkl` asked for.

    Parameters
    ----------
    chosen
        Faces by three or four indices.
    all
        Whether all low-index faces were asked for.
    table
        Whether the record gets them, which pages show too.
    """

    chosen: list[tuple[float, ...]]
    all: bool
    table: bool

    @classmethod
    def parse(cls, texts: Sequence[str], *, page: bool = False) -> Faces:
        """From the texts of the option.

        Parameters
        ----------
        page
            Whether pages are written.

        Raises
        ------
        InputError
            A text that is no face.
        """
        from cijkl.structures.indices import parse_indices

        named = [text for text in texts if text.strip().lower() != "all"]
        everything = len(named) < len(texts)
        chosen = [parse_indices(text, four=True) for text in named]
        return cls(chosen, everything, everything or page)


def hkl_option(command: Command) -> Command:
    """``--hkl "H K L"``."""
    return click.option(
        "--hkl",
        multiple=True,
        metavar='"H K L"',
        help="Face to report on, of the cell as given, also as H K I L; all for a table of "
        "low-index faces; may be repeated.",
    )(command)


def with_faces(
    run: Callable[[Iterable[Crystal | Unreadable]], Iterator[Result]],
    found: Iterator[Crystal | Unreadable],
    wanted: Faces,
    symprec: float,
) -> Iterator[Result]:
    """Results of a route, one for each crystal in order, with the faces of each.

    Parameters
    ----------
    run
        The route.
    found
        The crystals as given, to whose cells the indices refer.
    wanted
        What was asked for.
    symprec
        Tolerance of the symmetry search, A.
    """
    if not wanted.chosen and not wanted.table:
        return run(found)
    asked, again = tee(found)
    return _each(run(asked), again, wanted, symprec)


def _each(
    results: Iterator[Result],
    crystals: Iterator[Crystal | Unreadable],
    wanted: Faces,
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
