"""What networks of any kind say of crystals, as the parts of a record that can be evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.models.batches import MODULI, collate
from cijkl.models.graph_cache import graphs_or_none
from cijkl.models.moduli import stiffness as exponential
from cijkl.models.network import Network

if TYPE_CHECKING:
    from cijkl.structures import Crystal

__all__ = ["answers"]

Array = NDArray[np.float64]
#: crystals in one pass
_TOGETHER = 64


@torch.no_grad()
def answers(networks: Sequence[Network], crystals: Sequence[Crystal]) -> Iterator[dict[str, Any]]:
    """Give ``id``, ``C`` and Hill's ``moduli`` (GPa) of each crystal that has a graph.

    Of several networks the mean: of the logarithms of moduli, among those that say them, as one
    for K and one for G; and of the stiffnesses.

    Parameters
    ----------
    networks
        In evaluation mode.
    crystals
        Those to predict.
    """
    for start in range(0, len(crystals), _TOGETHER):
        part = crystals[start : start + _TOGETHER]
        moduli, tensors = zip(*(_said(network, part) for network in networks), strict=True)
        bulk, shear = (
            10.0 ** _mean(np.array(moduli)[:, :, MODULI.index(name)]) for name in ("K_VRH", "G_VRH")
        )
        tensor = _mean(np.array(tensors))
        for row, crystal in enumerate(part):
            if np.isnan([bulk[row], shear[row]]).all() and np.isnan(tensor[row]).any():
                continue
            yield {
                "id": crystal.id,
                "C": None if np.isnan(tensor[row]).any() else tensor[row].tolist(),
                "moduli": {"K": {"hill": _known(bulk[row])}, "G": {"hill": _known(shear[row])}},
            }


def _said(network: Network, crystals: Sequence[Crystal]) -> tuple[Array, Array]:
    """log10 moduli (n, 6) and stiffnesses (n, 6, 6), Voigt, GPa; NaN where nothing is said."""
    moduli, tensors = np.full((len(crystals), 6), np.nan), np.full((len(crystals), 6, 6), np.nan)
    graphs = graphs_or_none([crystal.atoms for crystal in crystals], network.graph)
    rows = [row for row, graph in enumerate(graphs) if graph is not None]
    if rows:
        output = network(collate([graph for graph in graphs if graph is not None]))
        moduli[rows] = output.log10_moduli.numpy()
        tensor = output.stiffness
        if tensor is None and output.log_stiffness is not None:
            tensor = exponential(output.log_stiffness)
        if tensor is not None:
            tensors[rows] = mandel_to_voigt(tensor.numpy())
    return moduli, tensors


def _mean(values: Array) -> Array:
    """Over the first axis, of those that are not NaN."""
    counts = (~np.isnan(values)).sum(0)
    return np.asarray(np.where(counts > 0, np.nansum(values, 0) / np.maximum(counts, 1), np.nan))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
