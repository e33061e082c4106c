from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk
from ase.io import read
from scipy.spatial.transform import Rotation

from cijkl.errors import InputError
from cijkl.models.batches import MODULI, collate
from cijkl.models.graphs import Graph, crystal_graph
from cijkl.models.peers.cgcnn import CGCNNNetwork, CGCNNSettings, Convolution
from cijkl.models.peers.element_attributes import element_attributes

from ..measured import measured

SMALL = CGCNNSettings("K", width=7, hidden=5, layers=2, hidden_layers=2)
QUARTZ = read(Path(__file__).parents[3] / "examples/alpha-quartz.cif")


def _network(settings: CGCNNSettings = SMALL) -> CGCNNNetwork:
    """In float64, evaluating, with statistics and weights of the norms that are not trivial."""
    torch.manual_seed(0)
    network = CGCNNNetwork(settings).double().eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            _disturb(module)
    network.mean.fill_(1.7)
    network.scale.fill_(0.4)
    return network


def _disturb(norm: torch.nn.BatchNorm1d) -> None:
    for tensor in (norm.running_mean, norm.weight.data, norm.bias.data):
        tensor.normal_()
    norm.running_var.uniform_(0.5, 2.0)


def _answer(network: CGCNNNetwork, *crystals: Atoms) -> np.ndarray:
    graphs = [crystal_graph(atoms, network.graph) for atoms in crystals]
    with torch.no_grad():
        output = network(collate(graphs, torch.float64))
    return output.log10_moduli[:, network.column].numpy()


def _softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0)


def _normed(values, weights, name, training):
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    if training:
        mean, variance = values.mean(0), values.var(0)
    scaled = (values - mean) / np.sqrt(variance + 1e-5)
    return weights[f"{name}.weight"] * scaled + weights[f"{name}.bias"]


def _reference_convolution(weights, prefix, atoms, edges, first, second, training=False):
    """Equation 5 of Xie and Grossman with the norms and softplus of their code, atom by atom."""
    width = atoms.shape[1]
    matrix, bias = weights[f"{prefix}linear.weight"], weights[f"{prefix}linear.bias"]
    joined = [
        np.concatenate([atoms[i], atoms[j], u])
        for i, j, u in zip(first, second, edges, strict=True)
    ]
    mixed = np.array([matrix @ z + bias for z in joined])
    mixed = _normed(mixed, weights, f"{prefix}edge_norm", training)
    sums = np.zeros_like(atoms)
    for i, row in zip(first, mixed, strict=True):
        gate, core = row[:width], row[width:]
        sums[i] += _softplus(core) / (1.0 + np.exp(-gate))
    return _softplus(atoms + _normed(sums, weights, f"{prefix}atom_norm", training))


def _reference(network: CGCNNNetwork, graph: Graph) -> np.ndarray:
    """The whole network, crystal by crystal."""
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    settings = network.settings
    one_hot = element_attributes()[graph.numbers]
    atoms = one_hot @ weights["embedding.weight"].T + weights["embedding.bias"]
    centres = np.arange(0.0, settings.cutoff + settings.step / 2, settings.step)
    lengths = np.sqrt((graph.vectors**2).sum(1))
    edges = np.exp(-((lengths[:, None] - centres[None]) ** 2) / settings.step**2)
    for layer in range(settings.layers):
        atoms = _reference_convolution(
            weights, f"convolutions.{layer}.", atoms, edges, graph.first, graph.second
        )
    answers = []
    for crystal in range(len(graph.volumes)):
        x = _softplus(atoms[graph.crystal == crystal].mean(0))
        for layer in range(settings.hidden_layers):
            x = _softplus(weights[f"dense.{layer}.weight"] @ x + weights[f"dense.{layer}.bias"])
        x = weights["answer.weight"] @ x + weights["answer.bias"]
        answers.append(weights["mean"] + weights["scale"] * x[0])
    return np.array(answers)


@pytest.mark.parametrize("training", [False, True])
def test_convolution_is_equation_5(training):
    """Three atoms: one with three edges of which two are to itself's images, one with two, one."""
    torch.manual_seed(1)
    convolution = Convolution(width=4, edge_width=3).double().train(training)
    _disturb(convolution.edge_norm)
    _disturb(convolution.atom_norm)
    weights = {name: tensor.clone().numpy() for name, tensor in convolution.state_dict().items()}
    generator = np.random.default_rng(2)
    atoms, edges = generator.normal(size=(3, 4)), generator.uniform(size=(6, 3))
    first, second = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 2, 0, 1])
    with torch.no_grad():
        got = convolution(*map(torch.from_numpy, (atoms, edges, first, second)))
    expected = _reference_convolution(weights, "", atoms, edges, first, second, training)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12)


def test_network_is_the_published_one_step_by_step():
    network = _network()
    crystals = [QUARTZ, bulk("Fe"), bulk("NaCl", "rocksalt", a=5.64)]
    graphs = [crystal_graph(atoms, network.graph) for atoms in crystals]
    expected = [_reference(network, graph)[0] for graph in graphs]
    # buffers of the network were made in single precision
    np.testing.assert_allclose(_answer(network, *crystals), expected, rtol=1e-6)
    assert np.ptp(expected) > 1e-3


