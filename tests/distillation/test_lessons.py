"""What is learned, what judges, what tests; and settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from cijkl.distillation import DistillConfig, read_config
from cijkl.distillation.config import plain, write_config
from cijkl.distillation.lessons import prepare, teacher_of
from cijkl.errors import InputError
from cijkl.potentials import Evaluation
from cijkl.units import EV_PER_A3_TO_GPA

from .salts import write_frames


class Pair:
    """Sums of a constant for each element; refuses silver."""

    name, version = "pair", "1"

    def __init__(self, factor: float) -> None:
        self.factor = factor
        self.settings = {"factor": str(factor)}

    def evaluate(self, structures):
        return [
            Evaluation(
                self.factor * float(a.numbers.sum()),
                np.full((len(a), 3), self.factor),
                np.eye(3) * self.factor / EV_PER_A3_TO_GPA,
            )
            for a in structures
        ]


@pytest.fixture
def config(tmp_path, monkeypatch) -> DistillConfig:
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))
    return DistillConfig(
        hard=(str(write_frames(tmp_path / "salts.extxyz")),), validation_share=0.2, holdout=("mgo",)
    )


def formulas(lessons) -> set[str]:
    return {lesson.formula for lesson in lessons}


def test_no_formula_is_on_two_sides(config):
    parts = prepare(config, Pair(0.0))
    sides = [formulas(parts.learned), formulas(parts.judged), formulas(parts.test)]
    assert sides[2] == {"MgO"}
    assert sides[1] and sides[0]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 6
    assert len(parts.learned) + len(parts.judged) + len(parts.test) == 18


def test_compounds_are_held_out_of_other_files_too(config, tmp_path):
    """By formula, whatever they are called there; and excluded ones are nowhere."""
    other = write_frames(tmp_path / "other.extxyz", ("MgO", "CaS", "NaCl"), 1)
    banned = write_frames(tmp_path / "banned.extxyz", ("KBr", "MgO"), 1)
    parts = prepare(
        replace(config, soft=(str(other),), exclude=(str(banned),)), Pair(0.0), Pair(1.0)
    )
    near = parts.learned + parts.judged
    assert formulas(near) == {"NaCl", "LiF", "CaS", "AgCl"}
    assert formulas(parts.test) == {"MgO"}
    assert len(parts.test) == 4
    soft_only = [lesson for lesson in near if lesson.hard is None]
    assert sorted(lesson.system for lesson in soft_only) == ["cas", "nacl"]
    assert all(lesson.soft is not None for lesson in near)


def test_held_out_structures_of_the_teacher_are_tested_on(config, tmp_path):
    soft = write_frames(tmp_path / "soft.extxyz", ("NaCl", "LiF", "CaS", "KBr"), 2)
    parts = prepare(replace(config, hard=(), soft=(str(soft),), holdout=("kbr",)), Pair(0), Pair(1))
    assert formulas(parts.test) == {"KBr"}
    assert all(lesson.hard is None and lesson.soft is not None for lesson in parts.test)
    with pytest.raises(InputError, match="holdout: no frame is of 'kcl'"):
        prepare(replace(config, holdout=("kcl",)), Pair(0.0))


def test_fewer_frames_are_among_the_more(config):
    ids = [
        {lesson.id for lesson in prepare(replace(config, frames=n), Pair(0.0)).learned}
        for n in (3, 6)
    ]
    assert [len(found) for found in ids] == [3, 6]
    assert ids[0] < ids[1]
    others = prepare(replace(config, frames=6, seed=2), Pair(0.0)).learned
    assert {lesson.id for lesson in others} != ids[1]


def test_copies_of_soft_structures(config, tmp_path):
    soft = write_frames(tmp_path / "soft.extxyz", ("NaCl", "LiF", "CaS", "KBr"), 1)
    settings = {"copies": 2, "volumes": [0.9, 1.1], "rattle": 0.1}
    parts = prepare(
        replace(
            config, hard=(), holdout=(), holdout_share=0.0, soft=(str(soft),), augment=settings
        ),
        Pair(0.0),
        Pair(1.0),
    )
    assert len(parts.learned) + len(parts.judged) == 4 * 5
    assert parts.test == []


def test_shifts_and_the_dispersion_are_taken_away(config):
    """Hard labels lose D3; the teacher's constants of the elements lose themselves."""
    from cijkl.potentials import load

    pytest.importorskip("dftd3")
    plain_parts = prepare(config, Pair(0.5), Pair(2.0))
    parts = prepare(replace(config, dispersion="d3"), Pair(0.5), Pair(2.0))
    for before, after in zip(plain_parts.learned, parts.learned, strict=True):
        (d3,) = load("d3").evaluate([after.atoms])
        np.testing.assert_allclose(before.hard.forces - after.hard.forces, d3.forces, atol=1e-12)
        np.testing.assert_allclose(before.soft.stress - after.soft.stress, d3.stress, atol=1e-12)
    for lesson in plain_parts.learned:
        # on the student's scale
        assert lesson.soft.energy == pytest.approx(0.5 * lesson.atoms.numbers.sum(), abs=1e-8)


