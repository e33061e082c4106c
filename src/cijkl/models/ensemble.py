"""Several networks that answer together: their mean, and how far they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.models.batches import MODULI, Batch, collate
from cijkl.models.graphs import Graph, crystal_graph
from cijkl.models.log_stiffness import LogStiffnessNetwork
from cijkl.models.moduli import log10_moduli
from cijkl.models.surroundings import surroundings

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Ensemble", "Prediction"]

Array = NDArray[np.float64]

#: edges in one pass, which keeps what a pass needs within the processor's caches
_EDGES = 24_000


@dataclass(frozen=True, eq=False)
class Prediction:
    """What an ensemble says of several crystals.

    Parameters
    ----------
    stiffness
        (b, 6, 6), Voigt, GPa: exponential of the members' mean logarithm.
    deviation
        (b, 6, 6), GPa: standard deviation of the members' constants.
    moduli
        (b, 6), GPa, in the order of `batches.MODULI`.
    spread
        (b, 2): standard deviation of the members' ln K_VRH and ln G_VRH.
    """

    stiffness: Array
    deviation: Array
    moduli: Array
    spread: Array

    def __len__(self) -> int:
        return len(self.stiffness)


class Ensemble:
    """Networks of one kind that see the same graphs.

    Parameters
    ----------
    members
        At least one, in evaluation mode.
    """

    def __init__(self, members: Sequence[LogStiffnessNetwork]) -> None:
        if len({member.graph for member in members}) != 1:
            raise ValueError("the members of an ensemble must see the same graphs")
        self.members = list(members)
        self.graph = self.members[0].graph

    def __len__(self) -> int:
        return len(self.members)

    def predict(self, structures: Sequence[Atoms]) -> Prediction:
        """What it says of crystals; see `predict_graphs`.

        Raises
        ------
        InputError
            If one of them has no graph.
        """
        return self.predict_graphs([crystal_graph(atoms, self.graph) for atoms in structures])

    def predict_graphs(self, graphs: Sequence[Graph]) -> Prediction:
        """What it says of crystals, as many side by side as are fastest."""
        parts, start = [], 0
        while start < len(graphs):
            stop, edges = start, 0
            while stop < len(graphs) and (stop == start or edges < _EDGES):
                edges += len(graphs[stop].first)
                stop += 1
            parts.append(self._pass(collate(graphs[start:stop])))
            start = stop
        if not parts:
            return Prediction(*(np.empty((0, *shape)) for shape in ((6, 6), (6, 6), (6,), (2,))))
        return Prediction(
            np.concatenate([part.stiffness for part in parts]),
            np.concatenate([part.deviation for part in parts]),
            np.concatenate([part.moduli for part in parts]),
            np.concatenate([part.spread for part in parts]),
        )

    @torch.inference_mode()
    def _pass(self, batch: Batch) -> Prediction:
        around = surroundings(batch)
        logs = torch.stack([m.by_source(batch, around)[:, 0] for m in self.members]).double()
        mean = logs.mean(0)
        stiffness = _exponential(mean)
        if len(self.members) == 1:
            nothing = np.zeros_like(stiffness)
            deviation, spread = nothing, np.zeros((len(batch), 2))
        else:
            flat = logs.flatten(0, 1)
            each = _exponential(flat).reshape(len(self.members), -1, 6, 6)
            deviation = mandel_to_voigt(each).std(0, ddof=1)
            wanted = [MODULI.index("K_VRH"), MODULI.index("G_VRH")]
            moduli = log10_moduli(flat)[:, wanted].numpy().reshape(len(self.members), -1, 2)
            spread = np.log(10.0) * moduli.std(0, ddof=1)
        return Prediction(
            stiffness=mandel_to_voigt(stiffness),
            deviation=deviation,
            moduli=10.0 ** log10_moduli(mean).numpy(),
            spread=spread,
        )


def _exponential(logarithm: Tensor) -> Array:
    """Exponential of symmetric matrices by their eigenvectors, exactly symmetric."""
    values, vectors = np.linalg.eigh(logarithm.numpy())
    tensor = (vectors * np.exp(values)[..., None, :]) @ vectors.swapaxes(-1, -2)
    return np.asarray(0.5 * (tensor + tensor.swapaxes(-1, -2)))
