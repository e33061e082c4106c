"""From files to what is learned, what judges and what tests; whole formulas are on one side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cijkl.datasets.frames import Frame
from cijkl.distillation.alignment import aligned_by, centred, shifts_of
from cijkl.distillation.config import DistillConfig
from cijkl.distillation.labels import LabelStore
from cijkl.distillation.lesson import Labels, Lesson
from cijkl.distillation.sides import checks, rehearsals, split
from cijkl.errors import InputError
from cijkl.potentials import AseCalculator, Potential, load
from cijkl.structures.sources.download import cache_folder

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Lessons", "prepare", "teacher_of"]

#: told how far the labels are: what is labelled, labels that are there, labels in all
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a distillation works with.

    Parameters
    ----------
    learned, judged, test, checked
        What is learned from, what says which epoch is best, held-out compounds, and frames by
        which is judged what was forgotten.
    shifts
        Energies (eV) for each element that were taken from the labels, by source.
    without
        How many structures have no labels, and why the first has none.
    """

    learned: list[Lesson]
    judged: list[Lesson]
    test: list[Lesson]
    checked: list[Lesson]
    shifts: Mapping[str, Mapping[int, float]]
    without: tuple[int, str] = (0, "")


def prepare(
    config: DistillConfig,
    student: Potential,
    teacher: Potential | None = None,
    report: Report | None = None,
) -> Lessons:
    """Read, split, label and align.

    Parameters
    ----------
    config
        What of.
    student
        As it is before.
    teacher
        In place of the configuration's.
    report
        Told how far the labels are.

    Raises
    ------
    InputError
        A file cannot be read, or nothing is left to learn from, to judge by or to test on.
    """
    teacher = teacher_of(config) if teacher is None else teacher
    learned, judged, test = split(config, teacher)
    frames = {"learned": learned, "judged": judged, "test": test}
    store = LabelStore(config.labels or cache_folder() / "labels" / "labels.sqlite")
    try:
        asker = _Asker(store, report)
        known = {
            name: asker.taught(part, teacher, config.dispersion) for name, part in frames.items()
        }
        own = {
            name: asker.ask("the student", student, [lesson.atoms for lesson in part])
            for name, part in known.items()
            if name == "learned" or config.align == "compounds"
        }
        shifts = shifts_of(known["learned"], own["learned"])
        aligned = {name: aligned_by(part, shifts) for name, part in known.items()}
        if config.align == "compounds":
            aligned = {name: centred(part, own[name]) for name, part in aligned.items()}
        aligned["learned"] += asker.rehearsed(rehearsals(config), student)
        checked = [_lesson(frame) for frame in checks(config)]
        checked = asker.reduced(checked, config.dispersion)
    finally:
        store.close()
    for name, part in aligned.items():
        if not part and (name != "test" or config.holdout or config.holdout_share):
            raise InputError(f"no frame is left to be {name}; {asker.first or 'give more of them'}")
    return Lessons(
        aligned["learned"],
        aligned["judged"],
        aligned["test"],
        checked,
        shifts,
        (asker.failed, asker.first),
    )


def teacher_of(config: DistillConfig) -> Potential | None:
    """The teacher that a configuration names.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if config.teacher is None:
        return None
    if isinstance(config.teacher, str):
        return load(config.teacher)
    text = str(config.teacher["calculator"])
    settings = dict(config.teacher.get("settings") or {})
    module, _, name = text.partition(":")
    try:
        calculator = getattr(import_module(module), name)(**settings)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"teacher: no calculator {text}: {reason}") from None
    package = import_module(module.partition(".")[0])
    version = f"{package.__name__} {getattr(package, '__version__', 'unknown')}"
    shown = {key: str(value) for key, value in settings.items()}
    return AseCalculator(calculator, text, version=version, settings=shown)


class _Asker:
    """Asks potentials for labels and counts what has none."""

    def __init__(self, store: LabelStore, report: Report | None) -> None:
        self.store = store
        self.report = report
        self.failed = 0
        self.first = ""

    def ask(self, what: str, potential: Potential, structures: Sequence[Atoms]) -> list[Any]:
        """Labels or reasons."""
        tell = self.report
        answers = self.store.label(
            potential,
            structures,
            None if tell is None else lambda done, total: tell(what, done, total),
        )
        for answer in answers:
            if isinstance(answer, str):
                self.failed += 1
                self.first = self.first or answer
        return answers

    def taught(
        self, frames: Sequence[Frame], teacher: Potential | None, dispersion: str | None
    ) -> list[Lesson]:
        """Lessons with the teacher's labels; without what is added to the student."""
        lessons = [_lesson(frame) for frame in frames]
        if teacher is not None:
            answers = self.ask(teacher.name, teacher, [lesson.atoms for lesson in lessons])
            lessons = [
                lesson if isinstance(answer, str) else replace(lesson, soft=Labels.of(answer))
                for lesson, answer in zip(lessons, answers, strict=True)
            ]
        lessons = [lesson for lesson in lessons if lesson.hard or lesson.soft]
        return self.reduced(lessons, dispersion)

    def reduced(self, lessons: list[Lesson], dispersion: str | None) -> list[Lesson]:
        """Lessons without the dispersion that acts together with the student."""
        if dispersion is None:
            return lessons
        answers = self.ask(dispersion, load(dispersion), [lesson.atoms for lesson in lessons])
        return [
            replace(
                lesson,
                hard=lesson.hard and lesson.hard.minus(answer),
                soft=lesson.soft and lesson.soft.minus(answer),
            )
            for lesson, answer in zip(lessons, answers, strict=True)
            if not isinstance(answer, str)
        ]

    def rehearsed(self, frames: Sequence[Frame], student: Potential) -> list[Lesson]:
        """Lessons that say what the student said before."""
        lessons = [_lesson(frame) for frame in frames]
        answers = self.ask("the student", student, [lesson.atoms for lesson in lessons])
        return [
            replace(lesson, hard=None, soft=Labels.of(answer), aligned=True)
            for lesson, answer in zip(lessons, answers, strict=True)
            if not isinstance(answer, str)
        ]


def _lesson(frame: Frame) -> Lesson:
    known = (frame.energy, frame.forces, frame.stress)
    hard = Labels.of(frame) if any(value is not None for value in known) else None
    return Lesson(frame.id, frame.system, frame.formula, frame.kind, frame.atoms, hard)
