"""One table or figure of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from cijkl.reproduction.outcome import Outcome, Request

__all__ = ["Item", "Status"]

Status = Literal["done", "needs data", "not yet", "cannot"]


@dataclass(frozen=True)
class Item:
    """One table or figure of a paper.

    Parameters
    ----------
    name
        By which it is asked for, such as ``taniguchi-2024-table-2``.
    paper
        Key of `cijkl.reproduction.registry.PAPERS`.
    title
        What it shows.
    status
        "done": can be made again; "needs data": can, once the user gives what `remark` names;
        "not yet": nothing but the writing is missing; "cannot": for the reason in `remark`.
    remark
        What is needed, or why it cannot be, or what to use meanwhile.
    function
        ``module:name`` of a function from `Request` to `Outcome`, imported when it is run.
    """

    name: str
    paper: str
    title: str
    status: Status
    remark: str = ""
    function: str = ""

    def run(self, request: Request) -> Outcome:
        """Make it again."""
        module, _, name = self.function.partition(":")
        outcome: Outcome = getattr(import_module(module), name)(request)
        return outcome
