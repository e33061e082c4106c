"""`cijkl analyze`: everything that follows from a tensor in a file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cijkl.cli.output import Output, write_results
from cijkl.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["analyze", "parse_indices"]

_EXAMPLE = "Example:  cijkl analyze examples/quartz.txt --structure examples/alpha-quartz.cif"


class Frame(StrEnum):
    """Frame of a tensor."""

    input = "input"
    ieee = "ieee"


def analyze(
    tensor: Annotated[
        str,
        typer.Argument(
            help="File with the tensor: 6x6 numbers in GPa, JSON, VASP OUTCAR, CASTEP, thermo_pw, "
            "Materials Project; - for standard input.",
            show_default=False,
        ),
    ],
    structure: Annotated[
        Path | None, typer.Option("--structure", "-s", help="Crystal that the tensor belongs to.")
    ] = None,
    hkl: Annotated[
        list[str] | None,
        typer.Option(help='Face whose normal to report, such as "1 0 0"; may be repeated.'),
    ] = None,
    uvw: Annotated[
        list[str] | None,
        typer.Option(help='Lattice direction to report, such as "1 1 0"; may be repeated.'),
    ] = None,
    frame: Annotated[
        Frame | None,
        typer.Option(help="Frame of the tensor: the structure's Cartesian axes, or IEEE."),
    ] = None,
    density: Annotated[
        float | None, typer.Option(help="g/cm^3, for sound velocities without a structure.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="PATH", help="Write the record; - for standard output.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write the report: a folder, or FILE.html.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No table, no remarks.")] = False,
) -> int:
    """Everything that follows from an elastic tensor that you have."""
    import sys

    from cijkl.analysis import analyze_file

    source = sys.stdin.read() if tensor == "-" else tensor
    if tensor == "-" and not source.strip():
        raise InputError("standard input holds no tensor")
    results = analyze_file(
        source if tensor == "-" else Path(tensor),
        _one_crystal(structure) if structure is not None else None,
        hkl=[parse_indices(text) for text in hkl or ()],
        uvw=[parse_indices(text) for text in uvw or ()],
        frame=frame.value if frame is not None else None,
        density=density,
    )
    return write_results(results, Output(json, html, quiet))


analyze.__doc__ = f"{analyze.__doc__}\n\n{_EXAMPLE}"


def parse_indices(text: str) -> tuple[float, float, float]:
    """Three indices from text: "1 0 0", "1,0,0", "[1-10]", "(100)".

    >>> parse_indices("(1 0 -1)"), parse_indices("1-10")
    ((1.0, 0.0, -1.0), (1.0, -1.0, 0.0))

    Raises
    ------
    InputError
        Not three numbers, or all of them zero.
    """
    import re

    inner = text.strip().strip("()[]{}<>")
    numbers = re.findall(r"[+-]?\d+(?:\.\d+)?", inner)
    if len(numbers) != 3 and re.fullmatch(r"(-?\d){3}", inner):
        numbers = re.findall(r"-?\d", inner)
    leftover = re.sub(r"[+-]?\d+(?:\.\d+)?|[\s,;]", "", inner)
    if len(numbers) != 3 or leftover or not any(float(n) for n in numbers):
        raise InputError(
            f'indices {text!r} are not three numbers, not all zero; write them as "1 0 0"'
        )
    first, second, third = (float(n) for n in numbers)
    return first, second, third


def _one_crystal(path: Path) -> Atoms:
    """The single crystal of a file."""
    from cijkl.structures import Unreadable, read

    found = list(read(path))
    if len(found) != 1:
        raise InputError(f"{path} holds {len(found)} crystals; one tensor belongs to one crystal")
    if isinstance(found[0], Unreadable):
        raise InputError(f"{path}: {found[0].error}")
    return found[0].atoms
