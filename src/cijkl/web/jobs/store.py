"""The queue and the results that are kept: one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.screening.packing import pack, pack_atoms, unpack, unpack_atoms
from cijkl.structures.crystal import Crystal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ase import Atoms

__all__ = ["ENDED", "Job", "JobStore", "QueueFullError"]

_TABLE = """
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
  state TEXT NOT NULL, client TEXT NOT NULL, name TEXT NOT NULL, formula TEXT,
  options TEXT NOT NULL, crystal BLOB, notes TEXT, record BLOB, error TEXT, progress TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  created REAL NOT NULL, begun REAL, ended REAL
);
CREATE INDEX IF NOT EXISTS by_state ON jobs (state, number);
"""
_SHOWN = (
    "number, id, kind, state, client, name, formula, options, error, progress, created, begun, "
    "ended, tries"
)
#: states of a job that is over
ENDED = ("done", "failed", "cancelled")
#: times that a job is begun, if the server ends while it runs
_TRIES = 3
_DAY = 86_400.0


class QueueFullError(Exception):
    """No more jobs are taken: of this client, or of all."""


@dataclass(frozen=True)
class Job:
    """A job without what is large: its crystal and its record.

    Parameters
    ----------
    number
        In the order of arrival.
    id
        Cannot be guessed.
    kind
        ``analyze``, ``predict`` or ``compute``.
    state
        ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    client
        Address that it came from.
    name, formula
        Of the crystal.
    options
        What was asked for.
    error
        Why it failed.
    progress
        How it went; see `cijkl.web.jobs.progress`.
    created, begun, ended
        Seconds since 1970.
    tries
        Times that it was begun.
    """

    number: int
    id: str
    kind: str
    state: str
    client: str
    name: str
    formula: str | None
    options: Mapping[str, Any]
    error: str | None
    progress: Mapping[str, Any] | None
    created: float
    begun: float | None
    ended: float | None
    tries: int


class JobStore:
    """Jobs in a folder that no other server uses.

    Raises
    ------
    InputError
        The folder cannot be made, or another server has it.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: cannot make the folder ({error.strerror})") from None
        self._lock_file = _only_server(folder)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            folder / "jobs.sqlite", check_same_thread=False, isolation_level=None
        )
        # a result that was answered may be lost if the machine, not the server, fails just then
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._database.executescript(_TABLE)

    def close(self) -> None:
        """Set the folder free."""
        with self._lock:
            self._database.close()
        self._lock_file.close()

    def add(
        self,
        crystals: Sequence[Crystal],
        options: Mapping[str, Any],
        client: str,
        *,
        per_client: int,
        in_all: int,
    ) -> list[str]:
        """Queue crystals, all or none, and give their ids.

        Raises
        ------
        QueueFullError
            That would be too many.
        """
        from cijkl.structures import reduced_formula

        with self._transaction() as cursor:
            where = "SELECT count(*), coalesce(sum(client = ?), 0) FROM jobs WHERE state IN"
            waiting, own = cursor.execute(f"{where} ('queued', 'running')", [client]).fetchone()
            if own + len(crystals) > per_client:
                raise QueueFullError(
                    f"at most {per_client} jobs of one address wait or run at a time"
                )
            if waiting + len(crystals) > in_all:
                raise QueueFullError(f"the queue is full: {waiting} jobs wait or run")
            ids = []
            for crystal in crystals:
                named = reduced_formula(crystal.atoms)
                ids.append(secrets.token_urlsafe(16))
                cursor.execute(
                    "INSERT INTO jobs (id, kind, state, client, name, formula, options, crystal, "
                    "notes, created) VALUES (?, 'compute', 'queued', ?, ?, ?, ?, ?, ?, ?)",
                    [
                        ids[-1], client, crystal.id, named, json.dumps(options),
                        pack_atoms(crystal.atoms), _notes(crystal), time.time(),
                    ],
                )  # fmt: skip
        return ids

    def keep(self, kind: str, record: Mapping[str, Any], client: str) -> str:
        """Keep the record of an answer that took no job, and give its id."""
        name, now = secrets.token_urlsafe(16), time.time()
        state = "done" if record["status"] == "ok" else "failed"
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT INTO jobs (id, kind, state, client, name, formula, options, record, error, "
                "created, begun, ended) VALUES (?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, ?, ?)",
                [
                    name, kind, state, client, record["id"], record["formula"], pack(record),
                    record["error"], now, now, now,
                ],
            )  # fmt: skip
        return name

    def take(self) -> tuple[Job, Crystal] | None:
        """The oldest job that waits, which now runs; None if none waits."""
        with self._transaction() as cursor:
            row = cursor.execute(
                "UPDATE jobs SET state = 'running', begun = ?, tries = tries + 1 WHERE number = "
                "(SELECT min(number) FROM jobs WHERE state = 'queued') "
                f"RETURNING {_SHOWN}, crystal, notes",
                [time.time()],
            ).fetchone()
        if row is None:
            return None
        job = _job(row[:-2])
        source, notes = json.loads(row[-1])
        found = tuple(Diagnostic(*note) for note in notes)
        return job, Crystal(job.name, unpack_atoms(row[-2]), source, found)

    def finish(
        self,
        name: str,
        state: str,
        *,
        error: str | None = None,
        record: Mapping[str, Any] | None = None,
        progress: Mapping[str, Any] | None = None,
    ) -> None:
        """Note how a job that runs has ended; one that was cancelled meanwhile stays so."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = ?, error = ?, record = ?, progress = ?, ended = ? "
                "WHERE id = ? AND state = 'running'",
                [
                    state, error, None if record is None else pack(record),
                    json.dumps(progress), time.time(), name,
                ],
            )  # fmt: skip

    def cancel(self, name: str) -> bool:
        """Whether a job waited or ran; it does no longer."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = 'cancelled', ended = ? WHERE id = ? "
                "AND state IN ('queued', 'running')",
                [time.time(), name],
            )
            return cursor.rowcount > 0

    def forget(self, name: str) -> None:
        """Take a job out that is over."""
        with self._transaction() as cursor:
            cursor.execute(
                f"DELETE FROM jobs WHERE id = ? AND state IN {ENDED}",
                [name],
            )

    def job(self, name: str) -> Job | None:
        """One job."""
        with self._transaction() as cursor:
            row = cursor.execute(f"SELECT {_SHOWN} FROM jobs WHERE id = ?", [name]).fetchone()
        return None if row is None else _job(row)

    def crystal(self, name: str) -> Atoms | None:
        """The crystal of a job as it was sent; None of a result without a job."""
        with self._transaction() as cursor:
            row = cursor.execute("SELECT crystal FROM jobs WHERE id = ?", [name]).fetchone()
        return None if row is None or row[0] is None else unpack_atoms(row[0])

    def record(self, name: str) -> dict[str, Any] | None:
        """The record of a job, if it has one."""
        with self._transaction() as cursor:
            row = cursor.execute("SELECT record FROM jobs WHERE id = ?", [name]).fetchone()
        return None if row is None or row[0] is None else dict(unpack(row[0]))

    def jobs(self, limit: int, offset: int = 0, kind: str = "compute") -> tuple[list[Job], int]:
        """The latest jobs of a kind, and how many there are."""
        with self._transaction() as cursor:
            rows = cursor.execute(
                f"SELECT {_SHOWN} FROM jobs WHERE kind = ? ORDER BY number DESC LIMIT ? OFFSET ?",
                [kind, limit, offset],
            ).fetchall()
            query = "SELECT count(*) FROM jobs WHERE kind = ?"
            (count,) = cursor.execute(query, [kind]).fetchone()
        return [_job(row) for row in rows], int(count)

    def ahead(self, job: Job) -> int:
        """How many jobs wait or run before one that waits."""
        with self._transaction() as cursor:
            query = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running') AND number < ?"
            (count,) = cursor.execute(query, [job.number]).fetchone()
        return int(count)

    def recover(self) -> None:
        """Put back what ran when the server ended; what was begun too often has failed."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE jobs SET state = 'failed', ended = ?, "
                "error = 'the server ended each time that it ran' "
                "WHERE state = 'running' AND tries >= ?",
                [time.time(), _TRIES],
            )
            cursor.execute("UPDATE jobs SET state = 'queued', begun = NULL WHERE state = 'running'")

    def prune(self, days: float, results: int) -> None:
        """Forget what ended long ago, and the oldest beyond a number."""
        with self._transaction() as cursor:
            over = f"state IN {ENDED}"
            oldest = time.time() - days * _DAY
            cursor.execute(f"DELETE FROM jobs WHERE {over} AND ended < ?", [oldest])
            cursor.execute(
                f"DELETE FROM jobs WHERE {over} AND number <= (SELECT number FROM jobs "
                f"WHERE {over} ORDER BY number DESC LIMIT 1 OFFSET ?)",
                [results],
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, closing(self._database.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")


def _job(row: Sequence[Any]) -> Job:
    names = _SHOWN.split(", ")
    values = dict(zip(names, row, strict=True))
    values["options"] = json.loads(values["options"])
    values["progress"] = json.loads(values["progress"] or "null")
    return Job(**values)


def _notes(crystal: Crystal) -> str:
    return json.dumps([crystal.source, [[n.code, n.message] for n in crystal.diagnostics]])


def _only_server(folder: Path) -> IO[str]:
    """A file that stays locked while this server runs."""
    file = (folder / "lock").open("w")
    try:
        import fcntl
    except ImportError:  # Windows, where SQLite alone keeps order
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InputError(f"{folder}: another server uses this folder for its jobs") from None
    return file
