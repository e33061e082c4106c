"""What a screened set looks like: figures 4 to 7 of Liu 2025."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.moduli import PUGH
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.reproduction.screened import screened, stable_rows
from cijkl.screening.statistics import element_counts, system_counts

__all__ = ["elements_outcome", "map_outcome", "panels_outcome", "systems_outcome"]

Columns = dict[str, NDArray[Any]]

_SET = "inorganic-2025"
#: what the papers screened, of which only the first source is at hand
_THEIRS = (
    "The paper screens 54,359 crystals of the Materials Project and 26,305 of Merchant et al. "
    "(2023) by CGCNN (abstract, arXiv:2511.04468); its shares are not known here."
)
#: sizes of cells that the table sums up
_SIZES = (10, 20, 50, 100, 200)


def systems_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give the shares of the crystal systems and the sizes of the cells."""
    from cijkl.plots import cell_size_histogram, crystal_system_bars

    columns, notes = screened(request, name, _SET)
    counts = system_counts(columns["crystal_system"])
    total = sum(counts.values())
    sizes = np.asarray(columns["natoms"], int)
    rows: list[tuple[Cell, ...]] = [
        (system, count, 100.0 * count / total) for system, count in counts.items()
    ]
    tables = (
        Table("Crystal systems", ("system", "crystals", "share, %"), tuple(rows)),
        Table("Atoms in the cell", ("atoms", "crystals", "share, %"), _sizes(sizes)),
    )
    figures = {
        "systems": lambda: crystal_system_bars(counts),
        "sizes": lambda: cell_size_histogram(sizes),
    }
    notes.append(f"The median cell has {np.median(sizes):g} atoms, the largest {sizes.max()}.")
    return Outcome(name, title, tables, (*notes, _THEIRS), figures)


def elements_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give the number of crystals that contain each element."""
    from cijkl.plots import element_bars, periodic_table

    columns, notes = screened(request, name, _SET)
    total = len(columns["id"])
    counts = element_counts(map(str, columns["formula"]))
    order = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
    rows: list[tuple[Cell, ...]] = [
        (symbol, counts[symbol], 100.0 * counts[symbol] / total) for symbol in order
    ]
    table = Table("Crystals that contain an element", ("element", "crystals", "share, %"),
                  tuple(rows))  # fmt: skip
    figures = {
        "elements": lambda: periodic_table(counts),
        "frequencies": lambda: element_bars(counts, total),
    }
    return Outcome(name, title, (table,), (*notes, _THEIRS), figures)


def map_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give K and G of all crystals, and how many are ductile by Pugh's ratio."""
    from cijkl.plots import moduli_map

    columns, notes = screened(request, name, _SET)
    points = _points(columns)
    rows: list[tuple[Cell, ...]] = [
        (letter, *(float(f(values)) for f in (np.min, np.median, np.mean, np.max)))
        for letter, values in (("K", points[0]), ("G", points[1]))
    ]
    tables = (
        Table("Hill's moduli, GPa", ("modulus", "least", "median", "mean", "largest"), tuple(rows)),
        _pugh_table({"all": np.ones(len(points[0]), bool)}, *points[:2]),
    )
    figures = {"map": lambda: moduli_map(*points)}
    return Outcome(name, title, tables, (*notes, _THEIRS), figures)


def panels_outcome(request: Request, name: str, title: str) -> Outcome:
    """Give K and G of each crystal system."""
    from cijkl.plots import moduli_panels

    columns, notes = screened(request, name, _SET)
    points = _points(columns)
    names = np.array(points[2])
    parts = {system: names == system for system in system_counts(points[2])}
    table = _pugh_table(parts, *points[:2])
    figures = {"panels": lambda: moduli_panels(*points)}
    return Outcome(name, title, (table,), (*notes, _THEIRS), figures)


def _points(
    columns: Columns,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str], list[str]]:
    """K, G (GPa), crystal system and name of each crystal with a stable tensor."""
    rows = stable_rows(columns)
    return (
        np.asarray(columns["K_hill"], float)[rows],
        np.asarray(columns["G_hill"], float)[rows],
        [str(columns["crystal_system"][row] or "") for row in rows],
        [f"{columns['formula'][row]} · {columns['id'][row]}" for row in rows],
    )


def _pugh_table(
    parts: dict[str, NDArray[np.bool_]], bulk: NDArray[np.float64], shear: NDArray[np.float64]
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for label, mine in parts.items():
        k, g = bulk[mine], shear[mine]
        rows.append(
            (
                *(label, len(k), float(np.median(k)), float(np.median(g))),
                *(float(np.median(k / g)), 100.0 * float((k / g > PUGH).mean())),
            )
        )
    columns = ("system", "crystals", "median K, GPa", "median G, GPa", "median K/G",
               f"K/G above {PUGH}, %")  # fmt: skip
    return Table("K, G and Pugh's ratio", columns, tuple(rows))


def _sizes(sizes: NDArray[np.int_]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    low = 1
    for high in _SIZES:
        count = int(((sizes >= low) & (sizes <= high)).sum())
        rows.append((f"{low} to {high}", count, 100.0 * count / len(sizes)))
        low = high + 1
    count = int((sizes >= low).sum())
    rows.append((f"{low} and more", count, 100.0 * count / len(sizes)))
    return tuple(rows)
