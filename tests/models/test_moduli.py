"""Differentiable averages against those of NumPy, and their derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch

from cijkl.elasticity.averages import moduli
from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.models.batches import MODULI
from cijkl.models.moduli import log10_moduli, log10_moduli_of_stiffness, stiffness

AVERAGE = {"V": "voigt", "R": "reuss", "VRH": "hill"}


def logarithms(count: int = 6, spread: float = 0.4) -> torch.Tensor:
    """Random symmetric matrices around that of an ordinary solid."""
    noise = np.random.default_rng(3).normal(scale=spread, size=(count, 6, 6))
    return torch.from_numpy(4.5 * np.eye(6) + noise + noise.swapaxes(1, 2))


def expected(tensors: np.ndarray) -> np.ndarray:
    """log10 of the moduli of tensors (b, 6, 6), Mandel."""
    averages = moduli(mandel_to_voigt(tensors))
    columns = []
    for name in MODULI:
        letter, average = name.split("_")
        columns.append(np.log10(averages[letter][AVERAGE[average]]))
    return np.array(columns).T


def test_exponential():
    given = logarithms()
    found = stiffness(given.float())
    assert found.dtype == torch.float64
    reference = [scipy.linalg.expm(matrix) for matrix in given.float().double().numpy()]
    np.testing.assert_allclose(found, reference, rtol=1e-10)


def test_moduli_of_logarithms_and_of_tensors():
    given = logarithms()
    tensors = np.array([scipy.linalg.expm(matrix) for matrix in given.numpy()])
    np.testing.assert_allclose(log10_moduli(given), expected(tensors), atol=1e-10)
    np.testing.assert_allclose(
        log10_moduli_of_stiffness(torch.from_numpy(tensors)), expected(tensors), atol=1e-10
    )


def test_an_indefinite_tensor_has_none():
    tensors = torch.diag_embed(torch.tensor([[9.0, 8, 7, 6, 5, 4], [9, 8, 7, 6, 5, -4]]).double())
    found = log10_moduli_of_stiffness(tensors)
    assert not torch.isnan(found[0]).any()
    assert torch.isnan(found[1]).all()


@pytest.mark.parametrize("kind", ["triclinic", "cubic", "isotropic"])
def test_derivatives(kind):
    """Equal eigenvalues, as of every symmetric crystal, have derivatives too."""
    if kind == "triclinic":
        given = logarithms(2)
    else:
        bulk, shear, other = 5.5, 4.2, 4.2 if kind == "isotropic" else 4.9
        volume = np.zeros((6, 6))
        volume[:3, :3] = 1 / 3
        deviator = np.diag([1.0, 1, 1, 0, 0, 0]) - volume
        rest = np.diag([0.0, 0, 0, 1, 1, 1])
        given = torch.from_numpy(bulk * volume + shear * deviator + other * rest)[None]
    given = given.clone().requires_grad_()
    found = torch.autograd.grad(log10_moduli(given).sum(0), given, torch.ones(6).double())[0]
    step = 1e-5
    differences = np.zeros(given.shape)
    for index in np.ndindex(*given.shape):
        moved = []
        for sign in (1, -1):
            matrix = given.detach().numpy().copy()
            matrix[index] += sign * step
            moved.append(expected(np.array([_expm(m) for m in matrix])).sum())
        differences[index] = (moved[0] - moved[1]) / (2 * step)
    # of an entry and its mirror image only the sum matters to a symmetric matrix
    found = (found + found.transpose(1, 2)).numpy()
    np.testing.assert_allclose(found, differences + differences.swapaxes(1, 2), atol=1e-6)


def _expm(matrix: np.ndarray) -> np.ndarray:
    """By eigenvectors, of the symmetric part."""
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    return (vectors * np.exp(values)) @ vectors.T
