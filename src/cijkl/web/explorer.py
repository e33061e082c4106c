"""A store of a screening, opened for visitors: what they filter and sort by is held in memory."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from cijkl.errors import InputError
from cijkl.screening import schema
from cijkl.screening.opening import answering
from cijkl.screening.store import Store
from cijkl.screening.tables import quoted
from cijkl.web.explorer_columns import HELD, Column, described
from cijkl.web.explorer_filter import ELEMENTS, LIST, NUMBER, Filter
from cijkl.web.processes import BusyError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["ROW", "Explorer", "side"]

#: number of a result in its table: the order of the store, and the key of a row
ROW = "cijkl row"
_CRYSTAL = "cijkl crystal"
#: queries that run at a time, and seconds that one may take and may wait
_AT_ONCE, _SECONDS = 2, 20.0
#: results from which the shape of a distribution is told
_SAMPLE = 50_000
#: answers that are kept
_KEPT = 256
Answer = TypeVar("Answer")


class Explorer:
    """A store, open for reading only.

    The columns that most questions are about are copied to memory when it is opened, some 700 bytes
    a result: of the store itself, results and crystals would have to be joined for each question.

    Parameters
    ----------
    path
        The store.

    Raises
    ------
    InputError
        There is no such store, or another process writes to it.
    """

    def __init__(self, path: Path) -> None:
        with Store(path) as store:
            #: columns of the view ``screened``, and their types
            self.stored = store.columns()
            own = list(schema.own_columns(store.connection))
        #: those that may be named: a condition may speak of elements, as filters before a run do
        self.types = {"elements": "VARCHAR[]", **self.stored}
        self.columns: dict[str, Column] = described(self.types, own)
        sliders = [column.name for column in self.columns.values() if column.slider]
        self.held = tuple(dict.fromkeys((*HELD, *sliders)))
        #: folder of files that are being made
        self.folder = TemporaryDirectory(prefix="cijkl-explorer-")
        self.connection = _connect(path, self.folder.name)
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._answers_lock = threading.Lock()
        self._prepared = threading.Event()
        self._preparing = threading.Lock()
        self.condition_names = lru_cache(256)(self._condition_names)

    def close(self) -> None:
        """Set the file and the memory free."""
        self.connection.close()
        self.folder.cleanup()

    def prepare(self) -> None:
        """Copy the columns to memory; later calls do nothing."""
        with self._preparing:
            if self._prepared.is_set():
                return
            # " Al O ": to look for a word in a text is ten times as fast as for one in a list
            elements = "regexp_extract_all(c.formula, '[A-Z][a-z]?')"
            listed = ", ".join(f"{side(name)}.{quoted(name)}" for name in self.held)
            self.connection.execute(
                f"CREATE TABLE held AS SELECT r.rowid AS {quoted(ROW)}, "
                f"c.rowid AS {quoted(_CRYSTAL)}, len({elements}) AS {quoted(NUMBER)}, "
                f"' ' || array_to_string({elements}, ' ') || ' ' AS {quoted(ELEMENTS)}, {listed} "
                "FROM store.results r JOIN store.crystals c USING (fingerprint)"
            )
            self.connection.execute(
                "CREATE TABLE sample AS SELECT * FROM held "
                f"USING SAMPLE {_SAMPLE} ROWS (reservoir, 1)"
            )
            self._prepared.set()

    def matching(self, chosen: Filter, needed: Sequence[str] = ()) -> str:
        """What follows FROM in a query for the rows that meet a filter.

        Parameters
        ----------
        needed
            Columns that the query names besides those of the filter.

        Raises
        ------
        InputError
            The filter names a column that does not exist, or its condition is none.
        """
        condition, names = chosen.sql(self.types, self.condition_names)
        return f"{self._source((*names, *needed))} WHERE {condition}"

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query that this room wrote.

        Raises
        ------
        InputError
            A condition in it cannot be evaluated, or it takes too long.
        BusyError
            Too many are asked at once.
        """
        cursor = self.cursor()
        try:
            return self.limited(cursor, lambda: cursor.execute(sql, parameters).fetchall())
        finally:
            cursor.close()

    def cursor(self) -> DuckDBPyConnection:
        """A connection of one's own to the same database, once it is prepared."""
        self.prepare()
        # DuckDB refuses a connection that another thread uses at the moment, even for this
        with self._preparing:
            return self.connection.cursor()

    def limited(self, connection: DuckDBPyConnection, work: Callable[[], Answer]) -> Answer:
        """What a piece of work with a connection gives, if that takes no longer than it may."""
        import duckdb

        if not self._slots.acquire(timeout=_SECONDS):
            raise BusyError("many questions wait already; try again in a few seconds")
        timer = threading.Timer(_SECONDS, connection.interrupt)
        timer.start()
        try:
            with answering():
                return work()
        except InputError as error:
            if isinstance(error.__context__, duckdb.InterruptException):
                raise InputError(
                    f"the question took longer than {_SECONDS:g} s and was ended"
                ) from None
            raise
        finally:
            timer.cancel()
            self._slots.release()

    def remembered(self, key: tuple[Any, ...], work: Callable[[], Answer]) -> Answer:
        """An answer, found once for each key; the store does not change while it is open."""
        with self._answers_lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                found: Answer = self._answers[key]
                return found
        answer = work()
        with self._answers_lock:
            self._answers[key] = answer
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return answer

    def column(self, name: str) -> Column:
        """A column.

        Raises
        ------
        InputError
            There is none of this name.
        """
        from cijkl.structures.building import one_line

        if name not in self.columns:
            raise InputError(f"the store has no column {one_line(name, 60)!r}")
        return self.columns[name]

    def _source(self, names: Sequence[str]) -> str:
        """The rows in memory, joined with those columns of the store that are not."""
        missing = [name for name in dict.fromkeys(names) if name not in self.held]
        if not missing:
            return "held AS s"
        listed = ", ".join(
            f"{side(name)}.{quoted(name)}" if name in self.stored else f"{LIST} AS {name}"
            for name in missing
        )
        sides = {side(name) for name in missing if name in self.stored}
        joined = [
            f"JOIN store.{table} {letter} ON {letter}.rowid = h.{quoted(number)}"
            for letter, table, number in (("r", "results", ROW), ("c", "crystals", _CRYSTAL))
            if letter in sides
        ]
        return f"(SELECT h.*, {listed} FROM held AS h {' '.join(joined)}) AS s"

    def _condition_names(self, text: str) -> tuple[str, ...]:
        from cijkl.screening.filter_expressions import Condition

        names = Condition(text, self.types).names
        _check_brackets(text)
        return names


