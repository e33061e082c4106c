"""What the results of a screening show together: shares, extremes, and a table of properties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.units import AMU_PER_A3_TO_G_PER_CM3

if TYPE_CHECKING:
    from cijkl.screening.store import Store

__all__ = [
    "COLUMNS",
    "PROPERTIES",
    "Extreme",
    "element_counts",
    "extremes",
    "load_columns",
    "property_table",
    "system_counts",
]

Columns = Mapping[str, Sequence[Any] | NDArray[Any]]

#: columns of the view ``screened`` that the statistics and their page need
COLUMNS = (
    "id formula natoms volume density crystal_system spacegroup spacegroup_symbol source stable "
    "K_hill G_hill E_hill nu_hill E_rh E_min E_max v_l v_t v_mean debye_temperature "
    "anisotropy_universal fingerprint"
)
#: columns of the table of properties, as Liu 2025, tables A1 and A2: name, unit, column
PROPERTIES: tuple[tuple[str, str, str], ...] = (
    ("N", "", "natoms"),
    ("ρ", "g/cm³", "density"),
    ("V", "Å³", "volume"),
    ("M", "g/mol", "mass"),
    ("B", "GPa", "K_hill"),
    ("G", "GPa", "G_hill"),
    ("v_l", "m/s", "v_l"),
    ("v_t", "m/s", "v_t"),
    ("v_mean", "m/s", "v_mean"),
    ("ν", "", "nu_hill"),
    ("Θ_D", "K", "debye_temperature"),
)


@dataclass(frozen=True)
class Extreme:
    """One of the largest or smallest values of a column.

    Parameters
    ----------
    index
        Row.
    value
        Its value.
    largest
        Whether it is one of the largest.
    rank
        1 for the outermost.
    """

    index: int
    value: float
    largest: bool
    rank: int


def load_columns(store: Store, condition: str = "TRUE") -> dict[str, NDArray[Any]]:
    """Give the columns that the statistics need, of the results of the last run's engine.

    Parameters
    ----------
    store
        Open for reading.
    condition
        SQL over the columns of ``screened``.

    Returns
    -------
    dict
        Arrays of one length, in the order of ids; numbers are NaN where unknown. ``C`` is
        (n, 6, 6), GPa, ``lattice`` and the atoms are left in the store.

    Raises
    ------
    InputError
        If no result meets the condition.
    """
    last = store.connection.execute(
        "SELECT engine, settings FROM runs ORDER BY run DESC LIMIT 1"
    ).fetchone()
    if last is None:
        raise InputError(f"{store.path}: the store holds no results")
    constants = [f"C{i + 1}{j + 1}" for i in range(6) for j in range(i, 6)]
    names = [*COLUMNS.split(), *constants]
    listed = ", ".join(f'"{name}"' for name in names)
    found = store.connection.execute(
        f"SELECT {listed} FROM screened WHERE engine = ? AND settings = ? AND ({condition}) "
        "ORDER BY id, fingerprint",
        list(last),
    ).fetchnumpy()
    columns = {name: _plain(found[name]) for name in names}
    if not len(columns["id"]):
        raise InputError(f"{store.path}: no result of the last run's engine meets the condition")
    upper = np.stack([columns.pop(name) for name in constants], 1)
    stiffness = np.empty((len(upper), 6, 6))
    rows, places = np.triu_indices(6)
    stiffness[:, rows, places] = stiffness[:, places, rows] = upper
    return {**columns, "C": stiffness}


def system_counts(systems: Iterable[str | None]) -> dict[str, int]:
    """Number of crystals by crystal system, the most symmetric first.

    Examples
    --------
    >>> system_counts(["cubic", "triclinic", "cubic", None])
    {'cubic': 2, 'triclinic': 1}
    """
    from cijkl.plots.systems import SYSTEM_LOOK

    counts = Counter(system for system in systems if system)
    return {system: counts[system] for system in SYSTEM_LOOK if counts[system]}


def element_counts(formulas: Iterable[str]) -> dict[str, int]:
    """Number of crystals that contain each element.

    Examples
    --------
    >>> element_counts(["SiO2", "Si", "C2H8N4O2"])
    {'Si': 2, 'O': 2, 'C': 1, 'H': 1, 'N': 1}
    """
    counts: Counter[str] = Counter()
    for formula in formulas:
        counts.update(dict.fromkeys(re.findall(r"[A-Z][a-z]?", formula), 1))
    return dict(counts)


def extremes(values: Sequence[float] | NDArray[Any], count: int = 3) -> list[Extreme]:
    """Largest and smallest of the finite, positive values, each end with the outermost first.

    Parameters
    ----------
    values
        (n).
    count
        How many at each end; fewer where they would meet.
    """
    numbers = np.asarray(values, float)
    known = np.flatnonzero(np.isfinite(numbers) & (numbers > 0.0))
    order = known[np.argsort(numbers[known], kind="stable")]
    count = min(count, len(order) // 2)
    ends = [(True, order[::-1][:count]), (False, order[:count])]
    return [
        Extreme(int(index), float(numbers[index]), largest, rank)
        for largest, indices in ends
        for rank, index in enumerate(indices, 1)
    ]


def property_table(columns: Columns, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Properties of chosen crystals as in Liu 2025, tables A1 and A2.

    Each row has ``id``, ``formula`` and the columns of `PROPERTIES`: number of atoms, density,
    volume and molar mass of the cell, bulk and shear modulus (Hill), longitudinal, transverse and
    mean velocity of sound, Poisson's ratio, Debye temperature. In the paper's table A1 the columns
    of the longitudinal and the transverse velocity are swapped; here, as must be, the longitudinal
    is the larger: v_l^2 / v_t^2 = B/G + 4/3.

    Parameters
    ----------
    columns
        By name, of one length; see `COLUMNS`.
    rows
        Which crystals, in this order.
    """
    table = []
    for index in rows:
        found = {name: columns[name][index] for name in ("id", "formula")}
        for _, _, name in PROPERTIES:
            if name == "mass":
                # g/cm^3 times A^3, in atomic mass units a cell, which is g/mol
                value = columns["density"][index] * columns["volume"][index]
                found[name] = value / AMU_PER_A3_TO_G_PER_CM3
            else:
                found[name] = columns[name][index]
        table.append({name: _scalar(value) for name, value in found.items()})
    return table


def _plain(column: Any) -> NDArray[Any]:
    """A column without a mask: NaN, or None, where it is unknown."""
    mask = np.ma.getmaskarray(column)
    values = np.ma.getdata(column)
    if values.dtype.kind == "f":
        return np.where(mask, np.nan, values)
    if not mask.any():
        return np.asarray(values)
    known = values.astype(object)
    known[mask] = None
    return np.asarray(known)


def _scalar(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
