"""Worker processes: crystals side by side, each process with one thread and its own potential.

Each process has a thread here that keeps it at work. A process that dies is replaced and its
crystal tried once more.
"""

from __future__ import annotations

import pickle
import queue
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cijkl.response.worker_process import READY, WorkerProcess

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.response.choice import Choice
    from cijkl.structures import Crystal

__all__ = ["Workers", "recipe"]


def recipe(choice: Choice) -> bytes | None:
    """What a worker needs to begin; None if the potential cannot be sent to another process."""
    try:
        return pickle.dumps(choice)
    except Exception:
        # what cannot be pickled says so by any kind of error
        return None


class Workers:
    """Processes that compute crystals.

    Parameters
    ----------
    start
        As `recipe` gives it.
    count
        How many processes.
    give_up
        Makes the result of a crystal at which two processes died, from it and the reason.
    """

    def __init__(self, start: bytes, count: int, give_up: Callable[[Crystal, str], Result]) -> None:
        self.count = count
        self._start, self._give_up = start, give_up
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[int, Result] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._processes: set[WorkerProcess] = set()
        self._threads: list[threading.Thread] = []
        self._alive = 0
        self._started = self._stopping = False
        #: whether a worker has ever been ready
        self.ready = False

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self._started

    @property
    def gone(self) -> bool:
        """Whether all were started and none of them could be kept alive."""
        return self.started and self._alive == 0

    def start(self) -> None:
        """Start the processes; returns at once, they take seconds."""
        self._started, self._alive = True, self.count
        for number in range(self.count):
            thread = threading.Thread(target=self._tend, name=f"cijkl worker {number}", daemon=True)
            thread.start()
            # only now: Ctrl-C may come in between, and `stop` joins those that run
            self._threads.append(thread)

    def submit(self, index: int, crystal: Crystal) -> bool:
        """Queue a crystal; False if it holds what cannot be sent to another process."""
        message = _portable(crystal)
        if message is not None:
            self._jobs.put(_Job(index, crystal, message))
        return message is not None

    def take_back(self) -> tuple[int, Crystal] | None:
        """A crystal that no worker has begun, or None."""
        with suppress(queue.Empty):
            job = self._jobs.get_nowait()
            return None if job is None else (job.index, job.crystal)
        return None

    def finished(self, wait: bool) -> tuple[int, Result] | None:
        """A crystal's position and result, in the order of finishing.

        Parameters
        ----------
        wait
            Whether to wait for one; None then means that a worker was lost for good.
        """
        while True:
            try:
                found = self._done.get(timeout=0.5 if wait else 0.0)
            except queue.Empty:
                # waking up now and then lets Ctrl-C through on every system
                if wait:
                    continue
                return None
            if found is None:
                self._alive -= 1
            return found

    def stop(self) -> None:
        """End all processes and wait until they are gone."""
        with self._lock:
            self._stopping = True
            for process in self._processes:
                process.kill()
        for _ in range(self.count):
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _tend(self) -> None:
        """Keep one process at work; runs in a thread of its own."""
        process: WorkerProcess | None = None
        job: _Job | None = None
        try:
            process = self._launch()
            while process is not None:
                job = self._jobs.get()
                if job is None:
                    return
                deaths = 0
                while (result := process.ask(job.message)) is None and not self._stopping:
                    deaths += 1
                    status = self._bury(process)
                    process = self._launch()
                    if deaths == 2:
                        result = self._give_up(job.crystal, _obituary(status))
                        break
                    if process is None:
                        return
                if result is None:
                    return
                self._done.put((job.index, result))
                job = None
        finally:
            if process is not None:
                self._bury(process)
            if job is not None:
                self._jobs.put(job)
            self._done.put(None)

    def _launch(self) -> WorkerProcess | None:
        """A process that is ready; None if two in a row die before that."""
        for _ in range(2):
            with self._lock:
                if self._stopping:
                    return None
                try:
                    process = WorkerProcess()
                except OSError:
                    return None
                self._processes.add(process)
            if process.ask(self._start) == READY:
                self.ready = True
                return process
            self._bury(process)
        return None

    def _bury(self, process: WorkerProcess) -> int:
        """Make sure that a process has ended and give its exit status."""
        status = process.end()
        with self._lock:
            self._processes.discard(process)
        return status


@dataclass(frozen=True, eq=False)
class _Job:
    """A crystal that waits for a worker, and the message that carries it there."""

    index: int
    crystal: Crystal
    message: bytes


def _portable(crystal: Crystal) -> bytes | None:
    """The crystal for another process; None if something that a user attached cannot go there."""
    try:
        return pickle.dumps(replace(crystal, atoms=crystal.atoms.copy()))
    except Exception:
        # what cannot be pickled says so by any kind of error
        return None


def _obituary(status: int) -> str:
    """Why a crystal is given up, in one line."""
    cause = f"exit code {status}"
    if status < 0:
        with suppress(ValueError):
            cause = signal.Signals(-status).name
    return (
        f"the worker died twice while computing this crystal ({cause}); too little memory is the "
        "usual reason: try fewer workers"
    )
