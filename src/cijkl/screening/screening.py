"""The route `screen`: any number of crystals through an engine into a store."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from os import PathLike
from typing import Any

from cijkl.errors import InputError
from cijkl.screening.cluster import Cluster, open_cluster
from cijkl.screening.counts import Counts
from cijkl.screening.driving import Driver
from cijkl.screening.engines import Compute, Engine, Predict, local_model
from cijkl.screening.filters import Tally, check_conditions
from cijkl.screening.filters import where as passing
from cijkl.screening.in_order import InOrder
from cijkl.screening.intake import Intake
from cijkl.screening.pool import Pool
from cijkl.screening.sets import resolve
from cijkl.screening.stopping import orderly_end
from cijkl.screening.store import Store
from cijkl.structures import Crystal, Unreadable, given

__all__ = ["Summary", "screen"]


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Parameters
    ----------
    run
        Its number in the store.
    interrupted
        Whether the user ended it before all inputs were done.
    counts
        Of inputs.
    remarks
        On what conditions left out because a value is unknown.
    """

    run: int
    interrupted: bool
    counts: Counts
    remarks: tuple[str, ...] = ()


def screen(
    structures: str | PathLike[str] | Iterable[Any],
    store: str | PathLike[str],
    *,
    engine: str | Engine = "predict",
    where: str | Sequence[str] = (),
    keep: str | Sequence[str] = (),
    limit: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    slurm: str | PathLike[str] | None = None,
    memory: int | None = None,
    retry_failed: bool = False,
    report: Callable[[Counts], None] | None = None,
    each: Callable[[dict[str, Any]], None] | None = None,
    **settings: Any,
) -> Summary:
    """Predict or compute crystals into a store; what it has already is not done again.

    A crystal that comes twice, in another cell or setting, is computed once. Whatever interrupts
    a run (Ctrl-C, a crash, a full disk), the same call goes on from there, and the store ends as
    if nothing had happened. In a script, call it under ``if __name__ == "__main__":``, since
    worker processes import the script.

    Parameters
    ----------
    structures
        Paths (see `cijkl.structures.read`), `ase.Atoms`, or `Crystal` objects, one or many; read as
        they are needed.
    store
        Path of the store, see `Store`.
    engine
        ``predict``, ``compute``, or an object such as `Predict`, `Compute` or one of your own.
    where
        Conditions on crystals, see `cijkl.screening.where`; one that does not meet them all is no
        input.
    keep
        Conditions on results, such as ``stable and E_max > 500``: of a result that does not meet
        them the store keeps only that it does not.
    limit
        Largest number of inputs.
    workers, scheduler, slurm, memory
        Where the work is done, see `cijkl.screening.Cluster`.
    retry_failed
        Whether to try again what failed in an earlier run.
    report
        Called now and then with the counts so far.
    each
        Called at the end with the record of each input, in their order.
    settings
        Of the engine: those of `Predict` or `Compute`.

    Raises
    ------
    InputError
        A condition, setting, path, store or cluster that cannot be used.
    StoreError
        The store cannot be written, or the cluster is lost; what was committed is intact.

    Examples
    --------
    >>> summary = screen("crystals.jsonl.gz", "all.duckdb", keep="stable")  # doctest: +SKIP
    >>> summary.counts.computed  # doctest: +SKIP
    25294
    """
    if limit is not None and limit < 0:
        raise InputError(f"limit must be a number of crystals, not {limit!r}")
    chosen = _engine(engine, settings)
    before, after = _conditions(where), _conditions(keep)
    place = Cluster(workers, scheduler, slurm, memory)
    counts, left_out = Counts(), Tally()
    with (
        Store(store, write=True) as opened,
        # waiting for a cluster ends at once
        open_cluster(place) as client,
        orderly_end() as stopping,
    ):
        pool = Pool(client, chosen)
        identity = pool.identity()
        if retry_failed:
            opened.forget_failures(identity)
        run = opened.begin_run(identity, shlex.join(sys.argv))
        crystals: Iterator[Crystal | Unreadable] = given(structures)
        if before:
            crystals = passing(crystals, before, tally=left_out)
        order = None if each is None else InOrder(opened)
        intake = Intake(
            islice(crystals, limit), opened, chosen, identity, " and ".join(after), counts, order
        )
        driver = Driver(
            intake, opened, pool, identity, run, counts, after, report or _silent, stopping
        )
        try:
            driver.all()
        except BaseException:
            pool.abandon()
            raise
        interrupted = stopping()
        opened.end_run(run, "interrupted" if interrupted else "done", vars(counts))
        if order is not None and each is not None:
            for record in order.records(identity):
                each(record)
    remarks = [tally.remark() for tally in (left_out, driver.tally)]
    return Summary(run, interrupted, counts, tuple(text for text in remarks if text))


def _engine(engine: str | Engine, settings: dict[str, Any]) -> Engine:
    if not isinstance(engine, str):
        if settings:
            raise InputError(f"{', '.join(settings)}: give the engine its settings itself")
        return engine
    kinds: dict[str, Any] = {"predict": Predict, "compute": Compute}
    if engine not in kinds:
        raise InputError(f"engine must be 'predict' or 'compute', not {engine!r}")
    known = {field.name for field in fields(kinds[engine])}
    for name in settings:
        if name not in known:
            listed = ", ".join(sorted(known))
            raise InputError(f"the engine {engine!r} has no setting {name!r}; it has {listed}")
    if "model" in settings:
        settings = {**settings, "model": local_model(str(settings["model"]))}
    chosen: Engine = kinds[engine](**settings)
    return chosen


def _conditions(given: str | Sequence[str]) -> list[str]:
    """Conditions with ready-made sets written out, after a look at their grammar."""
    texts = [given] if isinstance(given, str) else list(given)
    if texts:
        check_conditions(texts)
    return [resolve(text) for text in texts]


def _silent(counts: Counts) -> None:
    """Reports to nobody."""
