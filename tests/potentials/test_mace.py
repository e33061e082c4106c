"""MACE, on a small model with random weights; runs where mace-torch is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from cijkl.errors import InputError
from cijkl.potentials import EvaluationError, load

pytest.importorskip("mace")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from e3nn.o3 import Irreps
    from mace import modules

    path = tmp_path_factory.mktemp("mace") / "random+small.model"
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    block = modules.interaction_classes["RealAgnosticResidualInteractionBlock"]
    network = modules.ScaleShiftMACE(
        r_max=4.0,
        num_bessel=4,
        num_polynomial_cutoff=5,
        max_ell=1,
        interaction_cls=block,
        interaction_cls_first=block,
        num_interactions=2,
        num_elements=2,
        hidden_irreps=Irreps("8x0e"),
        MLP_irreps=Irreps("8x0e"),
        atomic_energies=np.zeros(2),
        avg_num_neighbors=8.0,
        atomic_numbers=[8, 14],
        correlation=2,
        gate=torch.nn.functional.silu,
        atomic_inter_scale=1.0,
        atomic_inter_shift=0.0,
    )
    torch.save(network, path)
    torch.set_default_dtype(before)
    return path


def test_equals_the_calculator_of_mace(model, crystals):
    import torch
    from mace.calculators import MACECalculator

    atoms = crystals["silicon"].copy()
    potential = load(f"mace:{model}", device="cpu", dtype="float64")
    (result,) = potential.evaluate([atoms])
    assert torch.get_default_dtype() is torch.float32
    before = torch.get_default_dtype()
    atoms.calc = MACECalculator(model_paths=str(model), device="cpu", default_dtype="float64")
    assert result.energy == pytest.approx(atoms.get_potential_energy())
    np.testing.assert_allclose(result.forces, atoms.get_forces(), atol=1e-12)
    np.testing.assert_allclose(result.stress, atoms.get_stress(voigt=False), atol=1e-14)
    torch.set_default_dtype(before)


def test_gradients(model, crystals, check_gradients):
    potential = load(f"mace:{model}", device="cpu", dtype="float64")
    check_gradients(potential, crystals["silicon"], step=1e-4, rtol=1e-5)


def test_sum_with_a_plus_sign_in_the_path(model, crystals):
    pytest.importorskip("dftd3")
    potential = load(f"mace:{model}+d3", device="cpu", dtype="float64")
    assert potential.name == f"mace:{model}+d3"
    assert np.isfinite(potential.evaluate([crystals["silicon"]])[0].energy)


def test_unknown_element(model):
    with pytest.raises(EvaluationError, match="does not know Al"):
        load(f"mace:{model}", device="cpu").evaluate([Atoms("Al", cell=3 * np.eye(3), pbc=True)])


def test_path_is_needed_and_must_hold_a_model(tmp_path):
    with pytest.raises(InputError, match="give mace:/path/to/model"):
        load("mace")
    with pytest.raises(InputError, match="There is no MACE model"):
        load("mace:/nowhere/at.all")
    wrong = tmp_path / "wrong.model"
    wrong.write_text("not a model")
    with pytest.raises(InputError, match="holds no MACE model"):
        load(f"mace:{wrong}")
