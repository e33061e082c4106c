"""`cijkl train`: a network learns from labelled crystals, from nothing or from a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from cijkl.cli.options import quiet_option, run_option
from cijkl.cli.output import complain
from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.models.training.config import TrainingConfig

__all__ = ["train"]


@click.command()
@click.option(
    "--data",
    multiple=True,
    metavar="PATH",
    help="Labelled crystals: JSON Lines, extxyz, a folder with a table, or a dataset's name; may "
    "be repeated.",
)
@run_option("Folder for the weights; a training that ended early in it is taken up.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="YAML file that holds any of these options, as RUN/config.yaml does.",
)
@click.option(
    "--from",
    "start",
    metavar="MODEL",
    help="Fine-tune the networks of a model, by name or path.",
)
@click.option(
    "--learn",
    metavar="WHAT",
    help="all, or level: only by how much moduli are larger or smaller.  [default: level with "
    "--from]",
)
@click.option("--network", metavar="NAME", help="log_stiffness, cgcnn, matten or matsca.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Setting of the network, such as width=64.",
)
@click.option("--loss", multiple=True, metavar="PART=WEIGHT", help="Weight of a part of the loss.")
@click.option(
    "--tensors",
    multiple=True,
    metavar="SOURCE=PATH",
    help="Tensors from another source, such as a potential.",
)
@click.option(
    "--predicted",
    multiple=True,
    metavar="PATH",
    help="What a better model says of crystals without labels.",
)
@click.option("--target", metavar="NAME", help="Modulus of a table without header, such as K_VRH.")
@click.option(
    "--log10/--gpa", default=None, help="What moduli of the files are, where it is not plain."
)
@click.option("--folds", type=int, metavar="N", help="Parts into which formulas are split.")
@click.option("--fold", type=int, metavar="N", help="Part that judges; the first is 0.")
@click.option("--reserved", type=int, metavar="N", help="Part kept for a test afterwards.")
@click.option("--epochs", type=int, metavar="N", help="Passes over the data.")
@click.option("--patience", type=int, metavar="N", help="Epochs without improvement.")
@click.option("--keep", metavar="WHICH", help="Weights of the best or the last epoch.")
@click.option("--batch-size", type=int, metavar="N", help="Crystals in a step.")
@click.option("--learning-rate", type=float, metavar="RATE", help="Largest rate.")
@click.option("--warmup", type=float, metavar="SHARE", help="Of the steps, till that is reached.")
@click.option("--final-rate", type=float, metavar="SHARE", help="Of the rate, left at the end.")
@click.option("--weight-decay", type=float, metavar="D", help="Of AdamW.")
@click.option("--clip", type=float, metavar="NORM", help="Largest norm of a gradient.")
@click.option("--average", type=float, metavar="D", help="Decay of the mean of the weights.")
@click.option("--seed", type=int, metavar="N", help="Of weights, order and dropout.")
@click.option("--split-seed", type=int, metavar="N", help="Of the folds.")
@click.option("--precision", metavar="NAME", help="32-true, 16-mixed or bf16-mixed.")
@quiet_option
@click.pass_context
def train(
    context: click.Context,
    /,
    out: Path,
    config: Path | None,
    start: str | None,
    quiet: bool,
    **options: Any,
) -> int:
    """Train a network on crystals whose moduli (GPa) or tensors are known.

    With --from it starts from a model's weights, and has defaults for some twenty crystals.

    \b
    Example:
      cijkl train --data examples/measured.jsonl --out run --epochs 2
    """
    given = {
        name: _parsed(name, value)
        for name, value in options.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    runs = _runs(_configuration(config, start, given), out)
    from cijkl.models.training.loop import CHECKPOINT, WEIGHTS, train
    from cijkl.models.weights import read_card

    for number, (settings, folder) in enumerate(runs, 1):
        try:
            train(settings, folder, quiet=quiet)
        except KeyboardInterrupt:
            if not (folder / CHECKPOINT).exists():
                raise
            complain(f"stopped; the weights so far are in {folder}, the same command goes on")
            return 0
        if not quiet:
            of = f", network {number} of {len(runs)}" if len(runs) > 1 else ""
            click.echo(f"{folder}{of}: {_summary(read_card(folder / WEIGHTS))}")
    return 0


def _configuration(
    path: Path | None, start: str | None, given: dict[str, Any]
) -> tuple[TrainingConfig, list[str | None]]:
    """The configuration, and the weights to start from, one for each network."""
    from cijkl.models.training.config import TrainingConfig, read_config
    from cijkl.models.training.finetuning import fine_tuning, members

    base = TrainingConfig() if path is None else read_config(path)
    if start is None:
        return replace(base, **given), [base.start]
    files = [str(file) for file in members(start)]
    if path is None:
        base = fine_tuning(files[0], given.get("learn"))
    for name in ("network", "settings"):
        if name in given:
            raise InputError(f"--{'set' if name == 'settings' else name}: --from says it already")
    return replace(base, **given), list(files)


def _runs(
    configuration: tuple[TrainingConfig, list[str | None]], out: Path
) -> list[tuple[TrainingConfig, Path]]:
    """What is trained into which folder: one for each network of a model."""
    config, starts = configuration
    if len(starts) == 1:
        return [(replace(config, start=starts[0]), out)]
    return [
        (replace(config, start=start), out / str(number)) for number, start in enumerate(starts, 1)
    ]


def _parsed(name: str, value: Any) -> Any:
    """The value of an option as the configuration has it."""
    if name in ("data", "predicted"):
        return tuple(value)
    if name == "tensors":
        sources: dict[str, tuple[str, ...]] = {}
        for text in value:
            source, path = _pair("--tensors", text, "SOURCE=PATH")
            sources[source] = (*sources.get(source, ()), path)
        return sources
    if name == "settings":
        return {key: _value(text) for key, text in (_pair("--set", v, "NAME=VALUE") for v in value)}
    if name == "loss":
        pairs = [_pair("--loss", v, "PART=WEIGHT") for v in value]
        try:
            return {key: float(text) for key, text in pairs}
        except ValueError:
            raise InputError("--loss: a weight is a number, as in tensor=0.05") from None
    return value


def _pair(option: str, text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise InputError(f"{option}: {text!r} is not of the form {form}")
    return name, value


def _value(text: str) -> Any:
    """A setting of a network: a number or a word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _summary(card: dict[str, Any]) -> str:
    crystals = card["crystals"]
    line = f"learned from {crystals['learned']} crystals; by {crystals['judged']} others "
    if card["epoch"]:
        line += f"epoch {card['epoch']} is the best"
    else:
        line += "no epoch is better than the start, whose weights are kept"
    for letter in "KG":
        name = f"MAE log10 {letter}_VRH"
        if name in card["metrics"]:
            line += f"; mean error of {letter} {_error(card['metrics'][name])}"
            if "before" in card:
                line += f", before {_error(card['before'][name])}"
    return line


def _error(logarithmic: float) -> str:
    """An error of log10, and what it means."""
    return f"{10.0**logarithmic - 1.0:.1%} ({logarithmic:.4f} in log10)"
