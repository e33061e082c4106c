"""What a user sees while crystals are computed: a bar on a terminal, now and then a line else."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

from cijkl.cli.output import complain

if TYPE_CHECKING:
    from cijkl.potentials import Evaluation
    from cijkl.record import Result

__all__ = ["Progress"]

#: seconds between lines where there is no terminal
_PERIOD = 30.0


class Progress:
    """Follows results on standard error.

    Parameters
    ----------
    inputs
        Gives all inputs anew, to count them on the side; None if they can be read only once.
    quiet
        Whether to show nothing.
    """

    def __init__(self, inputs: Callable[[], Iterable[object]] | None, quiet: bool) -> None:
        self._inputs, self._quiet = inputs, quiet
        self._total: int | None = None
        self._stop = threading.Event()
        self._bar = None if quiet or not sys.stderr.isatty() else _bar()
        self._counts: dict[tuple[str, str], int] = {}
        #: to be called after each evaluation; None where nobody watches
        self.report = None if self._bar is None else self._report

    def around(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results, followed; the bar shows only while one is in the making."""
        begun = last = time.monotonic()
        done = failed = 0
        if self._bar is not None:
            self._start_counting()
        try:
            while True:
                with nullcontext() if self._bar is None else self._bar:
                    result = next(results, None)
                if result is None:
                    return
                done += 1
                failed += not result.ok
                now = time.monotonic()
                if self._bar is not None:
                    self._show(done, failed)
                elif not self._quiet and now - last > _PERIOD:
                    self._start_counting()
                    complain(_line(done, failed, self._total, now - begun))
                    last = now
                yield result
        finally:
            self._stop.set()

    def _report(self, identifier: str, stage: str, evaluation: Evaluation, volume: float) -> None:
        count = self._counts.get((identifier, stage), 0) + 1
        self._counts = {(identifier, stage): count}
        if self._bar is not None:
            self._bar.update(
                self._bar.task_ids[0],
                now=f"{identifier}: {stage} {count}, E = {evaluation.energy:.4f} eV, "
                f"V = {volume:.2f} A^3",
            )

    def _show(self, done: int, failed: int) -> None:
        assert self._bar is not None
        self._bar.update(
            self._bar.task_ids[0],
            completed=done,
            total=self._total,
            failed=f"{failed} failed" if failed else "",
            now="",
        )

    def _start_counting(self) -> None:
        inputs, self._inputs = self._inputs, None
        if inputs is not None:
            threading.Thread(target=self._count, args=(inputs,), daemon=True).start()

    def _count(self, inputs: Callable[[], Iterable[object]]) -> None:
        count = 0
        # an input that cannot be read is reported where it is used
        with suppress(Exception):
            for _ in inputs():
                count += 1
                if self._stop.is_set():
                    return
            self._total = count
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], total=self._total)


def _bar() -> Any:
    """A bar of rich with the counts, the rate, the time left and what is at work."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Pace(TextColumn):
        """Rate and time left."""

        def render(self, task: Any) -> Text:
            if not task.completed:
                return Text("")
            seconds = task.elapsed or 0.0
            return Text(_pace(int(task.completed), task.total, seconds))

    class Now(TextColumn):
        """The crystal at work; its name may hold what rich would take for markup."""

        def render(self, task: Any) -> Text:
            return Text(task.fields["now"])

    bar = Bar(
        SpinnerColumn(),
        MofNCompleteColumn(),
        BarColumn(bar_width=20),
        TextColumn("[red]{task.fields[failed]}"),
        Pace(""),
        Now(""),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task("", total=None, failed="", now="")
    return bar


def _line(done: int, failed: int, total: int | None, seconds: float) -> str:
    """The state in a sentence.

    Examples
    --------
    >>> _line(120, 3, 500, 60.0)
    '120 of 500 done, 3 failed; 2.0 a second, 3 min left'
    >>> _line(5, 0, None, 60.0)
    '5 done; 5.0 a minute'
    >>> _line(0, 0, 5, 60.0)
    '0 of 5 done; 0.0 a minute'
    """
    counted = f"{done} done" if total is None else f"{done} of {total} done"
    if failed:
        counted += f", {failed} failed"
    return f"{counted}; {_pace(done, total, seconds)}"


def _pace(done: int, total: float | None, seconds: float) -> str:
    """Rate, and the time left where the total is known."""
    rate = done / max(seconds, 1e-9)
    pace = f"{rate:.1f} a second" if rate >= 1.0 else f"{60.0 * rate:.1f} a minute"
    if total is None or total < done or not rate:
        return pace
    return f"{pace}, {_duration((total - done) / rate)} left"


def _duration(seconds: float) -> str:
    """A time for people.

    Examples
    --------
    >>> [_duration(s) for s in (4.2, 190, 8000, 200000)]
    ['4 s', '3 min', '2 h 13 min', '2 d 7 h']
    """
    if seconds < 100.0:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60.0)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
