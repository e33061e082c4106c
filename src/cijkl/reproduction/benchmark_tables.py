"""Tables and figures of the elasticity benchmark, which both papers of Taniguchi share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cijkl.datasets.molecular_tensors import COMPUTED, Method, TensorRow, compound
from cijkl.reproduction.benchmark import (
    AS_PRINTED,
    CORRECTED,
    QUANTITIES,
    Convention,
    Point,
    defined,
    errors,
    measured,
    points,
    polycrystal,
)
from cijkl.reproduction.outcome import Cell, Table, beside
from cijkl.reproduction.settings import Agreement

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cijkl.plots.benchmark import Series

__all__ = [
    "LABELS",
    "as_printed",
    "by_compound",
    "constants_table",
    "corrected",
    "figures",
    "mean_model",
    "other_readings",
    "published",
    "reading_notes",
    "same_compounds",
]

Points = Mapping[str, Sequence[Point]]

#: methods of the file as the papers call them
LABELS: Mapping[Method, str] = {"S-HF-3c": "S-HF-3c", "DFT": "DFT-D", "NNP": "PFP"}
#: quantities that are compared method by method
_MAIN = ("E_RH", "G_RH", "K_RH", "A")


def published(
    rows: Sequence[TensorRow], convention: Convention = CORRECTED
) -> dict[str, list[Point]]:
    """Give the points of the three methods of the benchmark, by the papers' names."""
    return {LABELS[method]: points(rows, method, convention) for method in COMPUTED}


def as_printed(
    rows: Sequence[TensorRow],
    printed: Mapping[str, Mapping[str, float]] | None = None,
    convention: Convention = AS_PRINTED,
) -> Table:
    """Mean absolute errors by the convention of the printed table, with the mean model.

    The mean model says the mean of all measured rows of each of them.
    """
    found = published(rows, convention)
    ours = {"mean model": mean_model(rows)["all measured rows"]}
    ours.update({name: errors(mine).mae.tolist() for name, mine in found.items()})
    counts = ", ".join(f"{name} {len(mine)}" for name, mine in found.items())
    title = f"Mean absolute errors, GPa (nu and A without unit), as printed; points: {counts}"
    return beside(title, QUANTITIES, ours, printed)


def other_readings(rows: Sequence[TensorRow]) -> Table:
    """What the mean model and DFT-D would be by other readings of the same data."""
    first = errors(points(rows, "DFT", Convention("raw", "first")))
    ours = {f"mean model, {name}": values for name, values in mean_model(rows).items()}
    ours["DFT-D, first calculation of each compound"] = first.mae.tolist()
    return beside("Other readings of the same data", QUANTITIES, ours)


def mean_model(rows: Sequence[TensorRow]) -> dict[str, list[float]]:
    """Give the mean absolute deviations of measured moduli from their mean, in three ways.

    Over all measured rows; over those that name an author, which is what the public notebook's
    removal of incomplete rows leaves; and with each compound once.
    """
    known = [row for row in defined(rows) if row.method == "Exp"]
    sets = {
        "all measured rows": [polycrystal(row.stiffness) for row in known],
        "rows with an author": [polycrystal(row.stiffness) for row in known if row.note],
        "each compound once": list(measured(rows, "raw").values()),
    }
    found = {}
    for name, values in sets.items():
        truth = np.array(values).reshape(-1, len(QUANTITIES))
        spread = np.abs(truth - truth.mean(axis=0)).mean(axis=0) if len(truth) else truth.sum(0)
        found[name] = spread.tolist()
    return found


def corrected(rows: Sequence[TensorRow], own: Points | None = None) -> Table:
    """Mean absolute errors with repaired names, each method over all of its own compounds."""
    found: dict[str, Sequence[Point]] = {**published(rows), **(own or {})}
    counts = ", ".join(f"{name} {len(mine)}" for name, mine in found.items())
    ours = {name: errors(mine).mae.tolist() for name, mine in found.items()}
    title = f"Corrected: names repaired, one point for each compound; compounds: {counts}"
    return beside(title, QUANTITIES, ours)


