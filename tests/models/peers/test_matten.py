from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import spglib
import torch
from ase import Atoms
from ase.build import bulk, make_supercell
from ase.spacegroup import crystal
from scipy.spatial.transform import Rotation

from cijkl.elasticity.averages import average_bulk, average_shear
from cijkl.elasticity.harmonic import Harmonic, compose, decompose
from cijkl.elasticity.notation import mandel_to_voigt, rotation_to_mandel, voigt_to_mandel
from cijkl.errors import InputError
from cijkl.models.batches import MODULI, Batch, collate
from cijkl.models.graphs import crystal_graph
from cijkl.models.losses import irreps_loss, moduli_loss
from cijkl.models.peers.edge_sums import Pair, edge_sums, neighbourhoods
from cijkl.models.peers.matten import (
    PUBLISHED,
    MatScaNetwork,
    MatTenNetwork,
    MatTenSettings,
)

pytest.importorskip("e3nn")

SMALL = MatTenSettings(
    layers=2,
    irreps="6x0e+3x0o+3x1e+3x1o+2x2e+2x2o+2x3o+2x4e",
    embedding=5,
    radial_hidden=(8,),
    scalars=6,
)


def _diamond() -> Atoms:
    return bulk("C", "diamond", a=3.567)


def _quartz() -> Atoms:
    sites = [(0.4697, 0, 1 / 3), (0.4135, 0.2669, 0.4524)]
    return crystal(["Si", "O"], sites, spacegroup=152, cellpar=[4.913, 4.913, 5.405, 90, 90, 120])


def _corundum() -> Atoms:
    sites = [(0, 0, 0.35216), (0.30624, 0, 0.25)]
    return crystal(
        ["Al", "O"],
        sites,
        spacegroup=167,
        cellpar=[4.7602, 4.7602, 12.9933, 90, 90, 120],
        primitive_cell=True,
    )


def _disordered() -> Atoms:
    """A crystal without any symmetry."""
    atoms = _quartz()
    generator = np.random.default_rng(3)
    atoms.positions += generator.normal(scale=0.1, size=atoms.positions.shape)
    atoms.set_cell(atoms.cell @ (np.eye(3) + 0.05 * generator.normal(size=(3, 3))), True)
    return atoms


CRYSTALS = {
    "diamond": _diamond,
    "quartz": _quartz,
    "corundum": _corundum,
    "disordered": _disordered,
}


def _batch(network: MatTenNetwork | MatScaNetwork, crystals: Sequence[Atoms]) -> Batch:
    dtype = next(network.parameters()).dtype
    return collate([crystal_graph(atoms, network.graph) for atoms in crystals], dtype)


@cache
def _warm(settings: MatTenSettings, dtype: torch.dtype) -> MatTenNetwork:
    torch.manual_seed(0)
    network = MatTenNetwork(settings).to(dtype)
    tensors = np.stack([_cubic(1079, 124, 578), _cubic(49, 13, 13), _hexagonal()])
    network.fit_scale(SimpleNamespace(stiffness=torch.from_numpy(tensors)[:, None]))
    batch = _batch(network, [make() for make in CRYSTALS.values()])
    with torch.no_grad():
        for _ in range(10):
            network.irreps(batch)
    return network.eval()


def _network(settings: MatTenSettings = SMALL, dtype: torch.dtype = torch.float64) -> MatTenNetwork:
    """Evaluating, with statistics of the norms and a scale that are not trivial."""
    return deepcopy(_warm(settings, dtype))


def _stiffness(network: MatTenNetwork, *crystals: Atoms) -> np.ndarray:
    with torch.no_grad():
        stiffness = network(_batch(network, crystals)).stiffness
    return stiffness.numpy()


def _cubic(c11: float, c12: float, c44: float) -> np.ndarray:
    voigt = np.diag([c11 - c12] * 3 + [c44] * 3).astype(float)
    voigt[:3, :3] += c12
    return voigt_to_mandel(voigt)


def _hexagonal(
    c11: float = 165.0, c12: float = 31.1, c13: float = 50.0, c33: float = 61.8, c44: float = 39.6
) -> np.ndarray:
    voigt = np.diag([c11, c11, c33, c44, c44, (c11 - c12) / 2])
    voigt[0, 1] = voigt[1, 0] = c12
    voigt[:2, 2] = voigt[2, :2] = c13
    return voigt_to_mandel(voigt)


