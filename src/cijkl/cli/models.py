"""`cijkl models`: the learned models, what they learned from and how good they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cijkl.cli.output import complain, json_stream

if TYPE_CHECKING:
    from cijkl.models import ModelInfo

__all__ = ["models"]


@click.command()
@click.option("--json", metavar="PATH", help="Write the list as JSON Lines; - for standard output.")
def models(json: str | None) -> int:
    """List the models: version, training data, licence, accuracy, scope and limits.

    \b
    Example:
      cijkl models
    """
    from cijkl.models import catalogue

    entries = catalogue()
    with json_stream(json) as stream:
        if stream is not None:
            from cijkl.report.jsonl import write_lines

            write_lines((asdict(entry) for entry in entries), stream)
            return 0
    if not entries:
        complain("no model comes with this installation; `--model` takes the path of your own")
    for entry in entries:
        _print(entry)
    return 0


def _print(entry: ModelInfo) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    facts = (
        ("use", entry.scope),
        ("limits", entry.limits),
        ("trained on", entry.data),
        ("licence", entry.licence),
        ("reference", entry.reference),
        ("size", f"{entry.members} networks, {entry.megabytes:g} MB"),
        *((name, f"{value:g}") for name, value in entry.metrics.items()),
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    for label, text in facts:
        if text:
            grid.add_row(f"  {label}", Text(text))
    console = Console()
    console.print(Text(entry.name, "bold"), Text(f"(version {entry.version}, {entry.date})", "dim"))
    console.print(grid)