def same_compounds(found: Points, title: str) -> Table:
    """Errors of every method over the compounds that all of them have; no row if there is none.

    The last column is a guess: the mean of the measured values for each compound.
    """
    common = _common(found)
    if not common:
        return Table(f"{title} (0)", ("error", *found), ())
    said = {label: errors(mine, common) for label, mine in found.items()}
    known = {p.compound: p.measured for mine in found.values() for p in mine}
    truth = np.array([known[name] for name in sorted(common)]).reshape(-1, len(QUANTITIES))
    rows: list[tuple[Cell, ...]] = []
    for name in _MAIN:
        place = QUANTITIES.index(name)
        values = truth[:, place]
        # the mean of two is no guess at them
        guess = float(np.abs(values - values.mean()).mean()) if len(values) > 2 else None
        rows += [
            (f"{name} MAE", *(float(one.mae[place]) for one in said.values()), guess),
            (f"{name} bias", *(float(one.bias[place]) for one in said.values()), None),
            (f"{name} r", *(float(one.correlation[place]) for one in said.values()), None),
        ]
    return Table(f"{title} ({len(common)})", ("error", *found, "mean of measured"), tuple(rows))


def reading_notes(rows: Sequence[TensorRow]) -> list[str]:
    """Say which tensors are left out, and which compounds are lost by names as they stand."""
    kept = set(map(id, defined(rows)))
    left = [f"{row.compound.strip()} ({row.method})" for row in rows if id(row) not in kept]
    notes = [f"Left out because A is undefined: {'; '.join(left)}."] if left else []
    whole, raw = published(rows), published(rows, AS_PRINTED)
    for label, mine in whole.items():
        here = {compound(point.compound) for point in raw[label]}
        lost = sorted({point.compound for point in mine} - here, key=str.lower)
        if lost:
            notes.append(f"Lost for {label} by names as they stand: {'; '.join(lost)}.")
    return notes


def by_compound(found: Points, quantity: str = "E_RH") -> Table:
    """One quantity of each compound, measured and by every method; None where there is none."""
    place = QUANTITIES.index(quantity)
    names = sorted({point.compound for mine in found.values() for point in mine}, key=str.lower)
    known: dict[str, float] = {}
    said: dict[str, dict[str, float]] = {label: {} for label in found}
    for label, mine in found.items():
        for point in mine:
            known[point.compound] = float(point.measured[place])
            said[label][point.compound] = float(point.computed[place])
    rows = tuple((name, known[name], *(said[label].get(name) for label in found)) for name in names)
    unit = "" if quantity in ("nu", "A") else ", GPa"
    return Table(f"{quantity} by compound{unit}", ("compound", "measured", *found), rows)


def constants_table(found: Mapping[str, Mapping[str, Sequence[Agreement]]]) -> Table:
    """Errors of single constants, in the axes of the measurements, over common compounds.

    Parameters
    ----------
    found
        Agreements with the measurements of each compound, by method.
    """
    common: set[str] | None = None
    for mine in found.values():
        common = set(mine) if common is None else common & set(mine)
    rows: list[tuple[Cell, ...]] = []
    for label, mine in found.items():
        every = [mine[name] for name in sorted(common or ())]
        if not every:
            continue
        rows.append(
            (
                label,
                len(every),
                float(np.mean([np.mean([a.mae for a in one]) for one in every])),
                float(np.mean([np.mean([a.relative for a in one]) for one in every])),
                float(np.median([a.tried for one in every for a in one])),
            )
        )
    columns = ("method", "compounds", "MAE, GPa", "relative error", "settings tried (median)")
    return Table("Constants that symmetry allows, in the axes measured", columns, tuple(rows))


def figures(found: Points) -> dict[str, Callable[[], go.Figure]]:
    """Parity, errors and bias of E_RH, G_RH and K_RH, made when asked for."""

    def panels() -> dict[str, list[Series]]:
        from cijkl.plots.benchmark import Series

        every = {}
        for name in ("E_RH", "G_RH", "K_RH"):
            place = QUANTITIES.index(name)
            letter, average = name.split("_")
            every[f"{letter}<sub>{average}</sub> (GPa)"] = [
                Series(
                    label,
                    [point.compound for point in mine],
                    np.array([point.measured[place] for point in mine]),
                    np.array([point.computed[place] for point in mine]),
                )
                for label, mine in found.items()
            ]
        return every

    def draw(name: str) -> go.Figure:
        from cijkl.plots import benchmark

        drawing = {
            "parity": benchmark.method_parity,
            "errors": benchmark.method_errors,
            "bias": benchmark.method_bias,
        }[name]
        return drawing(panels())

    return {
        "parity": lambda: draw("parity"),
        "errors": lambda: draw("errors"),
        "bias": lambda: draw("bias"),
    }


def _common(found: Points) -> set[str]:
    every = [{point.compound for point in mine} for mine in found.values()]
    return set.intersection(*every) if every else set()
