from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms

from cijkl.errors import InputError
from cijkl.potentials import EvaluationError, load
from cijkl.potentials.d3 import D3
from cijkl.units import EV_PER_A3_TO_GPA

pytest.importorskip("dftd3")


@pytest.mark.parametrize("functional", ["pbe", "r2scan"])
@pytest.mark.parametrize("three_body", [False, True])
def test_equals_the_calculator_of_dftd3(functional, three_body, crystals):
    from ase.units import Bohr
    from dftd3.ase import DFTD3

    # Damping parameters of D3(BJ): Grimme et al. (2011) for PBE, Ehlert et al. (2021) for r2SCAN.
    tweaks = {
        "pbe": {"s8": 0.7875, "a1": 0.4289, "a2": 4.4407},
        "r2scan": {"s8": 0.78981345, "a1": 0.49484001, "a2": 5.73083694},
    }[functional]
    potential = D3(functional, three_body=three_body)
    for kind in ("silicon", "corundum"):
        atoms = crystals[kind].copy()
        (result,) = potential.evaluate([atoms])
        atoms.calc = DFTD3(
            damping="d3bj",
            params_tweaks={"s6": 1.0, "s9": float(three_body), **tweaks},
            realspace_cutoff={
                "disp2": 105 * Bohr,
                "disp3": 25 * Bohr,
                "cn": 40 * Bohr,
                "width2": 15 * Bohr,
                "width3": 5 * Bohr,
            },
        )
        assert result.energy == pytest.approx(atoms.get_potential_energy(), rel=1e-9)
        np.testing.assert_allclose(result.forces, atoms.get_forces(), atol=1e-10)
        np.testing.assert_allclose(result.stress, atoms.get_stress(voigt=False), atol=1e-11)


@pytest.mark.parametrize("name", ["d3", "d3:r2scan", "d3-atm"])
def test_gradients(name, crystals, check_gradients):
    # The coordination number is cut sharply, which leaves steps of 1e-7 eV in the energy.
    for kind in ("halite", "urea") if name == "d3" else ("halite",):
        check_gradients(load(name), crystals[kind], step=1e-3, rtol=2e-3)


def _reference(atoms: Atoms, cutoff: float) -> np.ndarray:
    """Stress in GPa with the pair sum cut sharply at so many Bohr."""
    from ase.units import Bohr, Hartree
    from dftd3.interface import DispersionModel, RationalDampingParam

    model = DispersionModel(
        atoms.numbers, atoms.positions / Bohr, np.asarray(atoms.cell) / Bohr, atoms.pbc
    )
    model.set_realspace_cutoff(disp2=cutoff, disp3=40, cn=40)
    result = model.get_dispersion(RationalDampingParam(method="pbe"), grad=True)
    return result["virial"] * Hartree / atoms.get_volume() * EV_PER_A3_TO_GPA


def test_cutoff_is_far_enough(crystals):
    for kind in ("silicon", "halite", "corundum", "urea"):
        atoms = crystals[kind]
        complete = _reference(atoms, 260.0 if kind != "urea" else 180.0)
        stress = D3("pbe").evaluate([atoms])[0].stress * EV_PER_A3_TO_GPA
        conventional = _reference(atoms, 60.0)
        assert np.abs(stress - complete).max() < 1e-3
        assert np.abs(stress - complete).max() < 0.3 * np.abs(conventional - complete).max()


def test_stress_is_smooth_where_a_sharp_cut_is_not(crystals):
    atoms = crystals["corundum"]

    def curve(stress) -> np.ndarray:
        values = []
        for strain in np.linspace(-2e-3, 2e-3, 41):
            copy = atoms.copy()
            copy.set_cell(copy.cell * (1 + strain), scale_atoms=True)
            values.append(stress(copy)[0, 0])
        return np.abs(np.diff(values, n=3)).max()  # only jumps survive the third difference

    smooth = curve(lambda a: D3("pbe").evaluate([a])[0].stress * EV_PER_A3_TO_GPA)
    sharp = curve(lambda a: _reference(a, 60.0))
    assert smooth < 3e-6
    assert sharp > 30 * smooth


def test_supercell(crystals):
    atoms = crystals["halite"]
    small, large = D3("pbe").evaluate([atoms, atoms.repeat((2, 1, 3))])
    assert large.energy == pytest.approx(6 * small.energy, rel=1e-9)
    np.testing.assert_allclose(large.stress, small.stress, atol=1e-10)


def test_dispersion_attracts(silicon):
    (result,) = load("d3").evaluate([silicon])
    assert result.energy < 0
    assert np.trace(result.stress) > 0


def test_three_body_term_repels(silicon):
    two, three = load("d3").evaluate([silicon])[0], load("d3-atm").evaluate([silicon])[0]
    assert three.energy > two.energy


def test_adds_to_a_network(crystals):
    pytest.importorskip("chgnet")
    atoms = crystals["silicon"]
    (both,) = load("chgnet+d3", device="cpu").evaluate([atoms])
    (one,) = load("chgnet", device="cpu").evaluate([atoms])
    (two,) = load("d3").evaluate([atoms])
    assert both.energy == pytest.approx(one.energy + two.energy)
    np.testing.assert_allclose(both.forces, one.forces + two.forces)
    np.testing.assert_allclose(both.stress, one.stress + two.stress)


def test_a_process_that_used_it_ends_in_silence():
    code = (
        "from ase.build import bulk; from cijkl.potentials import load;"
        "load('d3').evaluate([bulk('Si')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_names_and_record():
    assert load("d3").name == "d3"
    assert load("d3:PBE").settings["functional"] == "pbe"
    assert load("d3-atm:r2scan").settings["three_body"] == "true"


def test_unknown_functional():
    with pytest.raises(InputError, match="no parameters for the functional 'pbee'"):
        load("d3:pbee")


def test_unknown_element():
    with pytest.raises(EvaluationError, match="does not know Am"):
        load("d3").evaluate([Atoms("Am", cell=4 * np.eye(3), pbc=True)])


def test_a_factor_multiplies_all(crystals):
    (full,) = load("d3:pbe").evaluate([crystals["corundum"]])
    (part,) = load("d3:pbe*0.8").evaluate([crystals["corundum"]])
    assert part.energy == pytest.approx(0.8 * full.energy, rel=1e-12)
    np.testing.assert_allclose(part.forces, 0.8 * full.forces, atol=1e-14)
    np.testing.assert_allclose(part.stress, 0.8 * full.stress, rtol=1e-12)
    assert load("d3:pbe*0.8").name == "d3:pbe*0.8"
    assert load("sevennet-0+d3:pbe*0.8").settings["d3:pbe*0.8.scale"] == "0.8"


@pytest.mark.parametrize("name", ["d3:pbe*x", "d3:pbe*-1", "d3:pbe*0", "d3:pbe*nan"])
def test_what_is_no_factor(name):
    with pytest.raises(InputError, match="factor"):
        load(name)