def test_energies_of_compounds_are_the_students_on_average(config):
    parts = prepare(config, Pair(0.5))
    bare = prepare(replace(config, align="elements"), Pair(0.5))
    for side, other in ((parts.judged, bare.judged), (parts.test, bare.test)):
        excess, before = (
            [(x.hard.energy - 0.5 * x.atoms.numbers.sum()) / 2 for x in found]
            for found in (side, other)
        )
        assert np.mean(excess) == pytest.approx(0.0, abs=1e-9)
        # elements alone say little of a compound that was not there
        assert abs(np.mean(before)) > 0.01
        np.testing.assert_allclose(np.diff(excess), np.diff(before), atol=1e-9)


def test_rehearsals_say_what_the_student_said(config, tmp_path):
    old = write_frames(tmp_path / "old.extxyz", ("MgO", "KBr"), 2)
    parts = prepare(
        replace(config, rehearse=(str(old),), check=(str(old), *config.hard), rehearsals=4),
        Pair(0.5),
    )
    rehearsed = parts.learned[-4:]
    for lesson in rehearsed:
        assert lesson.hard is None
        assert lesson.soft.energy == 0.5 * lesson.atoms.numbers.sum()
    # what is rehearsed says nothing about forgetting
    assert formulas(parts.checked) == {"NaCl", "LiF", "CaS", "AgCl"}


def test_a_calculator_of_ase_as_teacher():
    config = DistillConfig(
        hard=("a",),
        teacher={"calculator": "ase.calculators.lj:LennardJones", "settings": {"rc": 5}},
    )
    teacher = teacher_of(config)
    assert teacher.name == "ase.calculators.lj:LennardJones"
    assert teacher.version.startswith("ase 3")
    assert teacher.settings == {"rc": "5"}
    with pytest.raises(InputError, match="no calculator ase.calculators.lj:Nothing"):
        teacher_of(replace(config, teacher={"calculator": "ase.calculators.lj:Nothing"}))


def test_nothing_to_learn_from(config, tmp_path):
    with pytest.raises(InputError, match="nothing to learn from"):
        prepare(replace(config, hard=()), Pair(0.0))
    with pytest.raises(InputError, match="soft structures need a teacher"):
        prepare(replace(config, soft=config.hard), Pair(0.0))
    everything = ("mgo", "nacl", "lif", "kbr", "cas", "agcl")
    with pytest.raises(InputError, match="hold out fewer compounds"):
        prepare(replace(config, holdout=everything), Pair(0.0))


def test_recipes():
    paper = read_config({"recipe": "taniguchi-2025", "hard": "a.extxyz", "epochs": 7})
    assert (paper.batch_size, paper.learning_rate, paper.huber) == (32, 0.01, 0.0)
    assert paper.learn == ("mlp",)
    assert (paper.epochs, paper.hard) == (7, ("a.extxyz",))
    assert "hard_stress" not in paper.ratios
    assert read_config({}) == DistillConfig()
    assert DistillConfig().learned() == ("mlp",)
    assert DistillConfig(student="sevennet-0").learned() == ("all",)


def test_the_file_repeats_the_configuration(tmp_path):
    config = read_config({"recipe": "taniguchi-2025", "soft": ["a"], "augment": {"copies": 2}})
    write_config(config, tmp_path / "config.yaml")
    again = yaml.safe_load((tmp_path / "config.yaml").read_text())
    assert again == plain(config)
    assert read_config(again) == config


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"recipe": "best"}, "no recipe 'best'; known are careful, taniguchi-2025"),
        ({"rate": 1.0}, "'rate' is no setting"),
        ({"ratios": {"hard_magmoms": 1.0}}, "no part 'hard_magmoms'"),
        ({"ratios": {"hard_energy": -1}}, "expected a number from 0"),
        ({"schedule": "step"}, "expected one of cosine, plateau"),
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"average": 1.0}, "expected less than 1"),
        ({"learning_rate": "1e-3"}, "expected a number; YAML wants a point"),
        ({"teacher": 7}, "teacher is 7"),
        ({"teacher": {"module": "ase"}}, "expected a name, or calculator and settings"),
        ({"augment": {"copy": 3}}, "known are volumes, copies"),
        ({"frames": 0}, "frames is 0"),
        ({"hard": 3}, "hard: expected a file or a list of files"),
    ],
)
def test_wrong_settings(wrong, words):
    with pytest.raises(InputError, match=words):
        read_config(wrong, "my.yaml")


def test_one_formula_cannot_judge_itself(config, tmp_path):
    one = write_frames(tmp_path / "one.extxyz", ("NaCl",), 4)
    with pytest.raises(InputError, match="all frames are NaCl; with a second formula"):
        prepare(replace(config, hard=(str(one),), holdout=(), holdout_share=0.0), Pair(0.0))
