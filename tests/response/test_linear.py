import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.response import (
    Group,
    LinearSettings,
    RelaxSettings,
    finite_response,
    linear_response,
    relax,
    run,
)
from tests.response.harmonic_crystal import HarmonicCrystal

SEVEN = ["silicon", "NaCl", "corundum", "alpha-quartz", "rutile", "wurtzite-ZnO", "FeSi4P4"]
TIGHT = LinearSettings(tolerance=1e-9)


@pytest.mark.parametrize("name", [*SEVEN, "urea"])
def test_exact_for_a_harmonic_crystal(crystal, name):
    """The tensor equals the Schur complement of the known second derivatives."""
    atoms, group = crystal(name)
    potential = HarmonicCrystal(atoms, group, seed=1)
    found = run(linear_response(atoms, group, TIGHT), potential)
    scale = np.abs(potential.stiffness()).max()
    assert found.converged
    assert found.stiffness == pytest.approx(potential.stiffness(), abs=1e-5 * scale)
    assert found.clamped == pytest.approx(potential.clamped(), abs=1e-5 * scale)
    assert found.evaluations == potential.calls
    assert found.error.max() < 1e-4 * scale
    assert found.asymmetry < 1e-5


@pytest.mark.parametrize("name", ["alpha-quartz", "FeSi4P4"])
def test_default_tolerance_keeps_its_promise(crystal, name):
    atoms, group = crystal(name)
    potential = HarmonicCrystal(atoms, group, seed=2)
    found = run(linear_response(atoms, group), potential)
    exact = potential.stiffness()
    assert np.abs(found.stiffness - exact).max() < 3e-3 * np.abs(exact).max()


def test_the_error_is_of_second_order(crystal):
    """An incomplete internal response errs upwards, and far less than its residual."""
    atoms, group = crystal("urea")
    potential = HarmonicCrystal(atoms, group, seed=3)
    exact = potential.stiffness()
    few = run(
        linear_response(atoms, group, LinearSettings(tolerance=1e-7, max_products=4)), potential
    )
    assert not few.converged
    assert [note.code for note in few.diagnostics][:1] == ["response_unconverged"]
    excess = np.linalg.eigvalsh(few.stiffness - exact)
    assert excess.min() > -1e-4 * np.abs(exact).max()
    assert excess.max() > 1e-3 * np.abs(exact).max()


def test_a_potential_that_does_not_reach_is_told():
    """The nearest neighbours of caesium, 5.3 A away, are beyond the 5 A that SevenNet-0 sees."""
    from ase.build import bulk

    from cijkl.potentials import load
    from cijkl.structures import symmetry

    atoms = bulk("Cs", "bcc", a=6.15)
    found = symmetry(atoms)
    with pytest.raises(InputError, match="no stress when the crystal is strained"):
        run(linear_response(atoms, Group(found.rotations, found.permutations)), load("sevennet-0"))


def test_tensor_is_exactly_of_the_allowed_form(crystal):
    atoms, group = crystal("alpha-quartz")
    c = run(linear_response(atoms, group), HarmonicCrystal(atoms, group)).stiffness
    assert np.abs(c - c.T).max() < 1e-10
    assert c[0, 0] == pytest.approx(c[1, 1], rel=1e-9)
    assert c[5, 5] == pytest.approx((c[0, 0] - c[0, 1]) / 2, rel=1e-9)
    assert c[0, 3] == pytest.approx(-c[1, 3], rel=1e-9)
    assert np.abs(c[:3, 4:]).max() < 1e-9


def test_a_saddle_is_named_as_such(crystal):
    atoms, group = crystal("alpha-quartz")
    potential = HarmonicCrystal(atoms, group, seed=1, soften=200.0)
    lowest = np.linalg.eigvalsh(potential.matrix[:-6, :-6])[0]
    assert lowest < -1.0
    found = run(linear_response(atoms, group), potential)
    assert not found.converged
    assert found.lowest_curvature < -0.02
    note = found.diagnostics[0]
    assert note.code == "negative_curvature"
    assert "Si" in note.message or "O" in note.message


@pytest.mark.parametrize(
    ("name", "evaluations"),
    [("silicon", 6), ("NaCl", 6), ("rutile", 14), ("corundum", 20), ("alpha-quartz", 26)],
)
def test_number_of_evaluations_with_a_real_potential(sevennet, crystal, name, evaluations):
    atoms, group = crystal(name)
    relaxed = run(relax(atoms, group), sevennet)
    found = run(linear_response(relaxed.atoms, group), sevennet)
    assert found.converged
    assert found.evaluations <= evaluations


