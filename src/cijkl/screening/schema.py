"""Tables of a store, and whether a file is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cijkl.errors import InputError
from cijkl.screening.columns import CRYSTAL, RESULT
from cijkl.screening.tables import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = [
    "STORE_SCHEMA",
    "TABLES",
    "_FAILURE",
    "_LINK",
    "check",
    "create",
    "own_columns",
    "refresh_view",
]

#: version of the tables
STORE_SCHEMA = 1

#: every input that was seen, and which crystal it is
_LINK = {
    "digest": "VARCHAR",
    "id": "VARCHAR",
    "source": "VARCHAR",
    "fingerprint": "VARCHAR",
    "duplicate": "BOOLEAN",
}
_FAILURE = {
    "fingerprint": "VARCHAR",
    "digest": "VARCHAR",
    "engine": "VARCHAR",
    "settings": "VARCHAR",
    "id": "VARCHAR",
    "source": "VARCHAR",
    "formula": "VARCHAR",
    "reason": "VARCHAR",
    "tries": "INTEGER",
    "record": "BLOB",
    "run": "INTEGER",
}
_KEY = {"fingerprint": "VARCHAR", "engine": "VARCHAR", "settings": "VARCHAR"}

TABLES: dict[str, dict[str, str]] = {
    "crystals": CRYSTAL,
    "results": {
        **_KEY,
        **RESULT,
        "seconds": "DOUBLE",
        "evaluations": "INTEGER",
        "record": "BLOB",
        "run": "INTEGER",
    },
    "failures": _FAILURE,
    "links": _LINK,
    "dropped": {**_KEY, "condition": "VARCHAR"},
    "runs": {
        "run": "INTEGER",
        "state": "VARCHAR",
        "command": "VARCHAR",
        "engine": "VARCHAR",
        "settings": "VARCHAR",
        "details": "VARCHAR",
        "versions": "VARCHAR",
        "begun": "TIMESTAMP",
        "ended": "TIMESTAMP",
        "inputs": "BIGINT",
        "computed": "BIGINT",
        "failed": "BIGINT",
        "known": "BIGINT",
        "duplicates": "BIGINT",
        "dropped": "BIGINT",
    },
    "cijkl_store": {"schema": "INTEGER", "version": "VARCHAR"},
}


def create(connection: DuckDBPyConnection) -> None:
    """Make the tables of an empty database, all or none."""
    from cijkl import __version__

    connection.execute("BEGIN")
    for name, columns in TABLES.items():
        listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"CREATE TABLE {name} ({listed})")
    connection.execute("INSERT INTO cijkl_store VALUES (?, ?)", [STORE_SCHEMA, __version__])
    refresh_view(connection)
    connection.execute("COMMIT")


def check(connection: DuckDBPyConnection, name: str) -> None:
    """Refuse a database that is no store, or one of another version.

    Raises
    ------
    InputError
        Saying which.
    """
    tables = {
        row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    if "cijkl_store" not in tables:
        raise InputError(f"{name}: a DuckDB database, but no store of cijkl; give another file")
    row = connection.execute("SELECT schema, version FROM cijkl_store").fetchone()
    if row is None or row[0] != STORE_SCHEMA:
        found, version = row or ("none", "?")
        raise InputError(
            f"{name}: the store has schema {found} (cijkl {version}), this cijkl reads schema "
            f"{STORE_SCHEMA}; use that version of cijkl, or begin a new store"
        )


def own_columns(connection: DuckDBPyConnection) -> dict[str, str]:
    """Names and types of the columns of crystals that their sources gave."""
    rows = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'crystals' "
        "AND NOT internal ORDER BY column_index"
    ).fetchall()
    return {name: kind for name, kind in rows if name not in CRYSTAL}


def refresh_view(connection: DuckDBPyConnection) -> None:
    """View ``screened``: each result with its crystal, without what is compressed."""
    own = [*CRYSTAL, *own_columns(connection)]
    crystal = ", ".join(f"c.{quoted(name)}" for name in own if name != "structure")
    result = ", ".join(
        f"r.{quoted(name)}" for name in TABLES["results"] if name not in ("fingerprint", "record")
    )
    connection.execute(
        f"CREATE OR REPLACE VIEW screened AS SELECT {crystal}, {result} "
        "FROM results r JOIN crystals c USING (fingerprint)"
    )
