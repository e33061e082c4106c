"""`cijkl evaluate`: how far predictions are from what is known."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cijkl.cli.options import numbers_option, quiet_option
from cijkl.cli.output import complain, json_stream, say
from cijkl.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.datasets import Example
    from cijkl.structures import Crystal, Unreadable

__all__ = ["evaluate"]

_PNG = (
    "--png needs kaleido and Chromium or Chrome: pip install kaleido, and install the browser or "
    "run kaleido_get_chrome; --html needs neither"
)


@click.command()
@click.argument("dataset", metavar="[DATASET]", required=False)
@click.option(
    "--faces",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Measured moduli of crystal faces to compare with, instead of a dataset.",
)
@click.option("--model", "-m", metavar="NAME", help="A model by name or path.  [default: cijkl-1]")
@click.option("--potential", "-p", metavar="NAME", help="A potential, see `cijkl potentials`.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Records that --json wrote before, instead of predicting.",
)
@click.option("--target", metavar="NAME", help="Modulus of a table without header, such as K_VRH.")
@click.option(
    "--log10/--gpa", default=None, help="What moduli of the dataset are, where it is not plain."
)
@numbers_option
@click.option(
    "--html",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for parity.html, predicted against known values (faces.html with --faces).",
)
@click.option(
    "--png",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the same as a picture.",
)
@quiet_option
def evaluate(
    dataset: str | None,
    faces: Path | None,
    model: str | None,
    potential: str | None,
    results: Path | None,
    target: str | None,
    log10: bool | None,
    json: str | None,
    html: Path | None,
    png: Path | None,
    quiet: bool,
) -> int:
    """Compare predictions with the known moduli (GPa) and tensors of a dataset, or with faces.

    DATASET is what `cijkl train --data` takes, or a dataset's name. --faces takes a CSV file with
    the columns compound, cif, face, E (GPa) and, if known, uncertainty.

    \b
    Example:
      cijkl evaluate examples/measured.jsonl
    """
    if sum(given is not None for given in (model, potential, results)) > 1:
        raise InputError("give one of --model, --potential and --results")
    if png is not None and find_spec("kaleido") is None:
        raise MissingPackageError(_PNG)
    if (dataset is None) == (faces is None):
        raise InputError("give a dataset, or measured faces by --faces")
    from cijkl.models.catalogue import DEFAULT_MODEL

    by = str(results) if results is not None else potential or model or DEFAULT_MODEL
    if dataset is None:
        if target is not None or log10 is not None:
            raise InputError("--target, --log10 and --gpa are for a dataset, not for --faces")
        return _faces(faces, by, model, potential, results, json, html, png, quiet)
    from cijkl.datasets import load
    from cijkl.models.evaluation import compare, summary

    options = {"target": target, "log10": log10}
    examples = load(dataset, **{k: v for k, v in options.items() if v is not None})
    with json_stream(json) as stream:
        if results is not None:
            records = _read(results)
        else:
            records = _predicted(examples, model, potential, quiet)
        comparison = compare(examples, records)
        found = {"dataset": dataset, "by": by, **summary(comparison)}
        if stream is not None:
            stream.write(json_module.dumps(found, allow_nan=False) + "\n")
    if json != "-" and not quiet:
        from cijkl.report.evaluation import print_evaluation

        print_evaluation(found)
    if html is not None or png is not None:
        from cijkl.report.evaluation import parity_figure

        _draw(parity_figure(comparison), "parity", html, png, quiet)
    if comparison.missing:
        complain(
            f"{len(comparison.missing)} of {len(examples)} crystals have no prediction; the first "
            f"is {comparison.missing[0]}"
        )
    return 1 if comparison.missing else 0


def _faces(
    table: Path | None,
    by: str,
    model: str | None,
    potential: str | None,
    results: Path | None,
    json: str | None,
    html: Path | None,
    png: Path | None,
    quiet: bool,
) -> int:
    from cijkl.cli.evaluate_faces import evaluate_faces

    assert table is not None

    def records(crystals: Sequence[Crystal | Unreadable]) -> Iterator[Mapping[str, Any]]:
        return _records(crystals, model, potential, quiet) if results is None else _read(results)

    def draw(make: Callable[[], go.Figure], name: str) -> None:
        if html is not None or png is not None:
            _draw(make(), name, html, png, quiet)

    return evaluate_faces(table, by, records, json, quiet, draw)


def _predicted(
    examples: Sequence[Example], model: str | None, potential: str | None, quiet: bool
) -> Iterator[Mapping[str, Any]]:
    """Records of the crystals; those that failed are left out, each with a line that says why."""
    crystals = [example.crystal for example in examples]
    if potential is None:
        from cijkl.models import DEFAULT_MODEL
        from cijkl.models.training.finetuning import members
        from cijkl.models.weights import load_network, read_card

        files = members(model or DEFAULT_MODEL)
        if any(read_card(file)["network"] != "log_stiffness" for file in files):
            from cijkl.models.answers import answers

            yield from answers([load_network(file) for file in files], crystals)
            return
    yield from _records(crystals, model, potential, quiet)


def _records(
    crystals: Sequence[Crystal | Unreadable], model: str | None, potential: str | None, quiet: bool
) -> Iterator[Mapping[str, Any]]:
    from cijkl.cli.progress import Progress

    progress = Progress(lambda: crystals, quiet)
    if potential is not None:
        from cijkl.response import compute

        found = compute(crystals, potential, progress=progress.report)
    else:
        from cijkl.models import DEFAULT_MODEL, predict

        found = predict(crystals, model or DEFAULT_MODEL)
    for result in progress.around(iter(found)):
        if result.ok:
            yield result.record
        else:
            complain(f"{result.record['id']}: {result.record['error']}")


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    """Records of a file of JSON Lines; failed ones are left out."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json_module.loads(line)
                good = record["status"] == "ok" and "id" in record
            except (ValueError, TypeError, KeyError):
                raise InputError(f"{path}:{number}: no record of cijkl") from None
            if good:
                yield record


def _draw(figure: go.Figure, name: str, html: Path | None, png: Path | None, quiet: bool) -> None:
    for folder in (html, png):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    if html is not None:
        figure.write_html(html / f"{name}.html", include_plotlyjs=True)
    if png is not None:
        try:
            figure.write_image(png / f"{name}.png", scale=2)
        except (ValueError, RuntimeError, ImportError) as error:
            reason = " ".join(str(error).split())[:100]
            raise MissingPackageError(f"{_PNG} ({reason})") from None
    if not quiet:
        written = [str(d / f"{name}.{s}") for d, s in ((html, "html"), (png, "png")) if d]
        say(f"wrote {' and '.join(written)}")
