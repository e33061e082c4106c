"""Steps of a distillation, as Lightning takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from cijkl.distillation.config import DistillConfig
from cijkl.distillation.lesson import Lesson
from cijkl.distillation.loss import PARTS, count_labels, part_sums, weighted
from cijkl.distillation.student import Student
from cijkl.models.training.steps import Steps

__all__ = ["DistillTask", "lesson_batches", "loss_and_gradient", "passes"]

#: edges of the network in one pass: second derivatives keep all that happens in memory
EDGES_PER_PASS = {"cpu": 2_000, "cuda": 120_000}


class DistillTask(Steps):
    """Training of one student.

    Parameters
    ----------
    student
        To be trained.
    config
        How.
    """

    def __init__(self, student: Student, config: DistillConfig) -> None:
        super().__init__(config)
        self.network = student
        self._sums: dict[str, float] = {}
        self._counts = dict.fromkeys(PARTS, 0)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, index: int) -> Any:
        """Leave lessons as they are; the student takes what it needs."""
        return batch

    def training_step(self, batch: list[Lesson], index: int) -> Tensor:
        """Loss of one batch, whose gradient is known already.

        A batch goes through the network part by part, since one pass keeps all of it in memory.
        The sum of products of weights and gradients has these gradients.
        """
        config = self.config
        loss, gradients = loss_and_gradient(self.network, batch, config.ratios, config.huber)
        product = sum(
            ((w * g).sum() for w, g in zip(self._weights(), gradients, strict=True)),
            start=torch.zeros((), device=loss.device),
        )
        self.log("train_loss", loss.float(), on_step=False, on_epoch=True, batch_size=len(batch))
        surrogate: Tensor = product - product.detach() + loss.to(product.dtype)
        return surrogate

    def validation_step(self, batch: list[Lesson], index: int) -> None:
        """Add up the errors of one batch."""
        config = self.config
        for part in passes(self.network, batch):
            answer = self.network(self.network.edges([lesson.atoms for lesson in part]))
            sums = part_sums(answer, part, config.huber)
            for kind, values in (("loss", sums.loss), ("mae", sums.absolute)):
                for name, value in values.items():
                    key = f"{kind}_{name}"
                    self._sums[key] = self._sums.get(key, 0.0) + float(value)
        for name, count in count_labels(batch).items():
            self._counts[name] += count

    def on_validation_epoch_end(self) -> None:
        """The loss and the mean absolute errors over all that judges."""
        known = [name for name in PARTS if self._counts[name]]
        means = {n: self._sums[f"loss_{n}"] / self._counts[n] for n in known}
        total = sum(self.config.ratios.get(n, 0.0) * mean for n, mean in means.items())
        self.log("valid", torch.tensor(total, dtype=torch.float32), prog_bar=True)
        for name in known:
            mean = self._sums[f"mae_{name}"] / self._counts[name]
            self.log(f"valid_{name}", torch.tensor(mean, dtype=torch.float32))
        self._sums, self._counts = {}, dict.fromkeys(PARTS, 0)

    def _weights(self) -> list[Tensor]:
        return list(self.network.weights().values())


def loss_and_gradient(
    student: Student, lessons: Sequence[Lesson], ratios: Any, huber: float = 0.0
) -> tuple[Tensor, list[Tensor]]:
    """Loss of a batch and its gradient by the weights that are trained, pass by pass.

    Parameters
    ----------
    ratios
        Weight of each part of the loss, by name.
    """
    weights = list(student.weights().values())
    counts = count_labels(lessons)
    gradients = [torch.zeros_like(weight) for weight in weights]
    total = torch.zeros((), dtype=torch.float64, device=weights[0].device)
    for part in passes(student, lessons):
        answer = student(student.edges([lesson.atoms for lesson in part]))
        loss = weighted(part_sums(answer, part, huber).loss, counts, ratios)
        if not loss.requires_grad:
            continue
        total += loss.detach()
        found = torch.autograd.grad(loss, weights, allow_unused=True)
        for gradient, more in zip(gradients, found, strict=True):
            if more is not None:
                gradient += more
    return total, gradients


def lesson_batches(
    lessons: Sequence[Lesson], size: int, shuffle: bool = False
) -> DataLoader[Lesson]:
    """Batches of so many lessons, as lists, for Lightning."""
    return DataLoader(
        lessons,  # type: ignore[arg-type]  # a sequence is a dataset
        batch_size=size,
        shuffle=shuffle,
        collate_fn=list,
    )


def passes(student: Student, lessons: Sequence[Lesson]) -> Iterator[list[Lesson]]:
    """Parts of a batch that go through the network at once."""
    limit = EDGES_PER_PASS[next(student.network.parameters()).device.type]
    part: list[Lesson] = []
    edges = 0.0
    for lesson in lessons:
        # by the density, since counting neighbours costs as much as finding them
        sphere = 4.19 * student.potential.cutoff**3
        more = len(lesson.atoms) ** 2 / lesson.atoms.get_volume() * sphere
        if part and edges + more > limit:
            yield part
            part, edges = [], 0.0
        part.append(lesson)
        edges += more
    if part:
        yield part