def side(name: str) -> str:
    """Which of the tables a column of ``screened`` comes from: r for results, c for crystals."""
    result = name in schema.TABLES["results"] and name != "fingerprint"
    return "r" if result else "c"


def _check_brackets(text: str) -> None:
    """Refuse a condition that closes the brackets around it and opens others, such as ``a) or (b``.

    Raises
    ------
    InputError
        It does.
    """
    from cijkl.screening.filter_expressions import connect

    with connect() as connection:
        query = f"SELECT 1 WHERE {text}\n"
        (answer,) = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    if json.loads(answer)["error"]:
        raise InputError("the condition is no single condition; brackets may be unbalanced")


def _connect(path: Path, folder: str) -> DuckDBPyConnection:
    """A database in memory beside the store, which is attached for reading only.

    It reaches no file but that one and those of `folder`, and this cannot be changed.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"autoload_known_extensions": False})
    attached = str(path.expanduser()).replace("'", "''")
    connection.execute(f"ATTACH '{attached}' AS store (READ_ONLY)")
    connection.execute("SET temp_directory = ''")
    # a setting since DuckDB 1.2; before, conditions alone keep visitors from files
    with suppress(duckdb.CatalogException):
        connection.execute(f"SET allowed_directories = ['{folder}']")
        connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
