from __future__ import annotations

import warnings

import numpy as np
import pytest
from ase import Atoms
from ase.build import make_supercell

from cijkl.errors import InputError
from cijkl.potentials import EvaluationError, load

pytest.importorskip("sevenn")

NAMES = {
    "sevennet-0": ("7net-0", None),
    "sevennet-l3i5": ("7net-l3i5", None),
    "sevennet-mf-0": ("7net-mf-0", "PBE"),
    "sevennet-mf-0:R2SCAN": ("7net-mf-0", "R2SCAN"),
}


@pytest.mark.parametrize("name", NAMES)
def test_equals_the_calculator_of_sevennet(name, crystals):
    from sevenn.calculator import SevenNetCalculator

    alias, modality = NAMES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calculator = SevenNetCalculator(alias, device="cpu", modal=modality)
    structures = list(crystals.values())
    for atoms, result in zip(
        structures, load(name, device="cpu").evaluate(structures), strict=True
    ):
        copy = atoms.copy()
        copy.calc = calculator
        assert result.energy == pytest.approx(copy.get_potential_energy(), abs=2e-6 * len(atoms))
        np.testing.assert_allclose(result.forces, copy.get_forces(), atol=2e-5)
        np.testing.assert_allclose(result.stress, copy.get_stress(voigt=False), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gradients(name, crystals, check_gradients):
    potential = load(name, device="cpu", dtype="float64")
    check_gradients(potential, crystals["silicon"], step=1e-4, rtol=1e-5)


def test_gradients_in_single_precision(crystals, check_gradients):
    check_gradients(load("sevennet-0", device="cpu"), crystals["corundum"], step=1e-2, rtol=5e-3)


def test_precisions_agree(crystals):
    structures = [crystals["silicon"], crystals["corundum"]]
    single = load("sevennet-0", device="cpu").evaluate(structures)
    double = load("sevennet-0", device="cpu", dtype="float64").evaluate(structures)
    for a, b in zip(single, double, strict=True):
        np.testing.assert_allclose(a.forces, b.forces, atol=2e-5)
        np.testing.assert_allclose(a.stress, b.stress, atol=1e-6)
        assert np.abs(a.forces - b.forces).max() > 0  # they are not the same computation


@pytest.mark.parametrize("name", ["sevennet-0", "sevennet-mf-0"])
def test_batch_equals_one_by_one(name, crystals):
    potential = load(name, device="cpu", dtype="float64")
    structures = [*crystals.values(), crystals["silicon"]]
    for atoms, result in zip(structures, potential.evaluate(structures), strict=True):
        (alone,) = potential.evaluate([atoms])
        assert result.energy == pytest.approx(alone.energy, abs=1e-10)
        np.testing.assert_allclose(result.forces, alone.forces, atol=1e-10)
        np.testing.assert_allclose(result.stress, alone.stress, atol=1e-11)


def test_order_of_atoms_and_choice_of_cell_do_not_matter(crystals):
    potential = load("sevennet-0", device="cpu", dtype="float64")
    atoms = crystals["halite"]
    transformation = [[1, 1, 0], [0, 1, 0], [-1, 0, 2]]
    large = make_supercell(atoms, transformation)
    order = np.random.default_rng(0).permutation(len(large))
    shuffled = large[order]
    shuffled.wrap()
    small_result, result, mixed = potential.evaluate([atoms, large, shuffled])
    copies = len(large) // len(atoms)
    assert result.energy == pytest.approx(copies * small_result.energy, abs=1e-9)
    np.testing.assert_allclose(result.stress, small_result.stress, atol=1e-11)
    assert mixed.energy == pytest.approx(result.energy, abs=1e-9)
    np.testing.assert_allclose(mixed.forces, result.forces[order], atol=1e-10)


def test_rotation_turns_forces_and_stress(crystals):
    potential = load("sevennet-0", device="cpu", dtype="float64")
    atoms = crystals["corundum"]
    turned = atoms.copy()
    turned.rotate(37, (1, 2, 3), rotate_cell=True)
    rotation = np.linalg.solve(np.asarray(atoms.cell), np.asarray(turned.cell))
    before, after = potential.evaluate([atoms, turned])
    np.testing.assert_allclose(after.forces, before.forces @ rotation, atol=1e-6)
    np.testing.assert_allclose(after.stress, rotation.T @ before.stress @ rotation, atol=1e-8)


def test_lonely_atom():
    (result,) = load("sevennet-0", device="cpu").evaluate(
        [Atoms("Ar", cell=12 * np.eye(3), pbc=True)]
    )
    assert np.isfinite(result.energy)
    np.testing.assert_array_equal(result.forces, np.zeros((1, 3)))
    np.testing.assert_array_equal(result.stress, np.zeros((3, 3)))


def test_functionals_of_the_multifidelity_model_differ(silicon):
    energies = {
        name: load(name, device="cpu").evaluate([silicon])[0].energy
        for name in ("sevennet-mf-0", "sevennet-mf-0:PBE", "sevennet-mf-0:R2SCAN")
    }
    assert energies["sevennet-mf-0"] == energies["sevennet-mf-0:PBE"]
    assert abs(energies["sevennet-mf-0"] - energies["sevennet-mf-0:R2SCAN"]) > 1.0


def test_record_says_what_was_used():
    potential = load("sevennet-mf-0:r2scan", device="cpu", dtype="float64")
    assert potential.name == "sevennet-mf-0:R2SCAN"
    assert potential.version.startswith("sevenn ")
    assert potential.settings["modality"] == "R2SCAN"
    assert potential.settings["dtype"] == "float64"
    assert potential.settings["device"] == "cpu"
    assert potential.settings["checkpoint"].startswith("checkpoint_sevennet_mf_0.pth sha256:")


def test_unknown_element(silicon):
    polonium = Atoms("Po", cell=3.35 * np.eye(3), pbc=True)
    with pytest.raises(EvaluationError, match="does not know Po") as caught:
        load("sevennet-0", device="cpu").evaluate([silicon, polonium])
    assert caught.value.index == 1


def test_atoms_on_top_of_each_other():
    atoms = Atoms("Si2", positions=np.zeros((2, 3)), cell=5 * np.eye(3), pbc=True)
    with pytest.raises(EvaluationError, match="overlap"):
        load("sevennet-0", device="cpu").evaluate([atoms])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sevennet-0:PBE", {}, "one functional only"),
        ("sevennet-mf-0:LDA", {}, "no functional 'LDA'; known are PBE, R2SCAN"),
        ("sevennet-0", {"device": "gpu"}, "Unknown device 'gpu'"),
        ("sevennet-0", {"device": "cuda:99"}, "no device 'cuda:99'"),
        ("sevennet-0", {"dtype": "float16"}, "Unknown precision 'float16'"),
    ],
)
def test_bad_choices(name, options, message):
    with pytest.raises(InputError, match=message):
        load(name, **options)
