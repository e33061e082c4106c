"""Datasets by name or path."""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cijkl.datasets.example import Example
from cijkl.datasets.files import load_dataset
from cijkl.datasets.matbench import matbench_log_gvrh, matbench_log_kvrh
from cijkl.errors import InputError
from cijkl.structures.building import one_line

__all__ = ["NAMES", "load"]

_NAMED: dict[str, Callable[..., list[Example]]] = {
    "matbench_log_kvrh": matbench_log_kvrh,
    "matbench_log_gvrh": matbench_log_gvrh,
}
#: datasets that are known by name
NAMES = tuple(_NAMED)


def load(source: str | os.PathLike[str], **options: Any) -> list[Example]:
    """Give the examples of a dataset.

    Parameters
    ----------
    source
        One of `NAMES`, or the path of a file or folder. A path that exists comes first.
    options
        Those of `cijkl.datasets.load_dataset` for a path; ``folder`` and ``report`` for a name.

    Raises
    ------
    InputError
        If it is neither, or cannot be read or downloaded.
    """
    name = os.fspath(source)
    if Path(name).expanduser().exists() or (name not in _NAMED and _is_path(name)):
        return load_dataset(source, **options)
    if name not in _NAMED:
        near = get_close_matches(name, NAMES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(NAMES)}"
        raise InputError(f"{one_line(name)} is no file, and no dataset is called so; {hint}")
    unknown = sorted(options.keys() - {"folder", "report"})
    if unknown:
        raise InputError(f"{name} takes no option {', '.join(unknown)}")
    return _NAMED[name](**options)


def _is_path(name: str) -> bool:
    """Whether a text looks like a path rather than a name."""
    return "/" in name or os.sep in name or bool(Path(name).suffix)
