"""Errors of K, G and E by models of tensors and of scalars: table 1 and figure 3 of Wen 2024."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.evaluation import SYSTEMS, metrics
from cijkl.reproduction.moduli_figures import error_bars
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table, beside, read_printed
from cijkl.reproduction.tensor_models import Known, Said, known, said_by_models, unique_labels
from cijkl.reproduction.tensor_training import NETWORKS, trained_here

__all__ = ["PRINTED", "QUANTITIES", "all_said", "by_system_outcome", "notes", "table_outcome"]

Mask = NDArray[np.bool_]

_LETTERS = ("K", "G", "E")
#: rows of the table, and of what is printed
QUANTITIES = tuple(f"{error} {letter}" for error in ("MAE", "MAE/MAD") for letter in _LETTERS)
#: mean absolute errors of the paper's MatTen on its own 1,021 crystals, GPa
PRINTED = {"MatTen": {"MAE K": 7.37, "MAE G": 8.38, "MAE E": 20.59}}
#: tensors of these 1,021 that the paper's MatTen made indefinite
_PRINTED_UNSTABLE = 25
#: crystals of a system below which its mean absolute deviation says nothing
_FEW = 5


def table_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give errors of each model on what it has not seen, and on what none has seen."""
    found = known(request, name)
    every = all_said(request, found, ("MatTen", "MatSca"))
    printed = {label: dict(values) for label, values in PRINTED.items()}
    if request.printed is not None:
        for label, values in read_printed(request.printed, QUANTITIES).items():
            printed.setdefault(label, {}).update(values)
    tables = [_table("Each model on crystals that it has not seen, GPa", found, every, printed)]
    together = np.logical_and.reduce([said.unseen for said in every])
    if len(every) > 1 and together.sum() > 1 and not _same(every):
        same = [replace(said, unseen=together) for said in every]
        count = int(together.sum())
        tables.append(
            _table(f"All models on the {count} crystals that none has seen, GPa", found, same, None)
        )
    return Outcome(name, title, (*tables, _crystals(every)), tuple(notes(request, found, every)))


def by_system_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give errors by crystal system, in GPa and over the mean absolute deviation."""
    found = known(request, name)
    every = all_said(request, found, ("MatTen", "MatSca"))
    tables = [_systems_table(found, said) for said in every]
    figures = {
        "errors": lambda: _bars(found, every, "mae", "MAE of {} (GPa)"),
        "relative": lambda: _bars(found, every, "mae_over_mad", "MAE/MAD of {}"),
    }
    return Outcome(
        name, title, (*tables, _crystals(every)), tuple(notes(request, found, every)), figures
    )


def all_said(request: Request, found: Known, trained: Sequence[str]) -> list[Said]:
    """Give the answers of the models asked for and, with a folder for runs, of those trained there.

    Parameters
    ----------
    trained
        Networks to train where no model of that kind was given; see `trained_here`.
    """
    try:
        every = list(said_by_models(request, found))
    except InputError as error:
        # nobody asked for the shipped model, and others will do
        if request.models or request.out is None:
            raise
        request.report(str(error))
        every = []
    if request.out is not None:
        # what the first model has not seen is the test of those trained here too
        kept = frozenset(found.formulas[every[0].unseen].tolist() if every else ())
        lacking = [label for label in trained if label not in {said.label for said in every}]
        every += trained_here(request, found, kept or None, lacking)
    return unique_labels(every)


def notes(request: Request, found: Known, every: Sequence[Said]) -> list[str]:
    """Give what must be known of the numbers."""
    said = [
        f"{len(found.examples)} crystals with tensors, which are not the paper's. Of its numbers "
        "those of MatTen are known here: errors of 7.37, 8.38 and 20.59 GPa, and 25 of 1,021 "
        "tensors not stable; --printed FILE, a CSV quantity,MODEL,..., sets others beside ours."
    ]
    if found_by := [one.label for one in every if one.chose_epoch]:
        said.append(
            f"The epoch of {', '.join(found_by)} was chosen by the crystals that it is judged by "
            "here, which favours it."
        )
    lacking = [label for label in NETWORKS if label not in {one.label for one in every}]
    if lacking and request.out is None:
        said.append(
            f"{' and '.join(lacking)}: a run of `cijkl train --network` as --model, or --out RUN "
            "to train on these tensors now."
        )
    if any(one.label == "MatSca" for one in every):
        said.append(
            "MatSca gives K and G; its E follows from them. Which scalar models the paper trained "
            "one by one is not known here."
        )
    return said


def _same(every: Sequence[Said]) -> bool:
    return all((said.unseen == every[0].unseen).all() for said in every)


def _table(
    title: str,
    found: Known,
    every: Sequence[Said],
    printed: Mapping[str, Mapping[str, float]] | None,
) -> Table:
    ours = {}
    for said in every:
        errors = [_error(found, said, letter, said.unseen) for letter in _LETTERS]
        ours[said.label] = [
            _number(error[key]) for key in ("mae", "mae_over_mad") for error in errors
        ]
    return beside(title, QUANTITIES, ours, printed)


def _error(found: Known, said: Said, letter: str, rows: Mask) -> dict[str, float | None]:
    return metrics(found.moduli[letter][rows], said.moduli[letter][rows])


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _crystals(every: Sequence[Said]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (said.label, int(said.unseen.sum()), said.unstable) for said in every
    ]
    rows.append(("MatTen, printed", 1021, _PRINTED_UNSTABLE))
    return Table("Crystals", ("model", "judged by", "unstable predictions"), tuple(rows))


def _parts(found: Known, said: Said) -> dict[str, Mask]:
    """Rows of all crystals that a model is judged by, and of each system."""
    systems = np.array(found.systems)
    return {"all": said.unseen, **{name: said.unseen & (systems == name) for name in SYSTEMS}}


def _systems_table(found: Known, said: Said) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for system, mine in _parts(found, said).items():
        if not mine.any():
            continue
        errors = [_error(found, said, letter, mine) for letter in _LETTERS]
        cells: list[Cell] = [_number(error["mae"]) for error in errors]
        if mine.sum() < _FEW:
            cells += [None] * len(errors)
        else:
            cells += [_number(error["mae_over_mad"]) for error in errors]
        rows.append((system, int(mine.sum()), *cells))
    columns = ("system", "crystals", *QUANTITIES)
    return Table(f"{said.label}, GPa", columns, tuple(rows))


def _bars(found: Known, every: Sequence[Said], key: str, title: str) -> object:
    systems = [s for s in ("all", *SYSTEMS) if any(_parts(found, said)[s].any() for said in every)]
    heights = []
    for letter in _LETTERS:
        panel = {}
        for said in every:
            rows = _parts(found, said)
            panel[said.label] = [
                _error(found, said, letter, rows[s])[key]
                if rows[s].sum() >= (_FEW if key == "mae_over_mad" else 1)
                else None
                for s in systems
            ]
        heights.append(panel)
    return error_bars(systems, heights, [title.format(letter) for letter in _LETTERS])
