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
from cijkl.models.moduli import log10_averages
from cijkl.models.surroundings import surroundings

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Ensemble", "Prediction"]

Array = NDArray[np.float64]

#: edges in one pass, which keeps what a pass needs within the processor's caches
_EDGES = 6_000


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
        count, crystals = len(self.members), len(batch)
        stiffness, averages = _said(torch.cat([logs.mean(0), logs.flatten(0, 1)]))
        members = mandel_to_voigt(stiffness[crystals:]).reshape(count, crystals, 6, 6)
        wanted = [MODULI.index("K_VRH"), MODULI.index("G_VRH")]
        logarithms = averages[crystals:, wanted].reshape(count, crystals, 2)
        # one network does not disagree with itself
        freedom = int(count > 1)
        return Prediction(
            stiffness=mandel_to_voigt(stiffness[:crystals]),
            deviation=members.std(0, ddof=freedom),
            moduli=10.0 ** averages[:crystals],
            spread=np.log(10.0) * logarithms.std(0, ddof=freedom),
        )


def _said(logarithm: Tensor) -> tuple[Array, Array]:
    """Exponential of symmetric matrices (b, 6, 6), exactly symmetric, and its moduli's log10."""
    values, vectors = np.linalg.eigh(logarithm.numpy())
    tensors = []
    for sign in (1.0, -1.0):
        tensor = (vectors * np.exp(sign * values)[..., None, :]) @ vectors.swapaxes(-1, -2)
        tensors.append(0.5 * (tensor + tensor.swapaxes(-1, -2)))
    averages = log10_averages(*(torch.from_numpy(tensor) for tensor in tensors))
    return tensors[0], averages.numpy()
