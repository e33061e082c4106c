"""Ready-made filters, named after the papers that screened such crystals."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SETS", "ReadySet", "resolve"]


@dataclass(frozen=True)
class ReadySet:
    """A named condition.

    Parameters
    ----------
    condition
        As for `cijkl.screening.where`.
    meaning
        In one sentence.
    source
        The paper that screened such crystals.
    """

    condition: str
    meaning: str
    source: str


#: the R factor's limit is ours: most single crystal structures are below it
SETS: dict[str, ReadySet] = {
    "inorganic-2025": ReadySet(
        "band_gap between 0.1 and 3.0 and not radioactive",
        "Band gap from 0.1 to 3.0 eV, no radioactive element.",
        "Liu 2025",
    ),
    "molecular-2024": ReadySet(
        "organic and (r_factor is null or r_factor <= 0.075) and molecular "
        "and not hydrogens_missing",
        "Molecules of organic elements with all atoms in place, R factor up to 0.075 where the "
        "CIF has one.",
        "Taniguchi 2024",
    ),
    "stiff-2024": ReadySet(
        "natoms < 50 and (energy_above_hull is null or energy_above_hull <= 0.05)",
        "Fewer than 50 atoms, at most 0.05 eV/atom above the hull where that is known.",
        "Wen 2024",
    ),
}


def resolve(condition: str) -> str:
    """Give the condition of a ready-made set, or a condition as it is.

    Examples
    --------
    >>> resolve("inorganic-2025")
    'band_gap between 0.1 and 3.0 and not radioactive'
    >>> resolve("natoms <= 50")
    'natoms <= 50'
    """
    found = SETS.get(condition.strip().lower())
    return condition if found is None else found.condition
