"""All that determines a distillation, as one YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from cijkl.distillation.augmentation import Augmentation
from cijkl.errors import InputError
from cijkl.models.training.checks import check_values, files, write_yaml

__all__ = ["RECIPES", "DistillConfig", "plain", "read_config", "write_config"]

#: parts of the loss; those without labels count nothing
_PARTS = tuple(f"{s}_{q}" for s in ("hard", "soft") for q in ("energy", "forces", "stress"))

#: settings by the name of a recipe; what is stated besides comes first
RECIPES: dict[str, dict[str, Any]] = {
    # what is not given here has its default in the class
    "careful": {},
    # Faraday Discuss. 256, 139 (2025): MAE, batches of 32, rate 0.01 falling as a cosine to its
    # hundredth, 100 epochs, last layers only, no stress, no mean of the weights
    "taniguchi-2025": {
        "learn": ("mlp",),
        "ratios": {"hard_energy": 1.0, "hard_forces": 1.0, "soft_energy": 1.0, "soft_forces": 1.0},
        "huber": 0.0,
        "align": "elements",
        "epochs": 100,
        "patience": 100,
        "batch_size": 32,
        "learning_rate": 0.01,
        "schedule": "cosine",
        "warmup": 0.0,
        "final_rate": 0.01,
        "weight_decay": 0.0,
        "clip": 0.0,
        "average": 0.0,
    },
}
_WORDS = {
    "align": ("elements", "compounds"),
    "schedule": ("cosine", "plateau"),
    "keep": ("best", "last"),
    "precision": ("single", "double"),
}
_LEAST = {"huber": 0.0}
#: from 0 and less than one
_SHARES = ("holdout_share", "validation_share")
#: what may be absent, and is at least one else
_LIMITS = ("frames", "rehearsals", "checks")


@dataclass(frozen=True)
class DistillConfig:
    """How a student is taught.

    Parameters
    ----------
    student
        ``chgnet``, ``chgnet-r2scan``, ``sevennet-0``, ``sevennet-l3i5``, ``sevennet-mf-0``.
    learn
        Which weights: ``mlp`` the last layers, ``all``, or names in which ``*`` stands for
        anything. Empty: ``mlp`` for CHGNet, ``all`` for SevenNet.
    teacher
        A potential's name, or ``{calculator: module:name, settings: {...}}`` for a calculator of
        ASE; None to learn from the frames' own labels only.
    dispersion
        A potential, such as ``d3``, that acts together with the student; it is taken from all
        labels, so that the sum is what was trained.
    hard
        Files of frames with labels; the teacher labels them too.
    soft
        Files of structures or frames that only the teacher labels.
    rehearse
        Files of structures on which the student should say what it said before.
    check
        Files of frames by which is judged what it has forgotten.
    holdout
        Compounds kept for the test, by their ``system`` or reduced formula; their formulas are
        learned from nowhere.
    holdout_share
        Without `holdout`, share of the frames whose formulas are kept for the test.
    exclude
        Files of structures whose formulas are neither learned from nor judged by.
    validation_share
        Of the other frames, by formula, which say which epoch is best.
    frames, rehearsals, checks
        At most so many frames to learn from, to rehearse and to check; None for all.
    augment
        Strained and rattled copies of the soft structures; see `Augmentation`.
    ratios
        Weights of the six parts of the loss, ``hard_energy`` ... ``soft_stress``; energies in eV
        for each atom, forces in eV/A, stresses in GPa. What is left out is 0.
    huber
        Below it errors count by their square; 0 for absolute errors.
    align
        ``elements``: energies are put on the student's scale by constants of the elements. They
        leave what differs from compound to compound, which a new compound cannot know.
        ``compounds``: by a constant of each reduced formula besides, over its crystals and its
        molecules, which leaves what positions and volumes do.
    epochs, patience, keep, batch_size, learning_rate, warmup, final_rate, weight_decay, clip,
    average, seed
        As in `cijkl.models.training.config.TrainingConfig`.
    schedule
        ``cosine``, or ``plateau``: halved after five epochs without improvement.
    split_seed
        Of what is held out and what judges.
    precision
        ``single`` or ``double``.
    labels
        File of the teacher's labels; by default one in the cache folder, for all distillations.

    Raises
    ------
    InputError
        For values that no distillation can have.
    """

    student: str = "chgnet"
    learn: tuple[str, ...] = ()
    teacher: str | Mapping[str, Any] | None = None
    dispersion: str | None = None
    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    rehearse: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    holdout: tuple[str, ...] = ()
    holdout_share: float = 0.1
    exclude: tuple[str, ...] = ()
    validation_share: float = 0.1
    frames: int | None = None
    rehearsals: int | None = None
    checks: int | None = 200
    augment: Mapping[str, Any] = field(default_factory=dict)
    ratios: Mapping[str, float] = field(
        default_factory=lambda: {
            "hard_energy": 1.0, "hard_forces": 1.0, "hard_stress": 0.1,
            "soft_energy": 1.0, "soft_forces": 1.0, "soft_stress": 0.1,
        }
    )  # fmt: skip
    huber: float = 0.02
    align: str = "compounds"
    epochs: int = 40
    patience: int = 15
    keep: str = "best"
    batch_size: int = 8
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup: float = 0.05
    final_rate: float = 0.01
    weight_decay: float = 0.0
    clip: float = 10.0
    average: float = 0.98
    seed: int = 1
    split_seed: int = 7
    precision: str = "single"
    labels: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.teacher, Mapping):
            if "calculator" not in self.teacher or self.teacher.keys() - {"calculator", "settings"}:
                raise InputError("teacher: expected a name, or calculator and settings")
        elif not isinstance(self.teacher, str | None):
            raise InputError(f"teacher is {self.teacher!r}, expected a name")
        check_values(self, least=_LEAST, words=_WORDS, shares=_SHARES)
        for name in _LIMITS:
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}, expected at least 1")
        for name, value in self.ratios.items():
            if name not in _PARTS:
                raise InputError(f"ratios: no part '{name}'; there are {', '.join(_PARTS)}")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0.0:
                raise InputError(f"ratios: {name} is {value!r}, expected a number from 0")
        self.augmentation()

    def augmentation(self) -> Augmentation:
        """What is made of the soft structures."""
        try:
            return Augmentation(**self.augment)
        except TypeError:
            names = ", ".join(item.name for item in fields(Augmentation))
            raise InputError(f"augment: {', '.join(self.augment)}; known are {names}") from None

    def learned(self) -> tuple[str, ...]:
        """Which weights are learned, also where that is left to the student."""
        return self.learn or (("mlp",) if self.student.startswith("chgnet") else ("all",))


def read_config(content: Mapping[str, Any], name: str = "configuration") -> DistillConfig:
    """Give the configuration of names and values, as YAML holds them.

    ``recipe`` names one of `RECIPES`, whose settings hold where nothing is stated.

    Raises
    ------
    InputError
        For what no distillation has.
    """
    given = dict(content)
    recipe = given.pop("recipe", "careful")
    if recipe not in RECIPES:
        raise InputError(f"{name}: no recipe {recipe!r}; known are {', '.join(RECIPES)}")
    known = {item.name for item in fields(DistillConfig)}
    if unknown := sorted(set(map(str, given)) - known):
        raise InputError(f"{name}: {unknown[0]!r} is no setting; known are {', '.join(known)}")
    try:
        for key in ("learn", "hard", "soft", "rehearse", "check", "holdout", "exclude"):
            if key in given:
                given[key] = files(key, given[key])
        return DistillConfig(**{**RECIPES[recipe], **given})
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def plain(config: DistillConfig) -> dict[str, Any]:
    """Give a configuration as what YAML and JSON hold."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(config).items()
    }


def write_config(config: DistillConfig, path: str | Path) -> None:
    """Write the file that repeats a distillation."""
    write_yaml(plain(config), path)
