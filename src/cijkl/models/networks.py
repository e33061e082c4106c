"""The networks by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cijkl.errors import InputError
from cijkl.models.network import Network

__all__ = ["NETWORKS", "build"]

NETWORKS = ("log_stiffness", "cgcnn", "matten", "matsca")


def build(name: str, settings: Mapping[str, Any]) -> Network:
    """A network with random weights.

    Parameters
    ----------
    name
        One of `NETWORKS`.
    settings
        Those that shall not have their default.

    Raises
    ------
    InputError
        For a name or setting that does not exist.
    """
    settings_kind: Any
    network_kind: Any
    if name == "log_stiffness":
        from cijkl.models.log_stiffness import LogStiffnessNetwork, LogStiffnessSettings

        settings_kind, network_kind = LogStiffnessSettings, LogStiffnessNetwork
    elif name == "cgcnn":
        from cijkl.models.peers.cgcnn import CGCNNNetwork, CGCNNSettings

        settings_kind, network_kind = CGCNNSettings, CGCNNNetwork
    elif name in ("matten", "matsca"):
        from cijkl.models.peers import matten

        settings_kind = matten.MatTenSettings
        network_kind = matten.MatTenNetwork if name == "matten" else matten.MatScaNetwork
    else:
        raise InputError(f"no network is called {name!r}; known are {', '.join(NETWORKS)}")
    known = {field.name for field in fields(settings_kind)}
    if unknown := sorted(set(settings) - known):
        raise InputError(
            f"{name} has no setting {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
    network: Network = network_kind(settings_kind(**values))
    return network
