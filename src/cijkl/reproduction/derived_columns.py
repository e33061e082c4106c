"""Columns of Liu 2025's tables A1 and A2 that follow from moduli, density and cell.

    v_l = sqrt((B + 4 G/3)/rho),  v_t = sqrt(G/rho),  v_m = [(2/v_t^3 + 1/v_l^3)/3]^(-1/3),
    nu = (3 B - 2 G)/(6 B + 2 G),  Theta = (h/k_B) [3 N/(4 pi V)]^(1/3) v_m

Equation 5 of the paper prints h-bar where its numbers have h, a factor 2 pi. Table A1 has the
columns v_l and v_t exchanged and its Theta follows N = 1, as though the cell held one atom; table
A2 follows the formulas. Both versions are given.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cijkl.elasticity.acoustics import debye_temperature, sound_velocities
from cijkl.elasticity.averages import poisson_from_bulk_shear
from cijkl.errors import InputError
from cijkl.reproduction.outcome import Cell, Outcome, Request, Table
from cijkl.structures.building import one_line

__all__ = ["COLUMNS", "Derived", "derived", "derived_outcome", "read_rows"]

#: columns that can be compared, with the decimals shown
COLUMNS = ("v_l", "v_t", "v_mean", "nu", "theta")
_GIVEN = ("N", "rho", "V", "B", "G")


@dataclass(frozen=True)
class Derived:
    """What follows from one row.

    Parameters
    ----------
    v_l, v_t, v_mean
        m/s.
    nu
        Poisson's ratio.
    theta
        Debye temperature, K.
    """

    v_l: float
    v_t: float
    v_mean: float
    nu: float
    theta: float


def derived(
    bulk: float, shear: float, density: float, volume: float, atoms: float, *, h_bar: bool = False
) -> Derived:
    """Give the columns of one crystal.

    Parameters
    ----------
    bulk, shear
        B and G, GPa.
    density
        g/cm^3.
    volume
        Of the cell, A^3.
    atoms
        N in that volume.
    h_bar
        Whether Theta has h-bar, as equation 5 is printed.

    Examples
    --------
    >>> row = derived(97.8, 66.5, 2.329, 160.2, 8)
    >>> print(f"{row.v_l:.0f} {row.v_t:.0f} {row.theta:.0f}")
    8948 5344 648
    """
    v_l, v_t, v_mean = sound_velocities(bulk, shear, density)
    theta = float(debye_temperature(v_mean, atoms / volume))
    return Derived(
        float(v_l),
        float(v_t),
        float(v_mean),
        float(poisson_from_bulk_shear(bulk, shear)),
        theta / (2.0 * math.pi) if h_bar else theta,
    )


def derived_outcome(
    request: Request, name: str, title: str, *, one_atom: bool, exchanged: bool
) -> Outcome:
    """Give the columns as the formulas have them and as the table is printed.

    Parameters
    ----------
    request
        Its `data` is a CSV, see `read_rows`.
    name, title
        Of the outcome.
    one_atom
        Whether the printed Theta follows N = 1.
    exchanged
        Whether the printed columns v_l and v_t stand for one another.

    Raises
    ------
    InputError
        If there is no table.
    """
    if request.data is None:
        raise InputError(
            f"{name} needs its rows: --data FILE, a CSV with the columns formula, N, rho (g/cm^3), "
            "V (A^3), B and G (GPa) and, to be compared, v_l, v_t, v_mean (m/s), nu, theta (K)"
        )
    rows = read_rows(request.data)
    right, as_printed, agreement = [], [], []
    for formula, row in rows:
        given = (row["B"], row["G"], row["rho"], row["V"])
        true = derived(*given, row["N"])
        theirs = _as_printed(true, derived(*given, 1.0 if one_atom else row["N"]), exchanged)
        h_bar = derived(*given, row["N"], h_bar=True).theta
        right.append((formula, *(getattr(true, key) for key in COLUMNS), h_bar))
        as_printed.append((formula, *_beside(theirs, row)))
        agreement.append((formula, *(_closer(row.get(key), true, theirs, key) for key in COLUMNS)))
    header = ("formula", *COLUMNS)
    tables = [Table("Corrected, m/s and K", (*header, "theta with h-bar (eq. 5)"), tuple(right), 3)]
    if any(row.get(key) is not None for _, row in rows for key in COLUMNS):
        columns = ["formula"]
        for key in COLUMNS:
            columns += [key, f"{key}, printed", f"{key}, difference"]
        tables.append(Table("By the rules of the printed table", tuple(columns), tuple(as_printed)))
        tables.append(Table("Which version is nearer to the print", header, tuple(agreement)))
    notes = ["Theta has h; equation 5 is printed with h-bar, which would make it 2 pi times less."]
    if exchanged:
        notes.append("In table A1 the columns v_l and v_t are exchanged.")
    if one_atom:
        notes.append("In table A1 Theta follows N = 1 instead of the atoms of the cell.")
    return Outcome(name, title, tuple(tables), tuple(notes))


def read_rows(path: Path) -> list[tuple[str, dict[str, float]]]:
    """Read rows of formula and numbers.

    Parameters
    ----------
    path
        CSV with the columns formula, N, rho (g/cm^3), V (A^3), B, G (GPa); any of `COLUMNS`
        as printed may follow.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column, or a number is none or not positive.
    """
    try:
        with path.expanduser().open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            lacking = [k for k in ("formula", *_GIVEN) if k not in (table.fieldnames or ())]
            if lacking:
                raise InputError(f"{one_line(path)}: lacks the columns {' '.join(lacking)}")
            rows = [_row(f"{one_line(path)}:{table.line_num}", record) for record in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    if not rows:
        raise InputError(f"{one_line(path)}: the table has no row")
    return rows


def _row(where: str, record: Mapping[str, str | None]) -> tuple[str, dict[str, float]]:
    found = {}
    for key in (*_GIVEN, *COLUMNS):
        cell = (record.get(key) or "").strip()
        if not cell and key in COLUMNS:
            continue
        try:
            found[key] = float(cell)
        except ValueError:
            raise InputError(f"{where}: {key} is {cell!r}, expected a number") from None
        # Poisson's ratio alone may be negative
        if key != "nu" and not (math.isfinite(found[key]) and found[key] > 0.0):
            raise InputError(f"{where}: {key} is {cell}, expected a positive number")
    return (record.get("formula") or "").strip(), found


def _as_printed(true: Derived, of_theta: Derived, exchanged: bool) -> Derived:
    v_l, v_t = (true.v_t, true.v_l) if exchanged else (true.v_l, true.v_t)
    return Derived(v_l, v_t, true.v_mean, true.nu, of_theta.theta)


def _beside(theirs: Derived, row: Mapping[str, float]) -> list[Cell]:
    cells: list[Cell] = []
    for key in COLUMNS:
        ours, printed = float(getattr(theirs, key)), row.get(key)
        cells += [ours, printed, None if printed is None else ours - printed]
    return cells


def _closer(printed: float | None, true: Derived, theirs: Derived, key: str) -> str | None:
    """Which of the two versions a printed number is nearer to."""
    if printed is None:
        return None
    right, wrong = (abs(float(getattr(one, key)) - printed) for one in (true, theirs))
    if math.isclose(right, wrong, rel_tol=1e-9, abs_tol=1e-9):
        return "both"
    return "corrected" if right < wrong else "as printed"
