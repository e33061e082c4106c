"""From files to what is learned, what judges and what tests; whole formulas are on one side."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.datasets.frames import Frame, read_frames
from cijkl.datasets.splits import Mask, holdout_by_formula
from cijkl.distillation.alignment import element_shifts, total_shift
from cijkl.distillation.augmentation import augmented
from cijkl.distillation.config import DistillConfig
from cijkl.distillation.labels import LabelStore
from cijkl.distillation.lesson import SOURCES, Labels, Lesson
from cijkl.errors import InputError
from cijkl.potentials import AseCalculator, Potential, load
from cijkl.structures.crystal import Unreadable
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
    learned, judged, test = _split(config, teacher)
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
        shifts = _shifts(known["learned"], own["learned"])
        aligned = {name: _aligned(part, shifts) for name, part in known.items()}
        if config.align == "compounds":
            aligned = {name: _centred(part, own[name]) for name, part in aligned.items()}
        aligned["learned"] += asker.rehearsed(_rehearsals(config), student)
        checked = [_lesson(frame) for frame in _checks(config)]
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


def _split(
    config: DistillConfig, teacher: Potential | None
) -> tuple[list[Frame], list[Frame], list[Frame]]:
    """What is learned from, what judges and what tests."""
    if not config.hard and not config.soft:
        raise InputError("there is nothing to learn from; give hard or soft files")
    if config.soft and teacher is None:
        raise InputError("soft structures need a teacher")
    frames = _frames(config.hard) + list(_copies(_frames(config.soft), config))
    excluded = {frame.formula for frame in _frames(config.exclude)}
    kept = _held_out(config, frames)
    # what is held out is tested on, though it is excluded too
    test = [frame for frame in frames if frame.formula in kept]
    near = [frame for frame in frames if frame.formula not in kept | excluded]
    if not near:
        raise InputError("no frame is left to learn from; hold out fewer compounds")
    formulas = [frame.formula for frame in near]
    chosen = _drawn(formulas, config.validation_share, config.split_seed)
    learned = [frame for frame, judges in zip(near, chosen, strict=True) if not judges]
    judged = [frame for frame, judges in zip(near, chosen, strict=True) if judges]
    if config.frames is not None and config.frames < len(learned):
        learned = _some(learned, config.frames, config.seed)
    return learned, judged, test


def _drawn(formulas: Sequence[str], share: float, seed: int) -> Mask:
    """Which frames a share takes, whole formulas, and one of them at least."""
    sizes = Counter(formulas)
    if len(sizes) < 2:
        raise InputError(
            f"all frames are {next(iter(sizes), 'gone')}; with a second formula some can judge"
        )
    return holdout_by_formula(formulas, max(share, min(sizes.values()) / len(formulas)), seed)


def _held_out(config: DistillConfig, frames: Sequence[Frame]) -> set[str]:
    """Formulas that are kept for the test."""
    groups = [frame.formula for frame in frames]
    if config.holdout:
        found: set[str] = set()
        for name in config.holdout:
            own = {g for f, g in zip(frames, groups, strict=True) if name in (f.system, g)}
            if not own:
                raise InputError(f"holdout: no frame is of '{name}'; give its system or formula")
            found |= own
        return found
    if config.holdout_share == 0.0 or not frames:
        return set()
    chosen = _drawn(groups, config.holdout_share, config.split_seed)
    return {group for group, held in zip(groups, chosen, strict=True) if held}


def _copies(frames: Sequence[Frame], config: DistillConfig) -> Iterator[Frame]:
    """Structures for the teacher, and what is made of them; labels that they have do not count."""
    settings = config.augmentation()
    for number, frame in enumerate(frames):
        seed = config.split_seed + 1_000_003 * number
        for copy, atoms in enumerate(augmented(frame.atoms, settings, seed)):
            yield Frame(f"{frame.id}/{copy}", atoms, frame.system, frame.kind)


def _rehearsals(config: DistillConfig) -> list[Frame]:
    found = _frames(config.rehearse)
    return found if config.rehearsals is None else _some(found, config.rehearsals, config.seed)


def _checks(config: DistillConfig) -> list[Frame]:
    rehearsed = {frame.formula for frame in _rehearsals(config)}
    found = [frame for frame in _frames(config.check) if frame.formula not in rehearsed]
    return found if config.checks is None else _some(found, config.checks, config.split_seed)


def _some(frames: list[Frame], count: int, seed: int) -> list[Frame]:
    """So many frames, drawn at random; more of them hold the fewer."""
    order = np.random.default_rng(seed).permutation(len(frames))[:count]
    return [frames[i] for i in order]


def _frames(paths: Iterable[str]) -> list[Frame]:
    """Frames of files, or crystals of any other readable file."""
    frames: list[Frame] = []
    bad: list[Unreadable] = []
    for path in paths:
        for item in _of_file(path):
            if isinstance(item, Unreadable):
                bad.append(item)
            else:
                frames.append(item)
    if bad:
        warnings.warn(
            f"{len(bad)} of {len(bad) + len(frames)} frames are left out; the first is "
            f"{bad[0].id}: {bad[0].error}",
            stacklevel=2,
        )
    return frames


def _of_file(path: str) -> Iterator[Frame | Unreadable]:
    from cijkl.structures import read

    if ".extxyz" in Path(path).name or ".xyz" in Path(path).name:
        yield from read_frames(path)
        return
    for crystal in read(path):
        if isinstance(crystal, Unreadable):
            yield crystal
        else:
            yield Frame(crystal.id, crystal.atoms, crystal.id)


def _lesson(frame: Frame) -> Lesson:
    known = (frame.energy, frame.forces, frame.stress)
    hard = Labels.of(frame) if any(value is not None for value in known) else None
    return Lesson(frame.id, frame.system, frame.formula, frame.kind, frame.atoms, hard)


def _shifts(lessons: Sequence[Lesson], own: Sequence[Any]) -> dict[str, dict[int, float]]:
    """Energies of elements by which each source differs from the student, from what is learned."""
    shifts: dict[str, dict[int, float]] = {}
    for source in SOURCES:
        structures, differences = [], []
        for lesson, answer in zip(lessons, own, strict=True):
            labels = lesson.labels(source)
            if labels is not None and labels.energy is not None and not isinstance(answer, str):
                structures.append(lesson.atoms)
                differences.append(labels.energy - answer.energy)
        shifts[source] = element_shifts(structures, differences)
    return shifts


def _aligned(lessons: Sequence[Lesson], shifts: Mapping[str, Mapping[int, float]]) -> list[Lesson]:
    """Lessons with energies on the student's scale."""
    moved = []
    for lesson in lessons:
        hard = lesson.hard and lesson.hard.shifted(-total_shift(lesson.atoms, shifts["hard"]))
        soft = lesson.soft and lesson.soft.shifted(-total_shift(lesson.atoms, shifts["soft"]))
        moved.append(replace(lesson, hard=hard, soft=soft, aligned=True))
    return moved


def _centred(lessons: Sequence[Lesson], own: Sequence[Any]) -> list[Lesson]:
    """Lessons whose energies are the student's on average over each formula.

    What is left are differences between frames of one compound, its crystals and its molecules.
    """
    means: dict[tuple[str, str], list[float]] = {}
    for lesson, answer in zip(lessons, own, strict=True):
        for source in SOURCES:
            labels = lesson.labels(source)
            if labels is not None and labels.energy is not None and not isinstance(answer, str):
                each = (labels.energy - answer.energy) / len(lesson.atoms)
                means.setdefault((source, lesson.formula), []).append(each)
    constant = {key: float(np.mean(values)) for key, values in means.items()}
    moved = []
    for lesson in lessons:
        size = len(lesson.atoms)
        hard, soft = (
            labels and labels.shifted(-size * constant.get((source, lesson.formula), 0.0))
            for source, labels in zip(SOURCES, (lesson.hard, lesson.soft), strict=True)
        )
        moved.append(replace(lesson, hard=hard, soft=soft))
    return moved
