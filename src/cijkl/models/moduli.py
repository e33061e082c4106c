"""Voigt, Reuss and Hill averages of tensors, differentiable."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["log10_averages", "log10_moduli", "log10_moduli_of_stiffness", "stiffness"]


def stiffness(log_stiffness: Tensor) -> Tensor:
    """Matrix exponential of (b, 6, 6), Mandel; in float64.

    The eigenvectors of a symmetric crystal's tensor are not unique, and a derivative by way of them
    does not exist; the exponential has one everywhere.
    """
    tensor: Tensor = torch.linalg.matrix_exp(log_stiffness.double())
    return tensor


def log10_moduli(log_stiffness: Tensor) -> Tensor:
    """Logarithms (b, 6) of K_V, K_R, K_VRH, G_V, G_R, G_VRH in GPa.

    Parameters
    ----------
    log_stiffness
        (b, 6, 6): matrix logarithm of the stiffness in GPa, Mandel form.
    """
    return log10_averages(stiffness(log_stiffness), stiffness(-log_stiffness))


def log10_moduli_of_stiffness(tensor: Tensor) -> Tensor:
    """The same of a stiffness (b, 6, 6), GPa, Mandel form; NaN where it is not positive definite.

    A Reuss average of an indefinite tensor has no meaning.
    """
    tensor = tensor.double()
    definite = torch.linalg.eigvalsh(tensor)[:, :1] > 0.0
    unit = torch.eye(6, dtype=tensor.dtype, device=tensor.device)
    safe = torch.where(definite[..., None], tensor, unit)
    return torch.where(definite, log10_averages(safe, torch.linalg.inv(safe)), torch.nan)


def log10_averages(c: Tensor, s: Tensor) -> Tensor:
    """The same from stiffness and compliance, both (b, 6, 6), Mandel form."""
    voigt_bulk = c[:, :3, :3].sum((1, 2)) / 9.0
    reuss_bulk = 1.0 / s[:, :3, :3].sum((1, 2))
    voigt_shear = (_trace(c) - 3.0 * voigt_bulk) / 10.0
    reuss_shear = 5.0 / (2.0 * (_trace(s) - 1.0 / (3.0 * reuss_bulk)))
    return torch.stack(
        [
            voigt_bulk,
            reuss_bulk,
            (voigt_bulk + reuss_bulk) / 2.0,
            voigt_shear,
            reuss_shear,
            (voigt_shear + reuss_shear) / 2.0,
        ],
        1,
    ).log10()


def _trace(matrices: Tensor) -> Tensor:
    return torch.diagonal(matrices, dim1=1, dim2=2).sum(1)
