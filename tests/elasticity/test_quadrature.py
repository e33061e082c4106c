"""Sphere averages against closed forms and an independent rule."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cijkl.elasticity.directional import youngs_modulus
from cijkl.elasticity.quadrature import LEBEDEV_DEGREES, sphere_average, sphere_quadrature
from cijkl.errors import InputError


def double_factorial(n: int) -> int:
    return prod(range(n, 0, -2))


def moment(a: int, b: int, c: int) -> float:
    """Average of x^a y^b z^c over the unit sphere, even powers."""
    top = double_factorial(a - 1) * double_factorial(b - 1) * double_factorial(c - 1)
    return top / double_factorial(a + b + c + 1)


@pytest.mark.parametrize("degree", [1, 5, 8, 13, 23, 33, 35, 131])
def test_polynomials_up_to_the_degree_are_exact(degree: int) -> None:
    directions, weights = sphere_quadrature(degree)
    x, y, z = directions.T
    assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-13)
    for a, b, c in [(0, 0, 0), (2, 0, 0), (2, 2, 0), (4, 2, 2), (0, 6, 4), (8, 8, 6), (30, 4, 0)]:
        if a + b + c <= degree:
            average = sphere_average(x**a * y**b * z**c, weights)
            assert_allclose(average, moment(a, b, c), rtol=1e-10)
    assert_allclose(sphere_average(x * y**2, weights), 0, atol=1e-14)


def test_a_degree_without_a_rule_gets_the_next() -> None:
    assert len(sphere_quadrature(33)[1]) == len(sphere_quadrature(35)[1]) == 434
    assert LEBEDEV_DEGREES[0] == 3
    assert LEBEDEV_DEGREES[-1] == 131


def test_average_of_a_modulus_agrees_with_a_product_rule() -> None:
    """Gauss-Legendre in cos(theta) times equal steps in phi, another rule altogether."""
    copper = np.diag([168.4] * 3 + [75.4] * 3)
    copper[:3, :3] += 121.4 * (1 - np.eye(3))
    nodes, node_weights = np.polynomial.legendre.leggauss(60)
    phi = 2 * np.pi * np.arange(120) / 120
    z, phi = np.meshgrid(nodes, phi, indexing="ij")
    rho = np.sqrt(1 - z**2)
    n = np.stack([rho * np.cos(phi), rho * np.sin(phi), z], axis=-1)
    reference = node_weights / 2 @ youngs_modulus(copper, n).mean(axis=1)
    directions, weights = sphere_quadrature(35)
    assert_allclose(
        sphere_average(youngs_modulus(copper, directions), weights), reference, rtol=1e-6
    )


@pytest.mark.parametrize("degree", [0, -3, 132])
def test_no_such_degree(degree: int) -> None:
    with pytest.raises(InputError, match="choose 1 to 131"):
        sphere_quadrature(degree)
