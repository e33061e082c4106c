"""MatTen and MatSca trained then and there, on the same crystals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.datasets import cache_folder, folds_by_formula
from cijkl.models.training.config import TrainingConfig
from cijkl.reproduction.outcome import Request
from cijkl.reproduction.parts import SPLIT_SEED, parts
from cijkl.reproduction.run_folders import run_folder
from cijkl.reproduction.tensor_models import Known, Said, said_by_network
from cijkl.reproduction.unseen import Unseen

if TYPE_CHECKING:
    from cijkl.models.training.data import LabelledGraphs

__all__ = ["NETWORKS", "recipe", "trained_here"]

#: name of the network by that of the paper
NETWORKS = {"MatTen": "matten", "MatSca": "matsca"}
#: sizes that shall not be those of the released model
SETTINGS: Mapping[str, Any] = {}
_EPOCHS = 90
#: of what is not kept for the test, one part chooses the epoch
_FOLDS = 10


def trained_here(
    request: Request, found: Known, kept: frozenset[str] | None, labels: Sequence[str]
) -> Iterator[Said]:
    """Train networks on the tensors and ask them about those that were kept.

    Parameters
    ----------
    request
        Its ``out`` keeps the trainings, which are taken up there.
    found
        Crystals with tensors.
    kept
        Formulas to be kept for the test; by default a tenth of the crystals.
    labels
        Some of `NETWORKS`.
    """
    from cijkl.models.networks import build
    from cijkl.models.targets import DFT
    from cijkl.models.training.data import labelled_graphs
    from cijkl.reproduction.training_run import train_on

    for label in labels:
        config = recipe(request, NETWORKS[label])
        settings = build(config.network, config.settings).graph
        cache = cache_folder() / "graphs"
        graphs = labelled_graphs(found.examples, settings, (DFT,), cache=cache)
        test = kept if kept is not None else _tenth(graphs)
        learned, judged = _parted(graphs, test)
        with run_folder(request, config.network) as folder:
            network = train_on(config, learned, judged, folder, quiet=request.quiet)
        yield said_by_network(network, found, Unseen(test))


def recipe(request: Request, network: str) -> TrainingConfig:
    """Give the training of MatTen or MatSca: rate, decay and batches of the released model."""
    epochs = request.epochs or _EPOCHS
    return TrainingConfig(
        network=network,
        settings=SETTINGS,
        data=(str(request.tensors),),
        epochs=epochs,
        patience=epochs,
        batch_size=32,
        learning_rate=0.01,
        weight_decay=1e-5,
    )


def _tenth(graphs: LabelledGraphs) -> frozenset[str]:
    test = parts(graphs.formulas)["test"]
    return frozenset(np.asarray(graphs.formulas)[test].tolist())


def _parted(graphs: LabelledGraphs, test: frozenset[str]) -> tuple[LabelledGraphs, LabelledGraphs]:
    """What is learned from and what chooses the epoch, of the crystals that are not kept."""
    others = graphs.subset(~np.isin(graphs.formulas, sorted(test)))
    judged = folds_by_formula(others.formulas, _FOLDS, SPLIT_SEED) == 0
    return others.subset(~judged), others.subset(judged)
