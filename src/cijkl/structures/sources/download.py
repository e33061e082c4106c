"""Files from the web: resumed where they broke off, tried again, checked, and kept."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.sources.pauses import LONGEST, retry_after

__all__ = ["cache_folder", "fetch"]

#: bytes that are read at a time
BLOCK = 1 << 16
#: answers of a server that may be better the next time: timeout, too many requests
PASSING = (408, 429)


def cache_folder() -> Path:
    """Give the folder for downloaded files.

    That of the environment variable ``CIJKL_CACHE``; else ``cijkl`` in the user's cache folder,
    which is ``XDG_CACHE_HOME`` or ``~/.cache``, ``~/Library/Caches`` on macOS and
    ``%LOCALAPPDATA%`` on Windows. It is not created.
    """
    own = os.environ.get("CIJKL_CACHE")
    if own:
        return Path(own).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "cijkl"


def fetch(
    url: str,
    sha256: str | None,
    folder: str | os.PathLike[str],
    *,
    attempts: int = 5,
    wait: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Give the path of a file of the web, downloaded if the folder does not hold it yet.

    What arrived of a transfer that broke off is kept, and the next attempt or call asks for the
    rest only. The file appears under its name when it is complete and its checksum is right. Any
    number of processes may ask for the same file.

    Parameters
    ----------
    url
        ``http`` or ``https``; the last part of its path is the name of the file.
    sha256
        Checksum of the file, hexadecimal. If it is None, a file that is there is taken as it is,
        and one that broke off in an earlier call begins anew.
    folder
        Where it is kept; created if need be.
    attempts
        Number of attempts before giving up.
    wait
        Pause after the first failure, s; twice as long after each further one, and as long as the
        server asks for (``Retry-After``), if that is five minutes at most.
    timeout
        Longest silence of the server, s.

    Raises
    ------
    InputError
        If the server cannot be reached, does not have the file, or gives another one.
    """
    parts = urlsplit(url)
    name = unquote(Path(parts.path).name)
    if parts.scheme not in ("http", "https") or not name:
        raise InputError(f"{one_line(url)} is no address of a file (http or https)")
    target = Path(folder).expanduser() / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file() and sha256 in (None, _checksum(target)):
            return target
        with _Partial(target) as partial:
            if sha256 is None:
                partial.write_bytes(b"")
            _transfer(url, sha256, partial, attempts, wait, timeout, target)
            partial.replace(target)
    except OSError as error:
        raise InputError(f"{one_line(target)}: cannot be written: {one_line(error, 100)}") from None
    return target


class _Partial:
    """What arrived so far, moved aside while somebody works on it.

    The rename is atomic: of two workers one goes on with the file, the other begins anew.
    """

    def __init__(self, target: Path) -> None:
        self.kept = target.with_name(f"{target.name}.part")
        worker = f"{os.getpid()}-{threading.get_ident()}"
        self.own = target.with_name(f"{target.name}.{worker}.part")

    def __enter__(self) -> Path:
        try:
            self.kept.replace(self.own)
        except FileNotFoundError:
            self.own.touch()
        return self.own

    def __exit__(self, *_: object) -> None:
        if self.own.exists() and self.own.stat().st_size:
            self.own.replace(self.kept)
        self.own.unlink(missing_ok=True)


def _transfer(
    url: str,
    sha256: str | None,
    partial: Path,
    attempts: int,
    wait: float,
    timeout: float,
    target: Path,
) -> None:
    """Complete the partial file."""
    for attempt in range(1, attempts + 1):
        resumed, asked = partial.stat().st_size > 0, 0.0
        try:
            _attempt(url, partial, timeout)
        except HTTPError as error:
            if error.code < 500 and error.code not in PASSING:
                raise InputError(f"{url}: the server says {error.code} {error.reason}") from None
            reason = f"the server says {error.code} {error.reason}"
            asked = retry_after(error.headers.get("Retry-After"), datetime.now(UTC))
            if asked > LONGEST:
                raise InputError(
                    f"{url}: {reason} and asks to come back in {asked:.0f} s"
                ) from None
        except _Lost as error:
            reason = one_line(error, 100)
        else:
            found = _checksum(partial)
            if sha256 in (None, found):
                return
            partial.write_bytes(b"")
            # the beginning may have been that of an older file; a whole one that is wrong stays so
            if not resumed:
                raise InputError(
                    f"{url}: the file that arrived has SHA-256 {found}, expected {sha256}; it was "
                    "damaged on the way or changed at its source"
                )
            reason = "its checksum was wrong"
        if attempt < attempts:
            time.sleep(max(asked, wait * 2 ** (attempt - 1)))
    raise InputError(
        f"{url} could not be downloaded in {attempts} attempts ({reason}); without a connection, "
        f"get the file elsewhere and put it at {one_line(target)}"
    )


class _Lost(Exception):
    """The connection failed or ended too early."""


def _attempt(url: str, partial: Path, timeout: float) -> None:
    """Ask once for what the partial file lacks."""
    offset = partial.stat().st_size
    headers = {"User-Agent": "cijkl", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        response = urlopen(Request(url, headers=headers), timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code == 416:
            # the file is no longer than what is here: complete, or another one
            return
        raise
    except (URLError, OSError, http.client.HTTPException) as error:
        raise _Lost(getattr(error, "reason", None) or error or type(error).__name__) from None
    with response:
        follows = response.status == 206 and _start(response) == offset
        with partial.open("ab" if follows else "wb") as file:
            _copy(response, file)


def _copy(response: Any, file: IO[bytes]) -> None:
    promised = response.headers.get("Content-Length")
    arrived = 0
    for block in _blocks(response):
        file.write(block)
        arrived += len(block)
    if promised is not None and promised.isdecimal() and arrived < int(promised):
        raise _Lost(f"the transfer broke off, {int(promised) - arrived} bytes are missing")


def _blocks(response: Any) -> Iterator[bytes]:
    """Blocks of the body; an error here is the connection's, not the disk's."""
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, http.client.HTTPException) as error:
            raise _Lost(f"the transfer broke off: {error or type(error).__name__}") from None
        if not block:
            return
        yield block


def _start(response: Any) -> int | None:
    """First byte of a partial answer, of ``Content-Range: bytes 100-199/200``."""
    first = str(response.headers.get("Content-Range", "")).removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdecimal() else None


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
