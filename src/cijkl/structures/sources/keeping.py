"""Answers of servers, kept on disk with their checksum."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path

from cijkl.structures.sources.download import cache_folder

__all__ = ["Kept", "checksum"]


class Kept:
    """A folder of answers; any number of processes may share it.

    Parameters
    ----------
    folder
        By default ``web`` in the cache folder (see `cijkl.datasets.cache_folder`); created when
        the first answer is kept.
    days
        Answers older than this are asked for anew.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, days: float = 30.0) -> None:
        self.folder = cache_folder() / "web" if folder is None else Path(folder)
        self.days = days

    def get(self, url: str, sha256: str | None = None) -> bytes | None:
        """Give the answer to a request; None if it is not here, too old, or damaged.

        Parameters
        ----------
        sha256
            Checksum that it must have, if known.
        """
        try:
            with gzip.open(self._path(url)) as file:
                head = json.loads(file.readline(10_000))
                body = file.read()
            young = time.time() - float(head["time"]) < self.days * 86_400
            sound = head["url"] == url and head["sha256"] == checksum(body)
        except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
            return None
        wanted = sha256 is None or head["sha256"] == sha256.lower()
        return body if young and sound and wanted else None

    def put(self, url: str, body: bytes) -> None:
        """Keep an answer; where the disk does not take it, it is asked for again next time."""
        target = self._path(url)
        head = {"url": url, "sha256": checksum(body), "time": time.time()}
        own = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}.part")
        with suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with gzip.open(own, "wb", compresslevel=4) as file:
                    file.write(json.dumps(head).encode() + b"\n" + body)
                own.replace(target)
            finally:
                own.unlink(missing_ok=True)

    def _path(self, url: str) -> Path:
        name = checksum(url.encode())
        return self.folder / name[:2] / f"{name[2:34]}.gz"


def checksum(body: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(body).hexdigest()
