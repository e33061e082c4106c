"""`cijkl analyze`: everything that follows from a tensor in a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cijkl.cli.faces import hkl_option, wanted_faces
from cijkl.cli.options import Number, html_option, json_option, quiet_option, symprec_option
from cijkl.cli.output import Output, write_results
from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.record import Result

__all__ = ["analyze"]


@click.command()
@click.argument("tensor", metavar="TENSOR")
@click.option(
    "--structure",
    "-s",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Crystal that the tensor belongs to.",
)
@hkl_option
@click.option(
    "--uvw",
    multiple=True,
    metavar='"U V W"',
    help="Lattice direction along which to report; may be repeated.",
)
@click.option(
    "--frame",
    type=click.Choice(["input", "ieee"]),
    help="Frame of the tensor: the structure's Cartesian axes, or the IEEE standard.  "
    "[default: what the file says, or input]",
)
@click.option(
    "--density",
    type=Number(positive=True),
    metavar="RHO",
    help="g/cm^3, for sound velocities without a structure.",
)
@symprec_option
@json_option
@html_option
@quiet_option
def analyze(
    tensor: str,
    structure: Path | None,
    hkl: tuple[str, ...],
    uvw: tuple[str, ...],
    frame: str | None,
    density: float | None,
    symprec: float,
    json: str | None,
    html: Path | None,
    quiet: bool,
) -> int:
    """Everything that follows from an elastic tensor that you have.

    TENSOR is a file: 6x6 numbers in GPa (or the 21 of the upper triangle), JSON, VASP OUTCAR,
    CASTEP, thermo_pw or Materials Project; - is standard input.

    \b
    Example:
      cijkl analyze examples/quartz.txt -s examples/alpha-quartz.cif --hkl "1 0 0"
    """
    from cijkl.analysis import analyze_file
    from cijkl.asked_faces import asked_faces
    from cijkl.structures.indices import parse_indices

    if structure is not None and density is not None:
        raise InputError("give --structure or --density, not both: a structure has its own density")
    faces = asked_faces(wanted_faces(hkl, page=html is not None))
    directions = [parse_indices(text) for text in uvw]
    with _file(tensor) as path:
        results = analyze_file(
            path,
            _one_crystal(structure) if structure is not None else None,
            source="standard input" if tensor == "-" else tensor,
            hkl=list(faces.chosen),
            uvw=directions,
            frame=frame,
            density=density,
            symprec=symprec,
        )
    if faces.table:
        named = any(text.strip().lower() == "all" for text in hkl)
        results = _with_table(results, named, symprec)
    count = write_results(results, Output(json, html, quiet))
    if not count.done:
        return 2
    return 1 if count.failed else 0


def _with_table(results: Iterator[Result], named: bool, symprec: float) -> Iterator[Result]:
    """Results with the table of faces; a page is content without, who asks for it is not."""
    from cijkl.faces import add_faces

    for result in results:
        if named and result.ok and result.atoms is None:
            raise InputError("hkl indices need a crystal's cell: give the structure by --structure")
        yield add_faces(result, table=True, symprec=symprec)


@contextmanager
def _file(tensor: str) -> Iterator[Path]:
    """The path itself; for standard input a temporary file with what it holds."""
    if tensor != "-":
        yield Path(tensor)
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        path.write_bytes(sys.stdin.buffer.read())
        yield path


def _one_crystal(path: Path) -> Atoms:
    """The single crystal of a file."""
    from cijkl.structures import Unreadable, read

    found = list(read(path))
    if len(found) != 1:
        raise InputError(f"{path} holds {len(found)} crystals; one tensor belongs to one crystal")
    if isinstance(found[0], Unreadable):
        raise InputError(f"{path}: {found[0].error}")
    return found[0].atoms
