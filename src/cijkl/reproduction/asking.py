"""Records for the columns of one's own: read, computed by potentials, predicted by models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError
from cijkl.reproduction.columns import read_results
from cijkl.reproduction.outcome import Request

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.structures import Crystal, Unreadable

__all__ = ["figure_name", "labels_of", "own_records", "told_of"]


def own_records(
    request: Request, crystals: Sequence[Crystal | Unreadable]
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Give the records of each column, by its label.

    Parameters
    ----------
    request
        Its results are read; its potentials compute and its models predict.
    crystals
        What is computed and predicted.

    Raises
    ------
    InputError
        If two columns have one label, or a file holds no records.
    """
    labels_of(request)
    for label, path in request.results.items():
        yield label, [*read_results(path)]
    for potential in request.potentials:
        from cijkl.response import compute

        yield potential, _records(request.follow(compute(crystals, potential)))
    for model in request.models:
        from cijkl.models import predict

        yield Path(model).name, _records(request.follow(predict(crystals, model)))


def labels_of(request: Request) -> list[str]:
    """Labels of the columns: of results, then potentials, then models.

    Raises
    ------
    InputError
        If two are the same.
    """
    # a path is long, the name of its last part says enough
    asked = [*request.potentials, *(Path(model).name for model in request.models)]
    labels = [*request.results, *asked]
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise InputError(f"two columns are called {min(twice)}: give --results LABEL=FILE")
    return labels


def told_of(request: Request, label: str) -> Any:
    """Tells of what a column lacks, under its label."""
    return lambda message: request.report(f"{label}: {message}")


def figure_name(kind: str, label: str) -> str:
    """Name of a figure of one column, fit for a file."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9.+_-]+', '-', label)}"


def _records(results: Iterable[Result]) -> list[Mapping[str, Any]]:
    return [result.record for result in results]
