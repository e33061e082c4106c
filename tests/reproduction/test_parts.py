"""Parts of a set of crystals."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.reproduction.parts import PARTS, parts, parts_table

#: three forms of each of forty compounds
FORMULAS = [f"A{number}B" for number in range(40) for _ in range(3)]


@pytest.mark.parametrize("split", ["formula", "random"])
def test_each_crystal_is_in_one_part(split):
    found = parts(FORMULAS, split)
    assert tuple(found) == PARTS
    assert (np.sum(list(found.values()), axis=0) == 1).all()
    assert [int(mine.sum()) for mine in found.values()] == [96, 12, 12]
    again = parts(FORMULAS, split)
    assert all((found[part] == again[part]).all() for part in PARTS)


def test_only_a_random_split_tests_what_was_learned():
    apart = parts_table(FORMULAS, parts(FORMULAS, "formula"))
    assert apart.rows == (("training", 96, 32, 96), ("validation", 12, 4, 0), ("test", 12, 4, 0))
    mixed = parts_table(FORMULAS, parts(FORMULAS, "random"))
    # of two other forms one is nearly always learned from
    assert mixed.column("crystals of formulas that are learned from")["test"] >= 10


def test_too_few():
    with pytest.raises(InputError, match="9 crystals are too few"):
        parts(FORMULAS[:9], "random")
    with pytest.raises(InputError, match="3 formulas cannot make 10 folds"):
        parts(FORMULAS[:9], "formula")
