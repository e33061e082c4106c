"""SevenNet: equivariant graph networks whose weights come inside their own package.

Park et al., J. Chem. Theory Comput. 20, 4857 (2024); multi-fidelity: Kim et al.,
J. Am. Chem. Soc. 147, 1042 (2025).

Forces and stress carry rounding noise of 1e-6 eV/A and 1e-5 GPa in single precision. A central
difference of stresses over strains of h then has noise of 1e-5 GPa / h: take h >= 1e-3 for
0.01 GPa, or double precision, which is exact to h = 1e-5 and takes 1.2 to 2 times as long.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.metadata import version as package_version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cijkl.errors import InputError
from cijkl.potentials.edges import Edges
from cijkl.potentials.passes import EdgeNetwork

if TYPE_CHECKING:
    import torch

__all__ = ["SevenNet"]

#: our name -> SevenNet's name, and the modality when the user states none
CHECKPOINTS: dict[str, tuple[str, str | None]] = {
    "sevennet-0": ("7net-0", None),
    "sevennet-l3i5": ("7net-l3i5", None),
    "sevennet-mf-0": ("7net-mf-0", "PBE"),
}


class SevenNet(EdgeNetwork):
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

    edges_per_pass: ClassVar[Mapping[str, int]] = {"cpu": 1_000, "cuda": 60_000}

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
        super().__init__(device, dtype)
        model, path = _load_checkpoint(alias)
        self._modality = _modality_index(checkpoint, modality or default_modality, model.modal_map)
        self.network = _prepare(model, self._device, self._dtype)
        self.cutoff = float(model.cutoff)
        self.elements = frozenset(model.type_map)
        self._type_of = np.full(120, -1, dtype=np.int64)
        for number, kind in model.type_map.items():
            self._type_of[number] = kind

        self.name = checkpoint if modality is None else f"{checkpoint}:{modality.upper()}"
        self.version = f"sevenn {package_version('sevenn')}"
        settings = self._facts(path)
        if model.modal_map:
            settings["modality"] = (modality or default_modality or "").upper()
        self.settings = settings

    def atomic_energies(self, edges: Edges, vectors: torch.Tensor) -> torch.Tensor:
        """Energy of each atom (n,), eV; the network holds the references itself."""
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
        energies: torch.Tensor = self.network(data)["atomic_energy"]
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
