"""How far a screening is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Counts"]


@dataclass
class Counts:
    """Numbers of inputs.

    Parameters
    ----------
    inputs
        Read and, with a condition, meant to be computed.
    computed
        With a new result.
    failed
        That failed in this run.
    known
        Of which the store had the result, or the failure, already.
    duplicates
        That turned out to be the same as another crystal.
    dropped
        With a result that did not meet the condition on results.
    """

    inputs: int = 0
    computed: int = 0
    failed: int = 0
    known: int = 0
    duplicates: int = 0
    dropped: int = 0

    @property
    def settled(self) -> int:
        """Those that nothing is left to do for."""
        return self.computed + self.failed + self.known + self.duplicates + self.dropped
