"""Ctrl-C during a screening: the first time it comes to an orderly end, the second at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["orderly_end"]


@contextmanager
def orderly_end() -> Iterator[Callable[[], bool]]:
    """Says whether the user, or the system by SIGTERM, has asked for an end.

    Outside the main thread, which alone may listen to signals, nobody is heard.
    """
    asked = threading.Event()

    def hear(number: int, frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
