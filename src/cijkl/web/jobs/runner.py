"""Works the queue off: each job in a process of its own, within limits of time and memory."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.web.jobs.process import run_job
from cijkl.web.jobs.progress import Progress

if TYPE_CHECKING:
    from cijkl.structures import Crystal
    from cijkl.web.jobs.store import Job, JobStore

__all__ = ["Runner"]

#: seconds between looks at a process, and between clearances of the store
_LOOK, _CLEARANCE = 0.2, 60.0


class Runner:
    """Takes jobs from the store until it is told to end.

    Parameters
    ----------
    at_once
        Jobs that run side by side.
    seconds, megabytes
        What a job may use.
    keep
        Days and number of results that the store keeps.

    Attributes
    ----------
    target
        What the process of a job runs, see `run_job`.
    """

    def __init__(
        self,
        store: JobStore,
        *,
        at_once: int,
        seconds: float,
        megabytes: int,
        keep: tuple[float, int],
    ) -> None:
        self.store = store
        self.target = run_job
        self._seconds, self._megabytes, self._keep = seconds, megabytes, keep
        self._news = threading.Condition()
        self._ending = False
        self._progress: dict[str, Progress] = {}
        self._cleared = 0.0
        self._threads = [
            threading.Thread(target=self._all, name=f"cijkl-jobs-{number}", daemon=True)
            for number in range(at_once)
        ]

    def begin(self) -> None:
        """Put back what a former server left, and start."""
        self.store.recover()
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something new in the queue."""
        with self._news:
            self._news.notify_all()

    def cancel(self, name: str) -> bool:
        """Whether a job waited or ran; its process ends within moments."""
        return self.store.cancel(name)

    def progress(self, name: str) -> dict[str, Any] | None:
        """How a job that runs is going."""
        running = self._progress.get(name)
        return None if running is None else running.as_dict()

    def end(self) -> None:
        """End all processes; what ran is queued again when the next server begins."""
        with self._news:
            self._ending = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join(10.0)

    def _all(self) -> None:
        while not self._ending:
            self._clear()
            taken = self.store.take()
            if taken is None:
                with self._news:
                    self._news.wait(1.0)
                continue
            job, crystal = taken
            self._progress[job.id] = Progress()
            try:
                self._one(job, crystal)
            finally:
                del self._progress[job.id]

    def _clear(self) -> None:
        if time.monotonic() - self._cleared > _CLEARANCE or not self._cleared:
            self._cleared = time.monotonic()
            self.store.prune(*self._keep)

    def _one(self, job: Job, crystal: Crystal) -> None:
        """From the start of a process to its end, whichever that is."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(
            target=self.target,
            args=(there, crystal, dict(job.options), self._megabytes),
            daemon=True,
        )
        process.start()
        there.close()
        try:
            record, reason = self._followed(job, process, here)
        finally:
            process.kill()
            process.join(10.0)
            here.close()
        if self._ending and record is None:
            return
        facts = self._progress[job.id].as_dict()
        if record is not None and record["status"] == "ok":
            self.store.finish(job.id, "done", record=record, progress=facts)
        else:
            reason = record["error"] if record is not None else reason
            self.store.finish(job.id, "failed", error=reason, record=record, progress=facts)

    def _followed(
        self, job: Job, process: Any, connection: Any
    ) -> tuple[dict[str, Any] | None, str]:
        """The record, or why there is none."""
        limit = time.monotonic() + self._seconds
        while True:
            try:
                told = connection.recv() if connection.poll(_LOOK) else None
            except (EOFError, OSError):
                return None, "the process of the job ended unexpectedly, perhaps for want of memory"
            if told is not None:
                kind, content = told
                if kind == "record":
                    return content, ""
                if kind == "error":
                    return None, content
                self._progress[job.id].note(*content)
            if self._is_over(job):
                return None, "cancelled"
            if time.monotonic() > limit:
                return None, f"the job took longer than {self._seconds:g} s and was ended"
            if _megabytes(process.pid) > self._megabytes:
                return None, f"the job needed more than {self._megabytes} MB and was ended"

    def _is_over(self, job: Job) -> bool:
        now = self.store.job(job.id)
        return self._ending or now is None or now.state != "running"


def _megabytes(pid: int) -> float:
    """Memory that a process holds, where the system tells."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0
