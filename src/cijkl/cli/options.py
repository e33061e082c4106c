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
    "CELL",
    "METHOD",
    "PRECISION",
    "Command",
    "Number",
    "html_option",
    "hydrogens_option",
    "json_option",
    "list_option",
    "numbers_option",
    "quiet_option",
    "run_option",
    "store_option",
    "structures_argument",
    "symprec_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])

#: what `compute` and `screen` may be told of a potential's work
CELL = click.Choice(["auto", "relaxed", "given"])
METHOD = click.Choice(["linear", "finite"])
PRECISION = click.Choice(["single", "double"])


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


def structures_argument(command: Command) -> Command:
    """``STRUCTURE...``, one at least."""
    return click.argument("structures", nargs=-1, required=True, metavar="STRUCTURE...")(command)


def json_option(command: Command) -> Command:
    """``--json PATH`` of a verb that gives records."""
    return _json("Write the records as JSON Lines; - for standard output.")(command)


def list_option(command: Command) -> Command:
    """``--json PATH`` of a verb that lists what there is."""
    return _json("Write the list as JSON Lines; - for standard output.")(command)


def numbers_option(command: Command) -> Command:
    """``--json PATH`` of a verb that compares."""
    return _json("Write all numbers as JSON; - for standard output.")(command)


def _json(text: str) -> Callable[[Command], Command]:
    return click.option("--json", metavar="PATH", help=text)


def store_option(text: str) -> Callable[[Command], Command]:
    """``--store FILE``, without which the verb does nothing."""
    path = click.Path(path_type=Path)
    return click.option("--store", "-s", type=path, required=True, metavar="FILE", help=text)


def run_option(text: str) -> Callable[[Command], Command]:
    """``--out RUN``, the folder of a training."""
    path = click.Path(path_type=Path, file_okay=False)
    return click.option("--out", type=path, required=True, metavar="RUN", help=text)


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
