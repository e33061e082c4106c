"""How far a student is from its labels.

    L = sum over parts of r_part mean |difference|

over six parts: energy for each atom (eV), force components (eV/A) and stress components (GPa), of
DFT (hard) and of the teacher (soft). Taniguchi, Faraday Discuss. 256, 139 (2025), has the four
without stress. A mean goes over all labels of that part in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cijkl.distillation.lesson import SOURCES, Lesson
from cijkl.distillation.student import Answer
from cijkl.units import EV_PER_A3_TO_GPA

__all__ = ["PARTS", "QUANTITIES", "Sums", "count_labels", "part_sums", "weighted"]

QUANTITIES = ("energy", "forces", "stress")
#: hard_energy, hard_forces, ... soft_stress
PARTS = tuple(f"{source}_{quantity}" for source in SOURCES for quantity in QUANTITIES)


@dataclass(frozen=True)
class Sums:
    """Sums of what the loss takes of each difference, and of absolute differences, by part."""

    loss: Mapping[str, Tensor]
    absolute: Mapping[str, Tensor]


def count_labels(lessons: Sequence[Lesson]) -> dict[str, int]:
    """Numbers of energies, force components and stress components, by part."""
    counts = dict.fromkeys(PARTS, 0)
    for lesson in lessons:
        for source in SOURCES:
            labels = lesson.labels(source)
            if labels is not None:
                counts[f"{source}_energy"] += labels.energy is not None
                counts[f"{source}_forces"] += 0 if labels.forces is None else 3 * len(lesson.atoms)
                counts[f"{source}_stress"] += 0 if labels.stress is None else 9
    return counts


def part_sums(answer: Answer, lessons: Sequence[Lesson], huber: float = 0.0) -> Sums:
    """Sums over the labels of lessons.

    Parameters
    ----------
    answer
        The student's, for the same lessons.
    huber
        Differences below it (eV for each atom, eV/A, GPa) count by their square over twice this,
        larger ones by what they are less half of it; 0 for absolute differences throughout.
    """
    sizes = [len(lesson.atoms) for lesson in lessons]
    forces = torch.split(answer.forces, sizes)
    loss: dict[str, Tensor] = {}
    absolute: dict[str, Tensor] = {}
    for source in SOURCES:
        differences: dict[str, list[Tensor]] = {name: [] for name in QUANTITIES}
        for i, lesson in enumerate(lessons):
            labels = lesson.labels(source)
            if labels is None:
                continue
            if labels.energy is not None:
                each = (answer.energies[i] - labels.energy) / sizes[i]
                differences["energy"].append(each.reshape(1))
            if labels.forces is not None:
                differences["forces"].append((forces[i] - _like(forces[i], labels.forces)).ravel())
            if labels.stress is not None:
                stress = answer.stresses[i]
                each = EV_PER_A3_TO_GPA * (stress - _like(stress, labels.stress))
                differences["stress"].append(each.ravel())
        for name, found in differences.items():
            if found:
                values = torch.cat(found).double()
                size = values.abs()
                absolute[f"{source}_{name}"] = size.sum()
                if huber > 0.0:
                    size = torch.where(size < huber, 0.5 * values**2 / huber, size - 0.5 * huber)
                loss[f"{source}_{name}"] = size.sum()
    return Sums(loss, absolute)


def weighted(
    sums: Mapping[str, Tensor], counts: Mapping[str, int], ratios: Mapping[str, float]
) -> Tensor:
    """The loss: sums over counts, weighted.

    Parts without labels count nothing.
    """
    terms = [
        ratios.get(part, 0.0) * total / counts[part] for part, total in sums.items() if counts[part]
    ]
    return torch.stack(terms).sum() if terms else torch.zeros((), dtype=torch.float64)


def _like(tensor: Tensor, values: object) -> Tensor:
    return torch.as_tensor(values, dtype=tensor.dtype, device=tensor.device)
