"""`cijkl distill`: a teacher potential, frames of DFT, or both, teach a student."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cijkl.cli.options import quiet_option, run_option
from cijkl.cli.output import complain, say
from cijkl.errors import InputError

__all__ = ["distill"]

#: seconds between lines
_PERIOD = 30.0


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@run_option("Folder for weights and errors; what ended early in it is taken up.")
@click.option(
    "--json", "table", metavar="PATH", help="Write all errors as JSON; - for standard output."
)
@quiet_option
def distill(config: Path, out: Path, table: str | None, quiet: bool) -> int:
    """Train CHGNet or SevenNet on what a teacher potential says, on labels of DFT, or on both.

    CONFIG is a YAML file; with a part called sweep it is run for many ratios and numbers of frames.

    \b
    Example:
      cijkl distill examples/distill.yaml --out student
    """
    content = _content(config)
    try:
        if "sweep" in content:
            return _sweep(content, config, out, table, quiet)
        return _one(content, config, out, table, quiet)
    except KeyboardInterrupt:
        complain(f"stopped; the same command goes on with what is in {out}")
        return 0


def _one(
    content: Mapping[str, Any], config: Path, out: Path, table: str | None, quiet: bool
) -> int:
    from cijkl.distillation.config import read_config
    from cijkl.distillation.training import ERRORS, distill, name_to_load
    from cijkl.potentials.distilled import read_student_card

    settings = read_config(content, str(config))
    weights = distill(settings, out, quiet=quiet, report=None if quiet else _Teller())
    errors = json.loads((out / ERRORS).read_text(encoding="utf-8"))
    _write(table, errors)
    if not quiet and table != "-":
        card = read_student_card(weights)
        if card["frames"]["without_labels"]:
            complain(f"{card['frames']['without_labels']} without labels: {card['without_labels']}")
        if not card["epoch"]:
            click.echo("no epoch is better than the start, whose weights are kept")
        for line in _lines(errors):
            click.echo(line)
        click.echo(f"use it as --potential {name_to_load(weights)}")
    return 0


def _sweep(
    content: Mapping[str, Any], config: Path, out: Path, table: str | None, quiet: bool
) -> int:
    from cijkl.distillation.sweeps import read_sweep, summary, sweep

    rows = sweep(
        read_sweep(content, str(config)), out, quiet=quiet, report=None if quiet else _Teller()
    )
    _write(table, summary(rows))
    failed = [row for row in rows if "error" in row]
    for row in failed:
        complain(f"{row['run']}: {row['error']}")
    if not quiet and table != "-":
        click.echo(f"{len(rows) - len(failed)} distillations; see {out / 'sweep.csv'} and .html")
    return 1 if failed else 0


def _content(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: no configuration: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected names and values, one a line")
    return content


def _lines(errors: Mapping[str, Any]) -> list[str]:
    """Errors before and after, on held-out compounds and on what may be forgotten."""
    words = {"judged": "judged by", "test": "held out", "checked": "checked"}
    units = {"energy": "meV/atom", "forces": "eV/A", "stress": "GPa"}
    lines = []
    for part, said in words.items():
        for source, of in (("hard", "DFT"), ("soft", "teacher")):
            after = errors["after"].get(part, {}).get(source)
            before = errors["before"].get(part, {}).get(source, {})
            if after:
                values = [
                    f"{name} {before.get(name, float('nan')):.4g} -> {after[name]:.4g} {unit}"
                    for name, unit in units.items()
                    if name in after
                ]
                lines.append(f"{said} ({after['frames']} frames, {of}): {', '.join(values)}")
    return lines


class _Teller:
    """A line on the labels every half minute."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        if time.monotonic() - self._told > _PERIOD:
            self._told = time.monotonic()
            say(f"labels of {what}: {done} of {total}")


def _write(table: str | None, content: Any) -> None:
    if table == "-":
        click.echo(json.dumps(content))
    elif table is not None:
        Path(table).write_text(json.dumps(content), encoding="utf-8")
