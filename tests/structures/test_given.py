"""What routes accept as crystals."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable, given


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "two.extxyz"
    bulk("Si").write(path)
    bulk("Ge").write(path, append=True)
    return path


def ids(structures) -> list[str]:
    return [item.id for item in given(structures)]


def test_one_of_each_kind(file):
    named = bulk("Cu")
    named.info["id"] = "copper"
    unreadable = Unreadable("lost", "lost.cif", "gone")
    crystal = Crystal("mine", bulk("Ag"), "here")
    assert ids(file) == ids(str(file)) == ["two", "two#2"]
    assert ids(named) == ["copper"]
    assert ids(crystal) == ["mine"]
    assert ids(unreadable) == ["lost"]
    mixed = [bulk("Al"), file, crystal, unreadable, named]
    assert ids(mixed) == ["0", "two", "two#2", "mine", "lost", "copper"]


def test_atoms_come_as_they_are():
    atoms = bulk("NaCl", "rocksalt", a=5.64)
    (crystal,) = given(atoms)
    assert crystal.atoms is atoms


def test_an_endless_source_is_taken_as_far_as_asked():
    taken = []

    def source():
        for number in range(10**9):
            taken.append(number)
            yield bulk("Si", a=5.0 + number)

    crystals = given(source())
    first, second = next(crystals), next(crystals)
    assert taken == [0, 1]
    assert not np.allclose(first.atoms.cell, second.atoms.cell)


def test_a_path_that_does_not_exist():
    with pytest.raises(InputError, match="no such file"):
        list(given(["nowhere.cif"]))
