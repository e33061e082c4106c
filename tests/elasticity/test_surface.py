"""Compliance of a surface against closed forms and Stroh's eigenvalue method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.elasticity import from_constants
from cijkl.elasticity.notation import voigt_to_cartesian
from cijkl.elasticity.surface import surface_compliance
from cijkl.errors import InputError

COPPER = from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4})
#: graphite (Blakslee et al., J. Appl. Phys. 41, 3373, 1970), of common crystals the least isotropic
GRAPHITE = from_constants("hexagonal", {"C11": 1060, "C12": 180, "C13": 15, "C33": 36.5, "C44": 4})
X, Y, Z = np.eye(3)


def stable(seed: int) -> np.ndarray:
    """A triclinic tensor whose Kelvin moduli are 20 to 200 GPa."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    mandel = (axes * rng.uniform(20, 200, 6)) @ axes.T
    weights = np.array([1, 1, 1, 2**0.5, 2**0.5, 2**0.5])
    return mandel / np.outer(weights, weights)


def by_eigenvalues(stiffness, normal, tangent) -> float:
    """n (-i A B^-1) n of the six-dimensional eigenvalue problem (Ting 1996).

    The half-space lies at negative n; the solutions that decay there have Im p < 0.
    """
    tensor = voigt_to_cartesian(stiffness)
    q = np.einsum("ijkl,j,l->ik", tensor, tangent, tangent)
    r = np.einsum("ijkl,j,l->ik", tensor, tangent, normal)
    t = np.einsum("ijkl,j,l->ik", tensor, normal, normal)
    inverse = np.linalg.inv(t)
    fundamental = np.block([[-inverse @ r.T, inverse], [r @ inverse @ r.T - q, -r @ inverse]])
    values, vectors = np.linalg.eig(fundamental)
    decaying = values.imag < 0
    assert decaying.sum() == 3
    a, b = vectors[:3, decaying], vectors[3:, decaying]
    # displacement for a unit traction on the surface, per wave number
    return float((1j * normal @ a @ np.linalg.inv(b) @ normal * -1.0).real)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_integral_against_eigenvalues(seed):
    rng = np.random.default_rng(seed)
    n = rng.normal(size=3)
    n /= np.linalg.norm(n)
    t = np.cross(n, rng.normal(size=3))
    t /= np.linalg.norm(t)
    stiffness = stable(seed)
    expected = by_eigenvalues(stiffness, n, t)
    assert expected > 0.0
    assert surface_compliance(stiffness, n, t) == pytest.approx(expected, rel=1e-7)


def test_eigenvalues_of_graphite():
    """p up to 16: many nodes are needed, and found to be needed."""
    for n, t in ((X, Z), (X, Y + 0.01 * Z), (Z, X), (X + Z, Y), (X + Z, X - Z)):
        n, t = n / np.linalg.norm(n), t / np.linalg.norm(t)
        expected = by_eigenvalues(GRAPHITE, n, t)
        assert surface_compliance(GRAPHITE, n, t) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("lame", "shear"), [(50.0, 30.0), (-10.0, 40.0), (0.0, 1.0)])
def test_isotropic(lame, shear):
    stiffness = np.diag([2 * shear] * 3 + [shear] * 3)
    stiffness[:3, :3] += lame
    poisson = lame / (2 * (lame + shear))
    found = surface_compliance(stiffness, [1, 2, 3], [3, 0, -1])
    assert found == pytest.approx((1 - poisson) / shear)


def test_symmetry_planes_of_orthotropic_solids():
    """Closed form for plane strain in a symmetry plane (Delafargue and Ulm 2004)."""
    rng = np.random.default_rng(5)
    base = np.diag(rng.uniform(40, 300, 6))
    base[0, 1] = base[1, 0] = 20.0
    base[0, 2] = base[2, 0] = 15.0
    base[1, 2] = base[2, 1] = -8.0
    for i, j, shear in ((0, 1, 5), (0, 2, 4), (1, 2, 3), (2, 0, 4), (2, 1, 3)):
        along, normal, cross = base[i, i], base[j, j], base[i, j]
        root = np.sqrt(along * normal)
        inverse = 1 / base[shear, shear] + 2 / (root + cross)
        expected = np.sqrt(along / (along * normal - cross**2) * inverse)
        found = surface_compliance(base, np.eye(3)[j], np.eye(3)[i])
        assert found == pytest.approx(expected, rel=1e-9)


def test_more_nodes_change_nothing_but_the_last_digits():
    rough = surface_compliance(GRAPHITE, X, Z, rtol=1e-3)
    fine = surface_compliance(GRAPHITE, X, Z, rtol=1e-12)
    # the change at the last doubling bounds the error
    assert abs(rough - fine) < 1e-3 * fine
    assert abs(surface_compliance(GRAPHITE, X, Z, rtol=1e-6) - fine) < 1e-9 * fine


def test_arrays_of_tensors_and_directions():
    tensors = np.stack([COPPER, GRAPHITE, stable(3)])
    normals = np.array([X, Y, Z])
    tangents = np.array([Y, Z, X + Y])
    found = surface_compliance(tensors, normals, tangents)
    one_by_one = [
        surface_compliance(*args) for args in zip(tensors, normals, tangents, strict=True)
    ]
    assert found == pytest.approx(np.array(one_by_one))
    grid = surface_compliance(COPPER, normals[:, None], np.cross(normals, [1, 2, 3])[:, None])
    assert grid.shape == (3, 1)


def test_unstable_tensors_give_nothing():
    unstable = np.diag([100.0, 100, 100, 30, 30, -1])
    broken = np.full((6, 6), np.nan)
    found = surface_compliance(np.stack([unstable, broken, COPPER]), Z, X)
    assert np.isnan(found[:2]).all()
    assert found[2] == pytest.approx(float(surface_compliance(COPPER, Z, X)))


@pytest.mark.parametrize(
    ("stiffness", "normal", "tangent", "message"),
    [
        (COPPER, Z, Z, "90"),
        (COPPER, [0, 0, 0], X, "zero"),
        (COPPER[:3, :3], Z, X, "shape"),
        (np.stack([COPPER] * 2), np.stack([Z] * 3), X, "broadcast"),
    ],
)
def test_bad_input(stiffness, normal, tangent, message):
    with pytest.raises(InputError, match=message):
        surface_compliance(stiffness, normal, tangent)
