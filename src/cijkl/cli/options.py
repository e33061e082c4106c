"""Options that several verbs share, and the types of their values."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "Number",
    "html_option",
    "hydrogens_option",
    "json_option",
    "quiet_option",
    "symprec_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])


class Number(click.ParamType[float]):
    """A finite number, positive if so wanted."""

    name = "number"

    def __init__(self, *, positive: bool = False) -> None:
        self.positive = positive

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or a usage error."""
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (self.positive and number <= 0.0):
            self.fail(f"{value!r} is no {'positive' if self.positive else 'finite'} number", param)
        return number


def json_option(command: Command) -> Command:
    """``--json PATH``."""
    return click.option(
        "--json", metavar="PATH", help="Write the records as JSON Lines; - for standard output."
    )(command)


def html_option(command: Command) -> Command:
    """``--html PATH``."""
    return click.option(
        "--html",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Write report pages: into a folder, or a single FILE.html.",
    )(command)


def quiet_option(command: Command) -> Command:
    """``--quiet``, which silences the package's loggers too, but for errors."""
    return click.option(
        "--quiet",
        "-q",
        is_flag=True,
        callback=_silence,
        help="No tables, no progress, no remarks; errors only.",
    )(command)


def _silence(context: click.Context, _: click.Parameter, quiet: bool) -> bool:
    """Until the verb ends: sources tell of slow servers by a logger."""
    if quiet:
        logger = logging.getLogger("cijkl")
        context.call_on_close(partial(logger.setLevel, logger.level))
        logger.setLevel(logging.ERROR)
    return quiet


def symprec_option(command: Command) -> Command:
    """``--symprec A``."""
    return click.option(
        "--symprec",
        type=Number(positive=True),
        default=1e-2,
        show_default=True,
        metavar="A",
        help="Tolerance of the symmetry search, A.",
    )(command)


def hydrogens_option(command: Command) -> Command:
    """``--hydrogens HOW``."""
    return click.option(
        "--hydrogens",
        type=click.Choice(["refuse", "add", "keep"]),
        default="refuse",
        show_default=True,
        help="What to do with a molecular crystal that lacks hydrogen atoms.",
    )(command)
