from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule

from cijkl.errors import InputError
from cijkl.potentials import EvaluationError, load
from cijkl.potentials.xtb import TightBinding

pytest.importorskip("tblite")


@pytest.fixture
def water() -> Atoms:
    atoms = molecule("H2O")
    atoms.set_cell([[7.4, 0, 0], [0.6, 7.5, 0], [-0.3, 0.4, 7.6]])
    atoms.pbc = True
    atoms.rattle(0.05, seed=2)
    return atoms


@pytest.mark.parametrize("name", ["gfn1-xtb", "gfn2-xtb"])
def test_equals_the_calculator_of_tblite(name, water):
    from tblite.ase import TBLite

    (result,) = load(name).evaluate([water])
    method = {"gfn1-xtb": "GFN1-xTB", "gfn2-xtb": "GFN2-xTB"}[name]
    water.calc = TBLite(method=method, verbosity=0, accuracy=0.1)
    assert result.energy == pytest.approx(water.get_potential_energy(), abs=1e-7)
    np.testing.assert_allclose(result.forces, water.get_forces(), atol=1e-6)
    np.testing.assert_allclose(result.stress, water.get_stress(voigt=False), atol=1e-8)


@pytest.mark.parametrize("name", ["gfn1-xtb", "gfn2-xtb"])
def test_gradients(name, water, check_gradients):
    check_gradients(load(name), water, step=1e-3, rtol=2e-3)


def test_repetitions_fold_back(water):
    atoms = water.copy()
    atoms.set_cell([[3.9, 0, 0], [0.3, 3.8, 0], [-0.2, 0.1, 7.6]])
    (folded,) = load("gfn1-xtb:2x2x1").evaluate([atoms])
    (large,) = load("gfn1-xtb").evaluate([atoms.repeat((2, 2, 1))])
    assert folded.energy == pytest.approx(large.energy / 4, abs=1e-8)
    np.testing.assert_allclose(folded.forces, large.forces[:3], atol=2e-5)
    np.testing.assert_allclose(folded.stress, large.stress, atol=1e-7)


def test_narrow_cell_is_refused_with_what_to_do(silicon):
    with pytest.raises(EvaluationError, match=r"gamma point only.*take 'gfn1-xtb:3x3x3'"):
        load("gfn1-xtb").evaluate([silicon])


def test_width_is_between_faces_not_along_edges():
    # Edges of 9 A, but the faces of this flat rhombohedron are closer than 7 A.
    cell = 9.0 * np.array([[1, 0, 0], [0.9, np.sqrt(1 - 0.81), 0], [0, 0, 1]])
    with pytest.raises(EvaluationError, match=f"{9 * np.sqrt(1 - 0.81):.1f} A wide"):
        load("gfn1-xtb").evaluate([Atoms("He", cell=cell, pbc=True)])


def test_names():
    assert load("gfn2-xtb").name == "gfn2-xtb"
    assert load("gfn1-xtb:2x2x3").name == "gfn1-xtb:2x2x3"
    assert load("gfn1-xtb:2x2x3").settings["repetitions"] == "2x2x3"


@pytest.mark.parametrize("option", ["2", "2x2", "axbxc", "0x1x1", "-1x1x1"])
def test_bad_repetitions(option):
    with pytest.raises(InputError):
        load(f"gfn1-xtb:{option}")


def test_unknown_method():
    with pytest.raises(InputError, match="Unknown method 'gfn3-xtb'"):
        TightBinding("gfn3-xtb")


def test_unknown_element():
    with pytest.raises(EvaluationError, match="does not know U"):
        load("gfn1-xtb").evaluate([Atoms("U", cell=10 * np.eye(3), pbc=True)])
