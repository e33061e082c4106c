"""A teacher potential, frames of DFT, or both, teach a student."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl import __version__
from cijkl.distillation.config import DistillConfig, plain, write_config
from cijkl.distillation.errors import errors_of
from cijkl.distillation.lessons import Lessons, Report, prepare, teacher_of
from cijkl.errors import InputError
from cijkl.potentials.distilled import WEIGHTS_NAME, make, read_student_card, save_student

if TYPE_CHECKING:
    from torch import Tensor

    from cijkl.distillation.student import Student
    from cijkl.potentials import Potential

__all__ = ["ERRORS", "distill", "name_to_load"]

#: what is written beside the weights: errors before and after
ERRORS = "errors.json"


def distill(
    config: DistillConfig,
    folder: str | Path,
    *,
    teacher: Potential | None = None,
    quiet: bool = True,
    report: Report | None = None,
) -> Path:
    """Train a student; what was done before in the same folder is taken up where it ended.

    Writes ``config.yaml``, ``student.safetensors`` with its card, ``errors.json`` (before and
    after, on what was held out and on what may have been forgotten), ``metrics.csv`` and
    checkpoints. The weights of the best epoch are kept, or those that it began with if no epoch is
    better.

    Parameters
    ----------
    config
        All that determines it.
    folder
        Where it writes.
    teacher
        A potential, such as an `AseCalculator`, in place of the configuration's.
    quiet
        Whether to show no progress on standard error.
    report
        Told how far the teacher's labels are.

    Returns
    -------
    The file of weights; ``load("distilled:FILE")`` gives the potential.

    Raises
    ------
    InputError
        There is nothing to learn from, to judge by or to test on, or the folder holds another
        distillation.
    KeyboardInterrupt
        After Ctrl-C, with the best weights so far written; the same call goes on.
    """
    import lightning

    from cijkl.distillation.student import Student
    from cijkl.models.training.callbacks import Interrupted
    from cijkl.models.training.epochs import CHECKPOINT

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS_NAME
    _take_up(config, folder)
    teacher = teacher_of(config) if teacher is None else teacher
    dtype = "float64" if config.precision == "double" else "float32"
    student = Student(config.student, config.learned(), dtype=dtype)
    if weights.exists() and (folder / ERRORS).exists():
        return weights
    lessons = prepare(config, student.potential, teacher, report)
    _check_labels(lessons, config)
    before = {name: value.detach().clone() for name, value in student.weights().items()}
    errors = {"before": _all_errors(student.potential, lessons)}
    first = _loss(student, lessons, config)
    lightning.seed_everything(config.seed, verbose=False)
    intro = f"{len(lessons.learned)} frames to learn from, {len(lessons.judged)} to judge by"
    try:
        _fit(student, lessons, config, folder, None if quiet else intro)
    except Interrupted:
        if (folder / CHECKPOINT).exists():
            # the same call goes on, since there are no errors yet
            _write(student, teacher, lessons, config, folder, before, first)
        raise KeyboardInterrupt from None
    new, card = _write(student, teacher, lessons, config, folder, before, first)
    tuned = make("distilled", str(weights), "auto", dtype)
    errors["after"] = _all_errors(tuned, lessons)
    card["errors"] = errors = _summary(errors)
    save_student(weights, new, card)
    part = (folder / ERRORS).with_suffix(".part")
    part.write_text(json.dumps(errors, indent=1), encoding="utf-8")
    part.replace(folder / ERRORS)
    return weights


def name_to_load(weights: str | Path) -> str:
    """What `cijkl.potentials.load` takes, with the dispersion that the student was trained for."""
    dispersion = read_student_card(weights).get("dispersion")
    return f"distilled:{weights}" + (f"+{dispersion}" if dispersion else "")


def _take_up(config: DistillConfig, folder: Path) -> None:
    """Make sure that the folder is empty, or holds the same distillation."""
    import yaml

    from cijkl.models.training.epochs import CHECKPOINT, HISTORY

    path = folder / "config.yaml"
    if path.exists():
        before, now = yaml.safe_load(path.read_text(encoding="utf-8")), plain(config)
        now = json.loads(json.dumps(now))
        other = [name for name in now if now[name] != (before or {}).get(name)]
        if other:
            raise InputError(
                f"{folder} holds a distillation with another {other[0]}; give another folder, or "
                "empty this one"
            )
    if not (folder / CHECKPOINT).exists():
        for name in (HISTORY, "best.ckpt"):
            (folder / name).unlink(missing_ok=True)
    write_config(config, path)


def _check_labels(lessons: Lessons, config: DistillConfig) -> None:
    """Make sure that there are labels of which the loss takes notice."""
    from cijkl.distillation.loss import count_labels

    for words, part in (("to learn from", lessons.learned), ("to judge by", lessons.judged)):
        counts = count_labels(part)
        if not any(ratio > 0.0 and counts[name] for name, ratio in config.ratios.items()):
            raise InputError(f"no label {words} has a weight; see ratios, hard and teacher")


def _fit(
    student: Student, lessons: Lessons, config: DistillConfig, folder: Path, intro: str | None
) -> None:
    from cijkl.distillation.task import DistillTask, lesson_batches
    from cijkl.models.training.epochs import Epochs, run_epochs

    run_epochs(
        DistillTask(student, config),
        lesson_batches(lessons.learned, config.batch_size, shuffle=True),
        lesson_batches(lessons.judged, config.batch_size),
        folder,
        Epochs(
            epochs=config.epochs,
            patience=config.patience,
            # the student has its own precision already, which Lightning then leaves alone
            precision="32-true",
            clip=config.clip,
            average=config.average,
            judged_by="valid",
            error="loss",
            second_order=True,
        ),
        intro,
    )


def _loss(student: Student, lessons: Lessons, config: DistillConfig) -> float:
    """Loss of the student as it is, on what judges."""
    import torch

    from cijkl.distillation.loss import count_labels, part_sums, weighted
    from cijkl.distillation.task import passes

    counts = count_labels(lessons.judged)
    total = 0.0
    with torch.no_grad():
        for part in passes(student, lessons.judged):
            answer = student(student.edges([lesson.atoms for lesson in part]))
            sums = part_sums(answer, part, config.huber).loss
            total += float(weighted(sums, counts, config.ratios))
    return total


def _write(
    student: Student,
    teacher: Potential | None,
    lessons: Lessons,
    config: DistillConfig,
    folder: Path,
    before: Mapping[str, Tensor],
    first: float,
) -> tuple[Mapping[str, Tensor], dict[str, Any]]:
    """Write the best weights so far, or those of the start; without their errors."""
    from cijkl.models.training.epochs import kept_state

    best = _best(folder, config, first)
    state = kept_state(folder, config.keep, "network.network.")
    new = {name: state[name] for name in before} if best else before
    card = _card(config, student.potential, teacher, lessons, best)
    save_student(folder / WEIGHTS_NAME, new, card)
    return new, card


def _best(folder: Path, config: DistillConfig, before: float) -> Mapping[str, float]:
    """Row of the history whose weights are kept; empty if none is better than the start."""
    from cijkl.models.training.epochs import HISTORY
    from cijkl.models.training.history import best_epoch, read_history

    history = read_history(folder / HISTORY)
    if config.keep == "last":
        return history[-1]
    best = best_epoch(history)
    return best if best and best["valid"] < before else {}


def _all_errors(potential: Potential, lessons: Lessons) -> dict[str, Any]:
    parts = {"judged": lessons.judged, "test": lessons.test, "checked": lessons.checked}
    return {name: errors_of(potential, part) for name, part in parts.items() if part}


def _card(
    config: DistillConfig,
    student: Potential,
    teacher: Potential | None,
    lessons: Lessons,
    best: Mapping[str, float],
) -> dict[str, Any]:
    settings = plain(config)
    for key in ("hard", "soft", "rehearse", "check", "exclude"):
        settings[key] = [Path(path).name for path in settings[key]]
    settings.pop("labels")
    taught = {lesson.formula for lesson in lessons.learned}
    return {
        "cijkl": __version__,
        "student": config.student,
        "checkpoint": student.settings["checkpoint"],
        "teacher": None if teacher is None else f"{teacher.name} ({teacher.version})",
        "dispersion": config.dispersion,
        "config": settings,
        "frames": {
            "learned": len(lessons.learned),
            "judged": len(lessons.judged),
            "test": len(lessons.test),
            "without_labels": lessons.without[0],
        },
        "without_labels": lessons.without[1],
        "systems": {
            "learned": sorted({lesson.system for lesson in lessons.learned})[:200],
            "judged": sorted({lesson.system for lesson in lessons.judged})[:200],
            "test": sorted({lesson.system for lesson in lessons.test}),
        },
        "formulas_learned": len(taught),
        "shifts": {k: {str(z): v for z, v in s.items()} for k, s in lessons.shifts.items()},
        "epoch": int(best["epoch"]) + 1 if best else 0,
    }


def _summary(errors: dict[str, Any]) -> dict[str, Any]:
    """Numbers to six digits."""

    def rounded(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        return float(f"{value:.6g}") if isinstance(value, float) else value

    result: dict[str, Any] = rounded(errors)
    return result
