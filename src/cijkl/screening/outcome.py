"""What becomes of one input: a result, a failure, or the crystal that it is the same as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cijkl.structures.crystal import Value

__all__ = ["Known", "Link", "Outcome"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """An input.

    Parameters
    ----------
    id, source
        Its own.
    digest
        Of its very numbers, see `fingerprint.digest`.
    columns
        What its source said besides.
    """

    id: str
    source: str
    digest: str
    columns: Mapping[str, Value]


@dataclass(frozen=True)
class Outcome:
    """What became of an input; plain data, so that it travels and needs nothing to be stored.

    Parameters
    ----------
    link
        The input.
    kind
        ``result``, ``failure``, or ``same`` as a crystal that the store holds.
    fingerprint
        The crystal's; of one that has none (nothing could be read, or the process died with it)
        its digest after ``digest-``.
    crystal
        Columns of the crystal, for a result or failure; None if there is none.
    row
        Columns of the result.
    record
        Packed record of a result or failure; None where there was no time to make one.
    reason
        Of a failure.
    tries
        How often this run put it to work: once if the engine itself said that it fails, twice if
        its batch ended without an answer and it was then tried alone. Dask starts each of the two
        once more if a process dies, so that a crystal loses nothing by somebody else's kill.
    """

    link: Link
    kind: Literal["result", "failure", "same"]
    fingerprint: str
    crystal: Row | None = None
    row: Row | None = None
    record: bytes | None = None
    reason: str | None = None
    tries: int = 1


@dataclass(frozen=True)
class Known:
    """A crystal in the store that an input could be the same as.

    Parameters
    ----------
    fingerprint
        Its name.
    structure
        Packed.
    """

    fingerprint: str
    structure: bytes
