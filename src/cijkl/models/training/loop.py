"""The one training loop of all networks."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.log_stiffness import LogStiffnessNetwork
from cijkl.models.losses import LogStiffnessLoss
from cijkl.models.network import Network
from cijkl.models.networks import build
from cijkl.models.targets import DFT
from cijkl.models.training.config import TrainingConfig, write_config
from cijkl.models.training.data import LabelledGraphs, batches, labelled_graphs, merged
from cijkl.models.weights import copy_matching, load_network, save_network

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["fold_of", "prepare", "train"]


def train(config: TrainingConfig, folder: str | Path, *, quiet: bool = False) -> Network:
    """Train a network; what was done before in the same folder is taken up where it ended.

    Writes ``config.yaml``, which repeats the training, ``weights.safetensors`` of the best epoch,
    checkpoints, and logs for TensorBoard and as CSV.

    Parameters
    ----------
    config
        All that determines it.
    folder
        Where it writes.
    quiet
        Whether to leave out the progress bar.
    """
    import lightning
    import torch
    from lightning.pytorch import callbacks, loggers

    from cijkl.models.training.task import Task

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lightning.seed_everything(config.seed, verbose=False)
    sources = (DFT, *config.tensors)
    settings = dict(config.settings)
    if config.network == "log_stiffness":
        settings["sources"] = sources
    network = build(config.network, settings)
    if isinstance(network, LogStiffnessNetwork):
        network.weights = LogStiffnessLoss(**config.loss)
    if config.start is not None:
        copy_matching(load_network(config.start), network)
    data = prepare(config, network)
    write_config(config, folder / "config.yaml")
    learned, judged = _split(data, config)
    if config.start is None:
        network.fit_scale(learned.targets)
    task = Task(network, config)
    best = callbacks.ModelCheckpoint(
        folder, "best", monitor="valid", mode="min", enable_version_counter=False
    )
    latest = callbacks.ModelCheckpoint(folder, "latest", enable_version_counter=False)
    bar: list[Any] = [] if quiet else [callbacks.RichProgressBar(leave=True)]
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    trainer = lightning.Trainer(
        max_epochs=config.epochs,
        precision=config.precision,  # type: ignore[arg-type]  # checked by Lightning
        gradient_clip_val=config.clip,
        callbacks=[
            callbacks.WeightAveraging(avg_fn=_running_mean(config.average)),
            callbacks.EarlyStopping("valid", patience=config.patience),
            best,
            latest,
            *bar,
        ],
        logger=[loggers.CSVLogger(folder, "", ""), loggers.TensorBoardLogger(folder, "", "")],
        enable_progress_bar=not quiet,
        enable_model_summary=False,
        log_every_n_steps=20,
    )
    checkpoint = folder / "latest.ckpt"
    with warnings.catch_warnings():
        # loaders without worker processes are fastest for data that is in memory
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        trainer.fit(
            task,
            batches(learned, config.batch_size, shuffle=True),
            batches(judged, 2 * config.batch_size),
            ckpt_path=str(checkpoint) if checkpoint.exists() else None,
        )
    state = torch.load(best.best_model_path, weights_only=True)["state_dict"]
    prefix = "network."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if prefix in k})
    save_network(network, config.network, folder / "weights.safetensors")
    return network.eval()


def _running_mean(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """Exponential mean of weights that forgets the random start quickly."""

    def average(mean: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        step = float(count)
        return mean.lerp(current, 1.0 - min(decay, (1.0 + step) / (10.0 + step)))

    return average


def prepare(config: TrainingConfig, network: Network) -> LabelledGraphs:
    """Graphs and targets of a training's files; layers in vacuum are left out."""
    from cijkl.datasets import load_dataset

    if not config.data:
        raise InputError("there is no data to train on")
    examples = merged([load_dataset(path) for path in config.data])
    tensors: dict[str, dict[str, NDArray[np.float64]]] = {}
    known = {example.crystal.id for example in examples}
    for source, paths in config.tensors.items():
        others = [e for path in paths for e in load_dataset(path) if e.stiffness is not None]
        tensors[source] = {e.crystal.id: e.stiffness for e in others if e.stiffness is not None}
        new = [e for e in others if e.crystal.id not in known]
        known |= {e.crystal.id for e in new}
        examples += [replace(e, stiffness=None, moduli={}) for e in new]
    return labelled_graphs(examples, network.graph, (DFT, *config.tensors), tensors)


def _split(data: LabelledGraphs, config: TrainingConfig) -> tuple[LabelledGraphs, LabelledGraphs]:
    """What is learned from and what judges; no formula is in both.

    Tensors from other sources are learned from only where the formula is not judged.
    """
    judged = fold_of(data.formulas, config) == config.fold
    labelled = ~np.isnan(data.targets.log10_moduli.numpy()).all(1)
    return data.subset(~judged), data.subset(judged & labelled)


def fold_of(formulas: Sequence[str], config: TrainingConfig) -> NDArray[np.int64]:
    """Fold of each crystal; the split depends on the set of formulas and the seed only."""
    from cijkl.datasets.splits import folds_by_formula

    return folds_by_formula(formulas, config.folds if config.folds > 1 else 10, config.split_seed)
