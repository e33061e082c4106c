"""`cijkl potentials`: what there is, what is installed, what to use for what."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

__all__ = ["potentials"]


def potentials(
    json: Annotated[
        str | None, typer.Option(metavar="PATH", help="Write the list; - for standard output.")
    ] = None,
) -> int:
    """List the potentials: installed or not, licence, training data, use, how to install.

    Example:  cijkl potentials
    """
    from cijkl.potentials import catalogue

    entries = catalogue()
    if json is not None:
        from pathlib import Path

        from cijkl.report.jsonl import dumps

        text = "".join(dumps(asdict(entry)) + "\n" for entry in entries)
        if json == "-":
            sys.stdout.write(text)
        else:
            Path(json).write_text(text, encoding="utf-8")
        return 0
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for entry in entries:
        state = f"installed, {entry.version}" if entry.installed else "not installed"
        console.print(
            Text(entry.name, "bold"), Text(f"({state})", "green" if entry.installed else "dim")
        )
        facts = [
            ("use", entry.recommended_use),
            ("trained on", f"{entry.training_data} ({entry.functional})"),
            ("elements", entry.elements),
            ("licence", entry.licence),
            ("reference", entry.reference),
            ("options", entry.options),
            ("install", "" if entry.installed else entry.install_command),
        ]
        for label, text in facts:
            if text:
                console.print(Text(f"  {label:<11}{text}"), soft_wrap=False)
    return 0
