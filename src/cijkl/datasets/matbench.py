"""The elastic tasks of Matbench v0.1: log10 of the bulk and of the shear modulus.

10,987 crystals of the Materials Project with K_VRH or G_VRH from DFT (Dunn et al., npj Comput.
Mater. 6, 138 (2020); de Jong et al., Sci. Data 2, 150009 (2015)). Addresses and checksums are
those of matminer's ``dataset_metadata.json``; the ids and folds are made as the repository
materialsproject/matbench makes them (``data_ops.py``, ``scripts/mvb01_generate_validation.py``:
scikit-learn's ``KFold(n_splits=5, shuffle=True, random_state=18012019)`` for regression).
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets.example import Example
from cijkl.datasets.rows import Built, Report, Row, record_row, to_examples
from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Unreadable
from cijkl.structures.sources.download import cache_folder, fetch

__all__ = ["TASKS", "Task", "load_task", "matbench_log_gvrh", "matbench_log_kvrh", "official_folds"]

FOLDS = 5
SEED = 18012019


@dataclass(frozen=True)
class Task:
    """A task of Matbench.

    Parameters
    ----------
    name
        As in Matbench.
    url, sha256
        Where its file is, and its checksum.
    column
        Column of the file that holds log10 of the modulus in GPa.
    modulus
        Which modulus that is.
    count
        Number of crystals.
    """

    name: str
    url: str
    sha256: str
    column: str
    modulus: str
    count: int

    @property
    def prefix(self) -> str:
        """Beginning of the ids of its crystals."""
        return self.name.replace("matbench", "mb").replace("_", "-") + "-"


TASKS = {
    task.name: task
    for task in (
        Task(
            "matbench_log_kvrh",
            "https://ml.materialsproject.org/projects/matbench_log_kvrh.json.gz",
            "44b113ddb7e23aa18731a62c74afa7e5aa654199e0db5f951c8248a00955c9cd",
            "log10(K_VRH)",
            "K_VRH",
            10987,
        ),
        Task(
            "matbench_log_gvrh",
            "https://ml.materialsproject.org/projects/matbench_log_gvrh.json.gz",
            "098af941f4c663270f1fe21abf20ffad6fb85ecbfcba5786ceac03983ac29da7",
            "log10(G_VRH)",
            "G_VRH",
            10987,
        ),
    )
}


def matbench_log_kvrh(
    folder: str | os.PathLike[str] | None = None, report: Report | None = None
) -> list[Example]:
    """Give the crystals of Matbench's bulk moduli, K_VRH in GPa; see `load_task`."""
    return load_task(TASKS["matbench_log_kvrh"], folder, report)


def matbench_log_gvrh(
    folder: str | os.PathLike[str] | None = None, report: Report | None = None
) -> list[Example]:
    """Give the crystals of Matbench's shear moduli, G_VRH in GPa; see `load_task`."""
    return load_task(TASKS["matbench_log_gvrh"], folder, report)


def load_task(
    task: Task, folder: str | os.PathLike[str] | None = None, report: Report | None = None
) -> list[Example]:
    """Give the crystals of a task in Matbench's order, under its ids (``mb-log-kvrh-00001``).

    Parameters
    ----------
    task
        One of `TASKS`.
    folder
        Where its file is or is put after the download; by default
        `cijkl.datasets.cache_folder`.
    report
        Called with each crystal that cannot be used.

    Raises
    ------
    InputError
        If the file is not there and cannot be downloaded.
    """
    path = fetch(task.url, task.sha256, cache_folder() if folder is None else folder)
    return to_examples(_rows(task, path), task.name, True, report)


def official_folds(examples: Sequence[Example]) -> NDArray[np.intp]:
    """Give the official fold, 0 to 4, in which Matbench tests each example.

    Parameters
    ----------
    examples
        Of one task, all or some of them, in any order: the ids tell.

    Raises
    ------
    InputError
        If an id is not that of a crystal of `TASKS`.

    Returns
    -------
    (n) fold numbers.
    """
    folds = {task.prefix: _fold_of_each(task.count) for task in TASKS.values()}
    result = np.empty(len(examples), np.intp)
    for i, example in enumerate(examples):
        prefix, number = example.id[:-5], example.id[-5:]
        fold = folds.get(prefix)
        if fold is None or not number.isdecimal() or not 1 <= int(number) <= len(fold):
            raise InputError(
                f"{one_line(example.id)} is not in {' or '.join(TASKS)}, so it has no official fold"
            )
        result[i] = fold[int(number) - 1]
    return result


def _fold_of_each(count: int) -> NDArray[np.intp]:
    """The fold of each of `count` rows, as scikit-learn's KFold shuffles them."""
    # the old generator, since its shuffle defines the official folds
    order = np.random.RandomState(SEED).permutation(count)
    result = np.empty(count, np.intp)
    for fold, rows in enumerate(np.array_split(order, FOLDS)):
        result[rows] = fold
    return result


def _rows(task: Task, path: Path) -> Iterator[Row | Unreadable]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            table = json.load(file)
        structure, target = (table["columns"].index(c) for c in ("structure", task.column))
        rows = table["data"]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{one_line(path)}: no Matbench file: {one_line(error, 100)}") from None
    for number, row in enumerate(rows, 1):
        entry = partial(_entry, row[structure], {task.modulus: row[target]})
        yield record_row(f"{task.prefix}{number:05d}", f"{path}#{number}", entry)


def _entry(structure: Any, labels: Mapping[str, Any]) -> tuple[Built, Mapping[str, Any]]:
    from cijkl.structures.records import from_record

    return from_record(structure), labels
