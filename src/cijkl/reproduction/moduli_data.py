"""Crystals whose bulk or shear modulus is known, as networks and regressions take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.models.training.config import TrainingConfig

if TYPE_CHECKING:
    from cijkl.datasets import Example
    from cijkl.models.training.data import LabelledGraphs

__all__ = ["Target", "crystals_with", "graphs_of", "known_modulus"]

Array = NDArray[np.float64]
Target = Literal["K", "G"]

_WORDS = {"K": "bulk", "G": "shear"}


def crystals_with(data: str, target: Target) -> tuple[list[Example], Array]:
    """Give bulk crystals with a modulus, of elements that all models know, and their descriptors.

    Parameters
    ----------
    data
        Path, or name of a dataset, see `cijkl.datasets.load`.
    target
        The modulus.

    Returns
    -------
    n examples, and (n, 6) of `cijkl.models.peers.descriptors`.

    Raises
    ------
    InputError
        If the data cannot be read, or no crystal is left.
    """
    from cijkl.datasets import drop_layers, load
    from cijkl.models.peers.descriptors import descriptors
    from cijkl.models.training.data import merged

    kept, rows = [], []
    for example in drop_layers(merged([load(data)]))[0]:
        if not known_modulus(example, target) > 0.0:
            continue
        try:
            rows += list(descriptors([example.crystal.atoms]))
        except InputError:
            continue
        kept.append(example)
    if not kept:
        raise InputError(f"no crystal of {data} has a {_WORDS[target]} modulus")
    return kept, np.array(rows)


def known_modulus(example: Example, target: Target) -> float:
    """Hill's mean of a modulus, GPa; NaN if it is not known."""
    from cijkl.datasets import known_moduli

    return known_moduli(example).get(f"{target}_VRH", np.nan)


def graphs_of(
    examples: Sequence[Example], config: TrainingConfig
) -> tuple[LabelledGraphs, list[int]]:
    """Give the graphs of a network, kept on disk, and the numbers of the examples that have one."""
    from cijkl.datasets import cache_folder
    from cijkl.models.networks import build
    from cijkl.models.targets import DFT
    from cijkl.models.training.data import labelled_graphs

    settings = build(config.network, config.settings).graph
    graphs = labelled_graphs(examples, settings, (DFT,), cache=cache_folder() / "graphs")
    places = {example.id: row for row, example in enumerate(examples)}
    return graphs, [places[name] for name in graphs.ids]
