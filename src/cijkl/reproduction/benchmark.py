"""How far computed tensors of molecular crystals are from measured ones.

The tables of Taniguchi 2024 and 2025 compare moduli of the polycrystal: 14 numbers for each tensor,
the mean absolute error of each over the compounds. What such a number is depends on choices that
tables do not state; `Convention` names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.datasets.molecular_tensors import Method, Names, TensorRow, compound
from cijkl.elasticity.anisotropy import log_euclidean_anisotropy
from cijkl.elasticity.averages import AVERAGES, arithmetic_moduli, moduli

__all__ = [
    "AS_PRINTED",
    "CORRECTED",
    "QUANTITIES",
    "Convention",
    "Errors",
    "Point",
    "defined",
    "errors",
    "measured",
    "points",
    "polycrystal",
]

Array = NDArray[np.float64]

#: rows of the tables: E, K and G in GPa by four averages, Poisson's ratio, anisotropy A^L
QUANTITIES = (
    *(f"{letter}_{average}" for letter in "EKG" for average in ("V", "R", "H", "RH")),
    "nu",
    "A",
)


@dataclass(frozen=True)
class Convention:
    """What counts as one point of a table.

    Parameters
    ----------
    names
        "raw": a computed row belongs to a compound only if both names agree to the last blank;
        "repaired": see `cijkl.datasets.molecular_tensors.compound`.
    calculations
        Of several computed tensors of one compound and method "each" is a point with its own
        values; "first" is a point for each, all with the values of the first (what the notebook in
        the public repository does); "mean" is one point with the mean of their moduli.
    """

    names: Names = "repaired"
    calculations: Literal["each", "first", "mean"] = "mean"


#: as in the tables of Taniguchi 2024
AS_PRINTED = Convention("raw", "each")
#: every compound, each once
CORRECTED = Convention("repaired", "mean")


@dataclass(frozen=True, eq=False)
class Point:
    """Measured and computed moduli of one compound.

    Parameters
    ----------
    compound
        Name as matched.
    note
        Of the computed row: author, or code of the structure.
    measured, computed
        (14) in the order of `QUANTITIES`.
    """

    compound: str
    note: str
    measured: Array
    computed: Array


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of one method, each array (14) in the order of `QUANTITIES`.

    Parameters
    ----------
    points, compounds
        How many there are.
    mae, bias
        Mean absolute and mean error, computed minus measured; GPa, none for nu and A.
    correlation
        Pearson's; NaN for fewer than three points.
    """

    points: int
    compounds: int
    mae: Array
    bias: Array
    correlation: Array


def polycrystal(stiffness: ArrayLike) -> Array:
    """Give the 14 quantities of the tables, (..., 14), of stiffnesses (..., 6, 6) in GPa.

    E_H = (E_V + E_R)/2 and E_RH = (E_R + E_H)/2, while nu follows from K_H and G_H, and A is A^L
    of Kube (2016). K_RH and G_RH are the means of Reuss and Hill.
    """
    tensors = np.asarray(stiffness, float)
    plain, young = moduli(tensors), arithmetic_moduli(tensors)["E"]
    columns = [
        *(young[average] for average in AVERAGES),
        *(plain["K"][average] for average in AVERAGES),
        *(plain["G"][average] for average in AVERAGES),
        plain["nu"]["hill"],
        log_euclidean_anisotropy(tensors),
    ]
    return np.stack(columns, axis=-1)


def defined(rows: Iterable[TensorRow]) -> tuple[TensorRow, ...]:
    """Leave out rows whose A is undefined: tensors so unstable that K_V/K_R or G_V/G_R < 0."""
    return tuple(row for row in rows if np.isfinite(polycrystal(row.stiffness)).all())


def measured(rows: Iterable[TensorRow], names: Names = "repaired") -> dict[str, Array]:
    """Give the mean of the moduli (14), not of the tensors, over the measurements of a compound."""
    found: dict[str, list[Array]] = {}
    for row in defined(rows):
        if row.method == "Exp":
            found.setdefault(compound(row.compound, names), []).append(polycrystal(row.stiffness))
    return {name: np.mean(values, axis=0) for name, values in found.items()}


def points(
    rows: Sequence[TensorRow], method: Method, convention: Convention = CORRECTED
) -> list[Point]:
    """Give the points of one method of the benchmark, in the order of the file.

    Parameters
    ----------
    rows
        Of the benchmark.
    method
        Not "Exp".
    convention
        What counts as a point.
    """
    known = measured(rows, convention.names)
    computed: dict[str, list[tuple[str, Array]]] = {}
    order: list[tuple[str, int]] = []
    for row in defined(rows):
        name = compound(row.compound, convention.names)
        if row.method == method and name in known:
            mine = computed.setdefault(name, [])
            order.append((name, len(mine)))
            mine.append((row.note, polycrystal(row.stiffness)))
    if convention.calculations == "mean":
        return [
            Point(
                name,
                "; ".join(note for note, _ in mine),
                known[name],
                np.mean([values for _, values in mine], axis=0),
            )
            for name, mine in computed.items()
        ]
    first = convention.calculations == "first"
    return [
        Point(name, computed[name][k][0], known[name], computed[name][0 if first else k][1])
        for name, k in order
    ]


def errors(found: Iterable[Point], only: Mapping[str, object] | set[str] | None = None) -> Errors:
    """Give the errors over points, or over those whose compound is among `only`."""
    kept = [point for point in found if only is None or point.compound in only]
    truth = np.array([point.measured for point in kept]).reshape(-1, len(QUANTITIES))
    said = np.array([point.computed for point in kept]).reshape(-1, len(QUANTITIES))
    nothing = np.full(len(QUANTITIES), np.nan)
    if not kept:
        return Errors(0, 0, nothing, nothing, nothing)
    return Errors(
        points=len(kept),
        compounds=len({point.compound for point in kept}),
        mae=np.abs(said - truth).mean(axis=0),
        bias=(said - truth).mean(axis=0),
        correlation=_correlation(truth, said) if len(kept) > 2 else nothing,
    )


def _correlation(x: Array, y: Array) -> Array:
    """Pearson's correlation of each column; NaN where a column is constant."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    norm = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((x * y).sum(axis=0) / norm)
