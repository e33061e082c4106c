"""Many crystals through a graph network, as few passes of it as the device's memory allows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cijkl.potentials.base import Array, Evaluation
from cijkl.potentials.checking import check_result, check_structure
from cijkl.potentials.edges import Edges, Indices, join, neighbours
from cijkl.potentials.torch_tools import choose_device, choose_dtype, split_by_size
from cijkl.shipped import checksum

if TYPE_CHECKING:
    import torch
    from ase import Atoms

__all__ = ["EdgeNetwork"]


class EdgeNetwork(ABC):
    """A potential whose network gives energies of atoms from the vectors of the edges between them.

    One gradient by these vectors gives forces and stress. A child sets the attributes below when
    it is made.

    Parameters
    ----------
    device
        ``auto`` takes CUDA where there is one.
    dtype
        ``float32`` or ``float64``.

    Attributes
    ----------
    name, version, settings
        See `Potential`.
    network
        `cijkl.distillation` changes its weights.
    cutoff
        Longest edge, A.
    elements
        Atomic numbers that it knows.

    Raises
    ------
    InputError
        No such device or precision.
    """

    #: edges in one pass, by kind of device: enough to fill it, few enough for its memory
    edges_per_pass: ClassVar[Mapping[str, int]]

    name: str
    version: str
    settings: Mapping[str, str]
    network: torch.nn.Module
    cutoff: float
    elements: frozenset[int]

    def __init__(self, device: str, dtype: str) -> None:
        self._device, self._dtype = choose_device(device), choose_dtype(dtype)

    @abstractmethod
    def atomic_energies(self, edges: Edges, vectors: torch.Tensor) -> torch.Tensor:
        """Energy of each atom (n,), eV, without its `reference`.

        Parameters
        ----------
        edges
            Atoms and which of them are neighbours.
        vectors
            The edge vectors (m, 3), A, on the network's device and in its precision.
        """

    def reference(self, numbers: Indices) -> Array:
        """Reference energy of each atom, eV, which no weight of the network changes: shape (n,)."""
        return np.zeros(len(numbers))

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        for index, atoms in enumerate(structures):
            check_structure(self.name, atoms, index, self.elements)
        graphs = [neighbours(atoms, self.cutoff) for atoms in structures]
        limit = self.edges_per_pass[self._device.type]
        results: list[Evaluation] = []
        for start, stop in split_by_size([len(graph) for graph in graphs], limit):
            results += self._pass(join(graphs[start:stop]))
        return [
            check_result(self.name, atoms, index, result)
            for index, (atoms, result) in enumerate(zip(structures, results, strict=True))
        ]

    def _pass(self, edges: Edges) -> list[Evaluation]:
        """One pass of the network over all crystals side by side."""
        import torch

        vectors = torch.as_tensor(edges.vectors, device=self._device).to(self._dtype)
        energies = self.atomic_energies(edges, vectors.requires_grad_(True))
        (gradient,) = torch.autograd.grad(
            energies.sum(), vectors, allow_unused=True, materialize_grads=True
        )
        # What follows is in double precision: it costs nothing and rounds nothing.
        return edges.evaluations(
            energies.detach().double().cpu().numpy() + self.reference(edges.numbers),
            gradient.double().cpu().numpy(),
        )

    def _facts(self, checkpoint: Path) -> dict[str, str]:
        """Settings that every such potential has."""
        return {
            "checkpoint": f"{checkpoint.name} sha256:{checksum([checkpoint])}",
            "device": str(self._device),
            "dtype": str(self._dtype).removeprefix("torch."),
            "torch": package_version("torch"),
        }
