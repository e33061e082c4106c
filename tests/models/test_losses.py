"""Losses against sums that are written out, crystal by crystal."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cijkl.elasticity.notation import rotation_to_mandel
from cijkl.models.batches import MODULI, Output
from cijkl.models.losses import LogStiffnessLoss, irreps_loss, log_stiffness_loss, moduli_loss
from cijkl.models.moduli import log10_moduli
from cijkl.models.targets import Targets

RNG = np.random.default_rng(8)
NAN = float("nan")
PART = {"K_V": 0.3, "K_R": 0.3, "K_VRH": 1.0, "G_V": 0.3, "G_R": 0.3, "G_VRH": 1.0}


def logarithms(*shape: int) -> torch.Tensor:
    noise = RNG.normal(scale=0.3, size=(*shape, 6, 6))
    return torch.from_numpy(4.5 * np.eye(6) + noise + noise.swapaxes(-1, -2))


def targets(tensors: torch.Tensor, moduli: torch.Tensor, weight: list[float]) -> Targets:
    return Targets(
        log10_moduli=moduli,
        stiffness=torch.full_like(tensors, NAN),
        log_stiffness=tensors,
        weight=torch.tensor(weight, dtype=torch.float64),
    )


def distance(difference: np.ndarray, isotropic: float) -> float:
    """Norm with the volumetric and the mean deviatoric part scaled, from their projections."""
    volume = np.zeros((6, 6))
    volume[:3, :3] = 1 / 3
    deviator = (np.eye(6) - volume) / 5**0.5
    projected = sum(np.sum(difference * part) * part for part in (volume, deviator))
    squares = np.sum((difference - projected) ** 2) + isotropic**2 * np.sum(projected**2)
    return float(np.sqrt(squares + 1e-4))


def test_default_loss():
    weights = LogStiffnessLoss(tensor=0.07, isotropic=0.4, other=0.03)
    predicted, known = logarithms(3, 2), logarithms(3, 2)
    known[1, 0] = NAN
    known[2, 1] = NAN
    moduli = log10_moduli(known[:, 0].nan_to_num(0.0)) + 0.1
    moduli[1, MODULI.index("G_R")] = NAN
    moduli[2] = NAN
    crystal_weights = [1.0, 0.5, 1.0]
    found = log_stiffness_loss(predicted, targets(known, moduli, crystal_weights), weights)

    said = log10_moduli(predicted[:, 0]).numpy()
    total = norm = 0.0
    for crystal, weight in enumerate(crystal_weights):
        for column, name in enumerate(MODULI):
            if not np.isnan(moduli[crystal, column]):
                total += PART[name] * weight * abs(said[crystal, column] - moduli[crystal, column])
                norm += PART[name] * weight
    difference = (predicted - known).numpy()
    first = np.mean([distance(difference[i, 0], 0.4) for i in (0, 2)])
    other = np.mean([distance(difference[i, 1], 1.0) for i in (0, 1)])
    assert float(found) == pytest.approx(float(total / norm) + 0.07 * first + 0.03 * other)


def test_default_loss_does_not_depend_on_axes():
    rotation = np.linalg.qr(RNG.normal(size=(3, 3)))[0]
    matrix = torch.from_numpy(rotation_to_mandel(rotation * np.sign(np.linalg.det(rotation))))
    predicted, known = logarithms(4, 1), logarithms(4, 1)
    moduli = log10_moduli(known[:, 0]) - 0.05
    values = [
        float(log_stiffness_loss(p, targets(k, moduli, [1.0] * 4), LogStiffnessLoss()))
        for p, k in (
            (predicted, known),
            (matrix @ predicted @ matrix.T, matrix @ known @ matrix.T),
        )
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-10)


def test_a_perfect_answer_has_a_derivative():
    predicted = logarithms(2, 1).requires_grad_()
    known = predicted.detach().clone()
    loss = log_stiffness_loss(
        predicted, targets(known, log10_moduli(known[:, 0]), [1.0] * 2), LogStiffnessLoss()
    )
    assert loss.item() == pytest.approx(0.05 * 0.01)  # the rounded origin of the norm
    loss.backward()
    assert torch.isfinite(predicted.grad).all()


def test_nothing_known_is_no_loss_and_no_gap():
    predicted = logarithms(2, 1).requires_grad_()
    nothing = targets(
        torch.full((2, 1, 6, 6), NAN).double(), torch.full((2, 6), NAN).double(), [1.0, 1.0]
    )
    loss = log_stiffness_loss(predicted, nothing, LogStiffnessLoss())
    assert loss.item() == 0.0
    loss.backward()
    assert torch.isfinite(predicted.grad).all()


def test_labels_of_one_source_do_not_reach_the_other():
    predicted = logarithms(1, 2).requires_grad_()
    known = logarithms(1, 2)
    known[0, 1] = NAN
    moduli = log10_moduli(known[:, 0])
    log_stiffness_loss(predicted, targets(known, moduli, [1.0]), LogStiffnessLoss()).backward()
    assert predicted.grad[0, 0].abs().sum() > 0
    assert predicted.grad[0, 1].abs().sum() == 0


def test_moduli_loss_is_of_what_both_know():
    said = torch.full((2, 6), NAN)
    said[:, 2] = torch.tensor([1.0, 2.0])
    known = torch.full((2, 6), NAN)
    known[0] = torch.arange(6.0)
    assert float(moduli_loss(Output(said), _moduli(known))) == pytest.approx((1.0 - 2.0) ** 2)
    known[1, 2] = 2.5
    expected = (1.0 + 0.25) / 2
    assert float(moduli_loss(Output(said), _moduli(known))) == pytest.approx(expected)


def test_irreps_loss_is_of_crystals_with_a_tensor():
    said, known = torch.randn(3, 21), torch.randn(3, 21)
    known[1] = NAN
    expected = ((said - known)[[0, 2]] ** 2).mean()
    torch.testing.assert_close(irreps_loss(said, known), expected)
    said.requires_grad_()
    empty = irreps_loss(said, torch.full((3, 21), NAN))
    empty.backward()
    assert empty.item() == 0.0
    assert (said.grad == 0.0).all()


def _moduli(values: torch.Tensor) -> Targets:
    empty = torch.full((len(values), 1, 6, 6), NAN)
    return Targets(values, empty, empty, torch.ones(len(values)))
