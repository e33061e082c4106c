"""A network trained on a split of one's own, in a folder that takes it up where it ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.errors import InputError
from cijkl.models.training.config import TrainingConfig, plain, write_config
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from cijkl.models.network import Network
    from cijkl.models.training.data import LabelledGraphs

__all__ = ["CRYSTALS", "train_on"]

#: ids of the crystals of a training, beside its configuration
CRYSTALS = "crystals.json"


def train_on(
    config: TrainingConfig,
    learned: LabelledGraphs,
    judged: LabelledGraphs,
    folder: Path,
    *,
    quiet: bool = True,
) -> Network:
    """Train on some crystals and keep the weights of the epoch that is best for others.

    `cijkl.models.training.loop.train` parts crystals by formula and by folds of its own; this takes
    any two sets. What was done before in the same folder is taken up where it ended, and a training
    that is done is not done again.

    Parameters
    ----------
    config
        How; its data and folds are not used.
    learned, judged
        Crystals to learn from, and to choose the epoch by.
    folder
        For weights, errors by epoch, and checkpoints.
    quiet
        Whether to show no progress on standard error.

    Raises
    ------
    InputError
        If there is nothing to learn from or to judge by, or the folder holds another training.
    KeyboardInterrupt
        After Ctrl-C; the epochs that ended are in the folder.
    """
    import lightning

    from cijkl.models.networks import build
    from cijkl.models.training.callbacks import Interrupted
    from cijkl.models.training.epochs import kept_state
    from cijkl.models.training.loop import WEIGHTS, fit

    if not len(learned) or not len(judged):
        raise InputError("there are no crystals to learn from or none to judge by")
    folder.mkdir(parents=True, exist_ok=True)
    resumed = _claim(config, learned.ids, judged.ids, folder)
    lightning.seed_everything(config.seed, verbose=False)
    network = build(config.network, config.settings)
    network.fit_scale(learned.targets)
    intro = f"{config.network}: {len(learned)} crystals to learn from, {len(judged)} to judge by"
    try:
        fit(
            network,
            config,
            folder,
            learned,
            judged,
            None if quiet else intro + "; taken up where it ended" * resumed,
            error="mean error of log10",
        )
    except Interrupted:
        raise KeyboardInterrupt from None
    network.cpu().load_state_dict(dict(kept_state(folder, config.keep)))
    _write_weights(network, config, folder / WEIGHTS, len(learned), len(judged))
    return network.eval()


def _claim(
    config: TrainingConfig, learned: Sequence[str], judged: Sequence[str], folder: Path
) -> bool:
    """Whether a training is to be taken up; a folder that holds another one is refused."""
    from cijkl.models.training.loop import is_resumed

    crystals = {"learned": list(learned), "judged": list(judged)}
    # a file may have moved; which crystals it gave is compared
    resumed = is_resumed(config, folder, apart_from=("data",))
    if resumed:
        if json.loads((folder / CRYSTALS).read_text(encoding="utf-8")) != crystals:
            raise InputError(
                f"{one_line(folder)} holds a training on other crystals or another split of them; "
                "give another folder, or empty this one"
            )
    else:
        write_config(config, folder / "config.yaml")
        (folder / CRYSTALS).write_text(json.dumps(crystals), encoding="utf-8")
    return resumed


def _write_weights(
    network: Network, config: TrainingConfig, path: Path, learned: int, judged: int
) -> None:
    """Write the weights of the best epoch with what they are."""
    from cijkl import __version__
    from cijkl.models.training.epochs import HISTORY
    from cijkl.models.training.history import best_epoch, read_history
    from cijkl.models.weights import save_network

    history = read_history(path.parent / HISTORY)
    best = best_epoch(history, network.judged_by) or {}
    card = {
        "cijkl": __version__,
        "config": plain(config) | {"data": [Path(file).name for file in config.data]},
        "crystals": {"learned": learned, "judged": judged},
        "epoch": int(best.get("epoch", -1)) + 1,
        "epochs": len(history),
    }
    save_network(network, config.network, path, card)
