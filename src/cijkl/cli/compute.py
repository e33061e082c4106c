"""`cijkl compute`: relaxed structures and elastic tensors by an interatomic potential."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cijkl.cli.options import Number, html_option, json_option, quiet_option, symprec_option
from cijkl.cli.output import Output, complain, write_results
from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.potentials import Evaluation
    from cijkl.record import Result
    from cijkl.structures import Crystal, Unreadable

__all__ = ["compute"]


@click.command()
@click.argument("structures", nargs=-1, required=True, metavar="STRUCTURE...")
@click.option(
    "--potential",
    "-p",
    default="sevennet-l3i5",
    show_default=True,
    metavar="NAME",
    help="One of `cijkl potentials`; a sum as a+b.",
)
@click.option(
    "--method",
    type=click.Choice(["linear", "finite"]),
    default="linear",
    show_default=True,
    help="Linear response, or finite strains as an independent check.",
)
@click.option(
    "--fmax",
    type=Number(positive=True),
    default=3e-4,
    show_default=True,
    metavar="F",
    help="Largest force that the relaxation leaves, eV/A.",
)
@click.option(
    "--pressure",
    type=Number(),
    default=0.0,
    show_default=True,
    metavar="P",
    help="Hydrostatic pressure, GPa.",
)
@symprec_option
@json_option
@html_option
@quiet_option
def compute(
    structures: tuple[str, ...],
    potential: str,
    method: Literal["linear", "finite"],
    fmax: float,
    pressure: float,
    symprec: float,
    json: str | None,
    html: Path | None,
    quiet: bool,
) -> int:
    """Relax crystals and compute their elastic tensors with an interatomic potential.

    STRUCTURE is a CIF, POSCAR, extxyz, JSON or JSON Lines file, or a folder or archive of these.

    \b
    Example:
      cijkl compute examples/silicon.cif -p sevennet-0 --json silicon.jsonl
    """
    from cijkl.structures import Unreadable

    found = crystals(structures)
    unread: list[Unreadable] = []
    for item in found:
        if not isinstance(item, Unreadable):
            break
        unread.append(item)
    else:
        for each in unread:
            complain(f"{each.source}: {each.error}")
        return 2
    from cijkl.response import compute as run

    progress = _Progress(quiet)
    results = run(
        chain(unread, [item], found),
        potential,
        method=method,
        fmax=fmax,
        pressure=pressure,
        symprec=symprec,
        progress=progress.report,
    )
    count = write_results(progress.around(results), Output(json, html, quiet))
    return 1 if count.failed else 0


def crystals(paths: Iterable[str]) -> Iterator[Crystal | Unreadable]:
    """Crystals of all paths, in order; a path that cannot be opened is one of them.

    Parameters
    ----------
    paths
        As for `cijkl.structures.read`, which gives up at once where a path does not exist; here
        the others go on.
    """
    from cijkl.structures import Unreadable, read

    seen: set[str] = set()
    for path in paths:
        found: Iterable[Crystal | Unreadable]
        try:
            found = read(path)
        except InputError as error:
            found = [Unreadable(Path(path).name, path, str(error).removeprefix(f"{path}: "))]
        for item in found:
            identifier, number = item.id, 1
            while identifier in seen:
                number += 1
                identifier = f"{item.id}#{number}"
            seen.add(identifier)
            yield item if identifier == item.id else replace(item, id=identifier)


class _Progress:
    """A line on standard error that follows the work; nothing where nobody watches."""

    def __init__(self, quiet: bool) -> None:
        self.report: Callable[[str, str, Evaluation, float], None] | None = None
        if quiet or not sys.stderr.isatty():
            return
        from rich.console import Console

        self._status = Console(stderr=True).status("")
        self._counts: dict[tuple[str, str], int] = {}
        self.report = self._report

    def around(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results, with the line shown only while one is in the making."""
        while True:
            with nullcontext() if self.report is None else self._status:
                result = next(results, None)
            if result is None:
                return
            yield result

    def _report(self, identifier: str, stage: str, evaluation: Evaluation, volume: float) -> None:
        count = self._counts[identifier, stage] = self._counts.get((identifier, stage), 0) + 1
        from rich.text import Text

        self._status.update(
            Text(
                f"{identifier}: {stage} {count}, E = {evaluation.energy:.4f} eV, "
                f"V = {volume:.2f} A^3"
            )
        )
