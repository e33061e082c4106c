"""`cijkl potentials`: what there is, what is installed, what to use for what."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cijkl.cli.options import list_option
from cijkl.cli.output import json_stream

if TYPE_CHECKING:
    from cijkl.potentials.catalogue import PotentialInfo

__all__ = ["potentials"]


@click.command()
@list_option
def potentials(json: str | None) -> int:
    """List the potentials: installed or not, licence, training data, use, how to install.

    \b
    Example:
      cijkl potentials
    """
    from cijkl.potentials import catalogue

    entries = catalogue()
    with json_stream(json) as stream:
        if stream is not None:
            from cijkl.report.jsonl import write_lines

            write_lines((asdict(entry) for entry in entries), stream)
            return 0
    for entry in entries:
        _print(entry)
    return 0


def _print(entry: PotentialInfo) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    state = f"installed, {entry.version or 'version unknown'}"
    facts = (
        ("use", entry.recommended_use),
        ("trained on", f"{entry.training_data} ({entry.functional})"),
        ("elements", entry.elements),
        ("licence", entry.licence),
        ("reference", entry.reference),
        ("options", entry.options),
        ("install", "" if entry.installed else entry.install_command),
    )
    grid = Table.grid(padding=(0, 2, 0, 0))
    for label, text in facts:
        if text:
            grid.add_row(f"  {label}", Text(text))
    console = Console()
    console.print(
        Text(entry.name, "bold"),
        Text(f"({state if entry.installed else 'not installed'})", "dim"),
    )
    console.print(grid)
