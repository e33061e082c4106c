"""Entry point: assembles the verbs and turns every failure into one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import click
import typer

from cijkl.cli.analyze import analyze
from cijkl.cli.compute import compute
from cijkl.cli.potentials import potentials
from cijkl.errors import CijklError

__all__ = ["app", "main"]

#: exit codes of the contract
SOME_FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="cijkl",
    help="The elastic tensor of any crystal, and everything that follows from it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(no_args_is_help=True)(analyze)
app.command(no_args_is_help=True)(compute)
app.command()(potentials)


def _version(wanted: bool) -> None:
    if wanted:
        from cijkl import __version__

        typer.echo(f"cijkl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """The elastic tensor of any crystal, and everything that follows from it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code.

    Parameters
    ----------
    arguments
        Without the program's name; those of the process by default.
    """
    try:
        code = app(arguments, standalone_mode=False)
    except click.ClickException as error:
        _complain(error.format_message())
        return UNUSABLE
    except CijklError as error:
        _complain(str(error))
        return UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted; what was finished is written")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of standard output has gone; nothing is left to say, and nobody to say it to
        sys.stderr.close()
        return SOME_FAILED
    except OSError as error:
        _complain(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
        return UNUSABLE
    return int(code or 0)


def _complain(message: str) -> None:
    print(f"cijkl: {' '.join(message.split())}", file=sys.stderr)
