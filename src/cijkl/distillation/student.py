"""A potential whose energies, forces and stresses can be differentiated by its weights."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from cijkl.errors import InputError
from cijkl.potentials.distilled import fresh
from cijkl.potentials.edges import join, neighbours
from cijkl.potentials.sevennet_convolution import make_trainable

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.potentials.edges import Edges

__all__ = ["Answer", "Student"]

#: the last layers, from what an atom has seen to its energy
MLP = {"chgnet": ("mlp.*",), "sevennet": ("reduce_*",)}
#: constants of the elements, normalisations, and what gives no energy (magnetic moments)
CONSTANT = ("composition_model.*", "site_wise.*", "rescale_*", "*.denominator")


class Answer(NamedTuple):
    """Of several crystals side by side."""

    #: (b), eV, double precision
    energies: Tensor
    #: (n, 3), eV/A
    forces: Tensor
    #: (b, 3, 3), eV/A^3
    stresses: Tensor


class Student(nn.Module):
    """A network to be trained.

    Parameters
    ----------
    name
        One of `cijkl.potentials.distilled.STUDENTS`.
    learn
        Which weights: ``mlp`` the last layers only, ``all``, or names of weights, in which ``*``
        stands for anything.
    device
        ``auto`` takes CUDA where there is one.
    dtype
        ``float32`` or ``float64``.

    Raises
    ------
    InputError
        No such network, or it has no weights of these names.
    """

    def __init__(
        self,
        name: str,
        learn: Sequence[str] = ("mlp",),
        *,
        device: str = "auto",
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.potential = fresh(name, device=device, dtype=dtype)
        self.network = self.potential.network
        make_trainable(self.network)
        self.learn = _chosen(self.network, learn, name)
        for key, weight in self.network.named_parameters():
            weight.requires_grad_(key in self.learn)

    def train(self, mode: bool = True) -> Student:
        """Keep the network as it is when it is used; there is no dropout."""
        return super().train(False)

    def edges(self, structures: Sequence[Atoms]) -> Edges:
        """Neighbours of several crystals."""
        return join([neighbours(atoms, self.potential.cutoff) for atoms in structures])

    def forward(self, edges: Edges) -> Answer:
        """Energies, forces and stresses; one gradient gives the last two.

        Parameters
        ----------
        edges
            As `edges` gives them.
        """
        weight = next(self.network.parameters())
        device, learning = weight.device, torch.is_grad_enabled()

        def put(values: Any) -> Tensor:
            return torch.as_tensor(values, device=device)

        with torch.enable_grad():
            vectors = put(edges.vectors).to(weight.dtype).requires_grad_(True)
            atomic = self.potential.atomic_energies(edges, vectors)
            (gradient,) = torch.autograd.grad(
                atomic.sum(),
                vectors,
                create_graph=learning,
                allow_unused=True,
                materialize_grads=True,
            )
        crystal, first, second = put(edges.crystal), put(edges.first), put(edges.second)
        count, atoms = len(edges.volumes), len(edges.numbers)
        reference = put(self.potential.reference(edges.numbers))
        energies = reference.new_zeros(count).index_add(0, crystal, atomic.double() + reference)
        forces = gradient.new_zeros(atoms, 3)
        forces = forces.index_add(0, first, gradient).index_add(0, second, -gradient)
        each = vectors.detach()[:, :, None] * gradient[:, None, :]
        virials = gradient.new_zeros(count, 3, 3).index_add(0, crystal[first], each)
        volumes = put(edges.volumes).to(weight.dtype)
        stresses = (virials + virials.transpose(1, 2)) / (2.0 * volumes[:, None, None])
        return Answer(energies, forces, stresses)

    def weights(self) -> dict[str, Tensor]:
        """Those that are trained, by name."""
        return {k: v for k, v in self.network.named_parameters() if k in self.learn}


def _chosen(network: nn.Module, learn: Sequence[str], name: str) -> frozenset[str]:
    """Names of the weights that are trained."""
    family = name.partition("-")[0]
    names = [key for key, _ in network.named_parameters()]
    chosen: set[str] = set()
    for word in learn:
        patterns = MLP[family] if word == "mlp" else ("*",) if word == "all" else (word,)
        found = {key for key in names if any(fnmatchcase(key, p) for p in patterns)}
        if word == "all":
            found = {key for key in found if not any(fnmatchcase(key, p) for p in CONSTANT)}
        if not found:
            parts = ", ".join(dict.fromkeys(key.partition(".")[0] for key in names))
            raise InputError(f"learn: {name} has no weights '{word}'; there are {parts}")
        chosen |= found
    if not chosen:
        raise InputError("learn: name the weights to be trained; mlp, all, or their names")
    return frozenset(chosen)
