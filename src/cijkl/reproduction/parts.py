"""Crystals to learn from, to choose an epoch by, and to judge by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets import folds_by_formula
from cijkl.errors import InputError
from cijkl.reproduction.outcome import Cell, Table

__all__ = ["PARTS", "SPLIT_SEED", "parts", "parts_table"]

Mask = NDArray[np.bool_]

#: of one split, in the order of tables
PARTS = ("training", "validation", "test")
#: of all splits here
SPLIT_SEED = 7
#: one of these validates, one tests
_FOLDS = 10


def parts(
    formulas: Sequence[str], split: Literal["formula", "random"] = "formula"
) -> dict[str, Mask]:
    """Part crystals 8 : 1 : 1.

    Parameters
    ----------
    formulas
        (n), reduced.
    split
        "formula": all crystals of a formula are in one part; "random": each is drawn alone, so that
        other forms of a tested compound are learned from.

    Returns
    -------
    For each of `PARTS` which of the (n) crystals are in it.

    Raises
    ------
    InputError
        If there are not enough formulas or crystals.

    Examples
    --------
    >>> found = parts([f"A{k}B" for k in range(20)])
    >>> [int(found[name].sum()) for name in PARTS]
    [16, 2, 2]
    """
    if split == "formula":
        fold = folds_by_formula(formulas, _FOLDS, SPLIT_SEED)
    else:
        if len(formulas) < _FOLDS:
            raise InputError(f"{len(formulas)} crystals are too few; {_FOLDS} are needed")
        fold = np.random.default_rng(SPLIT_SEED).permutation(len(formulas)) % _FOLDS
    return {"training": fold > 1, "validation": fold == 1, "test": fold == 0}


def parts_table(formulas: Sequence[str], found: Mapping[str, Mask]) -> Table:
    """Say how many crystals each part has, and how many have a formula that is learned from."""
    names = np.asarray(formulas)
    learned = np.unique(names[found["training"]])
    rows: list[tuple[Cell, ...]] = []
    for part, mine in found.items():
        known = int(np.isin(names[mine], learned).sum())
        rows.append((part, int(mine.sum()), len(np.unique(names[mine])), known))
    columns = ("part", "crystals", "formulas", "crystals of formulas that are learned from")
    return Table("Parts", columns, tuple(rows))
