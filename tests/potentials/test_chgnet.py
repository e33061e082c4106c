from __future__ import annotations

import contextlib
import io
from collections import Counter

import numpy as np
import pytest
from ase import Atoms
from ase.build import make_supercell

from cijkl.errors import InputError
from cijkl.potentials import EvaluationError, load
from cijkl.potentials.edges import neighbours

pytest.importorskip("chgnet")

NAMES = {"chgnet": "0.3.0", "chgnet-r2scan": "r2scan"}


@pytest.mark.parametrize("name", NAMES)
def test_equals_the_calculator_of_chgnet(name, crystals):
    from chgnet.model.dynamics import CHGNetCalculator
    from chgnet.model.model import CHGNet

    with contextlib.redirect_stdout(io.StringIO()):
        model = CHGNet.load(model_name=NAMES[name], use_device="cpu", verbose=False)
        calculator = CHGNetCalculator(model, use_device="cpu")
    structures = list(crystals.values())
    for atoms, result in zip(
        structures, load(name, device="cpu").evaluate(structures), strict=True
    ):
        copy = atoms.copy()
        copy.calc = calculator
        assert result.energy == pytest.approx(copy.get_potential_energy(), abs=4e-6 * len(atoms))
        np.testing.assert_allclose(result.forces, copy.get_forces(), atol=1e-4)
        np.testing.assert_allclose(result.stress, copy.get_stress(voigt=False), atol=4e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["silicon", "corundum", "urea"])
def test_gradients(name, kind, crystals, check_gradients):
    potential = load(name, device="cpu", dtype="float64")
    check_gradients(potential, crystals[kind], step=1e-5, rtol=1e-4)


def test_batch_equals_one_by_one(crystals):
    potential = load("chgnet", device="cpu", dtype="float64")
    structures = [*crystals.values(), crystals["silicon"]]
    for atoms, result in zip(structures, potential.evaluate(structures), strict=True):
        (alone,) = potential.evaluate([atoms])
        assert result.energy == pytest.approx(alone.energy, abs=1e-9)
        np.testing.assert_allclose(result.forces, alone.forces, atol=1e-9)
        np.testing.assert_allclose(result.stress, alone.stress, atol=1e-10)


def test_order_of_atoms_and_choice_of_cell_do_not_matter(crystals):
    potential = load("chgnet", device="cpu", dtype="float64")
    atoms = crystals["halite"]
    large = make_supercell(atoms, [[1, 1, 0], [0, 1, 0], [-1, 0, 2]])
    order = np.random.default_rng(0).permutation(len(large))
    shuffled = large[order]
    shuffled.wrap()
    small, result, mixed = potential.evaluate([atoms, large, shuffled])
    assert result.energy == pytest.approx(len(large) // len(atoms) * small.energy, abs=1e-8)
    np.testing.assert_allclose(result.stress, small.stress, atol=1e-10)
    np.testing.assert_allclose(mixed.forces, result.forces[order], atol=1e-9)


@pytest.mark.parametrize("kind", ["silicon", "corundum", "urea"])
def test_graph_is_that_of_chgnet(kind, crystals):
    from chgnet.graph import CrystalGraphConverter
    from pymatgen.io.ase import AseAtomsAdaptor

    from cijkl.potentials.chgnet import angles

    atoms = crystals[kind]
    edges = neighbours(atoms, 6.0)
    left, _ = angles(edges, 3.0)
    theirs = CrystalGraphConverter(atom_graph_cutoff=6, bond_graph_cutoff=3)(
        AseAtomsAdaptor.get_structure(atoms)
    )
    assert len(edges) == len(theirs.atom_graph)
    assert len(left) == len(theirs.bond_graph)
    assert Counter(edges.first[left].tolist()) == Counter(theirs.bond_graph[:, 0].tolist())


def test_short_edges_only_make_angles():
    # A chain at distance 2: each atom has two short edges, hence two ordered pairs.
    from cijkl.potentials.chgnet import angles

    atoms = Atoms("H2", positions=[[0, 0, 0], [2, 0, 0]], cell=[4, 20, 20], pbc=True)
    edges = neighbours(atoms, 5.0)
    left, right = angles(edges, 3.0)
    assert len(left) == 4
    assert np.all(edges.first[left] == edges.first[right])
    cosine = np.einsum("ei,ei->e", edges.vectors[left], edges.vectors[right]) / 4.0
    np.testing.assert_allclose(cosine, -1.0)


def test_crystal_without_angles():
    argon = Atoms("Ar", cell=5.0 * np.eye(3), pbc=True)
    (result,) = load("chgnet", device="cpu").evaluate([argon])
    assert np.isfinite(result.energy)
    np.testing.assert_allclose(result.forces, 0.0, atol=1e-5)


def test_unknown_element():
    radium = Atoms("Ra", cell=5.15 * np.eye(3), pbc=True)
    with pytest.raises(EvaluationError, match="does not know Ra"):
        load("chgnet", device="cpu").evaluate([radium])


def test_option_is_refused():
    with pytest.raises(InputError, match="takes no option"):
        load("chgnet:0.2.0")


def test_nothing_is_printed(capfd, silicon):
    from cijkl.potentials.chgnet import CHGNet

    CHGNet("chgnet", device="cpu").evaluate([silicon])
    out, err = capfd.readouterr()
    assert out == "" and err == ""
