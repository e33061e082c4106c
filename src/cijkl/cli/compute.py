"""`cijkl compute`: relaxed structures and elastic tensors by an interatomic potential."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from cijkl.cli.faces import hkl_option, wanted_faces
from cijkl.cli.inputs import again, readable
from cijkl.cli.options import (
    CELL,
    METHOD,
    PRECISION,
    Number,
    html_option,
    hydrogens_option,
    json_option,
    quiet_option,
    structures_argument,
    symprec_option,
)
from cijkl.cli.output import Output, write_results
from cijkl.cli.progress import Progress

__all__ = ["compute"]


@click.command()
@structures_argument
@click.option(
    "--potential",
    "-p",
    default="auto",
    show_default=True,
    metavar="NAME",
    help="One of `cijkl potentials`; a sum as a+b. auto: by whether molecules make up the crystal.",
)
@click.option(
    "--cell",
    type=CELL,
    default="auto",
    show_default=True,
    help="Relax the cell, or keep it as given and relax the ions alone.",
)
@click.option(
    "--method",
    type=METHOD,
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
    "--temperature",
    type=Number(),
    metavar="T",
    help="K: the cell gets the volume that its vibrations give it; needs phonopy.",
)
@click.option(
    "--bulk",
    is_flag=True,
    help="Treat a layer in vacuum as any crystal, not within its plane only.",
)
@hydrogens_option
@hkl_option
@symprec_option
@click.option(
    "--precision",
    type=PRECISION,
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
    cell: Literal["auto", "relaxed", "given"],
    method: Literal["linear", "finite"],
    fmax: float,
    pressure: float,
    temperature: float | None,
    bulk: bool,
    hydrogens: Literal["refuse", "add", "keep"],
    hkl: tuple[str, ...],
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
    faces = wanted_faces(hkl, page=html is not None)
    found = readable(structures)
    if found is None:
        return 2
    from cijkl.response import compute as run

    progress = Progress(again(structures), quiet)
    results = run(
        found,
        potential=potential,
        cell=cell,
        method=method,
        fmax=fmax,
        pressure=pressure,
        temperature=temperature,
        bulk=bulk,
        hkl=faces,
        hydrogens=hydrogens,
        symprec=symprec,
        precision=precision,
        workers=workers,
        progress=progress.report,
    )
    count = write_results(progress.around(results), Output(json, html, quiet))
    return 1 if count.failed else 0
