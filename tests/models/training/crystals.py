"""The dozen cubic crystals of ``examples/measured.jsonl``, and files with some of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms

from cijkl.datasets import load_dataset

MEASURED = Path(__file__).parents[3] / "examples" / "measured.jsonl"


def _read() -> dict[str, tuple[Atoms, tuple[float, float, float]]]:
    found = {}
    for example in load_dataset(MEASURED):
        c = np.asarray(example.stiffness)
        found[example.id] = (example.crystal.atoms, (c[0, 0], c[0, 1], c[3, 3]))
    return found


#: atoms, and C11, C12, C44 in GPa
CUBIC = _read()


def write(path: Path, names: list[str] | None = None) -> Path:
    """JSON Lines with some of the crystals and their tensors, all by default."""
    lines = dict(zip(CUBIC, MEASURED.read_text(encoding="utf-8").splitlines(), strict=True))
    path.write_text("".join(lines[name] + "\n" for name in names or CUBIC), encoding="utf-8")
    return path
