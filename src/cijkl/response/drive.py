"""Drives the algorithms, which are coroutines for one crystal, with a potential."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials import Evaluation, Potential

__all__ = ["run"]

T = TypeVar("T")


def run(
    algorithm: Generator[list[Atoms], list[Evaluation], T],
    potential: Potential,
    progress: Callable[[list[Atoms], list[Evaluation]], None] | None = None,
) -> T:
    """Run one algorithm to its end and give what it returns.

    Parameters
    ----------
    algorithm
        A coroutine such as `cijkl.response.relax`.
    potential
        Answers its requests. What it raises is raised inside the algorithm, which may handle it.
    progress
        Called after each request with the configurations and their evaluations.

    Raises
    ------
    EvaluationError
        The potential cannot evaluate a configuration, and the algorithm does not handle that.
    """
    try:
        wanted = next(algorithm)
        while True:
            try:
                answers = potential.evaluate(wanted)
            except Exception as error:
                wanted = algorithm.throw(error)
                continue
            if progress is not None:
                progress(wanted, answers)
            wanted = algorithm.send(answers)
    except StopIteration as stop:
        result: T = stop.value
        return result
