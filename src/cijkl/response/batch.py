"""Many crystals in lockstep: their coroutines share the calls of one batched potential.

Each algorithm is a coroutine for one crystal. The configurations that all of them wait for stand
in one queue; every call of the potential takes from its front what fits into a budget, and an
algorithm goes on once all that it asked for is answered. New crystals are drawn from the input
only when the queue no longer fills a call, so that few are in memory at a time.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import EvaluationError

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation, Potential

__all__ = ["REACH", "Clock", "Start", "budget_for", "lockstep", "on_cuda", "size"]

T = TypeVar("T")

#: seconds, from any origin
Clock = Callable[[], float]
#: begins an algorithm, given the clock that counts its own time only
Start = Callable[[Clock], Generator[list["Atoms"], list["Evaluation"], T]]

#: how far the input is drawn ahead of the oldest crystal that is not finished
REACH = 512
#: A; radius of the pairs that `size` counts
_RADIUS = 5.0
#: pairs in one call: on a processor more only lose the cache, on CUDA more gain nothing
_PAIRS_CPU = 2_000
_PAIRS_CUDA = 200_000
#: bytes of a pair: a large equivariant network in single precision with its gradient has 50,000
_BYTES_PER_PAIR = 120_000


def lockstep(
    starts: Iterable[Start[T]],
    potential: Potential,
    *,
    budget: int | None = None,
    reach: int = REACH,
) -> Iterator[tuple[int, T | Exception]]:
    """Run many algorithms with shared calls of the potential.

    Parameters
    ----------
    starts
        One for each crystal; drawn lazily. Each is called with a clock that counts the seconds of
        that algorithm: its own, and its share of the calls that it takes part in.
    potential
        Answers all of them. What it raises for one configuration is raised inside the algorithm
        that asked, and the others are answered. A call that exhausts the memory of a CUDA device
        is repeated in halves, and later calls are made no larger.
    budget
        Largest total `size` of one call; by the device if not given. A configuration larger than
        that has a call for itself.
    reach
        How many crystals may be drawn beyond the oldest unfinished one, which bounds what a
        caller keeps to restore the order.

    Yields
    ------
    The position in the input and what the algorithm returned or raised, as they finish.
    """
    budget = budget_for(potential) if budget is None else max(budget, 1)
    queue: deque[_Wanted[T]] = deque()
    running: dict[int, _Task[T]] = {}
    source = enumerate(starts)
    exhausted, drawn = False, 0
    while True:
        load = sum(each.size for each in queue)
        while load < budget and not exhausted and drawn - min(running, default=drawn) < reach:
            item = next(source, None)
            if item is None:
                exhausted = True
                break
            task = _Task(*item)
            drawn += 1
            task.advance()
            if task.done:
                yield task.index, task.outcome
                continue
            running[task.index] = task
            queue.extend(task.wanted)
            load += sum(each.size for each in task.wanted)
        if not queue:
            return
        call = _take(queue, budget)
        total = sum(each.size for each in call)
        begun = time.perf_counter()
        answers = _evaluate(potential, [each.atoms for each in call])
        if answers is None:
            budget = max(total // 2, 1)
            queue.extendleft(reversed(call))
            continue
        seconds = time.perf_counter() - begun
        for each, answer in zip(call, answers, strict=True):
            each.task.receive(each.position, answer, seconds * each.size / total)
        for task in dict.fromkeys(each.task for each in call):
            if task.error is not None:
                queue = deque(each for each in queue if each.task is not task)
            elif task.missing:
                continue
            task.advance()
            queue.extend(task.wanted)
            if task.done:
                del running[task.index]
                yield task.index, task.outcome


def size(atoms: Atoms) -> int:
    """Estimated number of neighbour pairs, each in both directions: what a call costs."""
    n, volume = len(atoms), atoms.get_volume()
    density = n / volume if volume > 0.0 else 0.0
    return max(n, int(n * density * 4.0 / 3.0 * np.pi * _RADIUS**3))


def on_cuda(potential: Potential) -> bool:
    """Whether a potential, or a part of a sum, says that it computes on a CUDA device."""
    return any(
        key.rpartition(".")[2] == "device" and str(value).startswith("cuda")
        for key, value in potential.settings.items()
    )


def budget_for(potential: Potential) -> int:
    """Total `size` of one call: small on a processor, by the free memory on CUDA."""
    if not on_cuda(potential):
        return _PAIRS_CPU
    import torch

    free, _ = torch.cuda.mem_get_info()
    return int(np.clip(free // _BYTES_PER_PAIR, _PAIRS_CPU, _PAIRS_CUDA))


@dataclass(frozen=True, eq=False)
class _Wanted(Generic[T]):
    """One configuration that an algorithm waits for."""

    task: _Task[T]
    position: int
    atoms: Atoms
    size: int


class _Task(Generic[T]):
    """An algorithm on its way, and the time that it has used."""

    outcome: T | Exception

    def __init__(self, index: int, start: Start[T]) -> None:
        self.index = index
        self.done = False
        #: what it asks for now, how many of these are not answered, and what went wrong with one
        self.wanted: list[_Wanted[T]] = []
        self.missing = 0
        self.error: Exception | None = None
        self._answers: dict[int, Evaluation] = {}
        self._spent, self._since = 0.0, time.perf_counter()
        self._running = True
        self._algorithm = start(self.clock)

    def clock(self) -> float:
        """Seconds used so far."""
        return self._spent + (time.perf_counter() - self._since if self._running else 0.0)

    def receive(self, position: int, answer: Evaluation | Exception, seconds: float) -> None:
        """Take the answer to one configuration, and its share of the time."""
        self._spent += seconds
        if isinstance(answer, Exception):
            self.error = self.error or answer
        else:
            self._answers[position] = answer
            self.missing -= 1

    def advance(self) -> None:
        """Go on, with the answers or with the error, up to the next request or the end."""
        error, self.error = self.error, None
        answers = [self._answers[position] for position in sorted(self._answers)]
        self._since, self._running = time.perf_counter(), True
        asked: list[Atoms] = []
        try:
            if error is not None:
                asked = self._algorithm.throw(error)
            elif self.wanted:
                asked = self._algorithm.send(answers)
            else:
                asked = next(self._algorithm)
            while not asked:
                asked = self._algorithm.send([])
        except StopIteration as stop:
            self.done, self.outcome = True, stop.value
        except Exception as failure:
            self.done, self.outcome = True, failure
        self.wanted = [_Wanted(self, i, atoms, size(atoms)) for i, atoms in enumerate(asked)]
        self.missing, self._answers = len(asked), {}
        self._spent, self._running = self.clock(), False


def _take(queue: deque[_Wanted[T]], budget: int) -> list[_Wanted[T]]:
    """Remove from the front what fits into one call, one configuration at least."""
    call = [queue.popleft()]
    total = call[0].size
    while queue and total + queue[0].size <= budget:
        call.append(queue.popleft())
        total += call[-1].size
    return call


def _evaluate(
    potential: Potential, structures: Sequence[Atoms]
) -> list[Evaluation | Exception] | None:
    """An evaluation or an error for each structure; None if memory calls for a smaller batch."""
    answers: list[Evaluation | Exception | None] = [None] * len(structures)
    left = list(range(len(structures)))
    together = True
    while left:
        now = left if together else left[:1]
        try:
            found = potential.evaluate([structures[i] for i in now])
            if len(found) != len(now):
                raise InputError(f"'{potential.name}' gave {len(found)} answers for {len(now)}.")
        except Exception as error:
            if _out_of_memory(error):
                if len(now) > 1:
                    return None
                formula = structures[now[0]].get_chemical_formula()
                error = InputError(f"{formula} does not fit into the memory of the CUDA device.")
            if len(now) == 1:
                answers[now[0]] = error
            elif isinstance(error, EvaluationError) and 0 <= error.index < len(now):
                answers[now[error.index]] = error
            else:
                # which one is not said: the rest of this batch goes one by one
                together = False
        else:
            for i, answer in zip(now, found, strict=True):
                answers[i] = answer
        left = [i for i in left if answers[i] is None]
    return [answer for answer in answers if answer is not None]


def _out_of_memory(error: Exception) -> bool:
    """Whether a CUDA device ran out of memory; what it held is then released."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(error, torch.cuda.OutOfMemoryError):
        return False
    torch.cuda.empty_cache()
    return True
