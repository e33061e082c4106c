"""A quick potential that kills the process it runs in; importable by worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ase.calculators.emt import EMT

from cijkl.potentials import AseCalculator


class Frail:
    """EMT, but platinum kills the process always, palladium only the first time.

    Parameters
    ----------
    folder
        Where a process leaves a file named by its id, and palladium its mark.
    delay
        Seconds that each evaluation takes longer.
    """

    name, version = "frail", "test"
    settings: dict[str, str] = {}  # noqa: RUF012  # read only

    def __init__(self, folder, delay=0.0):
        self.folder, self.delay = Path(folder), delay
        self.emt = AseCalculator(EMT(), "emt")

    def evaluate(self, structures):
        (self.folder / f"pid-{os.getpid()}").touch()
        symbols = {symbol for atoms in structures for symbol in atoms.symbols}
        mark = self.folder / "palladium"
        if "Pt" in symbols or ("Pd" in symbols and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self.delay)
        return self.emt.evaluate(structures)

    def processes(self):
        """Ids of the processes that it ran in."""
        return {int(path.name[4:]) for path in self.folder.glob("pid-*")}


def alive(pid):
    """Whether a process is there; a zombie is, until its parent asks for its end."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
