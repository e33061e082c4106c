"""Weights on disk: one safetensors file for each network, with all that is needed to use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from cijkl.errors import InputError
from cijkl.models.network import Network
from cijkl.models.networks import build

__all__ = ["copy_matching", "load_network", "read_card", "save_network"]


def save_network(
    network: Network, name: str, path: str | Path, card: Mapping[str, Any] | None = None
) -> None:
    """Write a network.

    Parameters
    ----------
    name
        One of `networks.NETWORKS`.
    card
        What else shall be known of the weights; see `read_card`.
    """
    from safetensors.torch import save_file

    facts = {"network": name, "settings": asdict(network.settings), **(card or {})}
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(state, str(path), metadata={"cijkl": json.dumps(facts)})


def load_network(path: str | Path) -> Network:
    """Read a network; it is in evaluation mode.

    Raises
    ------
    InputError
        If the file is none of `save_network`.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    card = read_card(path)
    network = build(card["network"], card["settings"])
    try:
        network.load_state_dict(load_file(str(path)))
    except (SafetensorError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: weights that do not fit: {reason}") from None
    return network.eval()


def read_card(path: str | Path) -> dict[str, Any]:
    """What a file of weights says of itself.

    Raises
    ------
    InputError
        If it says nothing.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "pt") as file:
            text = (file.metadata() or {}).get("cijkl")
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: no file of weights: {' '.join(str(error).split())}") from None
    if text is None:
        raise InputError(f"{path}: these weights were not written by cijkl")
    card: dict[str, Any] = json.loads(text)
    return card


def copy_matching(source: Network, target: Network) -> int:
    """Copy the weights of equal name and shape; how many there were.

    A head for other sources keeps what it has.
    """
    state = target.state_dict()
    fitting = {
        key: value
        for key, value in source.state_dict().items()
        if key in state and state[key].shape == value.shape
    }
    with torch.no_grad():
        target.load_state_dict({**state, **fitting})
    return len(fitting)
