"""Tables of what `molecular.py` measured."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from ase import Atoms

from cijkl.structures import Crystal
from cijkl.structures.packing import packing_similarity

Row = dict[str, Any]

#: evaluations within which nine of ten crystals should be relaxed
_BUDGET = 150


def print_tables(
    rows: list[Row], references: dict[str, tuple[float, str]], given: dict[str, Crystal]
) -> None:
    """Cells and costs of relaxations, then constants, for each potential in the file."""
    potentials = list(dict.fromkeys(row["potential"] for row in rows))
    relaxed = {p: [r for r in rows if r["potential"] == p and r["task"] == "relax"]
               for p in potentials}  # fmt: skip
    if any(relaxed.values()):
        _print_costs(relaxed)
        _print_cells(relaxed, references, given)
    for task in ("tensor-relaxed", "tensor-given"):
        tensors = {p: [r for r in rows if r["potential"] == p and r["task"] == task]
                   for p in potentials}  # fmt: skip
        if any(tensors.values()):
            _print_tensors(tensors, task)


def _head(*columns: str) -> None:
    print("\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")


def _print_costs(found: dict[str, list[Row]]) -> None:
    _head(
        "potential",
        "crystals",
        "relaxed",
        "evaluations: median, 90 %, most",
        f"within {_BUDGET}",
        "s each",
        "s for each 1000 atom evaluations",
    )
    for name, rows in found.items():
        if not rows:
            continue
        ran = [row for row in rows if "evaluations" in row]
        calls = np.array([row["evaluations"] for row in ran])
        work = sum(row["evaluations"] * row["natoms"] for row in ran)
        good = [r for r in ran if r["converged"]]
        within = sum(r["evaluations"] <= _BUDGET for r in good)
        seconds = sum(row["seconds"] for row in ran)
        print(
            f"| {name} | {len(rows)} | {len(good)} | {np.median(calls):.0f}, "
            f"{np.percentile(calls, 90):.0f}, {calls.max()} | {100 * within / len(rows):.0f} % | "
            f"{seconds / len(ran):.1f} | {1000 * seconds / work:.2f} |"
        )
    for name, rows in found.items():
        for row in rows:
            if not row["converged"]:
                why = row.get("error") or " ".join(row["codes"])
                left = f", {row['fmax']:.2g} eV/A, {row['smax']:.2g} GPa" if "fmax" in row else ""
                print(f"- {name}, {row['id']} ({row.get('natoms', '?')} atoms): {why}{left}")


def _print_cells(
    found: dict[str, list[Row]],
    references: dict[str, tuple[float, str]],
    given: dict[str, Crystal],
) -> None:
    """Errors of cells against measured ones; volumes against vdW-DF2 where none is measured."""
    errors = {name: _cell_errors(rows, references, given) for name, rows in found.items()}
    errors = {name: rows for name, rows in errors.items() if rows}
    if not errors:
        return
    _print_errors(errors)
    shared = set.intersection(*({row["id"] for row in rows} for rows in errors.values()))
    if any(len(rows) > len(shared) for rows in errors.values()):
        print(f"\nThe {len(shared)} crystals that all of them relaxed")
        _print_errors({n: [r for r in rows if r["id"] in shared] for n, rows in errors.items()})
    names = sorted({row["id"] for rows in errors.values() for row in rows})
    _head("crystal", *(f"{name}: V, a, b, c, %; angles" for name in errors))
    for crystal in names:
        cells = []
        for rows in errors.values():
            row = next((r for r in rows if r["id"] == crystal), None)
            cells.append("" if row is None else _shown(row))
        print(f"| {crystal.removeprefix('X23-exp-')} | " + " | ".join(cells) + " |")


def _print_errors(errors: dict[str, list[Row]]) -> None:
    _head(
        "potential",
        "crystals",
        "volume, %: mean abs., bias, largest",
        "lengths, %: mean abs., bias",
        "angles, degrees: mean abs.",
        "RMSD15, A: mean, matched",
        "with vdW-DF2 for the rest: crystals, volume, %",
    )
    for name, rows in errors.items():
        measured = [row for row in rows if row["reference"] == "experiment"]
        if not measured:
            continue
        volume = np.array([row["volume"] for row in measured])
        lengths = np.concatenate([row["lengths"] for row in measured])
        angles = np.concatenate([row["angles"] for row in measured])
        every = np.array([row["volume"] for row in rows])
        apart = [row["rmsd15"] for row in measured if row["rmsd15"] is not None]
        print(
            f"| {name} | {len(measured)} | {np.abs(volume).mean():.2f}, {volume.mean():+.2f}, "
            f"{volume[np.abs(volume).argmax()]:+.1f} | {np.abs(lengths).mean():.2f}, "
            f"{lengths.mean():+.2f} | {np.abs(angles).mean() if len(angles) else 0.0:.2f} | "
            f"{np.mean(apart) if apart else np.nan:.2f}, {len(apart)} | "
            f"{len(every)}, {np.abs(every).mean():.2f} |"
        )


def _shown(row: Row) -> str:
    lengths = ", ".join(f"{value:+.1f}" for value in row["lengths"])
    angles = ", ".join(f"{value:+.1f}" for value in row["angles"])
    mark = "" if row["reference"] == "experiment" else " (vdW-DF2)"
    return f"{row['volume']:+.1f}{mark}; {lengths}" + (f"; {angles}" if angles else "")


def _cell_errors(
    rows: list[Row], references: dict[str, tuple[float, str]], crystals: dict[str, Crystal]
) -> list[Row]:
    """Volume and lengths in %, angles in degrees where symmetry leaves them free."""
    found = []
    for row in rows:
        reference = references.get(row["id"])
        if reference is None or not row["converged"]:
            continue
        given, cell = np.array(row["given"]), np.array(row["cell"])
        volume = _volume(cell)
        # right angles and those of hexagonal cells are fixed by symmetry
        free = np.abs(given[3:, None] - [60.0, 90.0, 120.0]).min(1) > 1e-3
        measured = reference[1] == "experiment"
        found.append({
            "id": row["id"],
            "reference": reference[1],
            "rmsd15": _rmsd15(row, crystals[row["id"]]),
            "volume": 100.0 * (volume / reference[0] - 1.0),
            "lengths": 100.0 * (cell[:3] / given[:3] - 1.0) if measured else np.zeros(0),
            "angles": (cell[3:] - given[3:])[free] if measured else np.zeros(0),
        })  # fmt: skip
    return found


def _rmsd15(row: Row, given: Crystal) -> float | None:
    """Of the relaxed crystal's packing against the given one; None if a molecule has no match."""
    relaxed = Atoms(row["species"], cell=row["lattice"], scaled_positions=row["frac"], pbc=True)
    found = packing_similarity(given.atoms, relaxed)
    return found.rmsd if found.same else None


