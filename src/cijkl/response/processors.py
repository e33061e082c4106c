"""How many processors there are to use, and how many of them one crystal is worth."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.response.batch import size

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["cores", "processes_that_fit", "processor_seconds", "threads_for"]

#: `size` below which a second thread costs more than it does. On two busy cores a second thread
#: made 2 atoms of silicon 12 times slower and 128 atoms 5 times.
_SMALL = 3_000
#: kB, memory of a process with PyTorch and a network, which this one may not have loaded yet
_LEAST = 500_000


def cores() -> int:
    """Processors that this process may use: by its affinity, and by the quota of a container."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        count = min(count, max(1, round(int(quota) / int(period))))
    return count


def processes_that_fit(count: int) -> int:
    """So many copies of this process, with its libraries and model, as memory is free for.

    Parameters
    ----------
    count
        How many are wanted. Where the system does not tell its memory, they are taken to fit.
    """
    with suppress(ImportError, OSError, StopIteration, ValueError):
        import resource

        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
        used = max(_LEAST, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return min(count, int(free / (1.5 * used)))
    return count


def processor_seconds() -> float:
    """Processor time of this process and of those that it has waited for.

    It measures work on a busy machine as on an idle one, which the clock on the wall does not.
    """
    return sum(os.times()[:4])


@contextmanager
def threads_for(atoms: Atoms) -> Iterator[None]:
    """While a crystal is computed here, as many threads of PyTorch as it is worth.

    A small cell gets one: threads that wait for each other on a busy machine can make it a hundred
    times slower. A large one gets those that the user allows, less the processors that were busy
    at the start. The user's number is restored.
    """
    torch = sys.modules.get("torch")
    before = 1 if torch is None else torch.get_num_threads()
    wanted = 1 if size(atoms) < _SMALL else max(1, min(before, cores() - _busy()))
    if torch is None or wanted == before:
        yield
        return
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@lru_cache(maxsize=1)
def _busy() -> int:
    """Processors that others kept busy before this process had done any work worth threads."""
    try:
        return int(os.getloadavg()[0])
    except (AttributeError, OSError):
        return 0
