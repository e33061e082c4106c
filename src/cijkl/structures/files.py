"""Where crystals lie: files, compressed files, folders and archives, opened one after another."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.formats import (
    file_format,
    is_archive,
    is_candidate,
    is_member,
    without_compression,
)
from cijkl.structures.formats import stem as file_stem

__all__ = [
    "DAMAGE",
    "MAX_DOCUMENT",
    "Source",
    "Trouble",
    "damage",
    "documents",
    "find",
    "text_lines",
    "whole_text",
]

#: largest file, or line of a streamed file, that is read into memory, bytes after decompression
MAX_DOCUMENT = 256 * 2**20

#: what reading a damaged or unreadable file raises
DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)


@dataclass(frozen=True)
class Source:
    """An open document: its format, a stem for ids, a label for people, its bytes."""

    format: str
    stem: str
    label: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Trouble:
    """A file or archive member that could not be opened."""

    stem: str
    label: str
    error: str


def find(path: Path) -> Iterator[tuple[Path, str]]:
    """Give (file, stem) of a file, or of each file of a folder whose name says a known format.

    A folder is searched recursively in sorted order; hidden entries and links to folders are
    left out.
    """
    if not path.is_dir():
        yield path, file_stem(path.name)
        return
    for folder, subfolders, names in os.walk(path):
        subfolders[:] = sorted(name for name in subfolders if name[0] not in "._")
        for name in sorted(names):
            if name[0] not in "._" and is_candidate(name):
                file = Path(folder) / name
                yield file, file_stem(file.relative_to(path).as_posix())


def documents(path: Path, stem: str) -> Iterator[Source | Trouble]:
    """Open a file, and each member if it is an archive; nothing is unpacked to disk.

    A source must be read before the next one is asked for.
    """
    label = str(path)
    try:
        with path.open("rb") as file:
            buffered = io.BufferedReader(file, 1 << 16)
            if buffered.peek(4)[:4] in (b"PK\x03\x04", b"PK\x05\x06") or (
                path.suffix.lower() == ".zip"
            ):
                yield from _zip_members(path, label)
                return
            stream, name = _decompress(buffered, path.name)
            if _is_tar(name, stream):
                yield from _tar_members(stream, label)
            else:
                yield Source(_format_of(name, stream), stem, label, stream)
    except InputError as error:
        yield Trouble(stem, label, str(error))
    except DAMAGE as error:
        yield Trouble(stem, label, damage(error))


def whole_text(stream: IO[bytes]) -> str:
    """Give the text of a document.

    Raises
    ------
    InputError
        If it is empty, larger than `MAX_DOCUMENT`, or not text.
    """
    data = stream.read(MAX_DOCUMENT + 1)
    if len(data) > MAX_DOCUMENT:
        raise InputError(
            f"larger than {MAX_DOCUMENT / 2**20:g} MiB; split it, or use JSON Lines or extxyz"
        )
    if not data.strip():
        raise InputError("the file is empty")
    return _decode(data)


def text_lines(stream: IO[bytes]) -> Iterator[str]:
    """Give the lines of a document of any length, each at most `MAX_DOCUMENT` bytes.

    Raises
    ------
    InputError
        At a longer line.
    """
    first = True
    while line := stream.readline(MAX_DOCUMENT + 1):
        if len(line) > MAX_DOCUMENT:
            raise InputError(f"a line is longer than {MAX_DOCUMENT / 2**20:g} MiB")
        text = line.decode("utf-8", "replace")
        yield text.removeprefix("\ufeff") if first else text
        first = False


def damage(error: BaseException) -> str:
    """Say that a file cannot be read."""
    if isinstance(error, PermissionError):
        return "no permission to read the file"
    return f"the file is damaged or cannot be read: {one_line(error, 100)}"


def _zip_members(path: Path, label: str) -> Iterator[Source | Trouble]:
    with zipfile.ZipFile(path) as archive:
        found = False
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.is_dir() or not is_member(info.filename):
                continue
            found = True
            try:
                member = archive.open(info)
            except DAMAGE as error:
                yield Trouble(file_stem(info.filename), f"{label}!{info.filename}", damage(error))
                continue
            with closing(member):
                yield from _member(info.filename, label, member)
    if not found:
        raise InputError("the archive has no file of a known format")


def _tar_members(stream: IO[bytes], label: str) -> Iterator[Source | Trouble]:
    found = False
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            member = archive.extractfile(info) if info.isfile() else None
            if member is not None and is_member(info.name):
                found = True
                yield from _member(info.name, label, member)
            # the archive would remember every member
            archive.members.clear()  # type: ignore[attr-defined]  # typeshed lacks it
    if not found:
        raise InputError("the archive has no file of a known format")


def _member(name: str, label: str, stream: IO[bytes]) -> Iterator[Source | Trouble]:
    label, stem = f"{label}!{name}", file_stem(name)
    if is_archive(name):
        yield Trouble(stem, label, "an archive inside an archive; unpack it first")
        return
    try:
        stream, inner = _decompress(io.BufferedReader(stream), name)  # type: ignore[type-var]
        source = Source(_format_of(inner, stream), stem, label, stream)
    except InputError as error:
        yield Trouble(stem, label, str(error))
    except DAMAGE as error:
        yield Trouble(stem, label, damage(error))
    else:
        yield source


def _decompress(stream: IO[bytes], name: str) -> tuple[IO[bytes], str]:
    """Unwrap gzip, bzip2 or xz by their first bytes, and the suffix that told of it."""
    head = stream.peek(6)[:6]  # type: ignore[attr-defined]
    opened: IO[bytes]
    if head[:2] == b"\x1f\x8b":
        opened = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
    elif head[:3] == b"BZh":
        opened = bz2.BZ2File(stream)
    elif head == b"\xfd7zXZ\x00":
        opened = lzma.LZMAFile(stream)  # noqa: SIM115 - read on by the caller
    elif head and without_compression(name) != name:
        raise InputError("the name says compressed, the content is not; the file is damaged")
    else:
        return stream, name
    return io.BufferedReader(opened, 1 << 16), without_compression(name)  # type: ignore[type-var]


def _format_of(name: str, stream: IO[bytes]) -> str:
    head = stream.peek(4096)[:4096]  # type: ignore[attr-defined]
    if not head:
        raise InputError("the file is empty")
    return file_format(name, head)


def _is_tar(name: str, stream: IO[bytes]) -> bool:
    head = stream.peek(512)[:512]  # type: ignore[attr-defined]
    return head[257:262] == b"ustar" or bool(re.search(r"\.(tar|tgz|tbz2?|txz)$", name, re.I))


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:
        raise InputError("binary data, not a crystal file")
    return data.decode("utf-8-sig", "replace")
