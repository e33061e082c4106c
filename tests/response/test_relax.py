import numpy as np
import pytest
from ase.build import bulk

from cijkl.potentials import AseCalculator, Evaluation
from cijkl.response import Group, RelaxSettings, relax, run
from cijkl.structures import symmetry
from cijkl.units import EV_PER_A3_TO_GPA
from tests.response.harmonic_crystal import HarmonicCrystal


def group_of(atoms):
    found = symmetry(atoms)
    return Group(found.rotations, found.permutations)


def test_lattice_constant_of_fcc_metals_with_emt(emt):
    """ASE's own documentation gives 3.994 A for Al with EMT; a scan of energies agrees."""
    atoms = bulk("Al", "fcc", a=3.8)
    found = run(relax(atoms, group_of(atoms)), emt)
    constant = (4 * found.atoms.get_volume()) ** (1 / 3)
    scan = np.linspace(3.9, 4.1, 41)
    energies = [emt.evaluate([bulk("Al", "fcc", a=a)])[0].energy for a in scan]
    minimum = np.polynomial.Polynomial.fit(scan, energies, 6)
    best = scan[np.argmin(energies)]
    for _ in range(20):
        best -= minimum.deriv(1)(best) / minimum.deriv(2)(best)
    assert found.converged
    assert constant == pytest.approx(best, abs=2e-4)
    assert found.evaluations <= 8


def test_pressure_is_reached(emt):
    atoms = bulk("Cu", "fcc", a=3.6)
    found = run(relax(atoms, group_of(atoms), RelaxSettings(pressure=20.0)), emt)
    stress = emt.evaluate([found.atoms])[0].stress * EV_PER_A3_TO_GPA
    assert stress == pytest.approx(-20.0 * np.eye(3), abs=0.011)
    assert found.atoms.get_volume() < run(relax(atoms, group_of(atoms)), emt).atoms.get_volume()


@pytest.mark.parametrize("name", ["corundum", "alpha-quartz", "rutile", "wurtzite-ZnO"])
def test_symmetry_is_kept_and_criteria_are_met(sevennet, crystal, name):
    atoms, group = crystal(name)
    number = symmetry(atoms).number
    found = run(relax(atoms, group), sevennet)
    assert found.converged
    assert symmetry(found.atoms, 1e-4).number == number
    answer = sevennet.evaluate([found.atoms])[0]
    forces = group.on_ions(answer.forces).mean(0)
    assert np.abs(forces).max() <= 3.5e-4
    assert np.abs(answer.stress).max() * EV_PER_A3_TO_GPA < 0.02
    assert found.evaluations <= 15


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rutile", "alpha-quartz"])
def test_same_minimum_as_ase_in_fewer_evaluations(crystal, name):
    from ase.filters import FrechetCellFilter
    from ase.optimize import LBFGS
    from sevenn.calculator import SevenNetCalculator

    from cijkl.potentials import load

    atoms, group = crystal(name)
    ours = run(relax(atoms, group), load("sevennet-l3i5"))
    theirs = atoms.copy()
    theirs.calc = SevenNetCalculator("7net-l3i5")
    optimiser = LBFGS(FrechetCellFilter(theirs), logfile=None)
    optimiser.run(fmax=3e-4, steps=500)
    assert ours.atoms.cell.lengths() == pytest.approx(theirs.cell.lengths(), rel=1e-3)
    assert ours.evaluation.energy <= theirs.get_potential_energy() + 1e-4
    assert ours.evaluations < 0.6 * optimiser.nsteps


def test_harmonic_crystal_returns_to_its_minimum_from_a_low_symmetry_start(crystal):
    atoms, group = crystal("alpha-quartz")
    potential = HarmonicCrystal(atoms, group, seed=5)
    start = atoms.copy()
    start.rattle(0.03, seed=1)
    found = run(relax(start, Group.trivial(len(atoms)), RelaxSettings(cell=False)), potential)
    assert found.converged
    assert found.evaluation.energy == pytest.approx(0.0, abs=1e-6)
    shift = found.atoms.positions - atoms.positions
    assert shift - shift.mean(0) == pytest.approx(0.0, abs=1e-3)


def test_fixed_cell_stays(sevennet, crystal):
    atoms, group = crystal("rutile")
    found = run(relax(atoms, group, RelaxSettings(cell=False)), sevennet)
    assert found.converged
    assert found.atoms.cell.array == pytest.approx(atoms.cell.array, abs=1e-12)
    assert found.fmax <= 3e-4


def test_nothing_to_relax_costs_one_evaluation(emt):
    atoms = bulk("Cu", "fcc", a=3.6)
    found = run(relax(atoms, group_of(atoms), RelaxSettings(cell=False)), emt)
    assert found.converged
    assert found.evaluations == 1


def test_out_of_steps_is_said(sevennet, crystal):
    atoms, group = crystal("alpha-quartz")
    found = run(relax(atoms, group, RelaxSettings(max_steps=3)), sevennet)
    assert not found.converged
    assert [note.code for note in found.diagnostics] == ["relaxation_unconverged"]


class Repulsive:
    """Atoms that only push each other away: the crystal must fall apart."""

    name, version, settings = "repulsive", "test", {}  # read only

    def evaluate(self, structures):
        return [
            Evaluation(
                energy=30.0 / atoms.get_volume(),
                forces=np.zeros((len(atoms), 3)),
                stress=-30.0 / atoms.get_volume() ** 2 * np.eye(3),
            )
            for atoms in structures
        ]


def test_a_crystal_that_falls_apart_is_caught():
    atoms = bulk("Ar", "fcc", a=5.3)
    found = run(relax(atoms, group_of(atoms)), Repulsive())
    assert not found.converged
    assert found.diagnostics[0].code == "relaxation_ran_away"
    assert "fell apart" in found.diagnostics[0].message


class Rough:
    """Forces that have nothing to do with the energy, as on a very rough surface."""

    name, version, settings = "rough", "test", {}  # read only

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def evaluate(self, structures):
        return [
            Evaluation(
                energy=-1.0,
                forces=0.05 * self.rng.normal(size=(len(atoms), 3)),
                stress=1e-4 * np.diag(self.rng.normal(size=3)),
            )
            for atoms in structures
        ]


def test_a_rough_surface_ends_the_search(crystal):
    atoms, _ = crystal("alpha-quartz")
    found = run(relax(atoms, Group.trivial(len(atoms))), Rough())
    assert not found.converged
    assert found.diagnostics[0].code in ("relaxation_stalled", "relaxation_ran_away")
    assert found.evaluations < 300


def test_lennard_jones_argon():
    """Nearest neighbours of a fcc crystal of 12-6 particles: 1.0902 sigma (all neighbours)."""
    from ase.calculators.lj import LennardJones

    potential = AseCalculator(LennardJones(sigma=3.4, epsilon=0.0104, rc=30.0), "lj")
    atoms = bulk("Ar", "fcc", a=5.3)
    found = run(relax(atoms, group_of(atoms), RelaxSettings(smax=1e-4)), potential)
    nearest = (np.sqrt(2) * found.atoms.get_volume()) ** (1 / 3)
    assert nearest / 3.4 == pytest.approx(1.0902, abs=3e-4)
