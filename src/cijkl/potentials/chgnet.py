"""CHGNet: a charge-informed graph network whose weights come inside its own package.

Deng et al., Nature Machine Intelligence 5, 1031 (2023). The network is CHGNet's own; the
graph is built here as arrays, and one gradient by the bond vectors gives forces and stress,
which takes half the time of CHGNet's calculator.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Array
from cijkl.potentials.edges import Edges, Indices
from cijkl.potentials.passes import EdgeNetwork

if TYPE_CHECKING:
    import torch

__all__ = ["CHGNet", "make"]

#: our name -> the folder of CHGNet's weights
CHECKPOINTS = {"chgnet": "0.3.0", "chgnet-r2scan": "r2scan"}

#: The training set has no Po, At, Rn, Fr, Ra, though the network has (random) rows for them.
ELEMENTS = frozenset(range(1, 95)) - frozenset(range(84, 89))


class CHGNet(EdgeNetwork):
    """A CHGNet checkpoint, evaluated for several crystals in one pass of the network.

    Parameters
    ----------
    checkpoint
        ``chgnet`` (0.3.0, PBE) or ``chgnet-r2scan``.
    device
        ``auto`` takes CUDA where there is one.
    dtype
        ``float32``, as trained, or ``float64``, which removes the noise of rounding.

    Raises
    ------
    InputError
        Unknown checkpoint, device or precision.
    """

    #: both ways; small cells gain by company, large ones only lose the cache
    edges_per_pass: ClassVar[Mapping[str, int]] = {"cpu": 1_500, "cuda": 200_000}

    def __init__(self, checkpoint: str, *, device: str = "auto", dtype: str = "float32") -> None:
        if checkpoint not in CHECKPOINTS:
            raise InputError(
                f"Unknown CHGNet checkpoint '{checkpoint}'; known are {', '.join(CHECKPOINTS)}."
            )
        super().__init__(device, dtype)
        model, path = _load_checkpoint(CHECKPOINTS[checkpoint])
        self.network = model.to(device=self._device, dtype=self._dtype).eval()
        self.network.requires_grad_(False)
        self.elements = ELEMENTS
        self.cutoff = float(model.graph_converter.atom_graph_cutoff)
        self._angle_reach = float(model.graph_converter.bond_graph_cutoff)
        # Reference energy of each element, eV, by atomic number.
        reference = model.composition_model.fc.weight.detach().double().cpu().numpy().ravel()
        self._reference = np.concatenate([[0.0], reference])

        self.name = checkpoint
        self.version = f"chgnet {package_version('chgnet')}"
        self.settings = self._facts(path)

    def reference(self, numbers: Indices) -> Array:
        """Reference energy of each atom, eV, by a fit that came before the network: shape (n,)."""
        return np.asarray(self._reference[numbers], dtype=np.float64)

    def atomic_energies(self, edges: Edges, vectors: torch.Tensor) -> torch.Tensor:
        """Energy of each atom (n,), eV, without its reference energy."""
        import torch
        from chgnet.model.model import BatchedGraph

        def put(values: Any) -> torch.Tensor:
            return torch.as_tensor(values, device=self._device)

        network: Any = self.network
        pairs = len(edges) // 2
        pair_of = np.tile(np.arange(pairs), 2)
        left, right = angles(edges, self._angle_reach)

        lengths = torch.linalg.vector_norm(vectors, dim=1)
        directions = vectors / lengths[:, None]
        bonds = network.bond_basis_expansion
        graph = BatchedGraph(
            atomic_numbers=put(edges.numbers),
            bond_bases_ag=bonds.rbf_expansion_ag(lengths[:pairs]),
            bond_bases_bg=bonds.rbf_expansion_bg(lengths[:pairs]),
            angle_bases=(
                network.angle_basis_expansion(directions[put(left)], directions[put(right)])
                if len(left)
                else vectors.new_zeros(0)
            ),
            batched_atom_graph=put(np.column_stack([edges.first, edges.second])),
            batched_bond_graph=put(
                np.column_stack([edges.first[left], pair_of[left], pair_of[right]])
            ),
            atom_owners=put(edges.crystal),
            directed2undirected=put(pair_of),
            atom_positions=[],
            strains=[],
            volumes=[],
        )
        return torch.cat(network._compute(graph, return_site_energies=True)["site_energies"])


def make(name: str, option: str | None, device: str, dtype: str) -> CHGNet:
    """Factory for the registry; there is no option."""
    if option is not None:
        raise InputError(f"'{name}' takes no option; leave out ':{option}'.")
    return CHGNet(name, device=device, dtype=dtype)


def angles(edges: Edges, reach: float) -> tuple[Indices, Indices]:
    """Every ordered pair of different edges that leave the same atom and are short.

    Parameters
    ----------
    edges
        The edges.
    reach
        Longest edge that takes part, A.

    Returns
    -------
    left, right
        Indices of edges, shape (k,).
    """
    short = np.flatnonzero(np.einsum("ei,ei->e", edges.vectors, edges.vectors) < reach**2)
    short = short[np.argsort(edges.first[short], kind="stable")]
    centre = edges.first[short]
    degree = np.bincount(centre, minlength=len(edges.numbers))
    start = np.cumsum(degree) - degree
    partners = degree[centre]
    left = np.repeat(np.arange(len(short)), partners)
    rank = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
    right = np.repeat(start[centre], partners) + rank
    different = left != right
    return short[left[different]], short[right[different]]


def _load_checkpoint(folder: str) -> tuple[Any, Path]:
    """CHGNet's model and the file that it came from, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        import chgnet
        from chgnet.model.model import CHGNet as Network

        model = Network.load(model_name=folder, use_device="cpu", verbose=False)
    (path,) = (Path(chgnet.__file__).parent / "pretrained" / folder).glob("*.pth.tar")
    return model, path
