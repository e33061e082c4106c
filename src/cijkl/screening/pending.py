"""Inputs on their way, so that one that could be the same as an earlier one waits for it."""

from __future__ import annotations

from cijkl.screening.fingerprint import near

__all__ = ["Pending"]


class Pending:
    """What is being computed, by composition and density; each under the number of its batch."""

    def __init__(self) -> None:
        self._by_formula: dict[str, list[tuple[float, float, int]]] = {}
        self._formulas: dict[int, set[str]] = {}
        self._named: dict[str, int] = {}

    def add(self, unit: int, formula: str, volume: float, mass: float) -> None:
        """An input goes to work with this reduced formula, volume (A^3) and mass per atom."""
        self._by_formula.setdefault(formula, []).append((volume, mass, unit))
        self._formulas.setdefault(unit, set()).add(formula)

    def add_named(self, unit: int, fingerprint: str) -> None:
        """A crystal whose name is known goes to work."""
        self._named[fingerprint] = unit

    def alike(self, formula: str, volume: float, mass: float) -> set[int]:
        """Numbers of the batches whose crystals an input could be the same as."""
        return {
            unit
            for other, weight, unit in self._by_formula.get(formula, ())
            if near((volume, mass), (other, weight))
        }

    def named(self, fingerprint: str) -> int | None:
        """Number of the batch that has the crystal of this name."""
        return self._named.get(fingerprint)

    def remove(self, unit: int) -> None:
        """A batch is in the store."""
        for formula in self._formulas.pop(unit, ()):
            left = [entry for entry in self._by_formula[formula] if entry[2] != unit]
            if left:
                self._by_formula[formula] = left
            else:
                del self._by_formula[formula]
        self._named = {name: other for name, other in self._named.items() if other != unit}
