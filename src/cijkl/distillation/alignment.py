"""Energies of different methods on one scale: a constant for each element.

Energies of two methods differ by constants of the elements (pseudopotentials, reference atoms)
that no force shows. They are found by least squares,

    min over s of  sum over frames of [ (E_target - E_student - sum_Z n_Z s_Z) / N ]^2,

and taken from the targets, so that the student need not learn them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.distillation.lesson import SOURCES, Lesson
from cijkl.potentials.base import Evaluation

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["aligned_by", "centred", "element_shifts", "shifts_of", "total_shift"]

Array = NDArray[np.float64]


def element_shifts(structures: Sequence[Atoms], differences: Sequence[float]) -> dict[int, float]:
    """Give the constants of the elements.

    Where compositions cannot tell elements apart, as in ice, the smallest constants are given
    that explain the differences.

    Parameters
    ----------
    structures
        (k) crystals.
    differences
        Energy of one method less that of the other, (k), eV.

    Returns
    -------
    eV for each atomic number that occurs.
    """
    if not structures:
        return {}
    elements = sorted({int(z) for atoms in structures for z in atoms.numbers})
    counts = np.array([[(a.numbers == z).sum() for z in elements] for a in structures], dtype=float)
    sizes = counts.sum(1)
    shifts, *_ = np.linalg.lstsq(counts / sizes[:, None], np.array(differences) / sizes)
    return dict(zip(elements, map(float, shifts), strict=True))


def total_shift(atoms: Atoms, shifts: Mapping[int, float]) -> float:
    """Sum of the constants of all atoms, eV; an element without one counts as zero."""
    numbers, counts = np.unique(atoms.numbers, return_counts=True)
    return float(sum(n * shifts.get(int(z), 0.0) for z, n in zip(numbers, counts, strict=True)))


def shifts_of(
    lessons: Sequence[Lesson], own: Sequence[Evaluation | str]
) -> dict[str, dict[int, float]]:
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


def aligned_by(
    lessons: Sequence[Lesson], shifts: Mapping[str, Mapping[int, float]]
) -> list[Lesson]:
    """Lessons with energies on the student's scale."""
    moved = []
    for lesson in lessons:
        hard = lesson.hard and lesson.hard.shifted(-total_shift(lesson.atoms, shifts["hard"]))
        soft = lesson.soft and lesson.soft.shifted(-total_shift(lesson.atoms, shifts["soft"]))
        moved.append(replace(lesson, hard=hard, soft=soft, aligned=True))
    return moved


def centred(lessons: Sequence[Lesson], own: Sequence[Evaluation | str]) -> list[Lesson]:
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
