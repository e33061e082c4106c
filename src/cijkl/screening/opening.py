"""Opening a store's file, and its errors in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cijkl.errors import CijklError, InputError, MissingPackageError
from cijkl.screening import schema
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["StoreError", "answering", "connect", "explained"]

#: what DuckDB may hold in memory of the file, and its threads while workers need the processors:
#: on a busy machine, threads that wait for each other made small queries ten times slower. Its log
#: may grow beyond the usual 16 MB before it goes into the file, which else takes twice the room
_WRITING: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "256MB",
    "threads": 1,
    "checkpoint_threshold": "64MB",
}
_READING: dict[str, str | bool | int | float | list[str]] = {}
#: what systems say when there is no room
_FULL = re.compile("no space|file too large|disk quota|could not fsync|not enough space", re.I)


class StoreError(CijklError):
    """A store cannot be written; what was committed before is intact."""


def connect(path: Path, *, write: bool) -> DuckDBPyConnection:
    """A connection to a store; see `Store`.

    Raises
    ------
    InputError
        There is no such file to read, it is no store or one of another version, or another
        process has it open.
    MissingPackageError
        DuckDB is not installed.
    StoreError
        A new one cannot be made.
    """
    if find_spec("duckdb") is None:
        raise MissingPackageError(
            "a store needs duckdb; install it with: pip install 'cijkl[screen]'"
        )
    if path.is_dir():
        raise InputError(f"{path}: a folder; a store is a file, such as results.duckdb")
    if write:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{path}: cannot make its folder ({error.strerror})") from None
    elif not path.exists():
        raise InputError(f"{path}: no such store; `cijkl screen` makes one")
    if write and path.exists() and path.stat().st_size == 0:
        # a disk was full at the very start
        path.unlink()
    connection = _open(path, write)
    try:
        empty = "SELECT count(*) = 0 FROM duckdb_tables()"
        # a run that was killed at its very start leaves a database without tables
        if write and connection.execute(empty).fetchall() == [(True,)]:
            with explained(path):
                schema.create(connection)
        schema.check(connection, str(path))
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of DuckDB within become a `StoreError` of one line."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        reason = _reason(error)
        if _FULL.search(str(error)):
            raise StoreError(
                f"{path}: the disk is full ({reason}). All that was committed before is intact: "
                "make room and run the same command again"
            ) from None
        raise StoreError(
            f"{path}: cannot be written ({reason}). What was committed before is intact"
        ) from None


@contextmanager
def answering() -> Iterator[None]:
    """Errors of DuckDB within become an `InputError` of one line."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        text = str(error).strip()
        hint = next((line for line in text.splitlines() if "andidate bindings" in line), "")
        raise InputError(
            f"the query fails: {one_line(text.partition(chr(10))[0])} {hint}"
        ) from None


def _open(path: Path, write: bool) -> DuckDBPyConnection:
    import duckdb

    try:
        return duckdb.connect(
            str(path), read_only=not write, config=_WRITING if write else _READING
        )
    except duckdb.Error as error:
        text = str(error)
        if "lock" in text and "Conflicting" in text:
            found = re.search(r"PID (\d+)", text)
            who = f"process {found.group(1)}" if found else "another process"
            raise InputError(
                f"{path}: {who} has the store open, as `cijkl screen` does while it runs; wait "
                "for it, or give another file"
            ) from None
        if "not a valid DuckDB database" in text:
            raise InputError(f"{path}: no store of cijkl (a DuckDB file)") from None
        raise InputError(f"{path}: cannot be opened ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """First line of a message, without its class."""
    line = str(error).strip().partition("\n")[0]
    return re.sub(r"^(\w+ )+Error: ", "", line)[:200]
