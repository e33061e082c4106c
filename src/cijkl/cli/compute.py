"""`cijkl compute`: relaxed structures and elastic tensors by an interatomic potential."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cijkl.cli.output import Output, write_results
from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.potentials import Evaluation

__all__ = ["compute"]


class Method(StrEnum):
    """How the tensor is computed."""

    linear = "linear"
    finite = "finite"


def compute(
    structures: Annotated[
        list[Path],
        typer.Argument(
            help="CIF, POSCAR, extxyz, JSON, JSON Lines; folders and archives of these.",
            show_default=False,
        ),
    ],
    potential: Annotated[
        str | None,
        typer.Option("--potential", "-p", help="See `cijkl potentials`; sums as a+b."),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="Linear response, or finite strains as a check.")
    ] = Method.linear,
    fmax: Annotated[
        float, typer.Option(help="Largest force that the relaxation leaves, eV/A.")
    ] = 3e-4,
    pressure: Annotated[float, typer.Option(help="Pressure while relaxing, GPa.")] = 0.0,
    json: Annotated[
        str | None, typer.Option(metavar="PATH", help="Write the records; - for standard output.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the reports: a folder, or FILE.html.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No tables, no progress, no remarks.")
    ] = False,
) -> int:
    """Relax crystals and compute their elastic tensors with an interatomic potential."""
    from cijkl.response import DEFAULT_POTENTIAL
    from cijkl.response import compute as run_compute
    from cijkl.structures import Unreadable, read

    found = read(structures)
    first = next(found, None)
    rest = list(found) if isinstance(first, Unreadable) else found
    if isinstance(first, Unreadable) and all(isinstance(item, Unreadable) for item in rest):
        raise InputError(f"{first.id}: {first.error}")
    with _progress(quiet) as report:
        results = run_compute(
            (item for group in ([first], rest) for item in group),
            potential or DEFAULT_POTENTIAL,
            method=method.value,
            fmax=fmax,
            pressure=pressure,
            progress=report,
        )
        return write_results(results, Output(json, html, quiet))


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    """A line on standard error that follows the work; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        counts: dict[tuple[str, str], int] = {}

        def report(identifier: str, stage: str, evaluation: Evaluation, volume: float) -> None:
            counts[identifier, stage] = counts.get((identifier, stage), 0) + 1
            status.update(
                f"{identifier}: {stage} {counts[identifier, stage]}, "
                f"E = {evaluation.energy:.4f} eV, V = {volume:.2f} A^3"
            )

        yield report
