"""Labels become tensors: logarithms by scipy, weights and gaps by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from ase.build import bulk

from cijkl.datasets import Example
from cijkl.elasticity import ElasticTensor, from_constants
from cijkl.elasticity.notation import voigt_to_mandel
from cijkl.models.batches import MODULI
from cijkl.models.targets import stack, targets_of
from cijkl.structures import Crystal

#: silicon, GPa: McSkimin 1953, as in Nye's table
SILICON = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})


def example(stiffness: np.ndarray | None = None, **moduli: float) -> Example:
    return Example(Crystal("Si", bulk("Si"), "here", ()), moduli, stiffness)


def test_moduli_are_log10_in_order():
    found = targets_of(example(K_V=100.0, K_R=10.0, K_VRH=50.0, G_V=3.0, G_R=2.0, G_VRH=2.5))
    np.testing.assert_allclose(found.log10_moduli[0], np.log10([100, 10, 50, 3, 2, 2.5]))
    assert torch.isnan(found.stiffness).all()
    assert torch.isnan(found.log_stiffness).all()
    assert len(found) == 1


def test_moduli_follow_from_a_tensor():
    found = targets_of(example(SILICON))
    tensor = ElasticTensor(SILICON)
    values = dict(zip(MODULI, 10 ** found.log10_moduli[0].numpy(), strict=True))
    assert values["K_VRH"] == pytest.approx(float(tensor.bulk_modulus()))
    assert values["G_V"] == pytest.approx((165.7 - 63.9 + 3 * 79.6) / 5)
    assert values["G_R"] == pytest.approx(float(tensor.shear_modulus("reuss")))
    np.testing.assert_allclose(found.stiffness[0, 0], voigt_to_mandel(SILICON))
    np.testing.assert_allclose(
        found.log_stiffness[0, 0], scipy.linalg.logm(voigt_to_mandel(SILICON)), atol=1e-10
    )


def test_a_soft_tensor_has_no_logarithm():
    soft = np.diag([10.0, 10, 10, 5, 5, 0.2])  # 0.4 GPa in Mandel form
    found = targets_of(example(soft))
    assert torch.isnan(found.log_stiffness).all()
    np.testing.assert_allclose(found.stiffness[0, 0], voigt_to_mandel(soft))


@pytest.mark.parametrize(
    ("moduli", "weight"),
    [
        ({"K_V": 100, "K_R": 90, "G_V": 50, "G_R": 45}, 1.0),
        ({"K_V": 100, "K_R": 90, "G_V": 91, "G_R": 45}, 0.5),  # bounds far apart
        ({"K_VRH": 95, "G_VRH": 47}, 0.5),  # Hill's means alone
    ],
)
def test_doubtful_labels_weigh_less(moduli, weight):
    assert targets_of(example(**moduli)).weight.tolist() == [weight]


def test_further_sources():
    other = 1.1 * SILICON
    found = targets_of(example(K_VRH=98.0), ("dft", "potential", "none"), {"potential": other})
    assert found.stiffness.shape == (1, 3, 6, 6)
    known = ~torch.isnan(found.stiffness).flatten(2).all(2)
    assert known.tolist() == [[False, True, False]]
    np.testing.assert_allclose(found.stiffness[0, 1], voigt_to_mandel(other))
    # another source says nothing of the moduli
    said = found.log10_moduli[0]
    assert (~torch.isnan(said)).tolist() == [name == "K_VRH" for name in MODULI]


def test_rows():
    parts = [targets_of(example(K_VRH=10.0 * n)) for n in (1, 2, 3)]
    found = stack(parts)
    assert len(found) == 3
    column = MODULI.index("K_VRH")
    picked = found[np.array([2, 0])]
    np.testing.assert_allclose(picked.log10_moduli[:, column], np.log10([30.0, 10.0]))
    assert picked.stiffness.shape == (2, 1, 6, 6)
