"""An engine for tests: fast, exact, and as ill-behaved as the crystal says."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cijkl.analysis import analyze
from cijkl.record import Engine, Result, failed_record
from cijkl.screening import Identity


@dataclass(frozen=True)
class Frail:
    """Isotropic tensors from the volume per atom; some elements do what crystals should not.

    Helium ends the process; neon eats memory; argon raises; krypton takes a second and xenon a
    tenth; radon fails in an orderly way. In `folder` there is a file for each batch that was begun.
    """

    atoms: int = 20
    crystals: int = 8
    factor: float = 1.0
    folder: str | None = None

    def identity(self) -> Identity:
        return Identity("frail", "frail 1", {"factor": self.factor})

    def results(self, crystals: Sequence[Any]) -> list[Result]:
        if self.folder is not None:
            name = f"{crystals[0].id}-{os.getpid()}-{time.monotonic_ns()}"
            Path(self.folder, name).write_text(str(os.getpid()), encoding="ascii")
        return [self._result(crystal) for crystal in crystals]

    def _result(self, crystal: Any) -> Result:
        numbers = set(crystal.atoms.numbers.tolist())
        if 2 in numbers:
            os._exit(1)
        if 10 in numbers:
            eaten = []
            while True:
                eaten.append(np.ones(4_000_000))
                time.sleep(0.01)
        if 18 in numbers:
            raise RuntimeError("argon is noble")
        time.sleep(1.0 * (36 in numbers) + 0.1 * (54 in numbers))
        engine = Engine("frail", "frail 1", {"factor": self.factor})
        if 86 in numbers:
            record = failed_record(crystal.id, crystal.source, "radon fails", engine, formula="Rn")
            return Result(record)
        bulk = 1000.0 * self.factor * len(crystal.atoms) / crystal.atoms.get_volume()
        lame, shear = bulk / 3, bulk
        stiffness = np.diag([2 * shear] * 3 + [shear] * 3)
        stiffness[:3, :3] += lame
        return analyze(stiffness, crystal.atoms, id=crystal.id, source=crystal.source)