def _error(value: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(value - expected) / np.linalg.norm(expected))


def _turned(atoms: Atoms, rotation: np.ndarray) -> Atoms:
    turned = atoms.copy()
    turned.set_cell(atoms.cell.array @ rotation.T, scale_atoms=True)
    return turned


# --- the layers against e3nn's


@pytest.fixture
def double() -> Iterator[None]:
    """e3nn rounds its coefficients to the default precision when it builds a product."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_convolution_is_that_of_e3nn(double: None) -> None:
    from e3nn.o3 import Irreps, SphericalHarmonics, TensorProduct

    from cijkl.models.peers.equivariant import Convolution

    torch.manual_seed(0)
    batch = collate([crystal_graph(make(), _network().graph) for make in CRYSTALS.values()])
    inputs = Irreps("3x0e+2x0o+2x1e+3x1o+2x2e+1x3o+2x4e").sort().irreps
    wanted = Irreps("0e+0o+1e+1o+2e+2o+3o+4e")
    harmonics = Irreps.spherical_harmonics(4)
    steps, outputs = [], []
    for i, (channels, feature) in enumerate(inputs):
        for j, (_, harmonic) in enumerate(harmonics):
            for output in feature * harmonic:
                if output in wanted:
                    steps.append((i, j, len(outputs), "uvu", True))
                    outputs.append((channels, output))
    sorted_outputs, order, _ = Irreps(outputs).sort()
    steps = [(i, j, order[k], mode, train) for i, j, k, mode, train in steps]
    product = TensorProduct(
        inputs, harmonics, sorted_outputs, steps, internal_weights=False, shared_weights=False
    )
    convolution = Convolution(inputs, harmonics, wanted, 4)
    angular = SphericalHarmonics(harmonics, True, "component")(batch.vectors.double())
    gradients = []
    for own in (True, False):
        features = torch.linspace(-1, 1, len(batch.numbers) * inputs.dim, dtype=torch.float64)
        features = features.sin().view(len(batch.numbers), -1).requires_grad_()
        radial = torch.linspace(-1, 2, len(batch.first) * 4, dtype=torch.float64)
        radial = radial.cos().view(-1, 4).requires_grad_()
        leaves = [features, radial, convolution.weight, angular.requires_grad_()]
        if own:
            sums = convolution(features, angular, radial, neighbourhoods(batch))
        else:
            weights = radial @ convolution.weight.T / 2.0
            messages = product(features[batch.second], angular, weights)
            sums = torch.zeros(len(features), messages.shape[1], dtype=torch.float64)
            sums = sums.index_add(0, batch.first, messages)
        gradients.append([sums.detach(), *torch.autograd.grad(sums.square().sum(), leaves)])
    assert convolution.outputs == sorted_outputs.simplify()
    for mine, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-9)


def test_gradients_of_the_sums_are_those_of_finite_differences() -> None:
    generator = torch.Generator().manual_seed(1)
    first = torch.tensor([0, 0, 0, 1, 2, 2])
    batch = Batch(
        torch.ones(3, dtype=torch.long),
        torch.zeros(3, dtype=torch.long),
        torch.tensor([3.0]),
        torch.tensor([1.0]),
        first,
        torch.tensor([1, 2, 2, 0, 1, 2]),
        torch.zeros(6, 3),
    )
    pairs = [
        Pair(slice(0, 2), (1, 2, 1), slice(0, 1), slice(0, 2)),
        Pair(slice(2, 8), (2, 2, 3), slice(1, 4), slice(2, 6)),
    ]
    sizes = [(3, 8), (6, 4), (6, 2), (6, 2)]
    leaves = [
        torch.randn(size, generator=generator, dtype=torch.float64).requires_grad_()
        for size in sizes
    ]
    assert torch.autograd.gradcheck(
        lambda *given: edge_sums(*given, pairs, neighbourhoods(batch)), leaves
    )


def test_mixing_by_element_is_a_product_with_the_one_hot_element() -> None:
    from e3nn.o3 import FullyConnectedTensorProduct, Irreps

    from cijkl.models.peers.equivariant import ElementLinear

    torch.manual_seed(0)
    inputs, outputs, elements = Irreps("3x0e+2x1o+2x2e"), Irreps("4x0e+1x1e+2x1o+3x2e"), 5
    mine = ElementLinear(inputs, outputs, elements)
    theirs = FullyConnectedTensorProduct(inputs, Irreps([(elements, (0, 1))]), outputs)
    blocks = []
    begin = 0
    for channels, results in ((3, 4), (2, 2), (2, 3)):
        block = mine.weight[:, begin : begin + channels * results]
        blocks.append(block.view(elements, results, channels).permute(2, 0, 1).flatten())
        begin += channels * results
    species = torch.tensor([0, 4, 2, 2])
    features = inputs.randn(4, -1)
    one_hot = torch.nn.functional.one_hot(species, elements).float()
    expected = theirs(features, one_hot, torch.cat(blocks)) * elements**0.5
    torch.testing.assert_close(mine(features, species), expected)
    assert (mine(features, species)[:, 4:7] == 0.0).all()  # no input of the kind 1e


def test_bessel_functions_are_those_of_e3nn() -> None:
    from e3nn.math import soft_one_hot_linspace

    from cijkl.models.peers.equivariant_trunk import bessel

    lengths = torch.linspace(0.5, 4.999, 50, dtype=torch.float64)
    expected = soft_one_hot_linspace(lengths, 0.0, 5.0, 8, basis="bessel", cutoff=True) * 8**0.5
    torch.testing.assert_close(bessel(lengths, 5.0, 8), expected)
    at_cutoff = bessel(torch.tensor([5.0], dtype=torch.float64), 5.0, 8)
    torch.testing.assert_close(at_cutoff, torch.zeros(1, 8, dtype=torch.float64))


# --- invariances


@pytest.mark.parametrize("name", CRYSTALS)
def test_the_tensor_turns_with_the_crystal(name: str) -> None:
    network, atoms = _network(), CRYSTALS[name]()
    stiffness = _stiffness(network, atoms)[0]
    for rotation in Rotation.random(3, rng=5).as_matrix():
        for sign in (1.0, -1.0):
            turned = rotation_to_mandel(sign * rotation)
            answer = _stiffness(network, _turned(atoms, sign * rotation))[0]
            assert _error(answer, turned @ stiffness @ turned.T) < 1e-10
    anisotropic = decompose(mandel_to_voigt(stiffness)).norms[2:]
    assert anisotropic.max() > 1e-2  # otherwise the test says little


@pytest.mark.parametrize("name", CRYSTALS)
def test_published_size_is_equivariant_in_single_precision(name: str) -> None:
    network, atoms = _network(PUBLISHED, torch.float32), CRYSTALS[name]()
    stiffness = _stiffness(network, atoms)[0]
    for rotation in Rotation.random(3, rng=6).as_matrix():
        turned = rotation_to_mandel(rotation)
        answer = _stiffness(network, _turned(atoms, rotation))[0]
        assert _error(answer, turned @ stiffness @ turned.T) < 1e-5


@pytest.mark.parametrize("name", CRYSTALS)
def test_the_answer_does_not_depend_on_the_cell(name: str) -> None:
    network, atoms = _network(), CRYSTALS[name]()
    shifted = atoms.copy()
    shifted.positions += [0.3, 1.7, -0.4]
    shifted.wrap()
    mixed = atoms[np.random.default_rng(0).permutation(len(atoms))]
    sheared = make_supercell(atoms, [[1, 1, 0], [0, 1, -2], [0, 0, 1]])
    others = [shifted, mixed, sheared, atoms.repeat((2, 1, 1)), atoms.repeat((1, 2, 3))]
    answers = _stiffness(network, atoms, *others)
    for answer in answers[1:]:
        assert _error(answer, answers[0]) < 1e-10
    scalar = _scalar_network()
    with torch.no_grad():
        moduli = scalar(_batch(scalar, [atoms, *others])).log10_moduli[:, [2, 5]].numpy()
    np.testing.assert_allclose(moduli[1:], moduli[:1].repeat(len(others), 0), rtol=1e-10)


def test_conventional_and_primitive_cells_agree() -> None:
    network = _network()
    conventional = bulk("C", "diamond", a=3.567, cubic=True)
    primitive, cubic = _stiffness(network, _diamond(), conventional)
    assert _error(cubic, primitive) < 1e-10


@pytest.mark.parametrize(("name", "order"), [("diamond", 48), ("quartz", 6), ("corundum", 12)])
def test_the_tensor_has_the_symmetry_of_the_crystal(name: str, order: int) -> None:
    network, atoms = _network(), CRYSTALS[name]()
    stiffness = _stiffness(network, atoms)[0]
    cell = atoms.cell.array
    symmetry = spglib.get_symmetry(
        (cell, atoms.get_scaled_positions(), atoms.numbers), symprec=1e-5
    )
    operations = np.unique(symmetry["rotations"], axis=0)
    assert len(operations) == order
    for operation in operations:
        turned = rotation_to_mandel(cell.T @ operation @ np.linalg.inv(cell.T))
        assert _error(turned @ stiffness @ turned.T, stiffness) < 1e-10


def test_a_cubic_and_a_trigonal_tensor_have_their_constants() -> None:
    network = _network()
    cubic = mandel_to_voigt(_stiffness(network, _diamond())[0])
    np.testing.assert_allclose(np.diag(cubic)[:3], cubic[0, 0], rtol=1e-10)
    assert abs(cubic[0, 0] - cubic[0, 1] - 2.0 * cubic[3, 3]) > 1e-2
    trigonal = mandel_to_voigt(_stiffness(network, _quartz())[0])
    assert abs(trigonal[0, 3]) > 1e-2
    assert trigonal[0, 3] == pytest.approx(-trigonal[1, 3])
    assert trigonal[5, 5] == pytest.approx((trigonal[0, 0] - trigonal[0, 1]) / 2.0)


# --- components, scale and norms


def test_components_are_those_of_the_harmonic_decomposition() -> None:
    network = MatTenNetwork(SMALL)
    vector = np.random.default_rng(0).normal(size=(4, 21))
    harmonic = Harmonic(vector[:, :2], vector[:, 2:12].reshape(4, 2, 5), vector[:, 12:])
    stiffness = network.stiffness(torch.from_numpy(vector))
    np.testing.assert_allclose(stiffness, voigt_to_mandel(compose(harmonic)), atol=1e-12)
    np.testing.assert_allclose(network.normalised(stiffness), vector, atol=1e-12)


def test_scale_is_the_spread_of_each_irrep() -> None:
    generator = np.random.default_rng(0)
    tensors = generator.normal(loc=50.0, scale=20.0, size=(30, 6, 6))
    tensors = tensors + tensors.swapaxes(1, 2)
    labels = torch.full((31, 1, 6, 6), torch.nan, dtype=torch.float64)
    labels[1:, 0] = torch.from_numpy(voigt_to_mandel(tensors))
    network = MatTenNetwork(SMALL)
    network.fit_scale(SimpleNamespace(stiffness=labels))
    harmonic = decompose(tensors)
    np.testing.assert_allclose(network.mean[:2], harmonic.l0.mean(0))
    assert (network.mean[2:] == 0.0).all()
    expected = [
        *harmonic.l0.std(0),
        *np.repeat(np.sqrt((harmonic.l2**2).mean((0, 2))), 5),
        *np.repeat(np.sqrt((harmonic.l4**2).mean()), 9),
    ]
    np.testing.assert_allclose(network.scale, expected)
    normalised = network.normalised(labels[:, 0])
    assert normalised[0].isnan().all()
    np.testing.assert_allclose(normalised[1:].square().mean(), 1.0)
    restored = MatTenNetwork(SMALL)
    restored.load_state_dict(network.state_dict())
    torch.testing.assert_close(restored.stiffness(normalised[1:]), labels[1:, 0])
    with pytest.raises(InputError, match="no crystal has a stiffness"):
        network.fit_scale(SimpleNamespace(stiffness=labels[:1]))


def test_norms_use_the_batch_in_training_and_what_they_saw_after_it() -> None:
    network = _network()
    alone = _stiffness(network, _quartz())[0]
    together = _stiffness(network, _quartz(), _diamond(), _disordered())[0]
    assert _error(together, alone) < 1e-12
    norm = network.trunk.layers[0].norm
    before = norm.running_var.clone()
    _stiffness(network, _diamond())
    assert torch.equal(norm.running_var, before)
    network.train()
    alone = _stiffness(network, _quartz())[0]
    assert not torch.allclose(norm.running_var, before)
    together = _stiffness(network, _quartz(), _diamond(), _disordered())[0]
    assert _error(together, alone) > 1e-3
    turned = rotation_to_mandel(Rotation.random(rng=1).as_matrix())
    rotated = _turned(_quartz(), Rotation.random(rng=1).as_matrix())
    answer = _stiffness(network, rotated, _diamond(), _disordered())[0]
    assert _error(answer, turned @ together @ turned.T) < 1e-8


# --- answers


def test_moduli_are_those_of_the_tensor() -> None:
    network = _network()
    with torch.no_grad():
        network.head.weight.mul_(1e-3)  # near the mean, hence stable
        output = network(_batch(network, [_quartz(), _diamond()]))
    voigt = mandel_to_voigt(output.stiffness.numpy())
    assert (np.linalg.eigvalsh(voigt) > 0.0).all()
    expected = [average_bulk(voigt, a) for a in ("voigt", "reuss", "hill")]
    expected += [average_shear(voigt, a) for a in ("voigt", "reuss", "hill")]
    np.testing.assert_allclose(10.0**output.log10_moduli, np.stack(expected, 1))


def test_an_indefinite_tensor_has_no_moduli() -> None:
    network = _network()
    with torch.no_grad():
        network.head.weight.mul_(1e-3)
        network.mean[1] = -100.0  # shear moduli below zero
        output = network(_batch(network, [_quartz(), _diamond()]))
    assert torch.isfinite(output.stiffness).all()
    assert output.log10_moduli.shape == (2, len(MODULI))
    assert output.log10_moduli.isnan().all()


@cache
def _scalar_network() -> MatScaNetwork:
    torch.manual_seed(0)
    network = MatScaNetwork(SMALL).double()
    batch = _batch(network, [make() for make in CRYSTALS.values()])
    with torch.no_grad():
        for _ in range(10):
            network(batch)
    return network.eval()


def test_the_scalar_variant_says_bulk_and_shear() -> None:
    network = deepcopy(_scalar_network())
    labels = torch.full((3, 6), torch.nan, dtype=torch.float64)
    labels[:, 2] = torch.tensor([1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="G_VRH"):
        network.fit_scale(SimpleNamespace(log10_moduli=labels))
    labels[:2, 5] = torch.tensor([1.0, 2.0])
    network.fit_scale(SimpleNamespace(log10_moduli=labels))
    torch.testing.assert_close(network.mean.double(), torch.tensor([2.0, 1.5]).double())
    spreads = torch.tensor([(2 / 3) ** 0.5, 0.5]).double()
    torch.testing.assert_close(network.scale.double(), spreads)
    crystals = [_quartz(), _diamond(), _turned(_quartz(), Rotation.random(rng=1).as_matrix())]
    with torch.no_grad():
        output = network(_batch(network, crystals))
        network.head.weight.zero_()
        network.head.bias.zero_()
        mean = network(_batch(network, crystals)).log10_moduli
    assert output.stiffness is None
    assert output.log10_moduli[:, [0, 1, 3, 4]].isnan().all()
    said = output.log10_moduli[:, [2, 5]]
    torch.testing.assert_close(said[2], said[0], rtol=1e-10, atol=0.0)
    assert (said[1] - said[0]).abs().min() > 1e-3
    torch.testing.assert_close(mean[:, [2, 5]], network.mean.expand(3, 2))


# --- what is refused


def test_unknown_elements_are_refused() -> None:
    network = MatTenNetwork(MatTenSettings(elements=10, layers=1, irreps="2x0e+2x1o+2x2e+2x4e"))
    with pytest.raises(InputError, match="elements 1 to 10, not 14"):
        network(_batch(network, [_quartz()]))


@pytest.mark.parametrize(
    "settings", [{"layers": 0}, {"radial_hidden": ()}, {"cutoff": 0.0}, {"neighbours": -1.0}]
)
def test_impossible_sizes_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError, match="MatTen needs"):
        MatTenSettings(**settings)


@pytest.mark.parametrize(
    ("irreps", "message"), [("16x0e+8x1o", "kinds"), ("sixteen", "no list of irreps")]
)
def test_wrong_irreps_are_refused(irreps: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        MatTenNetwork(MatTenSettings(irreps=irreps))


def test_missing_e3nn_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cijkl.models.peers.equivariant", "cijkl.models.peers.equivariant_trunk"):
        monkeypatch.delitem(sys.modules, name)
    for name in ("e3nn", "e3nn.nn", "e3nn.o3"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"cijkl\[train\]"):
        MatTenNetwork(SMALL)


# --- learning


#: crystals and their constants (GPa), rounded from G. Simmons and H. Wang, Single Crystal Elastic
#: Constants, MIT Press (1971); diamond from McSkimin and Andreatch, J. Appl. Phys. 43, 2944 (1972)
MEASURED = [
    (bulk("Cu", "fcc", a=3.615), _cubic(168.4, 121.4, 75.4)),
    (bulk("Al", "fcc", a=4.050), _cubic(107.3, 60.9, 28.3)),
    (bulk("Ag", "fcc", a=4.086), _cubic(124.0, 93.4, 46.1)),
    (bulk("Au", "fcc", a=4.078), _cubic(192.3, 163.1, 42.0)),
    (bulk("Ni", "fcc", a=3.524), _cubic(248.1, 154.9, 124.2)),
    (bulk("Fe", "bcc", a=2.866), _cubic(231.4, 134.7, 116.4)),
    (bulk("W", "bcc", a=3.165), _cubic(522.4, 204.4, 160.8)),
    (bulk("Mo", "bcc", a=3.147), _cubic(463.7, 157.8, 109.2)),
    (bulk("Si", "diamond", a=5.431), _cubic(165.7, 63.9, 79.6)),
    (bulk("Ge", "diamond", a=5.658), _cubic(129.2, 47.9, 67.0)),
    (bulk("C", "diamond", a=3.567), _cubic(1079.0, 124.0, 578.0)),
    (bulk("GaAs", "zincblende", a=5.653), _cubic(118.8, 53.8, 59.4)),
    (bulk("NaCl", "rocksalt", a=5.640), _cubic(49.1, 12.8, 12.8)),
    (bulk("MgO", "rocksalt", a=4.212), _cubic(297.0, 95.2, 155.7)),
    (bulk("Mg", "hcp", a=3.209, c=5.211), _hexagonal(59.3, 25.7, 21.4, 61.5, 16.4)),
    (bulk("Zn", "hcp", a=2.665, c=4.947), _hexagonal(165.0, 31.1, 50.0, 61.8, 39.6)),
]


@pytest.mark.slow
def test_learns_measured_tensors() -> None:
    torch.manual_seed(0)
    network = MatTenNetwork(SMALL)
    labels = torch.tensor(np.array([stiffness for _, stiffness in MEASURED]))
    network.fit_scale(SimpleNamespace(stiffness=labels[:, None]))
    batch = _batch(network, [atoms for atoms, _ in MEASURED])
    expected = network.normalised(labels).float()
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 200)
    for _ in range(200):
        optimiser.zero_grad()
        irreps_loss(network.irreps(batch), expected).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        error = network.eval()(batch).stiffness - labels
    assert error.abs().mean() < 1.0  # GPa, of constants up to 1156
    assert error.abs().amax() < 10.0


@pytest.mark.slow
def test_learns_measured_moduli() -> None:
    torch.manual_seed(0)
    network = MatScaNetwork(SMALL)
    voigt = mandel_to_voigt(np.array([stiffness for _, stiffness in MEASURED]))
    labels = torch.full((len(voigt), 6), torch.nan)
    labels[:, 2] = torch.from_numpy(np.log10(average_bulk(voigt)))
    labels[:, 5] = torch.from_numpy(np.log10(average_shear(voigt)))
    targets = SimpleNamespace(log10_moduli=labels)
    network.fit_scale(targets)
    batch = _batch(network, [atoms for atoms, _ in MEASURED])
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 200)
    for _ in range(200):
        optimiser.zero_grad()
        moduli_loss(network(batch), targets).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        error = (network.eval()(batch).log10_moduli - labels)[:, [2, 5]]
    assert error.abs().amax() < 0.01
