"""What training makes small."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cijkl.elasticity.harmonic import mandel_basis
from cijkl.models.batches import Output
from cijkl.models.moduli import log10_moduli
from cijkl.models.targets import Targets

__all__ = ["LogStiffnessLoss", "irreps_loss", "log_stiffness_loss", "moduli_loss"]

#: of the bounds and of Hill's means, for bulk and for shear
_MODULI_WEIGHTS = (0.3, 0.3, 1.0, 0.3, 0.3, 1.0)


@dataclass(frozen=True)
class LogStiffnessLoss:
    """Weights of the parts of the default network's loss.

    Parameters
    ----------
    tensor
        Of the distance of logarithms of stiffnesses from the data set.
    isotropic
        Factor of the isotropic part of that distance: moduli say it better.
    other
        Of the distance to tensors of the other sources.
    """

    tensor: float = 0.05
    isotropic: float = 0.3
    other: float = 0.05


def log_stiffness_loss(
    log_stiffness: Tensor, targets: Targets, weights: LogStiffnessLoss
) -> Tensor:
    """Mean absolute error of the moduli's logarithms, and mean distance of the tensors' logarithms.

    A distance is the Frobenius norm in Mandel form, which no rotation changes.

    Parameters
    ----------
    log_stiffness
        (b, s, 6, 6), by source.
    """
    loss = _moduli_error(log10_moduli(log_stiffness[:, 0]), targets)
    difference = log_stiffness.double() - targets.log_stiffness
    first = _distance(difference[:, 0], weights.isotropic)
    loss = loss + weights.tensor * first
    if difference.shape[1] > 1:
        loss = loss + weights.other * _distance(difference[:, 1:].flatten(0, 1), 1.0)
    return loss


def moduli_loss(output: Output, targets: Targets) -> Tensor:
    """Mean squared error of log10 of the moduli that a network says."""
    said = ~torch.isnan(output.log10_moduli) & ~torch.isnan(targets.log10_moduli)
    return (output.log10_moduli[said] - targets.log10_moduli[said]).square().mean()


def irreps_loss(irreps: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error of harmonic components, over the crystals that have a tensor."""
    known = ~torch.isnan(targets).any(1)
    return (irreps[known] - targets[known]).square().mean() if known.any() else irreps.sum() * 0.0


def _moduli_error(predicted: Tensor, targets: Targets) -> Tensor:
    known = ~torch.isnan(targets.log10_moduli)
    weights = known * targets.log10_moduli.new_tensor(_MODULI_WEIGHTS)
    weights = weights * targets.weight[:, None]
    error = (predicted - torch.nan_to_num(targets.log10_moduli)).abs()
    return (weights * error).sum() / weights.sum().clamp(min=1e-9)


def _distance(difference: Tensor, isotropic: float) -> Tensor:
    """Mean norm of the differences that are known, with a factor for their isotropic part."""
    difference = difference[~torch.isnan(difference[:, 0, 0])]
    if not len(difference):
        return difference.new_zeros(())
    basis = torch.from_numpy(mandel_basis().copy()).to(difference.device)
    parts = torch.einsum("bij,kij->bk", difference, basis)
    squares = parts[:, 2:].square().sum(1) + isotropic**2 * parts[:, :2].square().sum(1)
    # rounded at the origin, where a norm has no derivative
    return torch.sqrt(squares + 1e-4).mean()
