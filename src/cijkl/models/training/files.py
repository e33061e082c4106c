"""The files of a training as graphs and targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.network import Network
from cijkl.models.targets import DFT
from cijkl.models.training.config import TrainingConfig
from cijkl.models.training.data import LabelledGraphs, labelled_graphs, merged

if TYPE_CHECKING:
    from cijkl.datasets import Example

__all__ = ["predicted", "prepare"]

#: how much the moduli count that a model says
_PREDICTED = 0.5


def prepare(config: TrainingConfig, network: Network) -> LabelledGraphs:
    """Graphs and targets of a training's files; layers in vacuum are left out."""
    from cijkl.datasets import cache_folder

    if not config.data:
        raise InputError("there is no data to train on")
    examples = merged([_load(path, config) for path in config.data])
    tensors: dict[str, dict[str, NDArray[np.float64]]] = {}
    known = {example.crystal.id for example in examples}
    for source, paths in config.tensors.items():
        others = [e for path in paths for e in _load(path, config) if e.stiffness is not None]
        tensors[source] = {e.crystal.id: e.stiffness for e in others if e.stiffness is not None}
        new = [e for e in others if e.crystal.id not in known]
        known |= {e.crystal.id for e in new}
        examples += [replace(e, stiffness=None, moduli={}) for e in new]
    return labelled_graphs(
        examples, network.graph, (DFT, *config.tensors), tensors, cache_folder() / "graphs"
    )


def predicted(
    config: TrainingConfig, network: Network, data: LabelledGraphs, judged: Sequence[str]
) -> LabelledGraphs:
    """What models say of crystals that have no label in `data`, and whose formula does not judge.

    Raises
    ------
    InputError
        If there is none.
    """
    from cijkl.datasets import cache_folder

    own = network.teaches(data.targets.first_source()).tolist()
    apart, tested = {name for name, has in zip(data.ids, own, strict=True) if has}, set(judged)
    examples = [
        example
        for example in merged([_load(path, config) for path in config.predicted])
        if example.crystal.id not in apart and example.formula not in tested
    ]
    if not examples:
        raise InputError("predicted: no crystals but those that have labels, or judge")
    sources = (DFT, *config.tensors)
    found = labelled_graphs(examples, network.graph, sources, None, cache_folder() / "graphs")
    weight = torch.full_like(found.targets.weight, _PREDICTED)
    return replace(found, targets=replace(found.targets, weight=weight))


def _load(path: str, config: TrainingConfig) -> list[Example]:
    """Labelled bulk crystals of a file; `target` is for tables only."""
    from cijkl.datasets import drop_layers, load

    options: dict[str, Any] = {}
    if config.log10 is not None:
        options["log10"] = config.log10
    place = Path(path).expanduser()
    if config.target is not None and (place.is_dir() or place.suffix.lower() == ".csv"):
        options["target"] = config.target
    kept, _ = drop_layers(load(path, **options))
    return kept
