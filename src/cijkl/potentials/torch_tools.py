"""What the potentials that run on PyTorch share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cijkl.errors import InputError

if TYPE_CHECKING:
    import torch

__all__ = ["choose_device", "choose_dtype", "split_by_size"]


def choose_device(name: str) -> torch.device:
    """The device of that name; ``auto`` is CUDA where there is one, else the processor.

    Raises
    ------
    InputError
        No such device here.
    """
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise InputError(f"Unknown device '{name}'; give auto, cpu, cuda or cuda:N.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"There is no device '{name}' here; use cpu or auto.")
    return device


def choose_dtype(name: str) -> torch.dtype:
    """The floating-point type of that name.

    Raises
    ------
    InputError
        Neither ``float32`` nor ``float64``.
    """
    import torch

    known = {"float32": torch.float32, "float64": torch.float64}
    if name not in known:
        raise InputError(f"Unknown precision '{name}'; give float32 or float64.")
    return known[name]


def split_by_size(sizes: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    """Cut a sequence into runs whose sizes add up to at most `limit`, one item at least.

    Yields
    ------
    start, stop
        Half-open range of each run.

    Examples
    --------
    >>> list(split_by_size([3, 3, 3, 9, 1], 6))
    [(0, 2), (2, 3), (3, 4), (4, 5)]
    """
    start, total = 0, 0
    for index, size in enumerate(sizes):
        if index > start and total + size > limit:
            yield start, index
            start, total = index, 0
        total += size
    if sizes:
        yield start, len(sizes)
