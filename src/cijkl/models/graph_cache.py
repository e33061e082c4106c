"""Graphs on disk, so that a second training on the same crystals need not look for neighbours.

All graphs of a set of structures are in one file, whose name is a digest of the structures, of the
settings and of the layout. It is written beside its place and then renamed, so that a file that is
there is whole; one that is not readable all the same is made anew.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cijkl.errors import InputError
from cijkl.models.graphs import Graph, GraphSettings, crystal_graph

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["cached_graphs", "graphs_or_none"]

#: to be raised when the same settings give other graphs, or the file another layout
_VERSION = 1


def cached_graphs(
    structures: Sequence[Atoms], settings: GraphSettings, folder: str | os.PathLike[str]
) -> list[Graph | None]:
    """Give the graph of each structure, from the disk if it was there before.

    Parameters
    ----------
    structures
        Crystals; None stands for the graph of one that has none.
    settings
        Of the graphs.
    folder
        For the files; made if need be. Where it cannot be written, nothing is kept.
    """
    path = Path(folder) / f"graphs-{_digest(structures, settings)}.npz"
    found = _read(path, len(structures))
    if found is None:
        found = graphs_or_none(structures, settings)
        with suppress(OSError):
            _write(path, found)
    return found


def graphs_or_none(structures: Sequence[Atoms], settings: GraphSettings) -> list[Graph | None]:
    """Give the graph of each structure, None where there is none."""
    found: list[Graph | None] = []
    for atoms in structures:
        try:
            found.append(crystal_graph(atoms, settings))
        except InputError:
            found.append(None)
    return found


def _digest(structures: Sequence[Atoms], settings: GraphSettings) -> str:
    digest = sha256(f"{_VERSION} {settings}".encode())
    for atoms in structures:
        digest.update(np.asarray(atoms.numbers, "<i8").tobytes())
        digest.update(np.asarray(atoms.cell.array, "<f8").tobytes())
        digest.update(np.asarray(atoms.positions, "<f8").tobytes())
    return digest.hexdigest()[:40]


def _write(path: Path, graphs: Sequence[Graph | None]) -> None:
    known = [graph for graph in graphs if graph is not None]
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "atoms": np.array([0 if g is None else len(g.numbers) for g in graphs], np.int64),
        "edges": np.array([0 if g is None else len(g.first) for g in graphs], np.int64),
        "volumes": np.array([np.nan if g is None else g.volumes[0] for g in graphs]),
        "numbers": _joined([g.numbers for g in known], np.uint8),
        # of one crystal, which has fewer than four thousand million atoms
        "first": _joined([g.first for g in known], np.uint32),
        "second": _joined([g.second for g in known], np.uint32),
        "vectors": _joined([g.vectors for g in known], np.float64).reshape(-1, 3),
    }
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".graphs-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _joined(parts: list[npt.NDArray[np.generic]], kind: type) -> npt.NDArray[np.generic]:
    return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)


def _read(path: Path, count: int) -> list[Graph | None] | None:
    """The graphs of a file; None if it is not there or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return list(_parted(arrays)) if len(arrays["atoms"]) == count else None
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _parted(arrays: dict[str, npt.NDArray[np.generic]]) -> Iterator[Graph | None]:
    atoms = np.concatenate([[0], np.cumsum(arrays["atoms"])])
    edges = np.concatenate([[0], np.cumsum(arrays["edges"])])
    if len(arrays["numbers"]) != atoms[-1] or len(arrays["vectors"]) != edges[-1]:
        raise ValueError("the arrays do not belong together")
    numbers, first, second = (
        arrays[name].astype(np.int64) for name in ("numbers", "first", "second")
    )
    vectors, volumes = np.asarray(arrays["vectors"], float), np.asarray(arrays["volumes"], float)
    for row in range(len(volumes)):
        a, e = slice(atoms[row], atoms[row + 1]), slice(edges[row], edges[row + 1])
        if a.start == a.stop:
            yield None
            continue
        yield Graph(
            numbers=numbers[a],
            crystal=np.zeros(a.stop - a.start, np.int64),
            volumes=volumes[row : row + 1],
            first=first[e],
            second=second[e],
            vectors=vectors[e],
        )
