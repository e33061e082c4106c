from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones

from cijkl.errors import InputError
from cijkl.potentials import AseCalculator, Evaluation, EvaluationError, Potential, Sum


@pytest.fixture
def copper() -> Atoms:
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.05, seed=1)
    return atoms


def _argon(**options: float) -> AseCalculator:
    calculator = LennardJones(sigma=3.4, epsilon=0.0104, rc=8.0, smooth=True, **options)
    return AseCalculator(calculator, "lj", version="ase", settings={"rc": "8"})


def test_adapter_gives_what_the_calculator_gives(copper):
    potential = AseCalculator(EMT(), "emt")
    assert isinstance(potential, Potential)
    (result,) = potential.evaluate([copper])
    copper.calc = EMT()
    assert result.energy == pytest.approx(copper.get_potential_energy())
    np.testing.assert_allclose(result.forces, copper.get_forces(), atol=1e-12)
    np.testing.assert_allclose(result.stress, copper.get_stress(voigt=False), atol=1e-12)


def test_adapter_leaves_the_structure_alone(copper):
    before = copper.copy()
    AseCalculator(EMT(), "emt").evaluate([copper])
    assert copper == before
    assert copper.calc is None


def test_adapter_gradients(copper, check_gradients):
    check_gradients(AseCalculator(EMT(), "emt"), copper, step=1e-4, rtol=1e-5)


def test_forces_belong_to_the_free_energy(copper):
    class Smeared(Calculator):
        implemented_properties = ("energy", "free_energy", "forces", "stress")

        def calculate(self, atoms, properties, changes):
            self.results = {
                "energy": 1.0,
                "free_energy": 0.5,
                "forces": np.zeros((len(atoms), 3)),
                "stress": np.arange(6.0),
            }

    (result,) = AseCalculator(Smeared(), "smeared").evaluate([copper])
    assert result.energy == 0.5
    # ASE's Voigt order is xx yy zz yz xz xy.
    np.testing.assert_array_equal(result.stress, [[0, 5, 4], [5, 1, 3], [4, 3, 2]])


def test_calculator_without_stress_is_refused():
    class NoStress(Calculator):
        implemented_properties = ("energy", "forces")

    with pytest.raises(InputError, match="'poor' gives no stress"):
        AseCalculator(NoStress(), "poor")


def test_sum_adds():
    atoms = bulk("Ar", "fcc", a=5.3, cubic=True)
    atoms.rattle(0.05, seed=3)
    one, two = _argon(), _argon()
    (single,) = one.evaluate([atoms])
    both = Sum([one, two])
    (double,) = both.evaluate([atoms])
    assert both.name == "lj+lj"
    assert both.version == "ase"
    assert both.settings == {"lj.rc": "8"}
    assert double.energy == pytest.approx(2 * single.energy)
    np.testing.assert_allclose(double.forces, 2 * single.forces)
    np.testing.assert_allclose(double.stress, 2 * single.stress)


def test_sum_of_one_is_refused():
    with pytest.raises(InputError, match="at least two"):
        Sum([_argon()])


def _broken() -> dict[str, tuple[Atoms, str]]:
    cell = 4.0 * np.eye(3)
    infinite = Atoms("Ar", positions=[[np.nan, 0, 0]], cell=cell, pbc=True)
    return {
        "empty": (Atoms(cell=cell, pbc=True), "without atoms"),
        "molecule": (Atoms("Ar"), "periodic in three directions"),
        "slab": (Atoms("Ar", cell=cell, pbc=[True, True, False]), "periodic in three directions"),
        "flat": (Atoms("Ar", cell=[4, 4, 0], pbc=True), "periodic in three directions"),
        "not finite": (infinite, "not finite"),
        "dense": (Atoms("Ar8", cell=0.5 * np.eye(3), pbc=True), "no crystal has less than"),
    }


@pytest.mark.parametrize("kind", _broken())
def test_structures_that_cannot_be_evaluated(kind):
    good = bulk("Ar", "fcc", a=5.3)
    bad, message = _broken()[kind]
    with pytest.raises(EvaluationError, match=message) as caught:
        _argon().evaluate([good, bad])
    assert caught.value.index == 1
    assert "\n" not in str(caught.value)


def test_unknown_element_is_named():
    potential = AseCalculator(LennardJones(), "lj", elements={18})
    with pytest.raises(EvaluationError, match="'lj' does not know Kr, Xe"):
        potential.evaluate([Atoms("XeKrAr", cell=6 * np.eye(3), pbc=True)])


def test_result_that_is_not_finite_is_refused():
    atoms = Atoms("Ar2", positions=[[0, 0, 0], [0, 0, 1e-60]], cell=5 * np.eye(3), pbc=True)
    with np.errstate(all="ignore"), pytest.raises(EvaluationError, match="overlap"):
        _argon().evaluate([atoms])


def test_failure_inside_a_calculator_is_one_line():
    class Fails(Calculator):
        implemented_properties = ("energy", "forces", "stress")

        def calculate(self, atoms, properties, changes):
            raise RuntimeError("no\nconvergence")

    with pytest.raises(EvaluationError, match="'fails' failed for Ar: no convergence"):
        AseCalculator(Fails(), "fails").evaluate([bulk("Ar", "fcc", a=5.3)])


def test_evaluations_compare_by_identity():
    result = Evaluation(0.0, np.zeros((1, 3)), np.zeros((3, 3)))
    assert result == result
    assert result != Evaluation(0.0, np.zeros((1, 3)), np.zeros((3, 3)))
