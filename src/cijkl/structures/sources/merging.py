"""Several streams side by side, so that a slow one does not hold up the others."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

__all__ = ["merged"]

Item = TypeVar("Item")

#: items that wait to be taken, at most
WAITING = 256


def merged(streams: Sequence[Callable[[], Iterable[Item]]]) -> Iterator[Item]:
    """Give the items of all streams as they come, each stream's in its order.

    Each stream runs in a thread of its own, and no further ahead than `WAITING` items in all. When
    the iterator is closed, the threads end at their next item.

    Parameters
    ----------
    streams
        Functions without arguments that start a stream.

    Raises
    ------
    Exception
        What a stream raises, when its items are taken.
    """
    shared: queue.Queue[tuple[str, object]] = queue.Queue(WAITING)
    closed = threading.Event()

    def put(kind: str, value: object) -> bool:
        while not closed.is_set():
            try:
                shared.put((kind, value), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def run(start: Callable[[], Iterable[Item]]) -> None:
        try:
            for item in start():
                if not put("item", item):
                    return
        except BaseException as error:
            put("error", error)
        else:
            put("end", None)

    for number, stream in enumerate(streams):
        name = f"cijkl-source-{number}"
        threading.Thread(target=run, args=(stream,), name=name, daemon=True).start()
    left = len(streams)
    try:
        while left:
            kind, value = shared.get()
            if kind == "item":
                yield value  # type: ignore[misc]  # put there by `run`, with this kind
            elif kind == "error":
                raise value  # type: ignore[misc]  # likewise
            else:
                left -= 1
    finally:
        closed.set()
