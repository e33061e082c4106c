"""Who computes which crystal when: this process, or workers once they are worth their start."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from cijkl.response.batch import REACH
from cijkl.response.processors import processor_seconds
from cijkl.structures import Crystal

if TYPE_CHECKING:
    from cijkl.record import Result
    from cijkl.response.workers import Workers
    from cijkl.structures import Unreadable

__all__ = ["arrange", "in_order", "side_by_side"]

T = TypeVar("T")

#: crystals that are read ahead to see whether there is enough work for workers, and the seconds
#: that reading them may take
_LOOK_AHEAD = 64
_LOOK_SECONDS = 0.5


def arrange(pairs: Generator[tuple[int, T], None, None], ordered: bool) -> Iterator[T]:
    """The items of (position, item) pairs, in order of position or as they come."""
    if ordered:
        yield from in_order(pairs)
        return
    with closing(pairs):
        for _, item in pairs:
            yield item


def in_order(pairs: Generator[tuple[int, T], None, None]) -> Iterator[T]:
    """The items of (position, item) pairs by position, each as soon as all before it are there.

    When the source is interrupted, what waits for an earlier item is given before the interruption
    goes on.
    """
    waiting: dict[int, T] = {}
    position = 0
    with closing(pairs):
        try:
            for index, item in pairs:
                waiting[index] = item
                while position in waiting:
                    yield waiting.pop(position)
                    position += 1
        except KeyboardInterrupt:
            for index in sorted(waiting):
                yield waiting.pop(index)
            raise


def side_by_side(
    items: Iterable[Crystal | Unreadable],
    here: Callable[[Crystal | Unreadable], Result],
    workers: Workers,
    start_up: float | None = None,
    reach: int = REACH,
    clock: Callable[[], float] = processor_seconds,
) -> Generator[tuple[int, Result], None, None]:
    """Results of crystals from worker processes, with their positions, as they finish.

    Parameters
    ----------
    items
        Drawn lazily: as many as keep the workers busy.
    here
        Computes one in this process.
    workers
        Not started yet; stopped at the end, whatever that is.
    start_up
        Seconds of processor time that a worker takes to start. Workers are then started only when
        the crystals computed here so far show that the rest takes longer than that, and this
        process goes on until the first is ready. If None they start at once.
    reach
        How many crystals may be drawn beyond the oldest unfinished one.
    clock
        Measures the work done here, in the seconds of `start_up`.
    """
    ahead, work = _Ahead(items), _Work()
    mine: deque[tuple[int, Crystal | Unreadable]] = deque()
    theirs: dict[int, Crystal] = {}
    try:
        while True:
            if not workers.started and (
                start_up is None or work.left(ahead) * (1.0 - 1.0 / workers.count) > start_up
            ):
                workers.start()
            limit = 2 * workers.count if workers.started else 1
            while len(mine) + len(theirs) < limit:
                if theirs and ahead.drawn - min(theirs) >= reach:
                    break
                drawn = ahead.take()
                if drawn is None:
                    break
                index, item = drawn
                if workers.started and isinstance(item, Crystal) and workers.submit(index, item):
                    theirs[index] = item
                else:
                    mine.append(drawn)
            if not mine and not theirs:
                return
            if not mine and (workers.gone or (start_up is not None and not workers.ready)):
                back = workers.take_back()
                if back is not None:
                    del theirs[back[0]]
                    mine.append(back)
            if mine:
                index, item = mine.popleft()
                begun = clock()
                result = here(item)
                if isinstance(item, Crystal):
                    work.note(item, clock() - begun)
                yield index, result
                wait = False
            else:
                wait = True
            while theirs and (found := workers.finished(wait)) is not None:
                del theirs[found[0]]
                yield found
                wait = False
    except KeyboardInterrupt:
        while (found := workers.finished(wait=False)) is not None:
            yield found
        raise
    finally:
        workers.stop()


class _Ahead:
    """Items with their positions, some of them read before they are asked for."""

    def __init__(self, items: Iterable[Crystal | Unreadable]) -> None:
        self._items = enumerate(items)
        self._read: deque[tuple[int, Crystal | Unreadable]] = deque()
        #: how many were given
        self.drawn = 0

    def take(self) -> tuple[int, Crystal | Unreadable] | None:
        """The next one, or None at the end."""
        found = self._read.popleft() if self._read else next(self._items, None)
        self.drawn += found is not None
        return found

    def look(self) -> tuple[int, bool]:
        """Atoms in the items read ahead, and whether they are all that is left."""
        begun, ended = time.perf_counter(), False
        while len(self._read) < _LOOK_AHEAD and time.perf_counter() - begun < _LOOK_SECONDS:
            found = next(self._items, None)
            if found is None:
                ended = True
                break
            self._read.append(found)
        crystals = [item for _, item in self._read if isinstance(item, Crystal)]
        return sum(len(crystal.atoms) for crystal in crystals), ended


class _Work:
    """An estimate of the seconds that are left, by the atoms done in this process so far."""

    def __init__(self) -> None:
        self._seconds, self._atoms = 0.0, 0

    def note(self, crystal: Crystal, seconds: float) -> None:
        """A crystal was computed here."""
        self._seconds += seconds
        self._atoms += len(crystal.atoms)

    def left(self, ahead: _Ahead) -> float:
        """Seconds left, at least; nothing is known before the first crystal."""
        if not self._atoms:
            return 0.0
        atoms, ended = ahead.look()
        seen = self._seconds / self._atoms * atoms
        # of an input whose end is not in sight, at least as much is left as was done
        return seen if ended else max(seen, self._seconds)
