"""What `molecular.py` measures of one crystal with one potential."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ase.geometry import cell_to_cellpar

from cijkl.errors import InputError
from cijkl.response import ComputeSettings, Group, RelaxSettings, compute_crystal, relax, run
from cijkl.structures import Crystal, primitive, read, symmetrise, symmetry

Row = dict[str, Any]


def crystals(data: Path) -> dict[str, Crystal]:
    """The crystals of a file by id."""
    return {item.id: item for item in read(data) if isinstance(item, Crystal)}


def reference_volumes(data: Path) -> dict[str, tuple[float, str]]:
    """What the volumes of the X23 crystals are set against, A^3, and where that is from.

    Two of them come without a measured cell, in that of PBE+TS; their reference is vdW-DF2.
    """
    opener = gzip.open if data.suffix == ".gz" else open
    with opener(data, "rt", encoding="utf-8") as file:
        rows = {row["id"]: row for row in map(json.loads, file)}
    result = {}
    for name, row in rows.items():
        by_df2 = rows.get(name.replace("-exp-", "-DF2-"))
        if name.startswith("X23-exp-"):
            if row["volume_exp"]:
                result[name] = (float(row["volume_exp"]), "experiment")
            elif by_df2 is not None:
                result[name] = (float(abs(np.linalg.det(by_df2["lattice"]))), "vdW-DF2")
    return result


def relaxed_row(crystal: Crystal, potential: Any, settings: RelaxSettings) -> Row:
    """Relax cell and ions: cost, what went wrong, and how the given cell changed."""
    begun = time.process_time()
    row: Row = {"id": crystal.id, "task": "relax"}
    try:
        cell = primitive(symmetrise(crystal.atoms, symmetry(crystal.atoms)))
        found = symmetry(cell)
        cell = symmetrise(cell, found)
        group = Group(found.rotations, found.permutations)
        row |= {"natoms": len(cell), "group": found.symbol, "operations": group.order}
        result = run(relax(cell, group, settings), potential)
    except InputError as error:
        return {**row, "converged": False, "error": str(error)}
    before, after = cell.cell.array, result.atoms.cell.array
    given = crystal.atoms.cell.array
    changed = given @ np.linalg.solve(before, after)
    return {
        **row,
        "converged": result.converged,
        "evaluations": result.evaluations,
        "steps": result.steps,
        "seconds": round(time.process_time() - begun, 2),
        "fmax": result.fmax,
        "smax": result.smax,
        "asymmetry": result.asymmetry,
        "codes": [note.code for note in result.diagnostics],
        "volume_percent": 100.0 * (result.atoms.get_volume() / cell.get_volume() - 1.0),
        "given": cell_to_cellpar(given).tolist(),
        "cell": cell_to_cellpar(changed).tolist(),
        "lattice": after.tolist(),
        "frac": result.atoms.get_scaled_positions(wrap=False).round(6).tolist(),
        "species": result.atoms.get_chemical_symbols(),
    }


def tensor_row(crystal: Crystal, potential: Any, settings: ComputeSettings, task: str) -> Row:
    """The elastic tensor with all that says how far to trust it."""
    begun = time.process_time()
    record = compute_crystal(crystal, potential, settings).record
    response = record.get("response")
    row: Row = {
        "id": crystal.id,
        "task": task,
        "natoms": len(primitive(crystal.atoms)),
        "status": record["status"],
        "error": record["error"],
        "codes": [note["code"] for note in record["warnings"]],
        "seconds": round(time.process_time() - begun, 2),
        "evaluations": record["engine"]["evaluations"],
        "stable": record["stable"],
        "C": record["C"],
        "moduli": record["moduli"],
        "eigenvalues": record["eigenvalues"],
        "relaxation": record.get("relaxation"),
    }
    if response is not None:
        scale = np.abs(record["C"] or response["C_clamped"]).max()
        row["step_dependence"] = float(np.abs(response["C_error"]).max() / scale)
        row["lowest_curvature"] = response["lowest_curvature"]
        row["response_evaluations"] = response["evaluations"]
        row["C_error"] = response["C_error"]
    return row


def sample(names: list[str], count: int, seed: int) -> list[str]:
    """A seeded choice of ids."""
    order = np.random.default_rng(seed).permutation(len(names))[:count]
    return [names[index] for index in sorted(order)]


def by_size(names: list[str], size: Callable[[str], int]) -> list[str]:
    """Small ones first, so that a run that is broken off has the most."""
    return sorted(names, key=lambda name: (size(name), name))
