"""`cijkl compute`: relaxed structures and elastic tensors by an interatomic potential."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cijkl.cli.options import Number, html_option, json_option, quiet_option, symprec_option
from cijkl.cli.output import Output, complain, write_results
from cijkl.cli.progress import Progress
from cijkl.errors import InputError

if TYPE_CHECKING:
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
@click.option(
    "--bulk",
    is_flag=True,
    help="Treat a layer in vacuum as any crystal, not within its plane only.",
)
@symprec_option
@click.option(
    "--precision",
    type=click.Choice(["single", "double"]),
    default="single",
    show_default=True,
    help="Of the numbers inside the potential.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that share the crystals.  [default: as the work and the machine suggest]",
)
@json_option
@html_option
@quiet_option
def compute(
    structures: tuple[str, ...],
    potential: str,
    method: Literal["linear", "finite"],
    fmax: float,
    pressure: float,
    bulk: bool,
    symprec: float,
    precision: Literal["single", "double"],
    workers: int | None,
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

    progress = Progress(_again(structures), quiet)
    results = run(
        chain(unread, [item], found),
        potential,
        method=method,
        fmax=fmax,
        pressure=pressure,
        bulk=bulk,
        symprec=symprec,
        precision=precision,
        workers=workers,
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


def _again(paths: tuple[str, ...]) -> Callable[[], Iterable[object]] | None:
    """Reads the inputs a second time; None where that would take them from the first."""
    places = [Path(path) for path in paths]
    if all(place.is_file() or place.is_dir() or not place.exists() for place in places):
        return lambda: crystals(paths)
    return None
