"""Weights on disk give the same network back, and foreign files are refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.models.batches import collate
from cijkl.models.graphs import crystal_graph
from cijkl.models.network import Network
from cijkl.models.networks import build
from cijkl.models.weights import copy_matching, load_network, read_card, save_network

SETTINGS = {
    "log_stiffness": {"width": 12, "layers": 1, "channels": 3, "radial": 5},
    "cgcnn": {"target": "K", "width": 6, "hidden": 5, "layers": 1},
}


def network(name: str, seed: int = 0, **settings: object) -> Network:
    torch.manual_seed(seed)
    return build(name, {**SETTINGS[name], **settings}).eval()


def answer(model: Network) -> np.ndarray:
    with torch.no_grad():
        return model(collate([crystal_graph(bulk("Si"), model.graph)])).log10_moduli.numpy()


@pytest.mark.parametrize("name", SETTINGS)
def test_round_trip(tmp_path, name):
    model = network(name)
    save_network(model, name, tmp_path / "weights.safetensors", {"note": "a test"})
    again = load_network(tmp_path / "weights.safetensors")
    assert type(again) is type(model)
    assert again.settings == model.settings
    assert not again.training
    np.testing.assert_array_equal(answer(again), answer(model))
    card = read_card(tmp_path / "weights.safetensors")
    assert (card["network"], card["note"]) == (name, "a test")


def test_the_file_is_plain_safetensors(tmp_path):
    """Any reader of the format finds the arrays and the card."""
    from safetensors.numpy import load_file

    model = network("log_stiffness")
    path = tmp_path / "w.safetensors"
    save_network(model, "log_stiffness", path)
    arrays = load_file(path)
    state = model.state_dict()
    assert arrays.keys() == state.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, state[name].numpy())
    size = int.from_bytes(path.read_bytes()[:8], "little")
    header = json.loads(path.read_bytes()[8 : 8 + size])
    assert json.loads(header["__metadata__"]["cijkl"])["settings"]["width"] == 12


def test_foreign_files_are_refused(tmp_path):
    from safetensors.torch import save_file

    plain = tmp_path / "plain.safetensors"
    save_file({"a": torch.ones(2)}, plain)
    with pytest.raises(InputError, match="not written by cijkl"):
        load_network(plain)
    text = tmp_path / "text.safetensors"
    text.write_text("no weights at all, only words")
    with pytest.raises(InputError, match="no file of weights"):
        load_network(text)
    with pytest.raises(InputError, match="no file of weights"):
        load_network(tmp_path / "nowhere.safetensors")


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "w.safetensors"
    save_network(network("log_stiffness"), "log_stiffness", path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(InputError):
        load_network(path)


def test_weights_of_another_size_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "w.safetensors"
    state = network("log_stiffness").state_dict()
    card = {"network": "log_stiffness", "settings": {**SETTINGS["log_stiffness"], "width": 16}}
    save_file(state, path, metadata={"cijkl": json.dumps(card)})
    with pytest.raises(InputError, match="do not fit"):
        load_network(path)


def test_copying_keeps_what_does_not_fit():
    source = network("log_stiffness", 1)
    target = network("log_stiffness", 2, sources=("dft", "potential"))
    before = {name: value.clone() for name, value in target.state_dict().items()}
    count = copy_matching(source, target)
    state, given = target.state_dict(), source.state_dict()
    fitting = {n for n in state if n in given and state[n].shape == given[n].shape}
    assert count == len(fitting)
    assert fitting != set(state)
    for name, value in state.items():
        expected = given[name] if name in fitting else before[name]
        torch.testing.assert_close(value, expected, atol=0, rtol=0)


def test_unknown_names_and_settings():
    with pytest.raises(InputError, match="no network is called 'cgcn'"):
        build("cgcn", {})
    with pytest.raises(InputError, match="no setting 'depth'"):
        build("log_stiffness", {"depth": 4})
    assert build("log_stiffness", {"sources": ["dft", "x"]}).settings.sources == ("dft", "x")
