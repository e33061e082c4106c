"""What a file is, by its name and by how it begins."""

from __future__ import annotations

import re
from pathlib import Path

from cijkl.errors import InputError

__all__ = [
    "file_format",
    "is_address",
    "is_archive",
    "is_candidate",
    "is_member",
    "stem",
    "without_compression",
]

_COMPRESSED = re.compile(r"\.(gz|bz2|xz|lzma)$", re.IGNORECASE)
_SUFFIX = re.compile(
    r"\.(cif|mcif|vasp|poscar|contcar|xyz|extxyz|json|jsonl|ndjson)$", re.IGNORECASE
)
_ARCHIVE = re.compile(r"\.(zip|tar|tgz|tbz2?|txz)$", re.IGNORECASE)
_ADDRESS = re.compile(r"(optimade|cod|mp|store|https?):", re.IGNORECASE)
_POSCAR = re.compile(r"(^|[._-])(poscar|contcar)($|[._-])|\.vasp$", re.IGNORECASE)


def file_format(name: str, head: bytes) -> str:
    """Give ``cif``, ``poscar``, ``extxyz``, ``json`` or ``jsonl``, by name and then by content.

    Raises
    ------
    InputError
        If neither says what it is.

    Examples
    --------
    >>> file_format("quartz.cif", b""), file_format("download", b"data_quartz")
    ('cif', 'cif')
    """
    text = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if re.match(r"<(!doctype|html|\?xml|head|body)", text, re.IGNORECASE):
        raise InputError("a web page or XML, not a crystal; the download probably failed")
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\x00" in head and not utf16:
        raise InputError("binary data, not a crystal file")
    suffix = _SUFFIX.search(name)
    kind = suffix.group(1).lower() if suffix else ""
    if kind in ("cif", "mcif"):
        return "cif"
    if kind in ("json", "jsonl", "ndjson"):
        return "json" if kind == "json" else "jsonl"
    if kind in ("xyz", "extxyz"):
        return "extxyz"
    if _POSCAR.search(name):
        return "poscar"
    lines = text.splitlines()
    if re.search(r"^\s*(data_|_cell_length_a)", text, re.MULTILINE | re.IGNORECASE):
        return "cif"
    if text[:1] in ("{", "["):
        return "jsonl" if len(lines) > 1 and lines[0].rstrip().endswith("}") else "json"
    if len(lines) > 1 and lines[0].strip().isdecimal():
        return "extxyz"
    if len(lines) > 4 and all(len(_numbers(line)) >= 3 for line in lines[2:5]):
        return "poscar"
    if not text:
        raise InputError("the file is empty")
    raise InputError(
        "no known format; readable are CIF, POSCAR, extxyz, JSON and JSON Lines, "
        "folders and archives (.zip, .tar.gz) of these"
    )


def is_address(text: str) -> bool:
    """Whether a text is the address of a database, see `cijkl.structures.sources`, and no path.

    >>> is_address("optimade:mp"), is_address("quartz.cif")
    (True, False)
    """
    return _ADDRESS.match(text) is not None


def is_candidate(name: str) -> bool:
    """Whether a name, compressed or not, is that of a crystal file or an archive."""
    inner = without_compression(name)
    return bool(_SUFFIX.search(inner) or _ARCHIVE.search(inner) or _POSCAR.search(inner))


def is_member(name: str) -> bool:
    """Whether a path in an archive is that of a crystal file and not hidden."""
    parts = Path(name).parts
    hidden = any(part[0] in "._" for part in parts if part not in (".", ".."))
    return bool(parts) and not hidden and is_candidate(parts[-1])


def is_archive(name: str) -> bool:
    """Whether a name is that of a zip or tar file."""
    return bool(_ARCHIVE.search(without_compression(name)))


def without_compression(name: str) -> str:
    """Give a name without ``.gz``, ``.bz2`` or ``.xz``."""
    return _COMPRESSED.sub("", name)


def stem(name: str) -> str:
    """Give a path without the suffixes that tell its format.

    >>> stem("set/quartz.cif.gz"), stem("POSCAR")
    ('set/quartz', 'POSCAR')
    """
    inner = without_compression(name.removeprefix("./"))
    return _ARCHIVE.sub("", _SUFFIX.sub("", inner)) or name


def _numbers(line: str) -> list[float]:
    values = []
    for word in line.split()[:3]:
        try:
            values.append(float(word))
        except ValueError:
            break
    return values
