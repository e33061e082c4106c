"""`cijkl reproduce`: tables and figures of papers, made again."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cijkl.cli.options import numbers_option, quiet_option
from cijkl.cli.output import complain, json_stream, say
from cijkl.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    from cijkl.reproduction import Outcome
    from cijkl.screening.counts import Counts

__all__ = ["reproduce"]

_PNG = (
    "--png needs kaleido and Chromium or Chrome: pip install kaleido, and install the browser or "
    "run kaleido_get_chrome; --html needs neither"
)
_FILE = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("name", metavar="NAME", required=False)
@click.option("--list", "listed", is_flag=True, help="List tables and figures with their status.")
@click.option("--data", type=_FILE, metavar="PATH", help="Data of the paper: a file or folder.")
@click.option("--structures", "-s", type=_FILE, metavar="PATH", help="Crystals of the compounds.")
@click.option(
    "--potential", "-p", multiple=True, metavar="NAME", help="A column computed by a potential."
)
@click.option(
    "--model", "-m", multiple=True, metavar="NAME", help="A column predicted by a learned model."
)
@click.option(
    "--results",
    multiple=True,
    metavar="[LABEL=]FILE",
    help="A column of records that `cijkl compute --json` wrote.",
)
@click.option("--map", "mapping", type=_FILE, metavar="FILE", help="CSV of compound and id.")
@click.option("--printed", type=_FILE, metavar="FILE", help="CSV of the numbers printed.")
@click.option("--tensors", type=_FILE, metavar="FILE", help="Crystals with tensors.")
@click.option("--store", type=_FILE, metavar="FILE", help="Results of `cijkl screen`.")
@click.option("--out", type=_FOLDER, metavar="RUN", help="Folder that keeps what is trained.")
@click.option("--epochs", type=click.IntRange(min=1), metavar="N", help="Of a training.")
@click.option(
    "--split",
    type=click.Choice(["formula", "random"]),
    default="formula",
    show_default=True,
    help="How crystals are parted into those to learn from and those to judge by.",
)
@numbers_option
@click.option("--html", type=_FOLDER, metavar="DIR", help="Folder for a page NAME.html.")
@click.option("--png", type=_FOLDER, metavar="DIR", help="Folder for figures NAME-FIGURE.png.")
@quiet_option
def reproduce(
    name: str | None,
    listed: bool,
    data: Path | None,
    structures: Path | None,
    potential: tuple[str, ...],
    model: tuple[str, ...],
    results: tuple[str, ...],
    mapping: Path | None,
    printed: Path | None,
    tensors: Path | None,
    store: Path | None,
    out: Path | None,
    epochs: int | None,
    split: Literal["formula", "random"],
    json: str | None,
    html: Path | None,
    png: Path | None,
    quiet: bool,
) -> int:
    """Make a table or figure of a paper again and set it beside the print.

    \b
    Example:
      cijkl reproduce --list
    """
    if listed == (name is not None):
        raise InputError("give the name of a table or figure, or --list for all of them")
    if name is None:
        return _list(json)
    if png is not None and find_spec("kaleido") is None:
        raise MissingPackageError(_PNG)
    from cijkl.cli.progress import Progress
    from cijkl.reproduction import Request
    from cijkl.reproduction import reproduce as again

    left_out: list[str] = []

    def report(message: str) -> None:
        left_out.append(message)
        complain(message)

    request = Request(
        data=data,
        structures=structures,
        results=_labelled(results),
        potentials=potential,
        models=model,
        mapping=mapping,
        printed=printed,
        tensors=tensors,
        store=store,
        out=out,
        epochs=epochs,
        split=split,
        quiet=quiet,
        report=report,
        follow=Progress(None, quiet).around,
    )
    with json_stream(json) as stream:
        with _screening(quiet) as counted:
            outcome = again(name, replace(request, counted=counted))
        if stream is not None:
            stream.write(json_module.dumps(outcome.as_dict(), allow_nan=False) + "\n")
    if json != "-" and not quiet:
        from cijkl.reproduction.showing import print_outcome

        print_outcome(outcome)
    written = [*_pages(outcome, html), *_pictures(outcome, png)]
    if written and not quiet:
        say(f"wrote {', '.join(map(str, written))}")
    return 1 if left_out else 0


@contextmanager
def _screening(quiet: bool) -> Iterator[Callable[[Counts], None]]:
    """Progress of a screening, which shows once there is one."""
    from cijkl.cli.screen_progress import ScreenProgress

    progress = ScreenProgress(None, None, quiet)
    with ExitStack() as stack:
        shown: list[ScreenProgress] = []

        def counted(counts: Counts) -> None:
            if not shown:
                shown.append(stack.enter_context(progress))
            progress(counts)

        yield counted


def _list(json: str | None) -> int:
    from dataclasses import asdict

    from cijkl.reproduction import ITEMS

    with json_stream(json) as stream:
        if stream is not None:
            for item in ITEMS:
                shown = {key: value for key, value in asdict(item).items() if key != "function"}
                stream.write(json_module.dumps(shown) + "\n")
    if json != "-":
        from cijkl.reproduction.showing import print_items

        print_items(ITEMS)
    return 0


def _labelled(results: tuple[str, ...]) -> dict[str, Path]:
    """Files by the label of their column, the file's name where none is given."""
    found: dict[str, Path] = {}
    for text in results:
        label, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            label, path = Path(text).name.partition(".")[0], text
        if label in found:
            raise InputError(f"two columns are called {label}: give --results LABEL=FILE")
        found[label] = Path(path)
    return found


def _pages(outcome: Outcome, folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    from cijkl.reproduction.showing import html_page

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{outcome.name}.html"
    path.write_text(html_page(outcome), encoding="utf-8")
    return [path]


def _pictures(outcome: Outcome, folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not outcome.figures:
        raise InputError(f"{outcome.name} has no figure; leave --png out")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in outcome.figures.items():
        path = folder / f"{outcome.name}-{name}.png"
        try:
            draw().write_image(path, scale=2)
        except (ValueError, RuntimeError, ImportError) as error:
            reason = " ".join(str(error).split())[:100]
            raise MissingPackageError(f"{_PNG} ({reason})") from None
        written.append(path)
    return written
