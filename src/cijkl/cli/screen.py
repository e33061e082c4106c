"""`cijkl screen`: a whole database through prediction or calculation into one store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cijkl.cli.inputs import again, readable
from cijkl.cli.options import (
    CELL,
    METHOD,
    PRECISION,
    Number,
    json_option,
    quiet_option,
    store_option,
    structures_argument,
)
from cijkl.cli.output import complain, json_stream, say

if TYPE_CHECKING:
    from cijkl.screening import Summary

__all__ = ["screen"]

#: options of one engine, which the other does not have
_OF_PREDICT = ("model",)
_OF_COMPUTE = ("potential", "cell", "method", "fmax", "pressure", "bulk", "precision")
#: failures that are reported one by one
_SHOWN = 10


class Memory(click.ParamType[int]):
    """An amount of memory such as ``2GB``."""

    name = "memory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes, or a usage error."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kMGT]?)i?B?", str(value).strip())
        if match is None or float(match.group(1)) <= 0.0:
            self.fail(f"{value!r} is no amount of memory such as 2GB", param)
        return int(float(match.group(1)) * 1000.0 ** "kMGT".find(match.group(2) or "-") * 1000.0)


@click.command()
@structures_argument
@store_option("Where results go; what it holds already is not done again.")
@click.option(
    "--engine",
    "-e",
    type=click.Choice(["predict", "compute"]),
    default="predict",
    show_default=True,
    help="The learned model, or an interatomic potential.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="EXPR",
    help="Only crystals that meet this condition in SQL; may be repeated.",
)
@click.option(
    "--set", "sets", multiple=True, metavar="NAME", help="Only crystals of a ready-made set."
)
@click.option(
    "--keep",
    multiple=True,
    metavar="EXPR",
    help="Keep only results that meet this condition; may be repeated.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write pages with statistics of the results, and of every crystal.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many crystals.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes on this machine.  [default: one for each processor]",
)
@click.option(
    "--memory", type=Memory(), metavar="SIZE", help="Limit of each of these processes, as 2GB."
)
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask cluster, as tcp://host:8786.")
@click.option(
    "--slurm",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML file with the options of jobs for SLURM.",
)
@click.option("--retry-failed", is_flag=True, help="Try again what failed before.")
@click.option("--model", "-m", metavar="NAME", help="For predict: as `cijkl predict`.")
@click.option("--potential", "-p", metavar="NAME", help="For compute, as all that follow.")
@click.option("--cell", type=CELL)
@click.option("--method", type=METHOD)
@click.option("--fmax", type=Number(positive=True), metavar="F")
@click.option("--pressure", type=Number(), metavar="P")
@click.option("--bulk", is_flag=True, default=None)
@click.option("--precision", type=PRECISION)
@click.option(
    "--symprec", type=Number(positive=True), metavar="A", help="Tolerance of the symmetry search."
)
@click.option(
    "--hydrogens",
    type=click.Choice(["refuse", "add", "keep"]),
    help="Of molecular crystals that lack hydrogen, as for the engine.",
)
@json_option
@quiet_option
def screen(
    structures: tuple[str, ...],
    store: Path,
    engine: str,
    where: tuple[str, ...],
    sets: tuple[str, ...],
    keep: tuple[str, ...],
    report: Path | None,
    limit: int | None,
    workers: int | None,
    memory: int | None,
    scheduler: str | None,
    slurm: Path | None,
    retry_failed: bool,
    json: str | None,
    quiet: bool,
    **settings: Any,
) -> int:
    """Screen a database: predict or compute any number of crystals into one store.

    STRUCTURE is what the other verbs take, or an address such as optimade:mp. Crystals are read as
    they are needed. Ctrl-C ends a run in good order, and the same command goes on from there.

    \b
    Example:
      cijkl screen examples/silicon.cif examples/corundum.cif --store all.duckdb
    """
    given = {name: value for name, value in settings.items() if value is not None}
    _refuse_foreign(engine, given)
    conditions = [*where, *map(_set, sets)]
    found = readable(structures)
    if found is None:
        return 2
    from cijkl.cli.screen_progress import ScreenProgress
    from cijkl.screening import screen as run

    with ExitStack() as stack:
        stream = stack.enter_context(json_stream(json))
        progress = stack.enter_context(
            ScreenProgress(None if conditions else _again(structures), limit, quiet)
        )
        summary = run(
            found,
            store,
            engine=engine,
            where=conditions,
            keep=keep,
            limit=limit,
            workers=workers,
            memory=memory,
            scheduler=scheduler,
            slurm=slurm,
            retry_failed=retry_failed,
            report=progress,
            each=None if stream is None else _writer(stream),
            **given,
        )
    _tell_failures(store, summary)
    if not quiet:
        _tell(store, summary, json == "-")
    if summary.interrupted:
        complain("stopped; what was finished is in the store: the same command goes on from there")
        return 0
    if report is not None:
        _write_report(store, report, quiet)
    return 1 if summary.counts.failed else 0


def _refuse_foreign(engine: str, given: dict[str, Any]) -> None:
    foreign = _OF_COMPUTE if engine == "predict" else _OF_PREDICT
    other = "compute" if engine == "predict" else "predict"
    for name in foreign:
        if name in given:
            raise click.UsageError(f"--{name} is for --engine {other}", click.get_current_context())


def _set(name: str) -> str:
    from cijkl.screening.sets import SETS

    if name.strip().lower() not in SETS:
        raise click.UsageError(
            f"there is no set {name!r}; there are {', '.join(SETS)}", click.get_current_context()
        )
    return name


def _again(paths: tuple[str, ...]) -> Callable[[], Iterable[object]] | None:
    """Reads the inputs a second time, where they are files: a server is not asked twice."""
    if all(Path(path).exists() for path in paths):
        return again(paths)
    return None


def _writer(stream: Any) -> Callable[[dict[str, Any]], None]:
    from cijkl.report.jsonl import write_lines

    def write(record: dict[str, Any]) -> None:
        write_lines([record], stream)

    return write


def _tell_failures(store: Path, summary: Summary) -> None:
    """The first failures of the run, one line each."""
    if not summary.counts.failed:
        return
    from cijkl.screening import query

    found = query(
        store,
        f"SELECT source, id, reason FROM failures WHERE run = {summary.run} ORDER BY id "
        f"LIMIT {_SHOWN}",
    )
    for row in found:
        complain(f"{row['source']} ({row['id']}): {row['reason']}")
    if (more := summary.counts.failed - len(found)) > 0:
        complain(f'and {more} more: cijkl query --store {store} "SELECT * FROM failures"')


def _write_report(store: Path, folder: Path, quiet: bool) -> None:
    """Pages of all results of this engine, also of those that were known already."""
    from cijkl.errors import InputError
    from cijkl.screening.statistics_page import write_report

    try:
        index = write_report(store, folder)
    except InputError as error:
        complain(f"no report: {error}")
        return
    if not quiet:
        say(f"statistics in {index}")


def _tell(store: Path, summary: Summary, aside: bool) -> None:
    """What was done, on standard output unless that is taken."""
    for remark in summary.remarks:
        complain(remark)
    words = {
        "computed": "computed",
        "dropped": "did not meet --keep",
        "failed": "failed",
        "duplicates": "duplicates",
        "known": "known already",
    }
    counts = vars(summary.counts)
    parts = [f"{counts[name]} {word}" for name, word in words.items() if counts[name]]
    line = f"{counts['inputs']} crystals: {', '.join(parts) or 'nothing to do'}; in {store}"
    (say if aside else print)(line)