def test_crystals_without_internal_freedom_need_no_products(sevennet, crystal):
    atoms, group = crystal("NaCl")
    found = run(linear_response(run(relax(atoms, group), sevennet).atoms, group), sevennet)
    assert (found.iterations, found.strains) == (0, 1)
    assert found.evaluations == 6  # two for the strain, two for the check, two for the one mode
    assert found.stiffness == pytest.approx(found.clamped)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEVEN)
def test_linear_and_finite_agree(sevennet, crystal, name):
    atoms, group = crystal(name)
    reference = run(relax(atoms, group), sevennet)
    assert reference.converged
    linear = run(linear_response(reference.atoms, group), sevennet)
    finite = run(finite_response(reference.atoms, group), sevennet)
    assert linear.converged
    assert finite.converged
    scale = np.abs(linear.stiffness).max()
    assert linear.stiffness == pytest.approx(finite.stiffness, abs=0.01 * scale)
    assert linear.evaluations < finite.evaluations or name == "NaCl"  # no ions to relax there


@pytest.mark.slow
@pytest.mark.parametrize("name", ["silicon", "rutile"])
def test_agrees_with_strained_cells_relaxed_by_ase(crystal, name):
    """Nothing of ours in the check: SevenNet's own calculator, ASE's optimiser, all six strains."""
    from ase.optimize import BFGS
    from ase.units import GPa
    from sevenn.calculator import SevenNetCalculator

    from cijkl.potentials import load

    atoms, group = crystal(name)
    potential = load("sevennet-l3i5")
    relaxed = run(relax(atoms, group), potential).atoms
    linear = run(linear_response(relaxed, group), potential).stiffness
    calculator, step = SevenNetCalculator("7net-l3i5"), 4e-3
    by_ase = np.zeros((6, 6))
    for column, (i, j) in enumerate([(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]):
        for sign in (1, -1):
            strain = np.eye(3)
            strain[i, j] += sign * step / 2
            strain[j, i] += sign * step / 2
            strained = relaxed.copy()
            strained.set_cell(relaxed.cell.array @ strain, scale_atoms=True)
            strained.calc = calculator
            BFGS(strained, logfile=None).run(fmax=5e-4, steps=200)
            by_ase[:, column] += sign * strained.get_stress() / (2 * step * GPa)
    assert linear == pytest.approx(by_ase, abs=0.01 * np.abs(linear).max())


def test_clamped_ions_are_wrong_where_there_is_internal_freedom(sevennet, crystal):
    """Silicon's C44 with clamped ions is a third too large: why linear response is worth it."""
    atoms, group = crystal("silicon")
    reference = run(relax(atoms, group, RelaxSettings()), sevennet)
    found = run(linear_response(reference.atoms, group), sevennet)
    assert found.clamped[3, 3] > 1.25 * found.stiffness[3, 3]
    assert found.clamped[0, 0] == pytest.approx(found.stiffness[0, 0], rel=1e-6)


@pytest.mark.parametrize("name", ["silicon", "rutile"])
def test_under_pressure_it_is_the_derivative_of_the_stress(sevennet, crystal, name):
    """Linear response with its stress terms equals differences of the Cauchy stress itself."""
    atoms, group = crystal(name)
    reference = run(relax(atoms, group, RelaxSettings(pressure=8.0)), sevennet)
    stress = reference.evaluation.stress
    linear = run(linear_response(reference.atoms, group, stress=stress), sevennet)
    finite = run(finite_response(reference.atoms, group), sevennet)
    scale = np.abs(finite.stiffness).max()
    assert linear.stiffness == pytest.approx(finite.stiffness, abs=4e-3 * scale)
    without = run(linear_response(reference.atoms, group), sevennet)
    assert np.abs(without.stiffness - finite.stiffness).max() > 3.0


def test_bulk_modulus_under_pressure_is_that_of_the_equation_of_state(emt):
    """K = -V dP/dV of copper at 30 GPa, from relaxations at 29 and 31 GPa."""
    from ase.build import bulk

    from cijkl.structures import symmetry

    atoms = bulk("Cu", "fcc", a=3.6)
    found = symmetry(atoms)
    group = Group(found.rotations, found.permutations)
    at = {
        p: run(relax(atoms, group, RelaxSettings(pressure=p, smax=1e-4)), emt)
        for p in (29.0, 30.0, 31.0)
    }
    volumes = {p: r.atoms.get_volume() for p, r in at.items()}
    expected = -volumes[30.0] * 2.0 / (volumes[31.0] - volumes[29.0])
    stress = at[30.0].evaluation.stress
    c = run(linear_response(at[30.0].atoms, group, stress=stress), emt).stiffness
    assert c[:3, :3].sum() / 9 == pytest.approx(expected, rel=2e-3)


def test_stress_terms_for_hydrostatic_pressure():
    """Barron and Klein 1965: C12 gains P, C11 nothing, C44 loses P/2 in this strain measure."""
    from cijkl.elasticity.notation import mandel_to_voigt
    from cijkl.response.stress import stress_strain

    terms = mandel_to_voigt(stress_strain(-10.0 * np.eye(3)))
    assert terms[0, 0] == pytest.approx(0.0)
    assert terms[0, 1] == pytest.approx(10.0)
    assert terms[3, 3] == pytest.approx(-5.0)
    assert np.abs(terms[:3, 3:]).max() < 1e-12


def test_a_hidden_instability_is_found(crystal):
    """A mode that breaks the symmetry, so that no strain drives it, and whose curvature is < 0."""
    atoms, group = crystal("rutile")
    potential = HarmonicCrystal(atoms, group, seed=1)
    m = 3 * len(atoms)
    values, modes = np.linalg.eigh(potential.matrix[:m, :m])
    driven = np.abs(modes.T @ potential.matrix[:m, m:]).max(1) / np.abs(potential.matrix).max()
    silent = next(k for k in range(3, m) if driven[k] < 1e-9 and abs(values[k]) > 0.1)
    level = np.isclose(values, values[silent])
    projector = modes[:, level] @ modes[:, level].T
    potential.matrix[:m, :m] -= (values[silent] + 3.0) * projector
    exact = potential.stiffness()
    found = run(linear_response(atoms, group, LinearSettings(tolerance=1e-7)), potential)
    assert found.lowest_curvature == pytest.approx(-3.0, abs=0.3)
    assert "unstable_mode" in [note.code for note in found.diagnostics]
    assert found.stiffness == pytest.approx(exact, abs=1e-4 * np.abs(exact).max())
    assert found.evaluations == potential.calls


def test_a_minimum_raises_no_false_alarm(sevennet, crystal):
    for name in ("silicon", "NaCl"):
        atoms, group = crystal(name)
        found = run(linear_response(run(relax(atoms, group), sevennet).atoms, group), sevennet)
        assert not found.diagnostics
        assert found.lowest_curvature > 0.1


def test_rutile_is_a_saddle_of_this_potential(sevennet, crystal):
    """As in PBE, whose ferroelectric mode is soft; shown independently by the energy."""
    atoms, group = crystal("rutile")
    reference = run(relax(atoms, group), sevennet)
    found = run(linear_response(reference.atoms, group), sevennet)
    assert [note.code for note in found.diagnostics] == ["unstable_mode"]
    shaken = reference.atoms.copy()
    shaken.rattle(0.01, seed=2)
    distorted = run(relax(shaken, Group.trivial(6), RelaxSettings(cell=False)), sevennet)
    assert distorted.evaluation.energy < reference.evaluation.energy - 1e-3


@pytest.mark.parametrize("name", ["rutile", "FeSi4P4", "urea"])
@pytest.mark.parametrize("softer", [0.3, 0.01])
def test_ions_far_softer_than_the_springs_are_still_converged(crystal, name, softer):
    """The preconditioner's scale is unknown: it must not pass for a converged response."""
    atoms, group = crystal(name)
    potential, m = HarmonicCrystal(atoms, group, seed=6), 3 * len(atoms)
    potential.matrix[:m, :m] *= softer
    potential.matrix[:m, m:] *= 0.05 * softer**0.5
    potential.matrix[m:, :m] *= 0.05 * softer**0.5
    exact = potential.stiffness()
    found = run(linear_response(atoms, group), potential)
    assert np.abs(exact - potential.clamped()).max() > 1e-4 * np.abs(exact).max()
    assert np.abs(found.stiffness - exact).max() < 2e-3 * np.abs(exact).max()
