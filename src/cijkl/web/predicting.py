"""Predictions: processes with the models loaded, which answer all that wait in batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cijkl.errors import InputError
from cijkl.structures.crystal import Crystal, Unreadable
from cijkl.structures.hydrogens import Hydrogens
from cijkl.web.processes import BusyError, GaveUpError, Pool

__all__ = ["Predictor", "start"]

#: crystals and atoms that are predicted together: more would let the first wait for the last
_CRYSTALS, _ATOMS = 16, 600
Item = Crystal | Unreadable
#: crystals, name of the model, and the options of `predict`
Message = tuple[Sequence[Item], str, float, Hydrogens]


@dataclass(eq=False)
class _Asked:
    """A crystal that waits for its record."""

    item: Item
    how: tuple[str, float, Hydrogens]
    answer: asyncio.Future[dict[str, Any]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def atoms(self) -> int:
        return len(self.item.atoms) if isinstance(self.item, Crystal) else 1


class Predictor:
    """Answers crystals in batches: what comes while one is at work makes up the next.

    Parameters
    ----------
    models
        Name to what `cijkl.models.load_model` takes.
    count
        Processes.
    seconds
        For one batch. One that takes longer is ended, and each of it tried alone.
    waiting
        Most crystals that wait.
    """

    def __init__(
        self, models: Mapping[str, str], *, count: int, seconds: float, waiting: int
    ) -> None:
        self._pool = Pool(
            start, (dict(models),), count=count, seconds=seconds, megabytes=16_384, waiting=waiting
        )
        self._most = waiting
        self._queue: deque[_Asked] = deque()
        self._something = asyncio.Event()
        self._count = count
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(
        self, items: Sequence[Item], model: str, symprec: float, hydrogens: Hydrogens = "refuse"
    ) -> list[dict[str, Any]]:
        """Records of crystals, in order.

        Raises
        ------
        BusyError
            Too many wait.
        """
        if len(self._queue) + len(items) > self._most:
            raise BusyError("many predictions wait already; try again in a few seconds")
        asked = [_Asked(item, (model, symprec, hydrogens)) for item in items]
        self._queue.extend(asked)
        self._something.set()
        try:
            return list(await asyncio.gather(*(each.answer for each in asked)))
        finally:
            # of a visitor who has left, nothing more need be predicted
            for each in asked:
                each.answer.cancel()

    def begin(self) -> None:
        """Start the processes and take what comes."""
        self._pool.warm()
        self._tasks = [asyncio.create_task(self._all()) for _ in range(self._count)]

    async def end(self) -> None:
        """Leave what waits without an answer."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._pool.close()

    async def _all(self) -> None:
        while True:
            await self._something.wait()
            batch = self._next()
            if batch:
                await self._answer(batch)
            else:
                self._something.clear()

    def _next(self) -> list[_Asked]:
        """From the front of the queue, what goes to one model in one call."""
        batch: list[_Asked] = []
        atoms = 0
        while self._queue and len(batch) < _CRYSTALS:
            each = self._queue[0]
            if each.answer.done():
                self._queue.popleft()
                continue
            if batch and (each.how != batch[0].how or atoms + each.atoms > _ATOMS):
                break
            batch.append(self._queue.popleft())
            atoms += each.atoms
        return batch

    async def _answer(self, batch: Sequence[_Asked]) -> None:
        first = batch[0]
        try:
            message = ([each.item for each in batch], *first.how)
            records = await self._pool.ask(message)
        except (GaveUpError, InputError) as error:
            if len(batch) > 1:
                for each in batch:
                    await self._answer([each])
            elif not first.answer.done():
                first.answer.set_exception(error)
            return
        except Exception as error:
            # whatever it is, those who wait must hear of it, and the next batch be taken
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        for each, record in zip(batch, records, strict=True):
            if not each.answer.done():
                each.answer.set_result(record)


def start(models: Mapping[str, str]) -> Callable[[Message], list[dict[str, Any]]]:
    """In the process: load the first model, and answer crystals with records."""
    from cijkl.models import load_model, predict

    load_model(next(iter(models.values())))

    def answer(message: Message) -> list[dict[str, Any]]:
        items, model, symprec, hydrogens = message
        loaded = load_model(models[model])
        found = predict(items, loaded, symprec=symprec, hydrogens=hydrogens)
        return [dict(result.record) for result in found]

    return answer
