import numpy as np
import pytest

from cijkl.elasticity import ElasticTensor, crystal_class_rotations, from_constants, project
from cijkl.response.calibration import Calibration, calibration_of

SHIPPED = ["sevennet-l3i5", "sevennet-0", "sevennet-mf-0", "chgnet"]


def calibration(bulk=(0.0, 1.0, 0.0), shear=(0.0, 0.0, 1.0)):
    return Calibration(bulk, shear, 0.2, 0.4, 0.9, 100, "test")


@pytest.fixture
def quartz():
    return from_constants(
        "trigonal",
        {"C11": 86.8, "C12": 7.0, "C13": 11.9, "C14": -18.0, "C33": 105.8, "C44": 58.2},
    )


def test_doing_nothing_leaves_the_tensor_alone(quartz):
    found = calibration().expect(quartz)
    assert found.stiffness == pytest.approx(quartz, abs=1e-9)
    assert found.shear == pytest.approx(float(ElasticTensor(quartz).shear_modulus()))
    assert found.shear_range == pytest.approx(
        (found.shear * np.exp(-0.4), found.shear * np.exp(0.4))
    )


def test_scaling_both_moduli_scales_the_tensor(quartz):
    factor = np.log(1.3)
    found = calibration((factor, 1, 0), (factor, 0, 1)).expect(quartz)
    assert found.stiffness == pytest.approx(1.3 * quartz, rel=1e-9)


def test_a_cubic_tensor_gets_exactly_the_expected_moduli():
    """For cubic crystals volume and shape do not mix, and G_V and G_R scale alike."""
    c = from_constants("cubic", {"C11": 141.9, "C12": 67.8, "C44": 57.4})
    found = calibration((0.1, 1, 0), (0.3, 0, 1)).expect(c)
    after = ElasticTensor(found.stiffness)
    assert float(after.bulk_modulus()) == pytest.approx(found.bulk)
    assert float(after.shear_modulus()) == pytest.approx(found.shear)


@pytest.mark.parametrize("name", SHIPPED)
def test_symmetry_and_stability_are_kept(quartz, name):
    found = calibration_of(name).expect(quartz)
    assert np.linalg.eigvalsh(ElasticTensor(found.stiffness).mandel).min() > 0
    rotations = crystal_class_rotations("trigonal")
    assert project(found.stiffness, rotations) == pytest.approx(found.stiffness, abs=1e-9)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_numbers_stiffen_shear_and_leave_volume(name):
    """What the fit must find: potentials are too soft in shear, and right in volume."""
    found = calibration_of(name)
    assert found.crystals > 200
    row = np.array([1.0, np.log(100.0), np.log(45.0)])
    assert 0.9 < np.exp(row @ found.bulk) / 100.0 < 1.2
    assert 1.1 < np.exp(row @ found.shear) / 45.0 < 2.0
    assert 0.05 < found.bulk_spread < found.shear_spread < 1.0


@pytest.mark.parametrize(
    ("computed", "dft"),
    [
        ({"C11": 141.9, "C12": 67.8, "C44": 57.4}, 61.0),  # silicon, mp-149
        ({"C11": 46.3, "C12": 13.9, "C44": 12.4}, 14.0),  # NaCl, mp-22862
    ],
)
def test_known_crystals_lie_in_the_range(computed, dft):
    """The tensors are what sevennet-l3i5 gives; the Materials Project's G is in the range."""
    found = calibration_of("sevennet-l3i5").expect(from_constants("cubic", computed))
    assert found.shear_range[0] < dft < found.shear_range[1]


def test_a_potential_that_was_never_calibrated_has_none():
    assert calibration_of("emt") is None