def _volume(cell: np.ndarray) -> float:
    from ase.geometry import cellpar_to_cell

    return float(abs(np.linalg.det(cellpar_to_cell(cell))))


def _print_tensors(found: dict[str, list[Row]], task: str) -> None:
    cell = task.removeprefix("tensor-")
    print(f"\nConstants in the {cell} cell")
    _head(
        "potential",
        "crystals",
        "tensors",
        "unstable",
        "no minimum",
        "saddle",
        "step dependence, %: median, 90 %",
        "evaluations, median",
        "s each",
        "residual pressure, GPa: mean",
    )
    for name, rows in found.items():
        if not rows:
            continue
        good = [row for row in rows if row["status"] == "ok"]
        steps = 100.0 * np.array([r["step_dependence"] for r in good] or [np.nan])
        codes = Counter(code for row in rows for code in row["codes"])
        curved = sum("no minimum" in (row["error"] or "") for row in rows)
        pressures = [(r["relaxation"] or {}).get("residual_pressure") for r in good]
        known = [p for p in pressures if p is not None]
        print(
            f"| {name} | {len(rows)} | {len(good)} | {sum(not r['stable'] for r in good)} | "
            f"{curved} | {codes['unstable_mode']} | {np.median(steps):.2f}, "
            f"{np.percentile(steps, 90):.2f} | "
            f"{np.median([r['evaluations'] for r in rows]):.0f} | "
            f"{np.mean([r['seconds'] for r in rows]):.0f} | "
            f"{np.mean(known) if known else np.nan:+.2f} |"
        )
    for name, rows in found.items():
        for row in rows:
            moduli = row["moduli"]
            shown = row["error"] or "unstable"
            if moduli:
                shown = ", ".join(
                    f"{key} {moduli[key]['hill']:.1f}/{moduli[key]['rh']:.1f}" for key in "KGE"
                )
            step = 100.0 * row.get("step_dependence", np.nan)
            print(f"- {name}, {row['id']}: {shown} GPa (Hill/RH), step {step:.1f} %, "
                  f"{row['seconds']:.0f} s {' '.join(row['codes'])}")  # fmt: skip
