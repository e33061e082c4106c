"""Records and crystals as the store keeps them: compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.report.jsonl import dumps

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["pack", "pack_atoms", "unpack", "unpack_atoms"]

#: fastest: the next level takes twice the time for 5 % less
_LEVEL = 1


def pack(record: Mapping[str, Any]) -> bytes:
    """A record as compressed JSON."""
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        # numbers that JSON cannot hold, or arrays: rare, and twice the time
        text = dumps(record)
    return zlib.compress(text.encode(), _LEVEL)


def unpack(packed: bytes) -> Any:
    """What `pack` was given."""
    return json.loads(zlib.decompress(packed))


def pack_atoms(atoms: Atoms) -> bytes:
    """A crystal as compressed numbers, to the last digit.

    They are, little-endian: atomic numbers (n, 16 bits), cell (3, 3) and positions (n, 3) in A, and
    masses (n) in amu where the atoms have their own (64 bits each).
    """
    numbers = [atoms.cell.array, atoms.positions]
    if atoms.has("masses"):
        numbers.append(atoms.get_masses())
    head = len(atoms).to_bytes(4, "little") + atoms.numbers.astype("<u2").tobytes()
    return zlib.compress(
        head + b"".join(np.ascontiguousarray(part, "<f8").tobytes() for part in numbers), _LEVEL
    )


def unpack_atoms(packed: bytes) -> Atoms:
    """The crystal that `pack_atoms` was given."""
    from ase import Atoms

    data = zlib.decompress(packed)
    count = int.from_bytes(data[:4], "little")
    kinds = np.frombuffer(data, "<u2", count, 4).astype(int)
    values = np.frombuffer(data, "<f8", offset=4 + 2 * count)
    cell, positions, masses = np.split(values, [9, 9 + 3 * count])
    return Atoms(
        numbers=kinds,
        cell=cell.reshape(3, 3),
        positions=positions.reshape(-1, 3),
        masses=masses if len(masses) else None,
        pbc=True,
    )
