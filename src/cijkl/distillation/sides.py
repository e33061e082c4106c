"""Which frames are learned from, judge, test, are rehearsed and checked."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cijkl.datasets.frames import Frame, read_frames
from cijkl.datasets.splits import Mask, holdout_by_formula
from cijkl.distillation.augmentation import augmented
from cijkl.distillation.config import DistillConfig
from cijkl.errors import InputError
from cijkl.structures.crystal import Unreadable

if TYPE_CHECKING:
    from cijkl.potentials import Potential

__all__ = ["checks", "rehearsals", "split"]


def split(
    config: DistillConfig, teacher: Potential | None
) -> tuple[list[Frame], list[Frame], list[Frame]]:
    """What is learned from, what judges and what tests; no reduced formula is in two of them.

    Raises
    ------
    InputError
        A file cannot be read, or nothing is left to learn from.
    """
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


def rehearsals(config: DistillConfig) -> list[Frame]:
    """Of what the student should say what it said before."""
    found = _frames(config.rehearse)
    return found if config.rehearsals is None else _some(found, config.rehearsals, config.seed)


def checks(config: DistillConfig) -> list[Frame]:
    """By what is judged what was forgotten; no formula that is rehearsed."""
    rehearsed = {frame.formula for frame in rehearsals(config)}
    found = [frame for frame in _frames(config.check) if frame.formula not in rehearsed]
    return found if config.checks is None else _some(found, config.checks, config.split_seed)


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
