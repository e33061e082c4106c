"""SevenNet: equivariant graph networks whose weights come inside their own package.

Park et al., J. Chem. Theory Comput. 20, 4857 (2024); multi-fidelity: Kim et al.,
J. Am. Chem. Soc. 147, 1042 (2025).

Forces and stress carry rounding noise of 1e-6 eV/A and 1e-5 GPa in single precision. A central
difference of stresses over strains of h then has noise of 1e-5 GPa / h: take h >= 1e-3 for
0.01 GPa, or double precision, which is exact to h = 1e-5 and takes 1.2 to 2 times as long.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.base import Array, Evaluation
from cijkl.potentials.edges import Edges, Indices
from cijkl.potentials.passes import evaluate_in_passes
from cijkl.potentials.torch_tools import choose_device, choose_dtype
from cijkl.shipped import checksum

if TYPE_CHECKING:
    import torch
    from ase import Atoms

__all__ = ["SevenNet"]

#: our name -> SevenNet's name, and the modality when the user states none
CHECKPOINTS: dict[str, tuple[str, str | None]] = {
    "sevennet-0": ("7net-0", None),
    "sevennet-l3i5": ("7net-l3i5", None),
    "sevennet-mf-0": ("7net-mf-0", "PBE"),
}

#: Edges in one pass of the network: large enough to fill the device, small enough for its memory.
EDGES_PER_PASS = {"cpu": 1_000, "cuda": 60_000}


class SevenNet:
    """A SevenNet checkpoint, evaluated for many crystals in one pass of the network.

    Parameters
    ----------
    checkpoint
        One of ``sevennet-0`` (11 July 2024), ``sevennet-l3i5``, ``sevennet-mf-0``.
    modality
        For ``sevennet-mf-0``: the functional, ``PBE`` (default) or ``R2SCAN``.
    device
        ``auto`` takes CUDA where there is one.
    dtype
        ``float32``, as trained, or ``float64``, which removes the noise of rounding.

    Raises
    ------
    InputError
        Unknown checkpoint, modality, device or precision.
    """

    def __init__(
        self,
        checkpoint: str,
        modality: str | None = None,
        *,
        device: str = "auto",
        dtype: str = "float32",
    ) -> None:
        if checkpoint not in CHECKPOINTS:
            raise InputError(
                f"Unknown SevenNet checkpoint '{checkpoint}'; known are {', '.join(CHECKPOINTS)}."
            )
        alias, default_modality = CHECKPOINTS[checkpoint]
        self._device = choose_device(device)
        self._dtype = choose_dtype(dtype)
        model, path = _load_checkpoint(alias)
        self._modality = _modality_index(checkpoint, modality or default_modality, model.modal_map)
        self._network = _prepare(model, self._device, self._dtype)
        self._cutoff = float(model.cutoff)
        self._elements = frozenset(model.type_map)
        self._type_of = np.full(120, -1, dtype=np.int64)
        for number, kind in model.type_map.items():
            self._type_of[number] = kind

        self.name = checkpoint if modality is None else f"{checkpoint}:{modality.upper()}"
        self.version = f"sevenn {package_version('sevenn')}"
        settings = {
            "checkpoint": f"{path.name} sha256:{checksum([path])}",
            "device": str(self._device),
            "dtype": dtype,
            "torch": package_version("torch"),
        }
        if model.modal_map:
            settings["modality"] = (modality or default_modality or "").upper()
        self.settings: Mapping[str, str] = settings

    def evaluate(self, structures: Sequence[Atoms]) -> list[Evaluation]:
        """Energy, forces and stress of each structure; see `Potential.evaluate`."""
        return evaluate_in_passes(
            self.name,
            structures,
            self._pass,
            cutoff=self._cutoff,
            elements=self._elements,
            limit=EDGES_PER_PASS[self._device.type],
        )

    @property
    def network(self) -> torch.nn.Module:
        """The network; `cijkl.distillation` changes its weights."""
        network: torch.nn.Module = self._network
        return network

    @property
    def cutoff(self) -> float:
        """Longest edge, A."""
        return self._cutoff

    @property
    def elements(self) -> frozenset[int]:
        """Atomic numbers that it knows."""
        return self._elements

    def reference(self, numbers: Indices) -> Array:
        """Reference energies (n,) outside of the network: none, it holds them itself."""
        return np.zeros(len(numbers))

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
            energies.detach().double().cpu().numpy(), gradient.double().cpu().numpy()
        )

    def atomic_energies(self, edges: Edges, vectors: torch.Tensor) -> torch.Tensor:
        """Energy of each atom (n,), eV.

        Parameters
        ----------
        edges
            Atoms and which of them are neighbours.
        vectors
            The edge vectors (m, 3), A, on the network's device and in its precision.
        """
        import torch

        def put(values: Any) -> torch.Tensor:
            return torch.as_tensor(values, device=self._device)

        data = {
            "x": put(self._type_of[edges.numbers]),
            "edge_index": put(np.stack([edges.first, edges.second])),
            "edge_vec": vectors,
            "batch": put(edges.crystal),
        }
        if self._modality is not None:
            data["modal_type"] = put(np.full(len(edges.volumes), self._modality))
        energies: torch.Tensor = self._network(data)["atomic_energy"]
        return energies.flatten()


def _load_checkpoint(alias: str) -> tuple[Any, Path]:
    """SevenNet's model and the file that it came from, without its advice on accelerators."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sevenn.util import load_checkpoint

        checkpoint = load_checkpoint(alias)
        return checkpoint.build_model(), Path(checkpoint.checkpoint_path)


def _modality_index(
    checkpoint: str, modality: str | None, known: Mapping[str, int] | None
) -> int | None:
    if not known:
        if modality is not None:
            raise InputError(f"'{checkpoint}' has one functional only; leave out ':{modality}'.")
        return None
    if modality is None or modality.upper() not in known:
        raise InputError(
            f"'{checkpoint}' has no functional '{modality}'; known are {', '.join(sorted(known))}."
        )
    return known[modality.upper()]


def _prepare(model: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """The part of the model from edge vectors to atomic energies, ready for evaluation."""
    from cijkl.potentials.sevennet_convolution import EdgeConvolution

    model.set_is_batch_data(True)
    model.eval_type_map = False
    model.eval_modal_map = False
    # Sums, forces and the virial are taken in double precision outside of the network.
    model.delete_module_by_key("reduce_total_enegy")
    model.delete_module_by_key("force_output")
    model.key_grad = None
    for key, layer in model._modules.items():
        if key.endswith("_convolution"):
            model._modules[key] = EdgeConvolution(layer)
    for key in ("onehot_idx_to_onehot", "one_hot_modality"):
        if key in model._modules:
            model._modules[key].register_forward_hook(
                lambda module, _, data: _cast_onehot(module, data, dtype)
            )
    return model.to(device=device, dtype=dtype).eval().requires_grad_(False)


def _cast_onehot(module: Any, data: dict[str, torch.Tensor], dtype: torch.dtype) -> Any:
    """SevenNet writes one-hot vectors in single precision, whatever the model has."""
    for key in (module.key_output, module.key_additional_output):
        if key is not None:
            data[key] = data[key].to(dtype)
    return data


def make(name: str, option: str | None, device: str, dtype: str) -> SevenNet:
    """Factory for the registry; the option is the modality."""
    return SevenNet(name, option, device=device, dtype=dtype)
