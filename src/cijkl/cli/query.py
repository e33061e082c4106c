"""`cijkl query`: what a store says."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cijkl.cli.options import Command, quiet_option, store_option
from cijkl.cli.output import say

if TYPE_CHECKING:
    from cijkl.screening import Answer, Store

__all__ = ["query"]

#: rows that a terminal shows
_ROWS = 100


def _file(name: str, text: str) -> Callable[[Command], Command]:
    """An option with the path of a file to write."""
    return click.option(f"--{name}", type=click.Path(path_type=Path), metavar="PATH", help=text)


@click.command()
@click.argument("sql", required=False, metavar="[SQL]")
@store_option("What `cijkl screen` made.")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="The first N by a column.")
@click.option("--by", metavar="NAME", help="A column of the view `screened`, such as E_max.")
@click.option("--least", is_flag=True, help="With --top: the smallest first.")
@click.option(
    "--unconventional-metals",
    is_flag=True,
    help="Cubic metals of one element that are stiffest along <100>.",
)
@_file("csv", "Write all rows as CSV.")
@_file("parquet", "Write all rows as Parquet.")
@_file("json", "Write all rows as JSON Lines.")
@_file("extxyz", "Write the crystals, with the columns of their rows.")
@_file("optimade", "Write the crystals as JSON Lines that an OPTIMADE server reads.")
@quiet_option
def query(
    sql: str | None,
    store: Path,
    top: int | None,
    by: str | None,
    least: bool,
    unconventional_metals: bool,
    quiet: bool,
    **files: Path | None,
) -> int:
    """Ask a store by SQL, for the first by a property, or for what it holds at all.

    SQL is that of DuckDB; `screened` has one row for each result, `crystals`, `results`,
    `failures`, `links` and `runs` are the tables. Nothing can be changed. Without a question, the
    store is summed up, or all of `screened` goes to the files.

    \b
    Example:
      cijkl query --store all.duckdb --top 10 --by E_max
    """
    from cijkl.screening import Store
    from cijkl.screening.export import export
    from cijkl.screening.queries import ask, question

    wanted = {kind: path for kind, path in files.items() if path is not None}
    nothing = sql is None and top is None and by is None and not unconventional_metals
    with Store(store) as opened:
        if nothing and not wanted:
            _sum_up(opened)
            return 0
        text = question(
            opened,
            "SELECT * FROM screened" if nothing else sql,
            top=top,
            by=by,
            least=least,
            unconventional_metals=unconventional_metals,
        )
        for kind, path in wanted.items():
            count = export(opened, text, path, kind)
            if not quiet:
                say(f"wrote {count} rows to {path}")
        if not wanted:
            _show(ask(opened, text, _ROWS + 1))
    return 0


def _show(answer: Answer) -> None:
    """A table on standard output, as wide as it needs to be where that is no terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, name in enumerate(answer.columns):
        numeric = any(isinstance(row[number], int | float) for row in answer.rows[:_ROWS])
        table.add_column(Text(name), justify="right" if numeric else "left")
    for row in answer.rows[:_ROWS]:
        table.add_row(*(Text(_shown(value)) for value in row))
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, soft_wrap=False).print(table)
    if len(answer) > _ROWS:
        say(f"only the first {_ROWS} rows are shown; --csv or --parquet write all")


def _shown(value: Any) -> str:
    """A value in few characters.

    >>> [_shown(value) for value in (None, 412.25678, True, (1.0, 0.0, -0.0), b"123")]
    ['', '412.3', 'true', '1 0 0', '3 bytes']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value + 0.0:.4g}"
    if isinstance(value, tuple | list):
        return " ".join(
            _shown(round(part, 4)) if isinstance(part, float) else str(part) for part in value
        )
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)


def _sum_up(store: Store) -> None:
    from cijkl.screening.queries import ask

    for name, number in store.counts().items():
        say(f"{number} {name}")
    _show(
        ask(
            store,
            "SELECT run, state, engine, begun::TIMESTAMP(0) AS begun, inputs, computed, failed, "
            "known, duplicates, dropped FROM runs ORDER BY run",
            _ROWS + 1,
        )
    )
