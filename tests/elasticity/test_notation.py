import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cijkl.elasticity import notation

finite = st.floats(-100, 100, allow_nan=False)


def random_stiffness(seed, shape=()):
    matrix = np.random.default_rng(seed).normal(size=(*shape, 6, 6))
    return matrix @ matrix.swapaxes(-1, -2) + 6 * np.eye(6)


def random_rotation(seed, shape=()):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(*shape, 3, 3)))[0]


def test_order_of_the_components():
    """C_2313 is C45: yz is index 4, xz index 5 (counted from one)."""
    voigt = np.arange(36.0).reshape(6, 6)
    voigt = voigt + voigt.T
    tensor = notation.voigt_to_cartesian(voigt)
    assert tensor[1, 2, 0, 2] == voigt[3, 4]
    assert tensor[0, 0, 0, 1] == voigt[0, 5]
    assert tensor[2, 2, 1, 1] == voigt[2, 1]


@given(arrays(float, (6, 6), elements=finite))
def test_round_trips(matrix):
    symmetric = matrix + matrix.T
    cartesian = notation.voigt_to_cartesian(symmetric)
    assert notation.cartesian_to_voigt(cartesian) == pytest.approx(symmetric)
    assert notation.mandel_to_voigt(notation.voigt_to_mandel(symmetric)) == pytest.approx(symmetric)
    for i, j, k, m in [(0, 1, 1, 2), (2, 0, 1, 1)]:
        assert cartesian[i, j, k, m] == cartesian[j, i, k, m] == cartesian[k, m, i, j]


@pytest.mark.parametrize("seed", range(4))
def test_rotation_equals_the_four_fold_sum(seed):
    c, r = random_stiffness(seed, (3,)), random_rotation(seed, (3,))
    full = notation.voigt_to_cartesian(c)
    expected = np.einsum("nip,njq,nkr,nls,npqrs->nijkl", r, r, r, r, full)
    assert notation.rotate(c, r) == pytest.approx(notation.cartesian_to_voigt(expected))


def test_rotations_compose_and_keep_eigenvalues():
    c, a, b = random_stiffness(0), random_rotation(1), random_rotation(2)
    twice = notation.rotate(notation.rotate(c, a), b)
    assert twice == pytest.approx(notation.rotate(c, b @ a))
    q = notation.rotation_to_mandel(a)
    assert q @ q.T == pytest.approx(np.eye(6), abs=1e-12)
    before = np.linalg.eigvalsh(notation.voigt_to_mandel(c))
    assert np.linalg.eigvalsh(notation.voigt_to_mandel(twice)) == pytest.approx(before)


def test_compliance_is_the_inverse_as_a_tensor():
    """S_ijmn C_mnkl is the identity on symmetric tensors."""
    c = random_stiffness(5)
    s = notation.compliance_to_cartesian(notation.compliance(c))
    product = np.einsum("ijmn,mnkl->ijkl", s, notation.voigt_to_cartesian(c))
    d = np.eye(3)
    identity = 0.5 * (np.einsum("ik,jl->ijkl", d, d) + np.einsum("il,jk->ijkl", d, d))
    assert product == pytest.approx(identity, abs=1e-12)


def test_stress_of_a_strain_is_the_same_in_both_notations():
    c, rng = random_stiffness(6), np.random.default_rng(6)
    strain = rng.normal(size=(3, 3))
    strain = strain + strain.T
    by_tensor = np.einsum("ijkl,kl->ij", notation.voigt_to_cartesian(c), strain)
    by_voigt = notation.voigt_to_stress(c @ notation.strain_to_voigt(strain))
    assert by_voigt == pytest.approx(by_tensor)
    assert notation.voigt_to_strain(notation.strain_to_voigt(strain)) == pytest.approx(strain)
    assert notation.stress_to_voigt(by_tensor) == pytest.approx(
        c @ notation.strain_to_voigt(strain)
    )
