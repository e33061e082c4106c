"""Harmonic decomposition, against e3nn and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from cijkl.elasticity.classes import crystal_class_rotations, from_constants
from cijkl.elasticity.harmonic import (
    anisotropic_fraction,
    compose,
    decompose,
    mandel_basis,
)
from cijkl.elasticity.notation import (
    mandel_to_voigt,
    rotate,
    voigt_to_cartesian,
    voigt_to_mandel,
)
from cijkl.elasticity.symmetry import project
from cijkl.errors import InputError

LEADS = st.sampled_from([(), (3,), (2, 4), (0,)])


def random_symmetric(seed: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    a = np.random.default_rng(seed).normal(size=(*shape, 6, 6))
    return mandel_to_voigt(50.0 * (a + a.swapaxes(-1, -2)))


def test_basis_is_orthonormal_symmetric_and_read_only() -> None:
    basis = mandel_basis()
    assert basis.shape == (21, 6, 6)
    assert_allclose(np.einsum("aij,bij->ab", basis, basis), np.eye(21), atol=1e-12)
    assert_allclose(basis, basis.swapaxes(1, 2), atol=1e-14)
    with pytest.raises(ValueError, match="read-only"):
        basis[0, 0, 0] = 2.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), LEADS)
def test_compose_undoes_decompose(seed: int, shape: tuple[int, ...]) -> None:
    stiffness = random_symmetric(seed, shape)
    parts = decompose(stiffness)
    assert parts.l0.shape == (*shape, 2)
    assert parts.l2.shape == (*shape, 2, 5)
    assert parts.l4.shape == (*shape, 9)
    assert_allclose(compose(parts), stiffness, atol=1e-10)
    assert_allclose(
        np.linalg.norm(parts.norms, axis=-1),
        np.linalg.norm(voigt_to_cartesian(stiffness).reshape(*shape, 81), axis=-1),
        rtol=1e-10,
    )


@pytest.mark.parametrize("seed", range(5))
def test_components_turn_by_the_wigner_matrices_of_e3nn(seed: int) -> None:
    o3 = pytest.importorskip("e3nn.o3")
    torch = pytest.importorskip("torch")
    rotation = Rotation.random(random_state=seed).as_matrix()
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        wigner = o3.Irreps("2x0e+2x2e+1x4e").D_from_matrix(torch.tensor(rotation)).numpy()
    finally:
        torch.set_default_dtype(default)
    stiffness = random_symmetric(seed, (3,))
    # e3nn keeps its Jd matrices in single precision
    assert_allclose(
        decompose(rotate(stiffness, rotation)).vector,
        decompose(stiffness).vector @ wigner.T,
        atol=2e-4,
    )


def test_l4_is_the_spherical_harmonic_of_e3nn() -> None:
    """Of a totally symmetric traceless tensor, C_ijkl n_i n_j n_k n_l is sum_m l4_m Y_4m(n)."""
    o3 = pytest.importorskip("e3nn.o3")
    torch = pytest.importorskip("torch")
    directions = np.random.default_rng(3).normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    harmonics = o3.spherical_harmonics(4, torch.tensor(directions), True, "norm").numpy()
    tensors = voigt_to_cartesian(mandel_to_voigt(mandel_basis()[12:]))
    forms = np.einsum("bijkl,ni,nj,nk,nl->nb", tensors, *[directions] * 4, optimize=True)
    scale = float(np.sum(forms * harmonics) / np.sum(harmonics**2))
    assert scale > 0.1
    assert_allclose(forms, scale * harmonics, atol=1e-6)


def test_the_scalars_are_the_voigt_moduli() -> None:
    stiffness = random_symmetric(4)
    c = stiffness
    bulk = (c[0, 0] + c[1, 1] + c[2, 2] + 2.0 * (c[0, 1] + c[0, 2] + c[1, 2])) / 9.0
    shear = (
        c[0, 0] + c[1, 1] + c[2, 2] - c[0, 1] - c[0, 2] - c[1, 2]
        + 3.0 * (c[3, 3] + c[4, 4] + c[5, 5])
    ) / 15.0  # fmt: skip
    assert_allclose(decompose(stiffness).l0, [3.0 * bulk, 2.0 * 5.0**0.5 * shear])


def test_first_l2_is_the_stress_of_a_volume_change() -> None:
    stiffness = random_symmetric(8)
    stress = np.einsum("ijkk->ij", voigt_to_cartesian(stiffness))
    deviator = stress - np.trace(stress) / 3.0 * np.eye(3)
    length = np.linalg.norm(decompose(stiffness).l2[0])
    assert_allclose(length, np.linalg.norm(deviator) * np.sqrt(2.0 / 3.0))


def test_second_l2_does_not_see_a_volume_change() -> None:
    acting = voigt_to_cartesian(mandel_to_voigt(mandel_basis()[7:12]))
    assert_allclose(np.einsum("bijkk->bij", acting), 0.0, atol=1e-12)


def test_cubic_crystals_have_no_l2() -> None:
    stiffness = from_constants("cubic", {"C11": 165.8, "C12": 63.9, "C44": 79.6})
    norms = decompose(stiffness).norms
    assert_allclose(norms[2:4], 0.0, atol=1e-10)
    assert_allclose(norms[4], abs(165.8 - 63.9 - 2 * 79.6) * np.sqrt(6.0 / 5.0))
    assert_allclose(anisotropic_fraction(stiffness), norms[4] / np.linalg.norm(norms))


def test_isotropic_part_is_the_projection() -> None:
    stiffness = random_symmetric(9, (2,))
    parts = decompose(stiffness)
    vector = parts.vector.copy()
    vector[..., 2:] = 0.0
    isotropic = mandel_to_voigt(np.einsum("...b,bij->...ij", vector, mandel_basis()))
    by_group = project(stiffness, crystal_class_rotations("isotropic"))
    assert_allclose(voigt_to_mandel(isotropic), voigt_to_mandel(by_group), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_norms_do_not_depend_on_the_frame(seed: int) -> None:
    stiffness = random_symmetric(seed)
    turned = rotate(stiffness, Rotation.random(random_state=seed).as_matrix())
    assert_allclose(decompose(turned).norms, decompose(stiffness).norms, rtol=1e-8, atol=1e-8)


def test_anisotropic_fraction_of_zero() -> None:
    with pytest.raises(InputError, match="zero or undefined"):
        anisotropic_fraction(np.zeros((6, 6)))
