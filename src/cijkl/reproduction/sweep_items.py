"""Hard against soft labels: table 1 and figures 3 to 6 of Taniguchi 2025, from a sweep."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["read_rows", "sweep_outcome"]

Rows = Sequence[Mapping[str, Any]]

#: table of the errors of each source of labels
_SOURCES = {"hard": "the frames' own labels (hard)", "soft": "the teacher (soft)"}
_COLUMNS = {"energy": "energy, meV/atom", "forces": "forces, eV/A", "stress": "stress, GPa"}
#: columns of sweep.csv that are no numbers
_WORDS = ("run", "error")


def sweep_outcome(request: Request, name: str, title: str, notes: Sequence[str] = ()) -> Outcome:
    """Give what a sweep of `cijkl distill` found, as the table or figure that is asked for.

    Parameters
    ----------
    request
        Its one result is the folder of a sweep; with `data`, the configuration of one, the sweep
        is run in that folder, or goes on where it ended.
    name, title
        Of the item.
    notes
        Put after those on the sweep.

    Raises
    ------
    InputError
        If there is no sweep.
    """
    if len(request.results) != 1:
        raise InputError(
            f"{name} needs a sweep: --results FOLDER, where `cijkl distill` left one, or where it "
            "is to be run by a configuration that --data gives"
        )
    (folder,) = request.results.values()
    if request.data is not None:
        _run(request.data, folder)
    rows = read_rows(folder)
    from cijkl.distillation.sweeps import summary

    for row in rows:
        if "error" in row:
            request.report(f"{row['run']}: {row['error']}")
    means = summary(rows)
    if not means:
        raise InputError(f"{one_line(folder)}: no distillation of the sweep was finished")
    tables = [table for source in _SOURCES for table in _tables(means, source)]
    if not tables:
        raise InputError(f"{one_line(folder)}: the sweep held nothing out to be tested on")
    held = f"{len(rows)} distillations, {len(means)} points; each on whole held-out compounds."
    return Outcome(name, title, tuple(tables), (held, *notes), _figures(name, means, rows, folder))


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Read the rows of a sweep, as `cijkl.distillation.sweep` gives them.

    Raises
    ------
    InputError
        If the folder holds none.
    """
    path = folder.expanduser() / "sweep.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        rows = [
            {key: text if key in _WORDS else float(text) for key, text in line.items() if text}
            for line in lines
        ]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, AttributeError) as error:
        raise InputError(f"{one_line(path)}: no sweep: {one_line(error, 100)}") from None
    if not rows or not all({"run", "hard_share", "frames", "seed"} <= row.keys() for row in rows):
        raise InputError(f"{one_line(path)}: no sweep: expected run, hard_share, frames and seed")
    return rows


def _run(config: Path, folder: Path) -> None:
    """Run the sweep of a configuration; what is in the folder is not repeated."""
    import yaml

    from cijkl.distillation.sweeps import read_sweep, sweep

    try:
        content = yaml.safe_load(config.expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{one_line(config)}: no configuration: {one_line(error, 100)}") from None
    if not isinstance(content, Mapping):
        raise InputError(f"{one_line(config)}: expected names and values, one a line")
    sweep(read_sweep(content, str(config)), folder)


def _tables(means: Rows, source: str) -> list[Table]:
    """Errors on held-out compounds by share and size, and before; none without such labels."""
    kinds = [k for k in _COLUMNS if any(f"after_test_{source}_{k}" in entry for entry in means)]
    if not kinds:
        return []
    columns = ["hard share, frames", "repeats"]
    for kind in kinds:
        columns += [_COLUMNS[kind], "±"]
    rows: list[tuple[Cell, ...]] = [_line("before", means[0], "before", source, kinds)]
    for entry in means:
        label = f"{entry['hard_share']:g}, {entry['frames']:g}"
        rows.append(_line(label, entry, "after", source, kinds))
    title = f"Mean absolute errors on held-out compounds against {_SOURCES[source]}"
    return [Table(title, tuple(columns), tuple(rows), 4)]


def _line(
    label: str, entry: Mapping[str, Any], when: str, source: str, kinds: Sequence[str]
) -> tuple[Cell, ...]:
    line: list[Cell] = [label, int(entry["repeats"]) if when == "after" else None]
    for kind in kinds:
        found = entry.get(f"{when}_test_{source}_{kind}", {"mean": None, "std": None})
        # all start from one student
        line += [found["mean"], found["std"] if when == "after" else None]
    return tuple(line)


def _figures(
    name: str, means: Rows, rows: Rows, folder: Path
) -> dict[str, Callable[[], go.Figure]]:
    from cijkl.distillation import figures

    every: dict[str, Callable[[], go.Figure]] = {
        "epochs": lambda: figures.learning_curves(rows, folder.expanduser()),
        "share-soft": lambda: figures.by_share(means, ("soft",)),
        "share-hard": lambda: figures.by_share(means, ("hard",)),
        "frames": lambda: figures.by_size(means),
    }
    chosen = {"fig-3": "epochs", "fig-4": "share-soft", "fig-5": "share-hard", "fig-6": "frames"}
    mine = chosen.get(name.removeprefix("taniguchi-2025-"))
    return {} if mine is None else {mine: every[mine]}
