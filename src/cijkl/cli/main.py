"""Entry point: assembles the verbs and turns every failure into one line and an exit code."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress

import click

from cijkl import __version__
from cijkl.cli.analyze import analyze
from cijkl.cli.compute import compute
from cijkl.cli.distill import distill
from cijkl.cli.evaluate import evaluate
from cijkl.cli.models import models
from cijkl.cli.output import complain
from cijkl.cli.potentials import potentials
from cijkl.cli.predict import predict
from cijkl.cli.query import query
from cijkl.cli.reproduce import reproduce
from cijkl.cli.screen import screen
from cijkl.cli.serve import serve
from cijkl.cli.train import train
from cijkl.errors import CijklError

__all__ = ["app", "main"]

#: exit codes of the contract, and the shell's own for Ctrl-C
SOME_FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130

#: set to anything to see the traceback of an unexpected error
DEBUG = "CIJKL_DEBUG"


def _print_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """The package's version, and the weights that come with it."""
    if not wanted or context.resilient_parsing:
        return
    from cijkl.shipped import shipped

    click.echo(f"cijkl {__version__}")
    for weights in shipped():
        click.echo(
            f"{weights.kind} {weights.name}, version {weights.version}, sha256 {weights.sha256}"
        )
    context.exit()


@click.group(
    name="cijkl",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and those of the weights that come with it, and exit.",
)
@click.pass_context
def app(context: click.Context) -> None:
    """The elastic tensor of any crystal, and everything that follows from it.

    \b
    Example:
      cijkl analyze examples/quartz.txt
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
        raise click.UsageError("no verb was given", context)


for verb in (
    analyze,
    predict,
    compute,
    screen,
    query,
    train,
    evaluate,
    distill,
    reproduce,
    serve,
    potentials,
    models,
):
    app.add_command(verb)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and give the exit code.

    Parameters
    ----------
    arguments
        Without the program's name; those of the process by default.
    """
    try:
        with warnings.catch_warnings():
            # what users should know is on the record; libraries' remarks on themselves are not
            if not sys.warnoptions:
                warnings.simplefilter("ignore")
            code = _run(sys.argv[1:] if arguments is None else arguments)
            sys.stdout.flush()
            return code
    except click.UsageError as error:
        program = error.ctx.command_path if error.ctx is not None else "cijkl"
        complain(f"{error.format_message().rstrip('.?')}; see `{program} --help`")
        return UNUSABLE
    except click.ClickException as error:
        complain(error.format_message())
        return UNUSABLE
    except CijklError as error:
        complain(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        complain("interrupted; what was finished is written")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return SOME_FAILED
    except OSError as error:
        complain(f"{error.filename or 'cannot read or write'}: {error.strerror or error}")
        return UNUSABLE
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        complain(
            f"unexpected {type(error).__name__}: {error}. This is a defect; please report it with "
            f"what {DEBUG}=1 shows."
        )
        return SOME_FAILED


def _run(arguments: list[str]) -> int:
    try:
        with app.make_context("cijkl", list(arguments)) as context:
            return int(app.invoke(context) or 0)
    except click.exceptions.Exit as finished:
        return finished.exit_code


def _drop_output() -> None:
    """Let what is still buffered go nowhere: the reader of standard output has left."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
