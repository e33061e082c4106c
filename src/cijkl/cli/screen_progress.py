"""What a user sees while a database is screened."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from cijkl.cli.output import complain
from cijkl.cli.progress import _bar, _line

if TYPE_CHECKING:
    from cijkl.screening.counts import Counts

__all__ = ["ScreenProgress"]

#: seconds between lines where there is no terminal, and between changes of the bar
_PERIOD, _REFRESH = 30.0, 0.2


class ScreenProgress:
    """Follows the counts of a screening on standard error: a bar, or a line now and then.

    Parameters
    ----------
    inputs
        Gives all inputs anew, to count them on the side; None if that cannot be done.
    limit
        Largest number of inputs.
    quiet
        Whether to show nothing.
    """

    def __init__(
        self, inputs: Callable[[], Iterable[object]] | None, limit: int | None, quiet: bool
    ) -> None:
        self._inputs, self._limit, self._quiet = inputs, limit, quiet
        self._total: int | None = None
        self._stack = ExitStack()
        self._begun = self._shown = time.monotonic()
        self._stop = threading.Event()
        self._bar = None if quiet or not sys.stderr.isatty() else _bar()

    def __enter__(self) -> ScreenProgress:
        if self._bar is not None:
            self._stack.enter_context(self._bar)
        if self._inputs is not None and not self._quiet:
            threading.Thread(target=self._count, args=(self._inputs,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._stack.close()

    def __call__(self, counts: Counts) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if self._bar is not None:
            if now - self._shown > _REFRESH:
                self._shown = now
                self._bar.update(
                    self._bar.task_ids[0],
                    completed=counts.settled,
                    total=self._total,
                    failed=f"{counts.failed} failed" if counts.failed else "",
                    now=f"{counts.known} known" if counts.known else "",
                )
        elif not self._quiet and now - self._shown > _PERIOD:
            self._shown = now
            complain(_line(counts.settled, counts.failed, self._total, now - self._begun))

    def _count(self, inputs: Callable[[], Iterable[object]]) -> None:
        count = 0
        # an input that cannot be read is reported where it is used
        with suppress(Exception):
            for _ in inputs():
                count += 1
                if self._stop.is_set() or count == self._limit:
                    break
            self._total = count
