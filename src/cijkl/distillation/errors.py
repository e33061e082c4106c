"""How far a potential is from labels: energies, forces and stresses, by compound and in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.distillation.lesson import SOURCES, Lesson
from cijkl.potentials.base import EvaluationError
from cijkl.units import EV_PER_A3_TO_GPA

if TYPE_CHECKING:
    from cijkl.potentials import Evaluation, Potential

__all__ = ["errors_of"]


def errors_of(potential: Potential, lessons: Sequence[Lesson]) -> dict[str, Any]:
    """Mean absolute errors of a potential.

    Parameters
    ----------
    potential
        What is judged; without the dispersion that was taken from the labels.
    lessons
        What it is compared with.

    Returns
    -------
    For ``hard`` and ``soft``, where there are such labels: ``frames``, ``energy`` (meV for each
    atom, after the shifts of the elements; of lessons that are aligned only), ``energy_within``
    (the same after the mean error of each compound is taken away, which leaves what positions
    and volumes do), ``forces`` (eV/A), ``stress`` (GPa), ``force_rmse``; and ``systems`` with the
    same of each compound. ``failed`` counts lessons that the potential could not evaluate.
    """
    pairs, failed = _evaluated(potential, lessons)
    result: dict[str, Any] = {"failed": failed}
    for source in SOURCES:
        own = [(lesson, answer) for lesson, answer in pairs if lesson.labels(source) is not None]
        if not own:
            continue
        systems = dict.fromkeys(lesson.system for lesson, _ in own)
        result[source] = {
            **_errors(own, source),
            "systems": {
                name: _errors([p for p in own if p[0].system == name], source) for name in systems
            }
            # of a check each frame may be a compound of its own
            if len(systems) <= 100
            else {},
        }
    return result


def _evaluated(
    potential: Potential, lessons: Sequence[Lesson]
) -> tuple[list[tuple[Lesson, Evaluation]], int]:
    pairs, left = [], list(lessons)
    failed = 0
    while left:
        batch, left = left[:16], left[16:]
        while batch:
            try:
                answers = potential.evaluate([lesson.atoms for lesson in batch])
            except EvaluationError as error:
                failed += 1
                del batch[error.index]
            else:
                pairs += list(zip(batch, answers, strict=True))
                break
    return pairs, failed


def _errors(pairs: Sequence[tuple[Lesson, Evaluation]], source: str) -> dict[str, Any]:
    energies: dict[str, list[float]] = {}
    forces, stresses = [], []
    for lesson, answer in pairs:
        labels = lesson.labels(source)
        if labels is None:
            continue
        if labels.energy is not None and lesson.aligned:
            each = (answer.energy - labels.energy) / len(lesson.atoms)
            energies.setdefault(lesson.system, []).append(1e3 * each)
        if labels.forces is not None:
            forces.append((answer.forces - labels.forces).ravel())
        if labels.stress is not None:
            stresses.append(EV_PER_A3_TO_GPA * (answer.stress - labels.stress).ravel())
    result: dict[str, Any] = {"frames": len(pairs)}
    if energies:
        result["energy"] = _mean([np.array(each) for each in energies.values()])
        result["energy_within"] = _mean([np.array(e) - np.mean(e) for e in energies.values()])
    if forces:
        result["forces"] = _mean(forces)
        result["force_rmse"] = float(np.sqrt(np.mean(np.concatenate(forces) ** 2)))
    if stresses:
        result["stress"] = _mean(stresses)
    return result


def _mean(parts: Sequence[Any]) -> float:
    return float(np.abs(np.concatenate(parts)).mean())
