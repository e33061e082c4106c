"""What a visitor sends, as crystals and tensors: read within limits, in a process of its own."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.structures import Crystal, Unreadable

__all__ = ["Limits", "crystals", "inflated", "on_disk", "safe_name"]


@dataclass(frozen=True)
class Limits:
    """How much may be read: atoms of a crystal, crystals, and bytes once they are unpacked."""

    atoms: int
    crystals: int
    unpacked: int


def crystals(data: bytes, name: str, limits: Limits) -> list[Crystal | Unreadable]:
    """Crystals of a file that was sent.

    Parameters
    ----------
    data
        Its bytes, in any format that `cijkl.structures.read` knows.
    name
        What the sender calls it; says the format, and names the crystals.

    Raises
    ------
    InputError
        None can be read, or there are too many.
    """
    from cijkl.structures import Unreadable, files, read

    # this process reads for strangers only, and nothing else in it reads
    files.MAX_DOCUMENT = limits.unpacked
    with on_disk(data, name) as path:
        found = list(islice(read(path, max_atoms=limits.atoms), limits.crystals + 1))
        shown = [_renamed(item, path) for item in found]
    if len(shown) > limits.crystals:
        raise InputError(f"more than {limits.crystals} crystals; send fewer at a time")
    if all(isinstance(item, Unreadable) for item in shown):
        raise InputError(_reasons(shown))
    return shown


def inflated(data: bytes, limits: Limits) -> bytes:
    """The content of a file that may be compressed by gzip.

    Raises
    ------
    InputError
        It is damaged, or larger than may be unpacked.
    """
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        found = zlib.decompressobj(wbits=31).decompress(data, limits.unpacked + 1)
    except zlib.error:
        raise InputError("damaged gzip file") from None
    if len(found) > limits.unpacked:
        raise InputError(f"larger than {limits.unpacked / 2**20:g} MiB once it is unpacked")
    return found


@contextmanager
def on_disk(data: bytes, name: str) -> Iterator[Path]:
    """A file with these bytes, alone in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="cijkl-") as folder:
        path = Path(folder) / safe_name(name)
        path.write_bytes(data)
        yield path


def safe_name(name: str) -> str:
    """The last part of a name, of letters that no file system takes for anything else.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\a\\\\quartz (1).cif"), safe_name("..")
    ('passwd', 'quartz_1_.cif', 'input')
    """
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^A-Za-z0-9.-]+", "_", last).lstrip("._")[-80:] or "input"


def _renamed(item: Crystal | Unreadable, path: Path) -> Crystal | Unreadable:
    """With the file's name where the server's own path stood."""
    return replace(item, source=item.source.replace(str(path), path.name))


def _reasons(found: Iterable[Crystal | Unreadable]) -> str:
    from cijkl.structures import Unreadable

    told = [f"{item.source}: {item.error}" for item in found if isinstance(item, Unreadable)]
    more = f"; and {len(told) - 3} more" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more
