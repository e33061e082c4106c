"""Learned models: the elastic tensor of a crystal from its graph, in milliseconds.

`predict` answers with results like those of the other routes, by a model of the `catalogue` or one
of the user's own, which `load_model` reads. Beneath are the networks, their graphs and uncertainty,
and rooms for training, for the domain and for published peers; they need PyTorch, which is imported
only when one is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cijkl.models.catalogue import DEFAULT_MODEL, Model, ModelInfo, catalogue, load_model

if TYPE_CHECKING:
    from cijkl.models.prediction import predict

__all__ = ["DEFAULT_MODEL", "Model", "ModelInfo", "catalogue", "load_model", "predict"]


def __getattr__(name: str) -> Any:
    if name == "predict":
        from cijkl.models.prediction import predict

        return predict
    raise AttributeError(f"module 'cijkl.models' has no attribute {name!r}")