def test_supercell_rotation_order_and_origin_do_not_matter():
    network = _network()
    rattled = QUARTZ.copy()
    rattled.rattle(0.05, seed=3)
    for atoms in (QUARTZ, rattled, bulk("Fe"), bulk("Mg")):
        expected = _answer(network, atoms)[0]
        rotation = Rotation.random(random_state=4).as_matrix()
        rotated = atoms.copy()
        rotated.set_cell(atoms.cell.array @ rotation.T, scale_atoms=True)
        shuffled = atoms.repeat((2, 1, 2))
        shuffled = shuffled[np.random.default_rng(5).permutation(len(shuffled))]
        shifted = atoms.copy()
        shifted.positions += [0.3, -1.1, 7.7]
        shifted.wrap()
        sheared = atoms.copy()
        sheared.set_cell(np.array([[1, 0, 0], [1, 1, 0], [0, -1, 1]]) @ atoms.cell.array)
        answers = _answer(network, rotated, shuffled, shifted, sheared)
        np.testing.assert_allclose(answers, expected, rtol=1e-10)


def test_neighbours_in_a_batch_do_not_matter():
    network = _network()
    crystals = [QUARTZ, bulk("Fe"), bulk("Cu"), bulk("Si")]
    alone = [_answer(network, atoms)[0] for atoms in crystals]
    np.testing.assert_allclose(_answer(network, *crystals), alone, rtol=1e-12)
    assert len(set(np.round(alone, 6))) == 4


def test_a_bond_length_matters():
    network = _network()
    answers = _answer(network, bulk("Cu", a=3.6), bulk("Cu", a=3.7))
    assert abs(answers[0] - answers[1]) > 1e-4


@pytest.mark.parametrize(("target", "column"), [("K", 2), ("G", 5)])
def test_it_answers_with_one_modulus(target, column):
    network = CGCNNNetwork(CGCNNSettings(target, width=8, hidden=8)).eval()
    graph = crystal_graph(bulk("Cu"), network.graph)
    output = network(collate([graph, graph]))
    known = ~torch.isnan(output.log10_moduli)
    assert MODULI[column] == f"{target}_VRH"
    assert known.nonzero().tolist() == [[0, column], [1, column]]
    assert output.stiffness is None and output.log_stiffness is None


@pytest.mark.parametrize("settings", [CGCNNSettings("K"), SMALL, CGCNNSettings("G", cutoff=6.0)])
def test_number_of_parameters(settings):
    w, h, e = settings.width, settings.hidden, round(settings.cutoff / settings.step) + 1
    embedding = 92 * w + w
    convolution = (2 * w + e) * 2 * w + 2 * w + 2 * (2 * w) + 2 * w
    dense = w * h + h + (settings.hidden_layers - 1) * (h * h + h) + h + 1
    count = sum(p.numel() for p in CGCNNNetwork(settings).parameters())
    assert count == embedding + settings.layers * convolution + dense
    if settings == CGCNNSettings("K"):
        assert count == 97_345


def test_scale_is_of_the_labels_that_there_are():
    network = CGCNNNetwork(SMALL)
    labels = torch.full((5, 6), torch.nan)
    labels[:4, 2] = torch.tensor([1.0, 2.0, 2.0, 3.0])
    labels[:, 5] = 100.0
    network.fit_scale(SimpleNamespace(log10_moduli=labels))
    assert network.mean.item() == pytest.approx(2.0)
    assert network.scale.item() == pytest.approx(0.5**0.5)
    with pytest.raises(InputError, match="no crystal has a label of K_VRH"):
        network.fit_scale(SimpleNamespace(log10_moduli=labels[4:]))
    network.fit_scale(SimpleNamespace(log10_moduli=labels[1:3]))
    assert network.scale.item() == 1.0


def test_weights_are_complete():
    network = _network()
    other = CGCNNNetwork(SMALL).double().eval()
    other.load_state_dict(network.state_dict())
    assert _answer(other, QUARTZ) == _answer(network, QUARTZ)


def test_it_learns_measured_bulk_moduli():
    crystals, moduli = measured()
    crystals, labels = crystals[-64:], torch.from_numpy(np.log10(moduli[-64:])).float()
    torch.manual_seed(0)
    network = CGCNNNetwork(CGCNNSettings("K"))
    targets = torch.full((64, 6), torch.nan)
    targets[:, network.column] = labels
    network.fit_scale(SimpleNamespace(log10_moduli=targets))
    batch = collate([crystal_graph(atoms, network.graph) for atoms in crystals])
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    for _ in range(120):
        optimiser.zero_grad()
        error = network(batch).log10_moduli[:, network.column] - labels
        (error**2).mean().backward()
        optimiser.step()
    with torch.no_grad():
        errors = (network.eval()(batch).log10_moduli[:, network.column] - labels).abs()
    spread = (labels - labels.mean()).abs().mean()
    assert spread > 0.3
    assert errors.mean() < 0.03


def test_mixed_precision_gives_the_same_to_its_own_precision():
    network = CGCNNNetwork(CGCNNSettings("K"))
    batch = collate([crystal_graph(atoms, network.graph) for atoms in measured()[0][:8]])
    with torch.autocast("cpu", torch.bfloat16):
        mixed = network(batch).log10_moduli[:, network.column]
    single = network(batch).log10_moduli[:, network.column]
    mixed.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters())
    torch.testing.assert_close(mixed.float(), single, atol=0.02, rtol=0.0)


@pytest.mark.parametrize("numbers", [[101], [0]])
def test_unknown_elements_are_refused(numbers):
    network = CGCNNNetwork(SMALL).eval()
    atoms = Atoms(numbers, cell=[3, 3, 3], pbc=True)
    with pytest.raises(InputError, match=f"elements 1 to 100, not {numbers[0]}"):
        network(collate([crystal_graph(atoms, network.graph)]))


@pytest.mark.parametrize(
    "change", [{"target": "E"}, {"width": 0}, {"layers": 0}, {"step": 0.0}, {"cutoff": 0.1}]
)
def test_settings_that_make_no_network(change):
    with pytest.raises(InputError, match="CGCNN"):
        dataclasses.replace(SMALL, **change)
