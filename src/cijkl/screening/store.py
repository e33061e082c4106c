"""A store: one DuckDB file with crystals, results, failures, runs, and which input is which."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from cijkl.errors import InputError
from cijkl.screening import schema
from cijkl.screening.opening import StoreError, answering, connect, explained
from cijkl.screening.outcome import Known, Link, Outcome
from cijkl.screening.own_columns import OwnColumns
from cijkl.screening.packing import unpack, unpack_atoms
from cijkl.screening.tables import insert, quoted, select_in

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from cijkl.screening.engines import Identity
    from cijkl.structures import Crystal

__all__ = ["Store", "StoreError"]

_NEW_LINK = "NOT EXISTS (SELECT 1 FROM links l WHERE l.digest = new.digest AND l.id = new.id)"
_NEW_CRYSTAL = "NOT EXISTS (SELECT 1 FROM crystals c WHERE c.fingerprint = new.fingerprint)"


class Store:
    """Results of screenings, in one file.

    The tables are those of `schema.TABLES`; the view ``screened`` joins each result with its
    crystal. Only one process can have a store open for writing, and none can read it meanwhile.

    Parameters
    ----------
    path
        The file. For writing it is made, with its folder, where there is none.
    write
        Whether to open for writing.

    Raises
    ------
    InputError
        There is no such file to read, it is no store or one of another version, or another
        process has it open.
    """

    #: those that this process writes: DuckDB keeps other processes out, but not this one
    _written: ClassVar[set[Path]] = set()

    def __init__(self, path: str | PathLike[str], *, write: bool = False) -> None:
        self.path = Path(path).expanduser()
        if self.path.resolve() in self._written:
            raise InputError(f"{self.path}: this process has the store open already")
        self.connection: DuckDBPyConnection = connect(self.path, write=write)
        self._own: OwnColumns | None = None
        if write:
            self._own = OwnColumns(self.connection)
            self._written.add(self.path.resolve())

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Set the file free for others."""
        self.connection.close()
        if self._own is not None:
            self._written.discard(self.path.resolve())

    def counts(self) -> dict[str, int]:
        """Rows of each table of crystals, results, failures and links."""
        return {
            name: int(self._value(f"SELECT count(*) FROM {name}"))
            for name in ("crystals", "results", "failures", "links")
        }

    def columns(self) -> dict[str, str]:
        """Names and types of the columns of the view ``screened``."""
        return {row[0]: row[1] for row in self.connection.execute("DESCRIBE screened").fetchall()}

    def records(self, condition: str = "TRUE") -> Iterator[dict[str, Any]]:
        """Records of results, one by one.

        Parameters
        ----------
        condition
            SQL over the columns of ``screened``.
        """
        cursor = self.connection.cursor()
        with answering():
            cursor.execute(
                "SELECT record FROM results JOIN (SELECT fingerprint, engine, settings FROM "
                f"screened WHERE {condition}) USING (fingerprint, engine, settings)"
            )
        while row := cursor.fetchone():
            yield unpack(row[0])

    def crystals(self, condition: str = "TRUE") -> Iterator[Crystal]:
        """Crystals, as they were put in, one by one.

        Parameters
        ----------
        condition
            SQL over the columns of ``crystals`` or, if it names others, of ``screened``.

        Raises
        ------
        InputError
            The condition is not understood.
        """
        from cijkl.structures import Crystal

        own = list(schema.own_columns(self.connection))
        listed = "".join(f", {quoted(name)}" for name in own)
        cursor = self.connection.cursor()
        with answering():
            try:
                cursor.execute(f"SELECT fingerprint FROM crystals WHERE {condition} LIMIT 0")
            except Exception:
                # what is no column of a crystal may be one of its results
                condition = f"fingerprint IN (SELECT fingerprint FROM screened WHERE {condition})"
            cursor.execute(f"SELECT id, source, structure{listed} FROM crystals WHERE {condition}")
        while row := cursor.fetchone():
            columns = {k: v for k, v in zip(own, row[3:], strict=True) if v is not None}
            yield Crystal(row[0], unpack_atoms(row[2]), row[1], columns=columns)

    def known(self, asked: Sequence[tuple[str, str]]) -> dict[str, tuple[str, bool]]:
        """Of those (digest, id) whose digest was seen: fingerprint, and whether by that id too."""
        # the rows first, and of these what is wanted: only one column is gone through, not all
        found = select_in(
            self.connection,
            "WITH found AS MATERIALIZED (SELECT l.rowid AS row, asked.id AS own FROM links l "
            "JOIN asked USING (digest)) SELECT l.digest, any_value(l.fingerprint), "
            "bool_or(l.id = own) FROM links l JOIN found ON l.rowid = row GROUP BY ALL",
            {"digest": [digest for digest, _ in asked], "id": [name for _, name in asked]},
        )
        return {digest: (fingerprint, linked) for digest, fingerprint, linked in found}

    def representatives(self, fingerprints: Sequence[str]) -> dict[str, Crystal]:
        """The crystals of those names, as they were put in."""
        from cijkl.structures import Crystal

        found = select_in(
            self.connection,
            "SELECT DISTINCT fingerprint, c.id, c.source, c.structure FROM crystals c "
            "JOIN asked USING (fingerprint)",
            {"fingerprint": fingerprints},
        )
        return {
            fingerprint: Crystal(name, unpack_atoms(structure), source)
            for fingerprint, name, source, structure in found
        }

    def done(self, fingerprints: Sequence[str], identity: Identity, condition: str) -> set[str]:
        """Those fingerprints for which there is nothing left to do.

        Parameters
        ----------
        condition
            What results must meet to be kept; one that was dropped for another reason is not done.
        """
        name = identity.name.replace("'", "''")
        tables = " UNION ALL ".join(
            f"SELECT fingerprint FROM {table} t JOIN asked USING (fingerprint) "
            f"WHERE engine = '{name}' AND settings = '{identity.key}'{more}"
            for table, more in (
                ("results", ""),
                ("failures", ""),
                ("dropped", " AND t.condition = asked.condition"),
            )
        )
        asked = {"fingerprint": fingerprints, "condition": [condition] * len(fingerprints)}
        return {row[0] for row in select_in(self.connection, tables, asked)}

    def alike(
        self, asked: Sequence[tuple[str, str, float]], width: float
    ) -> dict[str, list[Known]]:
        """Crystals of the same formula and nearly the same volume per atom, by digest.

        Parameters
        ----------
        asked
            Digest, reduced formula and volume per atom (A^3) of inputs.
        width
            Largest relative difference of volumes.
        """
        digests, formulas, volumes = zip(*asked, strict=True) if asked else ((), (), ())
        found = select_in(
            self.connection,
            "WITH found AS MATERIALIZED (SELECT DISTINCT asked.digest, c.rowid AS row "
            "FROM crystals c JOIN asked USING (formula) WHERE abs(c.volume_per_atom - "
            f"asked.volume) <= {2.0 * width!r} * asked.volume) SELECT found.digest, c.fingerprint, "
            "c.structure FROM crystals c JOIN found ON c.rowid = row ORDER BY c.fingerprint",
            {"digest": digests, "formula": formulas, "volume": volumes},
        )
        alike: dict[str, list[Known]] = {}
        for digest, fingerprint, structure in found:
            alike.setdefault(digest, []).append(Known(fingerprint, structure))
        return alike

    def commit(
        self,
        outcomes: Sequence[Outcome],
        identity: Identity,
        run: int,
        *,
        dropped: Sequence[Outcome] = (),
        condition: str = "",
        links: Sequence[tuple[Link, str]] = (),
    ) -> None:
        """Write all of these or, if that fails, none.

        Parameters
        ----------
        outcomes
            To be kept.
        dropped, condition
            Results to be forgotten but for the fact that they do not meet the condition.
        links
            Inputs that are crystals of the store, with their fingerprints.

        Raises
        ------
        StoreError
            The disk is full or cannot be written; what was committed before is intact.
        """
        assert self._own is not None
        key = {"engine": identity.name, "settings": identity.key, "run": run}
        made = [each for each in (*outcomes, *dropped) if each.crystal is not None]
        with explained(self.path):
            self._own.learn(each.link.columns for each in made)
        rows = [{**(each.crystal or {}), **self._own.row(each.link.columns)} for each in made]
        columns = {**schema.TABLES["crystals"], **self._own.types}
        with self._transaction():
            insert(self.connection, "crystals", columns, rows, _NEW_CRYSTAL)
            results = [
                {**(each.row or {}), **key, "fingerprint": each.fingerprint, "record": each.record}
                for each in outcomes
                if each.kind == "result"
            ]
            insert(self.connection, "results", schema.TABLES["results"], results)
            failed = [
                {
                    **key,
                    "fingerprint": each.fingerprint,
                    "digest": each.link.digest,
                    "id": each.link.id,
                    "source": each.link.source,
                    "formula": (each.crystal or {}).get("formula"),
                    "reason": each.reason,
                    "tries": each.tries,
                    "record": each.record,
                }
                for each in outcomes
                if each.kind == "failure"
            ]
            insert(self.connection, "failures", schema.TABLES["failures"], failed)
            forgotten = [
                {**key, "fingerprint": each.fingerprint, "condition": condition} for each in dropped
            ]
            insert(self.connection, "dropped", schema.TABLES["dropped"], forgotten)
            pairs = [(each.link, each.fingerprint) for each in (*outcomes, *dropped)]
            first = self._first([fingerprint for _, fingerprint in (*pairs, *links)])
            self._name([link.digest for link, name in pairs if not name.startswith("digest-")])
            seen = [
                {
                    "digest": link.digest,
                    "id": link.id,
                    "source": link.source,
                    "fingerprint": fingerprint,
                    "duplicate": first.get(fingerprint, here := (link.id, link.source)) != here,
                }
                for link, fingerprint in (*pairs, *links)
            ]
            insert(self.connection, "links", schema.TABLES["links"], seen, _NEW_LINK)

    def begin_run(self, identity: Identity, command: str) -> int:
        """Note that a run begins, and give its number."""
        with self._transaction():
            run = int(self._value("SELECT coalesce(max(run), 0) + 1 FROM runs"))
            self.connection.execute(
                "INSERT INTO runs (run, state, command, engine, settings, details, versions, begun)"
                " VALUES (?, 'running', ?, ?, ?, ?, ?, now()::TIMESTAMP)",
                [run, command, identity.name, identity.key, identity.details, identity.versions],
            )
        return run

    def end_run(self, run: int, state: str, counts: Mapping[str, int]) -> None:
        """Note how a run ended; one that was killed stays ``running``."""
        parts = "".join(f", {name} = {int(number)}" for name, number in counts.items())
        with self._transaction():
            self.connection.execute(
                f"UPDATE runs SET state = ?, ended = now()::TIMESTAMP{parts} WHERE run = ?",
                [state, run],
            )

    def forget_failures(self, identity: Identity) -> int:
        """Take out what failed with an engine, so that it is tried again; gives how many."""
        mine = "engine = ? AND settings = ?"
        key = [identity.name, identity.key]
        with self._transaction():
            # a crystal with which a process died has no name of its own yet
            for table in ("links", "crystals"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE starts_with(fingerprint, 'digest-') AND "
                    f"fingerprint IN (SELECT fingerprint FROM failures WHERE {mine})",
                    key,
                )
            row = self.connection.execute(f"DELETE FROM failures WHERE {mine}", key).fetchone()
        return int(row[0]) if row else 0

    def _name(self, digests: Sequence[str]) -> None:
        """Crystals with which a process had died, and which had no name, have one now."""
        nameless = select_in(
            self.connection,
            "SELECT DISTINCT c.fingerprint FROM crystals c JOIN asked USING (fingerprint)",
            {"fingerprint": [f"digest-{digest}" for digest in digests]},
        )
        for (name,) in nameless:
            for table in ("crystals", "links", "failures"):
                self.connection.execute(f"DELETE FROM {table} WHERE fingerprint = ?", [name])

    def _first(self, fingerprints: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Id and source under which crystals are in the store."""
        found = select_in(
            self.connection,
            "SELECT DISTINCT fingerprint, c.id, c.source FROM crystals c JOIN asked "
            "USING (fingerprint)",
            {"fingerprint": fingerprints},
        )
        return {fingerprint: (name, source) for fingerprint, name, source in found}

    def _value(self, query: str) -> Any:
        row = self.connection.execute(query).fetchone()
        return None if row is None else row[0]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; what the disk or DuckDB refuses is a `StoreError`."""
        with explained(self.path):
            self.connection.execute("BEGIN")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                # after some errors DuckDB has closed the transaction, or the database, itself
                with contextlib.suppress(Exception):
                    self.connection.execute("ROLLBACK")
                raise
