"""Which names were there before, among any number of them, in 8 to 16 bytes each."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["Seen"]

#: names that are held as a set before they are packed
RECENT = 50_000


class Seen:
    """Names by their 64-bit hash; two of ten million are confused with a chance of 3e-6.

    Examples
    --------
    >>> seen = Seen()
    >>> seen.add("a"), seen.add("b"), seen.add("a")
    (True, True, False)
    >>> "b" in seen, "c" in seen
    (True, False)
    """

    def __init__(self) -> None:
        self._recent: set[int] = set()
        #: sorted, each at least twice as long as the next
        self._packed: list[NDArray[np.uint64]] = []

    def __contains__(self, name: str) -> bool:
        return self._holds(_hash(name))

    def add(self, name: str) -> bool:
        """Remember a name; whether it is new."""
        number = _hash(name)
        if self._holds(number):
            return False
        self._recent.add(number)
        if len(self._recent) >= RECENT:
            self._pack()
        return True

    def _holds(self, number: int) -> bool:
        if number in self._recent:
            return True
        wanted = np.uint64(number)
        for numbers in self._packed:
            place = int(np.searchsorted(numbers, wanted))
            if place < len(numbers) and numbers[place] == wanted:
                return True
        return False

    def _pack(self) -> None:
        new = np.fromiter(self._recent, np.uint64, len(self._recent))
        self._recent.clear()
        while self._packed and len(self._packed[-1]) < 2 * len(new):
            new = np.concatenate([self._packed.pop(), new])
        self._packed.append(np.sort(new))


def _hash(name: str) -> int:
    data = name.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
