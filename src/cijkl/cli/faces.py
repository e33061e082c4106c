"""The option `--hkl` of the verbs that give records."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cijkl.cli.options import Command

__all__ = ["hkl_option", "wanted_faces"]


def hkl_option(command: Command) -> Command:
    """``--hkl "H K L"``."""
    return click.option(
        "--hkl",
        multiple=True,
        metavar='"H K L"',
        help="Face to report on, of the cell as given, also as H K I L; all for a table of "
        "low-index faces; may be repeated.",
    )(command)


def wanted_faces(texts: Sequence[str], *, page: bool) -> list[str]:
    """What the routes are asked for; a page has the table of all low-index faces.

    Raises
    ------
    InputError
        A text that is no face.
    """
    from cijkl.asked_faces import asked_faces

    asked_faces(texts)
    return [*texts, *(["all"] if page else [])]
