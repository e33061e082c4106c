"""Harmonics and couplings against e3nn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from e3nn import o3
from scipy.spatial.transform import Rotation

from cijkl.models.spherical import coupling, spherical_harmonics

PATHS = [
    (a, b, c)
    for a in range(5)
    for b in range(5)
    for c in range(5)
    if abs(a - b) <= c <= a + b and (a + b + c) % 2 == 0
]


def directions(count: int) -> torch.Tensor:
    vectors = torch.randn(count, 3, generator=torch.Generator().manual_seed(1)).double()
    return vectors / vectors.norm(dim=1, keepdim=True)


def test_harmonics_are_those_of_e3nn():
    axes = torch.cat([torch.eye(3), -torch.eye(3)]).double()
    points = torch.cat([directions(40), axes])
    for degree, values in enumerate(spherical_harmonics(points)):
        expected = o3.spherical_harmonics(degree, points, False, normalization="component")
        torch.testing.assert_close(values, expected, atol=1e-12, rtol=1e-12)


def test_shape_follows_the_directions():
    found = spherical_harmonics(directions(12).view(3, 4, 3))
    assert [tuple(values.shape) for values in found] == [(3, 4, 2 * n + 1) for n in range(5)]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_couplings_are_wigners_3j(path):
    first, second, result = path
    expected = o3.wigner_3j(first, second, result, dtype=torch.float64).numpy()
    # the sign is a convention; the norm is sqrt(2 l + 1) here, 1 there
    found = coupling(*path) / (2 * result + 1) ** 0.5
    sign = np.sign((found * expected).sum())
    np.testing.assert_allclose(found, sign * expected, atol=1e-12)


def test_products_turn_with_their_factors():
    rotation = torch.tensor(Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix())
    points = directions(2)
    for first, second, result in PATHS:
        tensor = torch.from_numpy(coupling(first, second, result).copy())

        def product(where, a=first, b=second, tensor=tensor):
            parts = spherical_harmonics(where)
            return torch.einsum("i,j,ijk->k", parts[a][0], parts[b][1], tensor)

        turn = o3.Irrep(result, 1).D_from_matrix(rotation)
        # e3nn's matrices are exact to some 1e-6
        turned, expected = product(points @ rotation.T), turn @ product(points)
        torch.testing.assert_close(turned, expected, atol=1e-5, rtol=0.0)


def test_odd_sums_have_no_coupling():
    with pytest.raises(ValueError, match="even"):
        coupling(1, 1, 1)
