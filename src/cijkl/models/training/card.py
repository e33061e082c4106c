"""What the weights of a training say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cijkl import __version__
from cijkl.models.batches import MODULI
from cijkl.models.network import Network
from cijkl.models.training.config import TrainingConfig, plain
from cijkl.models.training.data import LabelledGraphs, batches

__all__ = ["Judgement", "judge", "training_card"]

#: names of what a training logs, as the card gives them: mean absolute errors of judged crystals
_NAMES = {
    "valid_K": "MAE log10 K_VRH",
    "valid_G": "MAE log10 G_VRH",
    "valid": "mean of both",
    "valid_tensor": "mean distance of ln C",
    "valid_loss": "loss",
}


@dataclass(frozen=True, eq=False)
class Judgement:
    """Errors of weights on the crystals that judge.

    Parameters
    ----------
    errors
        By the names of a training's log.
    state
        The weights.
    """

    errors: Mapping[str, float]
    state: Mapping[str, Tensor]

    def __post_init__(self) -> None:
        kept = {name: value.detach().clone() for name, value in self.state.items()}
        object.__setattr__(self, "state", kept)


@torch.no_grad()
def judge(network: Network, data: LabelledGraphs, size: int = 128) -> dict[str, float]:
    """Mean absolute errors of log10 K_VRH, log10 G_VRH and of both, and the loss.

    By the names and with the weights of batches by which a training logs them.
    """
    was = network.training
    network.eval()
    # a loader draws a random number, which the training that follows shall not miss
    with torch.random.fork_rng(devices=[]):
        found = [
            (
                (network(graphs).log10_moduli - targets.log10_moduli).abs(),
                float(network.loss(graphs, targets)) * len(targets),
            )
            for graphs, targets in batches(data, size)
        ]
    errors = torch.cat([part for part, _ in found]).nanmean(0)
    loss = sum(part for _, part in found) / len(data)
    network.train(was)
    both = errors[[MODULI.index("K_VRH"), MODULI.index("G_VRH")]]
    return {
        "valid_K": float(both[0]),
        "valid_G": float(both[1]),
        "valid": float(both.nanmean()),
        "valid_loss": loss,
    }


def training_card(
    config: TrainingConfig,
    learned: LabelledGraphs,
    judged: LabelledGraphs,
    best: Mapping[str, float],
    before: Judgement | None,
) -> dict[str, Any]:
    """Give the facts that go into a file of weights; paths are cut to the names of files.

    Parameters
    ----------
    learned, judged
        The crystals.
    best
        Row of the history whose weights they are; empty for those that the training began with.
    before
        The weights that it started from, None if they were random.
    """
    settings = plain(config)
    others = [path for paths in config.tensors.values() for path in paths]
    files = [*config.data, *others, *config.predicted]
    settings["data"] = [Path(path).name for path in config.data]
    settings["tensors"] = {k: [Path(p).name for p in v] for k, v in config.tensors.items()}
    settings["predicted"] = [Path(path).name for path in config.predicted]
    if config.start is not None:
        settings["start"] = "/".join(Path(config.start).parts[-2:])
    card: dict[str, Any] = {
        "cijkl": __version__,
        "config": settings,
        "data": [{"file": Path(path).name, "bytes": _size(Path(path))} for path in files],
        "crystals": {"learned": len(learned), "judged": len(judged)},
        "split": {
            "by": "formula",
            "folds": config.folds if config.folds > 1 else 10,
            "judged": config.fold,
            "seed": config.split_seed,
        },
        "epoch": int(best["epoch"]) + 1 if best else 0,
        "metrics": _named(best if best or before is None else before.errors),
    }
    if before is not None:
        card["before"] = _named(before.errors)
    return card


def _named(errors: Mapping[str, float]) -> dict[str, float]:
    # a network that says nothing of G has no error there, and JSON no NaN
    return {
        name: round(errors[key], 6)
        for key, name in _NAMES.items()
        if key in errors and errors[key] == errors[key]
    }


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; 0 for a dataset known by name."""
    path = path.expanduser()
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0
