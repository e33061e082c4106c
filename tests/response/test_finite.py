import numpy as np
import pytest

from cijkl.response import FiniteSettings, finite_response, run
from tests.response.harmonic_crystal import HarmonicCrystal


@pytest.mark.parametrize("name", ["silicon", "alpha-quartz", "rutile"])
def test_exact_for_a_harmonic_crystal(crystal, name):
    atoms, group = crystal(name)
    potential = HarmonicCrystal(atoms, group, seed=4)
    settings = FiniteSettings(strain_step=1e-4, fmax=1e-7)
    found = run(finite_response(atoms, group, settings), potential)
    exact = potential.stiffness()
    assert found.converged
    assert found.stiffness == pytest.approx(exact, abs=1e-3 * np.abs(exact).max())
    assert found.evaluations == potential.calls


def test_says_when_a_strained_cell_did_not_relax(crystal):
    atoms, group = crystal("alpha-quartz")
    settings = FiniteSettings(max_steps=2)
    found = run(finite_response(atoms, group, settings), HarmonicCrystal(atoms, group))
    assert not found.converged
    assert found.diagnostics[0].code == "response_unconverged"
