"""The published screening of 5,000 molecular crystals by PFP: moduli and cells.

Taniguchi 2024, figure 6; ``csv/Large_screening.csv`` of the repository
takuyhaa/NNP-Modulus-MolecularCrystal (MIT): tensors in GPa, measured and relaxed cells, no
coordinates.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.stability import is_stable
from cijkl.errors import InputError
from cijkl.reproduction.benchmark import QUANTITIES, polycrystal
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.structures.building import one_line
from cijkl.structures.sources.download import cache_folder, fetch

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["SHA256", "URL", "Screening", "read_screening", "screening_outcome"]

Array = NDArray[np.float64]

URL = (
    "https://raw.githubusercontent.com/takuyhaa/NNP-Modulus-MolecularCrystal/"
    "c1899fbc2713fb31bae97ed624274caa4f166e63/csv/Large_screening.csv"
)
SHA256 = "1bb5eafe8f862549937fc8cc93c978449e0b025ba31d302b57b8f5a499a0147f"
#: names under which the file is looked for in a folder
FILE_NAMES = ("Large_screening.csv", "molecular_screening_pfp.csv.gz")

#: columns of the file in the order of `QUANTITIES`
_COLUMNS = (*QUANTITIES[:-2], "n_H", "A_L")
_CONSTANTS = tuple(f"C{i}{j}" for i in range(1, 7) for j in range(1, 7))
#: how many of the softest and of the stiffest crystals are named
_EXTREMES = 5


@dataclass(frozen=True, eq=False)
class Screening:
    """What was published of n crystals.

    Parameters
    ----------
    codes
        Of the Cambridge database.
    stiffness
        (n, 6, 6), GPa.
    quantities
        (n, 14) as published, in the order of `QUANTITIES`.
    measured_volume, relaxed_volume
        (n), A^3.
    """

    codes: Sequence[str]
    stiffness: Array
    quantities: Array
    measured_volume: Array
    relaxed_volume: Array


def screening_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give the distribution of moduli, its extremes, and a check of the published numbers."""
    found = read_screening(_path(request.data))
    ours = polycrystal(found.stiffness)
    rows: list[tuple[Cell, ...]] = []
    for place, quantity in enumerate(QUANTITIES):
        mine = ours[:, place]
        difference = float(np.abs(mine - found.quantities[:, place]).max())
        spread = (float(f(mine)) for f in (np.min, np.median, np.mean, np.max))
        rows.append((quantity, *spread, difference))
    young = ours[:, QUANTITIES.index("E_RH")]
    order = np.argsort(young, kind="stable")
    chosen = [*order[:_EXTREMES], *order[-_EXTREMES:]]
    change = 100.0 * (found.relaxed_volume / found.measured_volume - 1.0)
    unstable = int((~is_stable(found.stiffness)).sum())
    tables = (
        Table(
            f"Moduli of {len(young)} crystals by PFP, GPa",
            ("quantity", "least", "median", "mean", "largest", "difference from the published"),
            tuple(rows),
            3,
        ),
        Table(
            "Softest and stiffest",
            ("code", "E_RH, GPa", "volume change, %"),
            tuple((found.codes[k], float(young[k]), float(change[k])) for k in chosen),
        ),
    )
    notes = (
        f"The mean absolute change of volume by PFP is {np.abs(change).mean():.1f} % (mean "
        f"{change.mean():+.1f} %); crystals that changed by more than 20 % were left out before.",
        f"{unstable} of the {len(young)} published tensors are not positive definite; their moduli "
        "have no meaning, and the published list keeps them because the moduli are positive.",
    )
    return Outcome(name, title, tables, notes, {"histogram": lambda: _histogram(young)})


def read_screening(path: Path) -> Screening:
    """Read the published table, compressed or not.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column, or holds something that is no number.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            wanted = ("refcode", "exp_V", "opt_V", *_COLUMNS, *_CONSTANTS)
            lacking = [key for key in wanted if key not in (table.fieldnames or ())]
            if lacking:
                raise InputError(f"{one_line(path)}: lacks the columns {' '.join(lacking[:5])}")
            rows = list(table)
            values = np.array([[float(row[key]) for key in wanted[1:]] for row in rows])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{one_line(path)}: {one_line(error, 100)}") from None
    if not rows:
        raise InputError(f"{one_line(path)}: the table has no row")
    count = 2 + len(_COLUMNS)
    return Screening(
        [row["refcode"] for row in rows],
        values[:, count:].reshape(-1, 6, 6),
        values[:, 2:count],
        values[:, 0],
        values[:, 1],
    )


def _path(data: Path | None) -> Path:
    """The file that was given, that of a folder, or the published one."""
    if data is None:
        return fetch(URL, SHA256, cache_folder())
    path = data.expanduser()
    if not path.is_dir():
        return path
    for name in FILE_NAMES:
        if (path / name).is_file():
            return path / name
    raise InputError(f"{one_line(path)}: the folder holds no {' or '.join(FILE_NAMES)}")


def _histogram(young: Array) -> go.Figure:
    import plotly.graph_objects as go

    from cijkl.plots.style import LINE_COLOURS, new_figure

    bars = go.Histogram(x=young.tolist(), nbinsx=80, marker={"color": LINE_COLOURS[0]})
    return new_figure(
        bars,
        xaxis={"title": {"text": "E<sub>RH</sub> (GPa)"}},
        yaxis={"title": {"text": "crystals"}},
        bargap=0.05,
        width=640,
        height=400,
        margin={"l": 8, "r": 16, "t": 16, "b": 8},
    )
