"""Crystals that need different potentials, in lockstep with each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from cijkl.response.batch import Start, lockstep

if TYPE_CHECKING:
    from cijkl.potentials import Potential

__all__ = ["by_lane"]

S = TypeVar("S")
T = TypeVar("T")


def by_lane(
    items: Iterable[S],
    lane_of: Callable[[S], str],
    start: Callable[[S], Start[T]],
    load: Callable[[str], Potential],
) -> Generator[tuple[int, T | Exception], None, None]:
    """Run each item's algorithm in lockstep with those that need the same potential.

    Lanes take turns, so that one does not hold up the other. What one lane draws from the input for
    another waits there.

    Parameters
    ----------
    items
        Drawn lazily.
    lane_of
        Name of an item's potential.
    start
        Begins its algorithm, see `lockstep`.
    load
        Gives the potential of that name; called once for each name that occurs.

    Yields
    ------
    The position in the input and what the algorithm returned or raised, as they finish.
    """
    source = enumerate(items)
    waiting: dict[str, deque[tuple[int, S]]] = {}
    running: deque[Iterator[tuple[int, T | Exception]]] = deque()

    def sort_one() -> bool:
        """Put the next item of the input into its lane; False at the end."""
        drawn = next(source, None)
        if drawn is None:
            return False
        name = lane_of(drawn[1])
        if name not in waiting:
            waiting[name] = deque()
            running.append(lane(name))
        waiting[name].append(drawn)
        return True

    def lane(name: str) -> Iterator[tuple[int, T | Exception]]:
        positions: list[int] = []

        def starts() -> Iterator[Start[T]]:
            while waiting[name] or sort_one():
                if waiting[name]:
                    position, item = waiting[name].popleft()
                    positions.append(position)
                    yield start(item)

        for index, outcome in lockstep(starts(), load(name)):
            yield positions[index], outcome

    while running or sort_one():
        turn = running.popleft()
        found = next(turn, None)
        if found is not None:
            running.append(turn)
            yield found
