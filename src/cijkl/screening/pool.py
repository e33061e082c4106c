"""Batches at work on a cluster: submitted, and gathered as they finish or die."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cijkl.screening.opening import StoreError
from cijkl.screening.work import Item, answer

if TYPE_CHECKING:
    from distributed import Client

    from cijkl.screening.engines import Engine, Identity
    from cijkl.screening.outcome import Outcome

__all__ = ["Died", "Pool"]

#: seconds between looks at how many workers there are, and without any before giving up
_LOOK, _ALONE = 5.0, 600.0


@dataclass(frozen=True)
class Died:
    """Why a batch has no outcomes.

    Parameters
    ----------
    reason
        One line.
    process
        Whether processes died of it, not an exception that was caught.
    """

    reason: str
    process: bool


class Pool:
    """Batches in flight.

    Parameters
    ----------
    client
        Of the cluster.
    engine
        Sent to the workers once.
    """

    def __init__(self, client: Client, engine: Engine) -> None:
        self._client, self._engine = client, engine
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._flying: dict[str, tuple[int, Any]] = {}
        self._workers, self._looked, self._seen = 1, 0.0, time.monotonic()
        self._count = 0

    def __len__(self) -> int:
        return len(self._flying)

    def identity(self) -> Identity:
        """What the engine says of itself on a worker.

        Raises
        ------
        CijklError
            As the engine does.
        """
        from distributed import KilledWorker

        future = self._client.submit(_identity, self._engine, pure=False)
        try:
            identity: Identity = future.result()
        except KilledWorker:
            raise StoreError(
                "the worker dies while it loads the engine; too little memory is the usual reason"
            ) from None
        return identity

    @property
    def workers(self) -> int:
        """How many workers there are, about."""
        now = time.monotonic()
        if now - self._looked > _LOOK:
            self._looked = now
            count = sum(self._client.nthreads().values())
            if count:
                self._seen = now
            elif now - self._seen > _ALONE:
                raise StoreError(f"there was no worker for {_ALONE:.0f} s; run the command again")
            self._workers = max(1, count)
        return self._workers

    def submit(self, unit: int, items: Sequence[Item]) -> None:
        """Put a batch to work under a number of its own."""
        self._count += 1
        # a key of its own, or Dask would give the result of an equal batch
        key = f"batch-{unit}-{self._count}"
        future = self._client.submit(answer, self._engine, tuple(items), key=key, pure=False)
        self._flying[key] = (unit, future)
        future.add_done_callback(self._done.put)

    def finished(self, timeout: float) -> tuple[int, list[Outcome] | Died] | None:
        """A batch's number and outcomes, in the order of finishing; None if none is, in time.

        Raises
        ------
        StoreError
            The connection to the cluster is lost.
        """
        try:
            future = self._done.get(timeout=timeout)
        except queue.Empty:
            if self._client.status not in ("running", "connecting"):
                raise StoreError("the connection to the scheduler is lost") from None
            _ = self.workers
            return None
        unit, _ = self._flying.pop(future.key)
        return unit, self._gathered(future)

    def abandon(self) -> None:
        """Let go of all that is in flight."""
        futures = [future for _, future in self._flying.values()]
        self._flying.clear()
        if futures and self._client.status == "running":
            self._client.cancel(futures, force=True)

    def _gathered(self, future: Any) -> list[Outcome] | Died:
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            outcomes: list[Outcome] = future.result(timeout=_ALONE)
        except KilledWorker:
            return Died("the process died", process=True)
        except (CancelledError, TimeoutError):
            raise StoreError(
                "the connection to the scheduler is lost; run the command again to go on"
            ) from None
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            return Died(f"unexpected {type(error).__name__}: {reason}", process=False)
        return outcomes


def _identity(engine: Engine) -> Identity:
    return engine.identity()
