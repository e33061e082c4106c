"""The default network's invariances, with random weights: what no training can give or take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk, make_supercell
from ase.io import read
from scipy.spatial.transform import Rotation

from cijkl.elasticity import ElasticTensor
from cijkl.elasticity.notation import mandel_to_voigt
from cijkl.elasticity.symmetry import project
from cijkl.models.batches import Output, collate
from cijkl.models.graphs import crystal_graph
from cijkl.models.log_stiffness import LogStiffnessNetwork, LogStiffnessSettings
from cijkl.models.surroundings import surroundings
from cijkl.structures.spacegroup import symmetry

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = LogStiffnessSettings(width=16, layers=2, channels=4, radial=6)
QUARTZ = read(EXAMPLES / "alpha-quartz.cif")
RUTILE = read(EXAMPLES / "rutile.cif")
ZINCITE = read(EXAMPLES / "wurtzite-ZnO.cif")
SALT = bulk("NaCl", "rocksalt", a=5.64)


def triclinic() -> Atoms:
    rng = np.random.default_rng(4)
    cell = 4.5 * np.eye(3) + rng.normal(scale=0.6, size=(3, 3))
    places = [[0.02, 0.05, 0.0], [0.5, 0.45, 0.1], [0.1, 0.55, 0.6], [0.6, 0.0, 0.5]]
    return Atoms("CaTiO2", cell=cell, scaled_positions=places, pbc=True)


CRYSTALS = {
    "quartz": QUARTZ,
    "rutile": RUTILE,
    "zincite": ZINCITE,
    "salt": SALT,
    "triclinic": triclinic(),
}


def network(dtype: torch.dtype = torch.float64, size: float = 1.0) -> LogStiffnessNetwork:
    """Random weights; the anisotropic part is made large, so that it can be seen."""
    torch.manual_seed(2)
    found = LogStiffnessNetwork(SMALL).to(dtype).eval()
    with torch.no_grad():
        for layer in (found.head.isotropic[-1], found.head.anisotropic[-1]):
            layer.weight.mul_(3.0 * size)
            layer.bias.normal_(std=size)
        for weight in found.products.reduce:
            weight.mul_(30.0)
    return found


def answer(model: LogStiffnessNetwork, *crystals: Atoms) -> Output:
    dtype = next(model.parameters()).dtype
    graphs = [crystal_graph(atoms, model.graph) for atoms in crystals]
    with torch.no_grad():
        return model(collate(graphs, dtype))


def tensor(model: LogStiffnessNetwork, atoms: Atoms) -> np.ndarray:
    """S in Voigt form, which turns like a stiffness."""
    found = answer(model, atoms).log_stiffness
    assert found is not None
    return mandel_to_voigt(found[0].double().numpy())


def turned(atoms: Atoms, rotation: np.ndarray) -> Atoms:
    other = atoms.copy()
    other.set_cell(atoms.cell.array @ rotation.T)
    other.positions = atoms.positions @ rotation.T
    return other


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
def test_it_turns_with_the_crystal(name, dtype, limit):
    model, atoms = network(dtype), CRYSTALS[name]
    before = tensor(model, atoms)
    for seed in range(2):
        rotation = Rotation.random(random_state=seed).as_matrix()
        expected = ElasticTensor(before).rotate(rotation).voigt
        found = tensor(model, turned(atoms, rotation))
        assert np.abs(found - expected).max() < limit * np.abs(before).max()
    # and says something that turning can change
    assert np.linalg.norm(ElasticTensor(before).decompose().vector[2:]) > 0.05


def test_inversion_changes_nothing():
    model, atoms = network(), triclinic()
    np.testing.assert_allclose(
        tensor(model, turned(atoms, -np.eye(3))), tensor(model, atoms), atol=1e-7
    )


@pytest.mark.parametrize("name", CRYSTALS)
def test_it_has_the_symmetry_of_the_crystal(name):
    found = tensor(network(torch.float32), CRYSTALS[name])
    operations = symmetry(CRYSTALS[name]).point_operations
    rest = found - project(found, operations)
    assert np.abs(rest).max() < 1e-5 * np.abs(found).max()


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize("case", ["supercell", "other cell", "origin", "order"])
def test_it_does_not_depend_on_the_description(name, case):
    atoms, model = CRYSTALS[name], network(torch.float32)
    rng = np.random.default_rng(0)
    if case == "order":
        other = atoms[rng.permutation(len(atoms))]
    elif case == "origin":
        other = atoms.copy()
        other.translate(rng.normal(size=3))
        other.wrap()
    else:
        matrix = [[1, 0, 0], [0, 2, 0], [0, 0, 1]]
        if case == "other cell":
            matrix = [[1, 1, 0], [0, 1, 0], [0, -1, 1]]
        other = make_supercell(atoms, matrix)
    before = tensor(model, atoms)
    assert np.abs(tensor(model, other) - before).max() < 1e-5 * np.abs(before).max()


def test_neighbours_in_the_batch_change_nothing():
    model = network()
    crystals = list(CRYSTALS.values())
    together = answer(model, *crystals)
    for row, atoms in enumerate(crystals):
        alone = answer(model, atoms)
        torch.testing.assert_close(
            together.log_stiffness[row], alone.log_stiffness[0], atol=1e-10, rtol=0
        )
        torch.testing.assert_close(together.log10_moduli[row], alone.log10_moduli[0])


@pytest.mark.parametrize("size", [1.0, 8.0])
def test_stiffnesses_are_positive_definite(size):
    """Of any weights: with large ones constants span many decades, and none is negative."""
    logarithms = answer(network(size=size), *CRYSTALS.values()).log_stiffness
    np.testing.assert_allclose(logarithms, logarithms.transpose(1, 2), atol=1e-12)
    values, vectors = np.linalg.eigh(logarithms.numpy())
    assert np.isfinite(values).all()
    if size == 1.0:
        tensors = (vectors * np.exp(values)[:, None]) @ vectors.swapaxes(1, 2)
        assert (np.linalg.eigvalsh(tensors) > 0.0).all()
    else:
        assert np.ptp(values) > 4.0


def test_an_unwritten_head_says_the_usual_moduli():
    model = network()
    with torch.no_grad():
        for layer in (model.head.isotropic[-1], model.head.anisotropic[-1]):
            layer.weight.zero_()
            layer.bias.zero_()
    found = 10.0 ** answer(model, QUARTZ).log10_moduli[0].numpy()
    np.testing.assert_allclose(found, [80.0] * 3 + [36.0] * 3, rtol=1e-6)


def test_angles_matter():
    """Two crystals with the same distances: the moments tell them apart, not the lengths.

    Face-centred and hexagonal close packing share the first two shells of 12 and 6.
    """
    model = network()
    cubic = bulk("Cu", "fcc", a=2.0**0.5 * 2.5)
    hexagonal = bulk("Cu", "hcp", a=2.5, c=2.5 * (8 / 3) ** 0.5)
    lengths = [
        np.sort(np.linalg.norm(crystal_graph(a, model.graph).vectors, axis=1))[:12]
        for a in (cubic, hexagonal)
    ]
    np.testing.assert_allclose(*lengths, atol=1e-8)
    first, second = answer(model, cubic).log10_moduli, answer(model, hexagonal).log10_moduli
    assert (first - second).abs().max() > 1e-4


def test_dropout_is_for_training_only():
    model = network()
    batch = collate([crystal_graph(QUARTZ, model.graph)], torch.float64)
    model.train()
    assert not torch.equal(model(batch).log10_moduli, model(batch).log10_moduli)
    model.eval()
    assert torch.equal(model(batch).log10_moduli, model(batch).log10_moduli)


def test_sources_have_heads_of_their_own():
    settings = LogStiffnessSettings(
        width=16, layers=1, channels=4, radial=6, sources=("dft", "potential")
    )
    torch.manual_seed(0)
    model = LogStiffnessNetwork(settings).eval()
    batch = collate([crystal_graph(atoms, model.graph) for atoms in (QUARTZ, SALT)])
    with torch.no_grad():
        found = model.by_source(batch, surroundings(batch))
        said = model(batch).log_stiffness
    assert found.shape == (2, 2, 6, 6)
    assert (found[:, 0] - found[:, 1]).abs().max() > 1e-4
    torch.testing.assert_close(said, found[:, 0])


def test_every_weight_learns():
    model = network().train()
    batch = collate([crystal_graph(a, model.graph) for a in CRYSTALS.values()], torch.float64)
    model.by_source(batch, surroundings(batch)).square().sum().backward()
    # the last moments of degree 0 go nowhere, and are the only ones
    silent = [
        name
        for name, weight in model.named_parameters()
        if weight.grad is None or not weight.grad.abs().sum() > 0
    ]
    assert all(name in ("products.mixing.0",) for name in silent)
