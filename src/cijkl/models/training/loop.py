"""Training of a network for elastic constants, from files to weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.log_stiffness import LogStiffnessNetwork
from cijkl.models.losses import LogStiffnessLoss
from cijkl.models.network import Network
from cijkl.models.networks import build
from cijkl.models.targets import DFT
from cijkl.models.training.card import Judgement, judge, training_card
from cijkl.models.training.config import TrainingConfig, plain, read_config, write_config
from cijkl.models.training.data import LabelledGraphs, batches
from cijkl.models.training.epochs import CHECKPOINT, HISTORY, Epochs, kept_state, run_epochs
from cijkl.models.training.files import predicted, prepare
from cijkl.models.weights import copy_matching, load_network, save_network
from cijkl.structures.building import one_line

__all__ = ["CHECKPOINT", "HISTORY", "WEIGHTS", "fit", "fold_of", "is_resumed", "train"]

#: the result of a training, in its folder
WEIGHTS = "weights.safetensors"
#: of crystals that only further sources have tensors of
_NO_FOLD = -1


def train(config: TrainingConfig, folder: str | Path, *, quiet: bool = False) -> Network:
    """Train a network; what was done before in the same folder is taken up where it ended.

    Writes ``config.yaml``, which repeats the training, ``weights.safetensors`` of the best epoch,
    ``metrics.csv``, checkpoints, and logs for TensorBoard where that is installed.

    Ctrl-C ends it after the step at work, with the weights of the best epoch so far written.

    Parameters
    ----------
    config
        All that determines it.
    folder
        Where it writes.
    quiet
        Whether to show no progress on standard error.

    Raises
    ------
    InputError
        If there is nothing to learn from or to judge by, or the folder holds another training.
    KeyboardInterrupt
        After Ctrl-C.
    """
    import lightning

    from cijkl.models.training.callbacks import Interrupted

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    resumed = is_resumed(config, folder)
    lightning.seed_everything(config.seed, verbose=False)
    network = _network(config)
    data = prepare(config, network)
    learned, judged = _split(data, network, config)
    if config.predicted:
        learned = learned.joined(predicted(config, network, data, judged.formulas))
    write_config(config, folder / "config.yaml")
    before = None
    if config.start is None:
        network.fit_scale(learned.targets)
    else:
        before = Judgement(judge(network, judged), network.state_dict())
    intro = f"{len(learned)} crystals to learn from, {len(judged)} to judge by"
    if resumed:
        intro += "; taken up where it ended"
    try:
        fit(network, config, folder, learned, judged, None if quiet else intro)
    except Interrupted:
        if (folder / CHECKPOINT).exists():
            _finish(network, config, folder, learned, judged, before)
        raise KeyboardInterrupt from None
    _finish(network, config, folder, learned, judged, before)
    return network.eval()


def is_resumed(config: TrainingConfig, folder: Path, apart_from: Sequence[str] = ()) -> bool:
    """Whether there is something to take up; what was never finished is cleared away.

    Parameters
    ----------
    apart_from
        Settings that may be others than those before.

    Raises
    ------
    InputError
        If the folder holds another training.
    """
    if not (folder / CHECKPOINT).exists():
        for name in (HISTORY, "best.ckpt"):
            (folder / name).unlink(missing_ok=True)
        return False
    before = plain(read_config(folder / "config.yaml"))
    now = plain(config)
    if other := [k for k in now if k not in apart_from and now[k] != before[k]]:
        raise InputError(
            f"{one_line(folder)} holds a training with another {other[0]} ({before[other[0]]}, not "
            f"{now[other[0]]}); give another folder, or empty this one"
        )
    return True


def _network(config: TrainingConfig) -> Network:
    """As it is before the training."""
    settings = dict(config.settings)
    if config.network == "log_stiffness":
        settings["sources"] = (DFT, *config.tensors)
    try:
        network = build(config.network, settings)
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split()).rpartition("__init__() ")[2]
        raise InputError(f"settings of {config.network}: {reason}") from None
    if isinstance(network, LogStiffnessNetwork):
        try:
            network.weights = LogStiffnessLoss(**config.loss)
        except TypeError:
            raise InputError(f"loss: {', '.join(config.loss)}; known are {_PARTS}") from None
    elif config.loss:
        raise InputError(f"the loss of {config.network} has no parts to weigh")
    if config.start is not None and not copy_matching(load_network(config.start), network):
        raise InputError(f"{config.start} holds no weights that fit into {config.network}")
    if config.learn == "level" and isinstance(network, LogStiffnessNetwork):
        network.requires_grad_(False)
        # what is added to ln(3 K) and ln(2 G) of all crystals
        network.head.isotropic[-1].get_parameter("bias").requires_grad_(True)
    return network


_PARTS = ", ".join(LogStiffnessLoss.__dataclass_fields__)


def fit(
    network: Network,
    config: TrainingConfig,
    folder: Path,
    learned: LabelledGraphs,
    judged: LabelledGraphs,
    intro: str | None,
    error: str = "mean error of log10 K and G",
) -> None:
    """Run the epochs; `intro` comes before the progress, None shows none.

    Parameters
    ----------
    error
        What the error of an epoch is called in the progress.
    """
    from cijkl.models.training.task import Task

    run_epochs(
        Task(network, config),
        batches(learned, config.batch_size, shuffle=True, alone=not network.norms_batches),
        batches(judged, 2 * config.batch_size),
        folder,
        Epochs(
            epochs=config.epochs,
            patience=config.patience,
            precision=config.precision,
            clip=config.clip,
            average=config.average,
            judged_by=network.judged_by,
            error=error,
        ),
        intro,
    )


def _finish(
    network: Network,
    config: TrainingConfig,
    folder: Path,
    learned: LabelledGraphs,
    judged: LabelledGraphs,
    before: Judgement | None,
) -> None:
    """Write the weights of the best epoch, or of the last; see `TrainingConfig`.

    Of a fine-tuning those that it started from, if none was better.
    """
    from cijkl.models.training.history import best_epoch, read_history

    state = dict(kept_state(folder, config.keep))
    criterion = network.judged_by
    history = read_history(folder / HISTORY)
    found = history[-1:] if config.keep == "last" else [best_epoch(history, criterion)]
    best = (found and found[0]) or {}
    if before is not None and not best.get(criterion, np.inf) < before.errors[criterion]:
        state, best = dict(before.state), {}
    network.cpu().load_state_dict(state)
    card = training_card(config, learned, judged, best, before)
    save_network(network, config.network, folder / WEIGHTS, card)


def _split(
    data: LabelledGraphs, network: Network, config: TrainingConfig
) -> tuple[LabelledGraphs, LabelledGraphs]:
    """What is learned from and what judges; no formula is in both.

    Tensors from other sources are learned from only where the formula is not judged.
    """
    labelled = network.teaches(data.targets.first_source()).numpy()
    # further sources' crystals must not move the folds of the data set
    named = [name for name, own in zip(data.formulas, labelled, strict=True) if own]
    folds = dict(zip(named, fold_of(named, config), strict=True))
    fold = np.array([folds.get(name, _NO_FOLD) for name in data.formulas])
    judged = labelled & (fold == config.fold)
    if not judged.any():
        raise InputError(
            f"none of the {len(data)} crystals is in fold {config.fold} and has a label to judge "
            "by; give more crystals or another fold"
        )
    taught = network.teaches(data.targets).numpy()
    learned = taught & (fold != config.fold) & (fold != config.reserved)
    return data.subset(learned), data.subset(judged)


def fold_of(formulas: Sequence[str], config: TrainingConfig) -> NDArray[np.int64]:
    """Fold of each crystal; the split depends on the set of formulas and the seed only."""
    from cijkl.datasets.splits import folds_by_formula

    return folds_by_formula(formulas, config.folds if config.folds > 1 else 10, config.split_seed)
