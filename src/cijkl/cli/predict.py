"""`cijkl predict`: elastic tensors by a learned model, in milliseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from cijkl.cli.faces import hkl_option, wanted_faces
from cijkl.cli.inputs import again, readable
from cijkl.cli.options import (
    html_option,
    hydrogens_option,
    json_option,
    quiet_option,
    structures_argument,
    symprec_option,
)
from cijkl.cli.output import Output, write_results
from cijkl.cli.progress import Progress

__all__ = ["predict"]


@click.command()
@structures_argument
@click.option(
    "--model",
    "-m",
    default="cijkl-1",
    show_default=True,
    metavar="NAME",
    help="One of `cijkl models`, or the path of your own weights.",
)
@hydrogens_option
@hkl_option
@symprec_option
@json_option
@html_option
@quiet_option
def predict(
    structures: tuple[str, ...],
    model: str,
    hydrogens: Literal["refuse", "add", "keep"],
    hkl: tuple[str, ...],
    symprec: float,
    json: str | None,
    html: Path | None,
    quiet: bool,
) -> int:
    """Predict elastic tensors of crystals with a learned model, without relaxing them.

    STRUCTURE is a CIF, POSCAR, extxyz, JSON or JSON Lines file, or a folder or archive of these.

    \b
    Example:
      cijkl predict examples/corundum.cif --json corundum.jsonl
    """
    faces = wanted_faces(hkl, page=html is not None)
    found = readable(structures)
    if found is None:
        return 2
    from cijkl.models import predict as run

    answers = run(found, model, symprec=symprec, hkl=faces, hydrogens=hydrogens)
    results = Progress(again(structures), quiet).around(answers)
    return 1 if write_results(results, Output(json, html, quiet)).failed else 0
