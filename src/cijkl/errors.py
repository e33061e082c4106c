"""Errors that a user can act on, and coded warnings that travel with a result."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CijklError", "Diagnostic", "InputError", "MissingPackageError", "NotConvergedError"]


class CijklError(Exception):
    """Base of every error that cijkl raises on purpose."""


class InputError(CijklError):
    """What was given cannot be used; the message says why and what would do."""


class MissingPackageError(CijklError):
    """An optional package is absent; the message names the command that installs it."""


class NotConvergedError(CijklError):
    """An iteration ended without an answer that could be trusted."""


@dataclass(frozen=True)
class Diagnostic:
    """A doubt about a result, carried by the result.

    Parameters
    ----------
    code
        Stable identifier in snake case, for scripts.
    message
        One sentence for a person: what was seen, and what to do.
    """

    code: str
    message: str
