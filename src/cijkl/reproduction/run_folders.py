"""Where a reproduction trains and screens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cijkl.reproduction.outcome import Request

__all__ = ["run_folder"]


@contextmanager
def run_folder(request: Request, *names: str) -> Iterator[Path]:
    """Folder within the user's ``out``, or one that is gone afterwards."""
    if request.out is not None:
        yield request.out.expanduser().joinpath(*names)
        return
    with tempfile.TemporaryDirectory(prefix="cijkl-") as folder:
        yield Path(folder).joinpath(*names)
