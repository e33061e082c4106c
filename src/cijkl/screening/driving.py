"""Drives a screening: inputs to work, outcomes to the store, and what dies in between."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cijkl.screening.columns import CRYSTAL, RESULT
from cijkl.screening.counts import Counts
from cijkl.screening.engines import Identity
from cijkl.screening.filter_columns import own_columns
from cijkl.screening.filters import Tally, keep
from cijkl.screening.intake import NAMELESS, Intake, Unit
from cijkl.screening.outcome import Outcome
from cijkl.screening.pool import Died, Pool
from cijkl.screening.store import Store
from cijkl.screening.work import Item, crystal_row

__all__ = ["Driver"]

#: batches in flight for each worker: one that it has, one that waits
_AHEAD = 2
#: inputs that may wait for others, and that may wait to be tried by themselves
_HELD, _SUSPECTS = 1_000, 1_000
#: outcomes, and seconds, after which they are committed: a commit takes as long as two crystals
_ROWS, _SECONDS = 2_000, 5.0

#: with others, and alone
_TRIES = 2

_DIED = (
    "the process died with this crystal, among others and alone; too little memory is the usual "
    "reason: give each worker more, or try fewer workers"
)


class Driver:
    """One run.

    Parameters
    ----------
    run
        Its number in the store.
    conditions
        What results must meet to be kept.
    report
        Called now and then with how far it is.
    stopping
        Whether to come to an end.
    """

    def __init__(
        self,
        intake: Intake,
        store: Store,
        pool: Pool,
        identity: Identity,
        run: int,
        counts: Counts,
        conditions: Sequence[str],
        report: Callable[[Counts], None],
        stopping: Callable[[], bool],
    ) -> None:
        self._intake, self._store, self._pool = intake, store, pool
        self._identity, self._run, self._counts = identity, run, counts
        self._conditions, self._condition = conditions, " and ".join(conditions)
        self._report, self._stopping = report, stopping
        self._queue: deque[Unit] = deque()
        self._flying: dict[int, Unit] = {}
        self._suspects: list[Unit] = []
        self._waiting: list[tuple[int, list[Outcome]]] = []
        self._rows, self._committed = 0, time.monotonic()
        #: what the condition on results left out
        self.tally = Tally()

    def all(self) -> None:
        """Go on until nothing is left to do, or the user wants an end."""
        while True:
            if self._stopping():
                self._intake.stop()
                self._queue.clear()
                self._suspects.clear()
            self._feed()
            if not self._pool:
                self._commit()
                self._feed()
            if not self._pool:
                if self._suspects:
                    self._try_alone(self._suspects.pop(0))
                    continue
                if self._intake.ended and not self._intake.held and not self._queue:
                    self._commit()
                    self._report(self._counts)
                    return
            self._gather()
            self._report(self._counts)

    def _feed(self) -> None:
        """Put to work what there is room for."""
        room = _AHEAD * self._pool.workers
        while len(self._pool) < room:
            self._queue.extend(self._intake.ready())
            if self._queue:
                self._start(self._queue.popleft())
            elif (
                self._intake.ended
                or self._intake.held >= _HELD
                or sum(len(unit.items) for unit in self._suspects) >= _SUSPECTS
                or self._stopping()
            ):
                break
            else:
                self._queue.extend(self._intake.next())
                if self._due():
                    self._commit()

    def _start(self, unit: Unit) -> None:
        self._flying[unit.number] = unit
        self._pool.submit(unit.number, unit.items)

    def _gather(self) -> None:
        """Take what has finished, at least one batch if any is in flight."""
        found = self._pool.finished(timeout=0.5)
        while found is not None:
            number, outcomes = found
            unit = self._flying.pop(number)
            if isinstance(outcomes, Died):
                self._suspects.append(unit)
            else:
                self._take(number, outcomes)
            found = self._pool.finished(timeout=0.0)
        if self._due():
            self._commit()

    def _take(self, number: int, outcomes: list[Outcome]) -> None:
        self._waiting.append((number, outcomes))
        self._rows += len(outcomes)

    def _try_alone(self, unit: Unit) -> None:
        """Each crystal of a batch that died by itself, while nothing else is at work.

        All are committed together: a batch that was half done would be another batch when it is
        tried again.
        """
        outcomes: list[Outcome] = []
        for item in unit.items:
            self._pool.submit(unit.number, [item])
            found = None
            while found is None:
                found = self._pool.finished(timeout=0.5)
                self._report(self._counts)
            if isinstance(found[1], Died):
                outcomes.append(_lost(item, found[1]))
            else:
                outcomes += found[1]
            if self._stopping():
                return
        self._take(unit.number, outcomes)

    def _due(self) -> bool:
        waited = time.monotonic() - self._committed
        return self._rows >= _ROWS or (waited > _SECONDS and self._anything())

    def _anything(self) -> bool:
        return bool(self._waiting or self._intake.links or self._intake.unreadable)

    def _commit(self) -> None:
        """Write what has come in, and let go what waited for it."""
        intake = self._intake
        if not self._anything():
            return
        outcomes = [each for _, some in self._waiting for each in some]
        same = [(each.link, each.fingerprint) for each in outcomes if each.kind == "same"]
        failed = [each for each in outcomes if each.kind == "failure"] + intake.unreadable
        results = [each for each in outcomes if each.kind == "result"]
        kept, dropped = self._judged(results)
        self._store.commit(
            [*kept, *failed],
            self._identity,
            self._run,
            dropped=dropped,
            condition=self._condition,
            links=[*same, *intake.links],
        )
        self._counts.computed += len(kept)
        self._counts.dropped += len(dropped)
        self._counts.failed += len(failed)
        self._counts.duplicates += len(same)
        intake.links, intake.unreadable = [], []
        units = [number for number, _ in self._waiting]
        self._waiting, self._rows, self._committed = [], 0, time.monotonic()
        intake.committed(units)

    def _judged(self, results: list[Outcome]) -> tuple[list[Outcome], list[Outcome]]:
        """Results that meet the conditions, and those that do not."""
        if not self._conditions or not results:
            return results, []
        sources: Any = [each.link for each in results]
        types = {**own_columns(sources), **CRYSTAL, **RESULT}
        rows = [_row(number, each) for number, each in enumerate(results)]
        met = {row["_number"] for row in keep(rows, self._conditions, types, tally=self.tally)}
        return (
            [each for number, each in enumerate(results) if number in met],
            [each for number, each in enumerate(results) if number not in met],
        )


def _lost(item: Item, died: Died) -> Outcome:
    """Failure of a crystal that gave no record, neither with its batch nor alone."""
    name = item.fingerprint or NAMELESS + item.digest
    crystal = crystal_row(item.crystal, name)
    reason = _DIED if died.process else died.reason
    return Outcome(item.link, "failure", name, crystal, None, None, reason, tries=_TRIES)


def _row(number: int, outcome: Outcome) -> Mapping[str, Any]:
    """A result by column names, with its place."""
    return {
        **outcome.link.columns,
        **(outcome.crystal or {}),
        **(outcome.row or {}),
        "_number": number,
    }
