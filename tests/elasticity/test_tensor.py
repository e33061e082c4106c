import numpy as np
import pytest

import cijkl
from cijkl import ElasticTensor, InputError
from cijkl.elasticity import crystal_class_rotations


@pytest.fixture
def silicon():
    return ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)


@pytest.fixture
def many():
    matrix = np.random.default_rng(0).normal(size=(4, 3, 6, 6))
    return ElasticTensor(matrix @ matrix.swapaxes(-1, -2) + 5 * np.eye(6))


def test_every_form_leads_back(many):
    for again in (
        ElasticTensor.from_mandel(many.mandel),
        ElasticTensor.from_cartesian(many.cartesian),
        ElasticTensor.from_compliance(many.compliance),
        ElasticTensor.from_harmonic(many.decompose()),
    ):
        assert again.voigt == pytest.approx(many.voigt)


def test_behaves_like_an_array(many, silicon):
    assert (many.shape, len(many), silicon.shape) == ((4, 3), 4, ())
    assert np.asarray(many).shape == (4, 3, 6, 6)
    assert many[1, 2].shape == ()
    assert [part.shape for part in many] == [(3,)] * 4
    assert many[:2].bulk_modulus().shape == (2, 3)
    assert np.mean(silicon) == pytest.approx(silicon.voigt.mean())


def test_is_read_only(silicon):
    with pytest.raises(ValueError, match="read-only"):
        silicon.voigt[0, 0] = 1.0
    copied = np.asarray(silicon)
    copied[0, 0] = 1.0
    assert silicon.voigt[0, 0] == pytest.approx(165.7)


def test_one_tensor_has_no_length_and_an_index_cannot_reach_components(silicon, many):
    with pytest.raises(TypeError, match="no length"):
        len(silicon)
    with pytest.raises(TypeError, match="voigt"):
        silicon[0]
    with pytest.raises(IndexError, match="voigt"):
        many[0, 0, 0]


def test_methods_are_the_functions_vectorised(many):
    one = many[2, 1]
    for average in ("voigt", "reuss", "hill", "rh"):
        assert many.bulk_modulus(average)[2, 1] == pytest.approx(one.bulk_modulus(average))
        assert many.shear_modulus(average)[2, 1] == pytest.approx(one.shear_modulus(average))
    direction, normal = [1.0, 2.0, 2.0], [2.0, 1.0, -2.0]
    assert many.youngs_modulus(direction)[2, 1] == pytest.approx(one.youngs_modulus(direction))
    assert many.poisson_ratio(direction, normal)[2, 1] == pytest.approx(
        one.poisson_ratio(direction, normal)
    )
    assert many.universal_anisotropy()[2, 1] == pytest.approx(one.universal_anisotropy())
    assert many.extrema("E").max.value[2, 1] == pytest.approx(one.extrema("E").max.value)
    assert many.is_stable().all()


def test_projection_and_rotation(many):
    one = many[0, 0]
    cubic = one.project(crystal_class_rotations("cubic"))
    assert cubic.voigt[0, 0] == pytest.approx(cubic.voigt[2, 2])
    assert cubic.bulk_modulus("voigt") == pytest.approx(one.bulk_modulus("voigt"))
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    assert one.rotate(turn).rotate(turn.T).voigt == pytest.approx(one.voigt)
    along = one.youngs_modulus([1.0, 0.0, 0.0])
    assert one.rotate(turn).youngs_modulus(turn[:, 0]) == pytest.approx(along)


def test_ieee_frame_of_a_turned_crystal(silicon):
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    turned, cell = silicon.rotate(turn), 5.43 * turn.T
    assert turned.to_ieee(cell, 227).voigt == pytest.approx(silicon.voigt, abs=1e-9)
    distance = turned.symmetry_distances()["cubic"]
    assert float(distance.given) > 1.0
    assert float(distance.best) == pytest.approx(0.0, abs=1e-4)


def test_stability_methods(silicon):
    assert all(c.satisfied for c in silicon.born_criteria("cubic"))
    soft = ElasticTensor.from_constants("cubic", C11=50.0, C12=60.0, C44=20.0)
    failed = [c.expression for c in soft.born_criteria("cubic") if not c.satisfied]
    assert failed == ["C11 - C12 > 0"]
    assert soft.nearest_stable(1.0).eigenvalues().min() == pytest.approx(1.0)


def test_sound(silicon):
    """Along <100> of silicon: sqrt(C11/rho) = 8433 m/s and sqrt(C44/rho) = 5845 m/s."""
    velocities, _ = silicon.phase_velocities([1, 0, 0], 2.33)
    assert velocities == pytest.approx([5845, 5845, 8433], abs=1)
    assert np.linalg.norm(silicon.group_velocities([1, 0, 0], 2.33), axis=-1) == pytest.approx(
        velocities
    )
    assert float(silicon.debye_temperature(2.33, 8 / 5.431**3)) == pytest.approx(645, abs=3)


@pytest.mark.parametrize(
    "bad", [np.eye(5), np.full((6, 6), np.nan), np.triu(np.ones((6, 6))), "stiff", []]
)
def test_what_is_no_tensor_is_refused_in_one_line(bad):
    with pytest.raises(InputError) as caught:
        ElasticTensor(bad)
    assert "\n" not in str(caught.value)


def test_public_names_are_there():
    for name in cijkl.__all__:
        assert getattr(cijkl, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = cijkl.nothing
    assert "compute" in dir(cijkl)
