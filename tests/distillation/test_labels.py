"""Labels of a teacher, each asked for once."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk

from cijkl.distillation.labels import BATCH, LabelStore, structure_key, teacher_key
from cijkl.errors import InputError
from cijkl.potentials import Evaluation, EvaluationError


class Teacher:
    """Knows the volume; refuses silver; can be made to end amid its work."""

    name, version = "volume", "1"

    def __init__(self, patience: int = 10**9, **settings: str) -> None:
        self.settings = settings
        self.asked: list[int] = []
        self.patience = patience

    def evaluate(self, structures):
        if len(self.asked) >= self.patience:
            raise KeyboardInterrupt
        for index, atoms in enumerate(structures):
            if 47 in atoms.numbers:
                raise EvaluationError("no silver", index)
        self.asked.append(len(structures))
        return [
            Evaluation(a.get_volume(), 0.5 * a.positions, a.cell.array + a.cell.array.T)
            for a in structures
        ]


@pytest.fixture
def crystals():
    return [bulk("Cu", a=3.4 + 0.01 * i, cubic=bool(i % 2)) for i in range(2 * BATCH + 3)]


@pytest.fixture
def store(tmp_path):
    store = LabelStore(tmp_path / "deep" / "labels.sqlite")
    yield store
    store.close()


def test_asked_once_and_the_same_for_ever(store, crystals, tmp_path):
    teacher = Teacher()
    first = store.label(teacher, crystals)
    assert sum(teacher.asked) == len(crystals)
    again = LabelStore(tmp_path / "deep" / "labels.sqlite").label(Teacher(patience=0), crystals)
    for atoms, one, other in zip(crystals, first, again, strict=True):
        assert one.energy == other.energy == atoms.get_volume()
        np.testing.assert_array_equal(other.forces, 0.5 * atoms.positions)
        np.testing.assert_array_equal(other.stress, one.stress)


def test_after_a_kill_the_rest_is_asked_for(store, crystals):
    with pytest.raises(KeyboardInterrupt):
        store.label(Teacher(patience=1), crystals)
    teacher = Teacher()
    told = []
    labels = store.label(teacher, crystals, lambda *numbers: told.append(numbers))
    assert sum(teacher.asked) == len(crystals) - BATCH
    assert told[-1] == (len(crystals), len(crystals))
    assert [label.energy for label in labels] == [atoms.get_volume() for atoms in crystals]


def test_one_that_fails_does_not_disturb_the_others(store, crystals):
    silver = bulk("Ag")
    labels = store.label(Teacher(), [crystals[0], silver, crystals[1], silver])
    assert labels[1] == labels[3] == "no silver"
    assert labels[2].energy == crystals[1].get_volume()

    # what failed may succeed the next time, and what did not is there
    class Better(Teacher):
        def evaluate(self, structures):
            self.asked.append(len(structures))
            return [Evaluation(1.0, np.zeros((len(a), 3)), np.zeros((3, 3))) for a in structures]

    again = Better()
    assert [each.energy for each in store.label(again, [crystals[0], silver])] == [
        labels[0].energy,
        1.0,
    ]
    assert again.asked == [1]


def test_what_makes_a_structure_and_a_teacher_another_one():
    atoms = bulk("NaCl", "rocksalt", a=5.6)
    moved, strained, exchanged = atoms.copy(), atoms.copy(), atoms.copy()
    moved.positions[0, 0] += 1e-12
    strained.cell[0, 1] *= 1 + 1e-12
    exchanged.numbers[0] = 19
    keys = {structure_key(each) for each in (atoms, moved, strained, exchanged)}
    assert len(keys) == 4
    assert structure_key(atoms.copy()) == structure_key(atoms)

    key = teacher_key(Teacher(functional="pbe", device="cpu"))
    assert key == teacher_key(Teacher(functional="pbe", device="cuda"))
    assert key != teacher_key(Teacher(functional="r2scan", device="cpu"))


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / "text").write_text("no database at all, but long enough to be one" * 10)
    with pytest.raises(InputError, match="no store of labels"):
        LabelStore(tmp_path / "text")
