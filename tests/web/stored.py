"""A small store as `cijkl screen` leaves it, of crystals with constants that tests choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.build import bulk

#: formula and lattice constant (A) of rock salts and metals; constants are made from the number
BINARIES = ("MgO", "NaCl", "CaO", "LiF", "KBr", "NaF", "TiN", "SrO", "BaO", "AgCl")
METALS = ("Cu", "Al", "Ni", "Ag", "Au", "W", "Fe", "Mo")


def crystals(count: int = 36) -> list[tuple[Atoms, Any, dict[str, Any]]]:
    """Crystals, their constants (6, 6) in GPa, and what their source says."""
    made = []
    for number in range(count):
        if number % 3:
            atoms = bulk(BINARIES[number % len(BINARIES)], "rocksalt", a=4.0 + 0.05 * number)
        else:
            atoms = bulk(METALS[number % len(METALS)], cubic=number % 2 == 0)
            atoms.set_cell(atoms.cell * (1.0 + 0.01 * number), scale_atoms=True)
        c44 = 8.0 * 1.11**number
        c12 = c44 * (0.6 + 0.02 * (number % 7))
        c11 = c12 + 2.0 * c44 * (0.7 + 0.05 * (number % 9))
        if number == 7:
            c11 = 0.8 * c12  # unstable
        stiffness = np.diag([c11 - c12] * 3 + [c44] * 3)
        stiffness[:3, :3] += c12
        said = {"band_gap": 0.1 * number} if number % 4 else {}
        made.append((atoms, stiffness, {"id": f"c-{number:03d}", **said}))
    return made


def fill(path: Path, count: int = 36, engine: str = "measured") -> Path:
    """A store of `crystals`."""
    from cijkl import analyze
    from cijkl.screening import Identity, Store
    from cijkl.screening.columns import result_row
    from cijkl.screening.fingerprint import digest, profile
    from cijkl.screening.outcome import Link, Outcome
    from cijkl.screening.packing import pack
    from cijkl.screening.work import crystal_row
    from cijkl.structures import Crystal

    outcomes = []
    for atoms, stiffness, said in crystals(count):
        own = {name: value for name, value in said.items() if name != "id"}
        crystal = Crystal(said["id"], atoms, "made.jsonl", columns=own)
        record: Any = dict(analyze(stiffness, atoms, id=crystal.id, source=crystal.source).record)
        name = profile(atoms).fingerprint
        row = crystal_row(crystal, name)
        facts = ("spacegroup", "spacegroup_symbol", "crystal_system")
        row |= {key: record["structure"][key] for key in facts}
        link = Link(crystal.id, crystal.source, digest(atoms), own)
        outcomes.append(Outcome(link, "result", name, row, result_row(record), pack(record)))
    with Store(path, write=True) as store:
        identity = Identity(engine, "1", {})
        run = store.begin_run(identity, "a test")
        store.commit(outcomes, identity, run)
    return path
