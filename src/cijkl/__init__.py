"""cijkl: the elastic tensor of any crystal, and everything that follows from it.

`analyze` takes a tensor that somebody has, `predict` asks a learned model, `compute` an interatomic
potential; all answer with the same objects. What needs PyTorch is imported only when it is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cijkl.analysis import analyze
    from cijkl.elasticity import ElasticTensor, read_tensor
    from cijkl.errors import CijklError, InputError
    from cijkl.models import predict
    from cijkl.record import Result
    from cijkl.response import compute
    from cijkl.screening import query, screen
    from cijkl.structures import read

__all__ = [
    "CijklError",
    "ElasticTensor",
    "InputError",
    "Result",
    "analyze",
    "compute",
    "predict",
    "query",
    "read",
    "read_tensor",
    "screen",
]

__version__ = "0.1.0"

_HOMES = {
    "CijklError": "cijkl.errors",
    "ElasticTensor": "cijkl.elasticity",
    "InputError": "cijkl.errors",
    "Result": "cijkl.record",
    "analyze": "cijkl.analysis",
    "compute": "cijkl.response",
    "predict": "cijkl.models",
    "query": "cijkl.screening",
    "read": "cijkl.structures",
    "read_tensor": "cijkl.elasticity",
    "screen": "cijkl.screening",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'cijkl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
