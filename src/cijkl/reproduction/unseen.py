"""Which crystals a model has not learned from, found again from what it says of its training.

Folds by formula depend on every formula in the files, and versions of cijkl differ in what they
leave out of these. So the folds are made again and then checked: against the number of crystals on
a model's card, or against the error that a training logged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets import drop_layers, folds_by_formula, load
from cijkl.errors import InputError
from cijkl.models.training.config import TrainingConfig, read_config
from cijkl.models.training.data import labelled_graphs, merged
from cijkl.reproduction.training_run import CRYSTALS
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from cijkl.datasets import Example
    from cijkl.models.network import Network

__all__ = ["Unseen", "unseen_by_card", "unseen_by_run"]

#: relative difference of an error that was logged from the one found again
_SAME = 0.01


@dataclass(frozen=True)
class Unseen:
    """Formulas that a model has not learned from.

    Parameters
    ----------
    formulas
        Reduced.
    chose_epoch
        Whether the epoch whose weights were kept was chosen by these crystals.
    """

    formulas: frozenset[str]
    chose_epoch: bool = False


def unseen_by_card(name: str, card: Mapping[str, Any], files: Sequence[Path]) -> Unseen:
    """Give the formulas of the folds that a shipped model was kept from.

    Parameters
    ----------
    name
        Of the model.
    card
        Its card, with ``trained_on``.
    files
        Those that the user has; the card names which are needed.

    Raises
    ------
    InputError
        If the card does not say it, a file is not at hand or is another one.
    """
    facts = card.get("trained_on")
    if not facts:
        raise InputError(f"{name}: its card does not say what it learned from")
    parts = [load(path) for path in _named(name, facts["files"], files)]
    for dropped in (False, True):
        examples = merged([drop_layers(part)[0] if dropped else part for part in parts])
        formulas = [example.formula for example in examples]
        fold = folds_by_formula(formulas, facts["folds"], facts["split_seed"])
        kept = np.isin(fold, facts["kept_folds"])
        if int((~kept).sum()) == facts["crystals"]:
            return Unseen(frozenset(np.asarray(formulas)[kept].tolist()))
    raise InputError(
        f"{name} learned from {facts['crystals']} crystals of {', '.join(facts['files'])}; these "
        "files have others, so that it cannot be told which of them it has not seen"
    )


def unseen_by_run(folder: Path, network: Network, files: Sequence[Path]) -> Unseen:
    """Give the formulas of a training's reserved fold, or of the one that judged it.

    Parameters
    ----------
    folder
        Of the training, as `cijkl train` or `train_on` leaves it.
    network
        Its weights.
    files
        Those that the user has.

    Raises
    ------
    InputError
        If a file is not at hand, or the error that the training logged is not found again.
    """
    config = read_config(folder / "config.yaml")
    if (folder / CRYSTALS).is_file():
        return _not_named(folder, _named(one_line(folder), config.data, files))
    logged = _logged(folder, network, config.keep)
    parts = [load(path) for path in _named(one_line(folder), config.data, files)]
    for dropped in (True, False):
        examples = merged([drop_layers(part)[0] if dropped else part for part in parts])
        formulas, fold, error = _folds(examples, network, config)
        if abs(error - logged) <= _SAME * abs(logged):
            kept = fold == (config.fold if config.reserved is None else config.reserved)
            found = frozenset(np.asarray(formulas)[kept].tolist())
            return Unseen(found, chose_epoch=config.reserved is None and config.keep == "best")
    raise InputError(
        f"{one_line(folder)}: on no split of these files does it have the error {logged:.4f} that "
        "its training logged, so that it cannot be told which crystals it has not seen"
    )


def _not_named(folder: Path, files: Sequence[Path]) -> Unseen:
    """Formulas of no crystal that a training on a split of its own names."""
    used = json.loads((folder / CRYSTALS).read_text(encoding="utf-8"))
    formulas = {e.id: e.formula for e in merged([load(path) for path in files])}
    names = [*used["learned"], *used["judged"]]
    if lacking := [name for name in names if name not in formulas]:
        raise InputError(
            f"{one_line(folder)} learned from {one_line(lacking[0])}, which is not in these files"
        )
    seen = {formulas[name] for name in names}
    return Unseen(frozenset(name for name in formulas.values() if name not in seen))


def _named(name: str, wanted: Sequence[str], files: Sequence[Path]) -> list[Path]:
    """Files of the user's by the names that a model was trained on."""
    by_name = {path.name: path for path in files}
    lacking = [Path(file).name for file in wanted if Path(file).name not in by_name]
    if lacking:
        raise InputError(
            f"{name} learned from {', '.join(lacking)}; give it as --data or --tensors, to know "
            "what the model has not seen"
        )
    return [by_name[Path(file).name] for file in wanted]


def _logged(folder: Path, network: Network, keep: str) -> float:
    """Mean error of log10 K and G of the epoch whose weights were kept."""
    from cijkl.models.training.epochs import HISTORY
    from cijkl.models.training.history import best_epoch, read_history

    history = read_history(folder / HISTORY)
    best = history[-1] if keep == "last" and history else best_epoch(history, network.judged_by)
    if best is None or "valid" not in best:
        raise InputError(f"{one_line(folder / HISTORY)}: holds no error of an epoch")
    return best["valid"]


def _folds(
    examples: Sequence[Example], network: Network, config: TrainingConfig
) -> tuple[list[str], NDArray[np.intp], float]:
    """Formulas and folds of the labelled crystals, and the error on the fold that judged."""
    from cijkl.models.targets import DFT
    from cijkl.models.training.card import judge
    from cijkl.models.training.loop import fold_of

    data = labelled_graphs(examples, network.graph, (DFT,))
    data = data.subset(network.teaches(data.targets).numpy())
    fold = fold_of(data.formulas, config)
    return data.formulas, fold, judge(network, data.subset(fold == config.fold))["valid"]
