"""`cijkl models`: the learned models, what they learned from and how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from cijkl.cli.options import list_option
from cijkl.cli.output import complain, json_stream

__all__ = ["models"]


@click.command()
@click.option(
    "--card",
    metavar="NAME",
    help="Print the card of these weights only, a model's or a potential's.",
)
@list_option
def models(card: str | None, json: str | None) -> int:
    """List the models: version, training data, licence, accuracy, scope and limits.

    \b
    Example:
      cijkl models
    """
    if card is not None:
        return _one(card, json)
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
        size = f"{entry.members} networks, {entry.megabytes:g} MB, sha256 {entry.sha256}"
        _print(entry.name, f"version {entry.version}, {entry.date}", asdict(entry), size)
    return 0


def _one(name: str, json: str | None) -> int:
    from cijkl.shipped import card_of

    weights = card_of(name)
    with json_stream(json) as stream:
        if stream is not None:
            from cijkl.report.jsonl import write_lines

            write_lines([{**weights.card, "kind": weights.kind, "sha256": weights.sha256}], stream)
            return 0
    remark = f"{weights.kind}, version {weights.version}, {weights.card['date']}"
    size = f"{weights.megabytes:g} MB, sha256 {weights.sha256}"
    _print(weights.name, remark, weights.card, size)
    return 0


def _print(name: str, remark: str, card: Mapping[str, Any], size: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    facts = (
        ("use", card["scope"]),
        ("limits", card["limits"]),
        ("trained on", card["data"]),
        ("licence", card["licence"]),
        ("reference", card["reference"]),
        ("size", size),
    )
    grid, measured = (Table.grid(padding=(0, 2, 0, 0)) for _ in range(2))
    for label, text in facts:
        if text:
            grid.add_row(f"  {label}", Text(text))
    for label, value in card["metrics"].items():
        measured.add_row(f"  {label}", f"{value:g}")
    console = Console()
    console.print(Text(name, "bold"), Text(f"({remark})", "dim"))
    console.print(grid)
    console.print(measured)
