import numpy as np
import pytest

from cijkl.elasticity import allowed_basis, crystal_class_rotations
from cijkl.elasticity.notation import rotation_to_mandel
from cijkl.response.strains import fit_stiffness, minimal_strains

#: strain directions that each class needs: what symmetry cannot give, counted by hand from the
#: number of times each irreducible representation occurs among the six strains
NEEDED = {
    "cubic": 1,
    "hexagonal": 2,
    "trigonal": 2,
    "trigonal_low": 2,
    "tetragonal": 2,
    "tetragonal_low": 2,
    "orthorhombic": 3,
    "monoclinic": 4,
    "triclinic": 6,
    "isotropic": 1,
}


@pytest.mark.parametrize(("name", "count"), NEEDED.items())
def test_as_few_strains_as_symmetry_allows(name, count):
    basis = allowed_basis(crystal_class_rotations(name))
    assert len(minimal_strains(basis)) == count


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("seed", range(3))
def test_any_tensor_in_any_orientation_is_recovered(name, seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    rotations = turn @ crystal_class_rotations(name) @ turn.T
    basis = allowed_basis(rotations)
    tensor = np.tensordot(rng.normal(size=len(basis)), basis, 1)
    strains = minimal_strains(basis)
    fitted, residual = fit_stiffness(basis, strains, strains @ tensor)
    assert fitted == pytest.approx(tensor, abs=1e-10)
    assert residual < 1e-12


@pytest.mark.parametrize("name", NEEDED)
def test_noise_spreads_evenly(name):
    """A thousandth of noise in the stress may not become more than a few thousandths in C."""
    rng = np.random.default_rng(5)
    basis = allowed_basis(crystal_class_rotations(name))
    tensor = np.tensordot(rng.normal(size=len(basis)), basis, 1)
    strains = minimal_strains(basis)
    noise = 1e-3 * rng.normal(size=(len(strains), 6))
    fitted, residual = fit_stiffness(basis, strains, strains @ tensor + noise)
    assert np.abs(fitted - tensor).max() < 6e-3
    assert residual < 0.02


def test_residual_tells_of_a_response_that_breaks_the_symmetry():
    basis = allowed_basis(crystal_class_rotations("cubic"))
    strains = minimal_strains(basis)
    responses = strains @ np.tensordot(np.ones(3), basis, 1)
    broken = responses + 0.1 * np.linalg.norm(responses) * np.array([1, -1, 0, 0, 0, 0])
    assert fit_stiffness(basis, strains, broken)[1] > 0.02


def test_result_is_exactly_symmetric():
    rotations = crystal_class_rotations("trigonal")
    basis = allowed_basis(rotations)
    strains = minimal_strains(basis)
    rng = np.random.default_rng(2)
    fitted, _ = fit_stiffness(basis, strains, rng.normal(size=(len(strains), 6)))
    q = rotation_to_mandel(rotations)
    assert np.abs(q @ fitted @ q.swapaxes(1, 2) - fitted).max() < 1e-12
    assert fitted == pytest.approx(fitted.T, abs=1e-14)
