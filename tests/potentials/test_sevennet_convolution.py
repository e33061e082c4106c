from __future__ import annotations

import warnings

import numpy as np
import pytest

pytest.importorskip("sevenn")


@pytest.fixture(scope="module")
def original():
    """A middle layer of sevennet-l3i5, which has paths between all degrees up to 3."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sevenn.util import load_checkpoint

        model = load_checkpoint("7net-l3i5").build_model()
    layer = model._modules["1_convolution"].double()
    layer.requires_grad_(False)
    return layer


@pytest.fixture
def graph(original):
    """Features of 5 atoms, and 14 edges of which the last 7 reverse the first 7."""
    import torch
    from e3nn.o3 import spherical_harmonics

    torch.manual_seed(0)
    pairs, atoms = 7, 5
    directions = torch.randn(pairs, 3, dtype=torch.float64)
    product = original.convolution
    harmonics = spherical_harmonics(product.irreps_in2, torch.cat([directions, -directions]), True)
    ends = torch.randint(0, atoms, (2, pairs))
    radial = torch.rand(pairs, 8, dtype=torch.float64)
    features = torch.randn(atoms, product.irreps_in1.dim, dtype=torch.float64)
    return features, harmonics, torch.cat([radial, radial]), torch.cat([ends, ends.flip(0)], dim=1)


def _run(layer, graph):
    import torch

    features, harmonics, radial, edges = graph
    leaves = [value.clone().requires_grad_(True) for value in (features, harmonics, radial)]
    data = dict(
        zip(
            (layer.keys if hasattr(layer, "keys") else _keys(layer)),
            [leaves[0], leaves[1], leaves[2], edges],
            strict=True,
        )
    )
    out = layer(data)["x"]
    weights = torch.linspace(-1, 1, out.numel(), dtype=torch.float64).reshape(out.shape)
    return [out, *torch.autograd.grad((out * weights).sum(), leaves)]


def _keys(layer):
    return layer.key_x, layer.key_filter, layer.key_weight_input, layer.key_edge_idx


@pytest.mark.parametrize("block", [2, 3, 1000])
def test_equals_the_layer_that_it_replaces(block, original, graph, monkeypatch):
    from cijkl.potentials import sevennet_convolution

    monkeypatch.setattr(sevennet_convolution, "BLOCK", {"cpu": block})
    ours = _run(sevennet_convolution.EdgeConvolution(original).double(), graph)
    theirs = _run(original, graph)
    # The layer keeps its Clebsch-Gordan coefficients in single precision.
    for mine, reference in zip(ours[:3], theirs[:3], strict=True):
        assert mine.shape == reference.shape
        np.testing.assert_allclose(mine.detach(), reference.detach(), rtol=1e-5, atol=2e-6)
    # The distance of a pair is read from its first direction only.
    half = len(ours[3]) // 2
    np.testing.assert_array_equal(ours[3][half:], 0.0)
    np.testing.assert_allclose(
        ours[3][:half], theirs[3][:half] + theirs[3][half:], rtol=1e-5, atol=2e-6
    )


@pytest.mark.parametrize(("edges", "block"), [(0, 4), (2, 4), (8, 4), (14, 3), (14, 100)])
def test_blocks_cover_every_edge_once_and_know_its_pair(edges, block, monkeypatch):
    from cijkl.potentials import sevennet_convolution

    monkeypatch.setattr(sevennet_convolution, "BLOCK", {"cpu": block})
    seen = [
        (e, p)
        for rows, pairs in sevennet_convolution._blocks(edges, "cpu")
        for e, p in zip(range(edges)[rows], range(edges)[pairs], strict=True)
    ]
    assert seen == [(e, e % (edges // 2)) for e in range(edges)]


def test_gradients_of_gradients_where_weights_are_trained(original, graph):
    """A second derivative of what training uses, against a difference of what evaluation uses."""
    import torch

    from cijkl.potentials.sevennet_convolution import EdgeConvolution, make_trainable

    fast, trained = EdgeConvolution(original).double(), EdgeConvolution(original).double()
    make_trainable(trained)
    for ours, theirs in zip(_run(trained, graph), _run(fast, graph), strict=True):
        torch.testing.assert_close(ours, theirs)

    features, harmonics, radial, edges = graph
    along = torch.randn_like(radial)
    leaf, own = radial.clone().requires_grad_(True), features.clone().requires_grad_(True)
    names = (*trained.keys[:3], trained.keys[3])
    out = trained(dict(zip(names, (own, harmonics, leaf, edges), strict=True)))["x"]
    (force,) = torch.autograd.grad(out.square().sum(), own, create_graph=True)
    (second,) = torch.autograd.grad(force.square().sum(), leaf)

    def squares(step: float):
        moved = features.clone().requires_grad_(True)
        data = dict(zip(names, (moved, harmonics, radial + step * along, edges), strict=True))
        value = fast(data)["x"].square().sum()
        return torch.autograd.grad(value, moved)[0].square().sum()

    numerical = (squares(1e-5) - squares(-1e-5)) / 2e-5
    torch.testing.assert_close((second * along).sum(), numerical, rtol=1e-6, atol=0)
