"""Conditions in SQL that can do nothing but compare columns, and their evaluation by DuckDB."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cijkl.errors import InputError, MissingPackageError
from cijkl.structures.building import one_line

__all__ = ["Condition", "connect", "named_columns"]

#: longest expression, characters
LONGEST = 10_000
#: kinds of nodes that an expression may consist of
_NODES = """
    COMPARISON CONJUNCTION COLUMN_REF CONSTANT BETWEEN OPERATOR FUNCTION CASE CAST TYPE
"""
#: functions that only compute, and in no more time or memory than their arguments
_FUNCTIONS = """
    abs ceil ceiling floor round sign sqrt cbrt exp ln log log10 log2 pow power mod greatest least
    isnan isfinite isinf lower upper trim length len contains starts_with prefix ends_with suffix
    regexp_matches regexp_full_match like_escape not_like_escape ilike_escape not_ilike_escape
    list_contains list_has list_has_any list_has_all array_contains array_has array_has_any
    array_has_all list_value
"""
_OPERATORS = "+ - * / // % ^ ** || ~~ !~~ ~~* !~~* ~ !~ ^@ @> <@ && ~~~"
#: nodes that may be true or false although a part of them is unknown
_TESTS_OF_NULL = """
    OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE COMPARE_DISTINCT_FROM
    COMPARE_NOT_DISTINCT_FROM CASE_EXPR greatest least list_value ||
"""
NODES, FUNCTIONS, OPERATORS, TESTS_OF_NULL = (
    frozenset(words.split()) for words in (_NODES, _FUNCTIONS, _OPERATORS, _TESTS_OF_NULL)
)
#: a column that every row has, or rows without others would be lost
_ANY = "row of cijkl"


class Condition:
    """A condition on rows, such as ``band_gap between 0.1 and 3.0 and not radioactive``.

    It is one SQL expression (of DuckDB) over columns: comparisons, ``and``, ``or``, ``not``,
    ``between``, ``in``, ``like``, ``is null``, ``case``, arithmetic and plain functions. Queries,
    aggregates, files and settings are refused.

    Parameters
    ----------
    text
        The expression.
    columns
        Names and DuckDB types of the columns that there are.

    Attributes
    ----------
    names
        Columns that the expression names, as `columns` spells them.

    Raises
    ------
    InputError
        For what is no such expression, a column that does not exist, or a value that is not true
        or false.

    Examples
    --------
    >>> heavy = Condition("natoms > 50 and not metal", {"natoms": "INTEGER", "metal": "BOOLEAN"})
    >>> heavy.of([{"natoms": 60, "metal": False}, {"natoms": 60, "metal": None}, {"natoms": 2}])
    [True, None, False]
    """

    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        self.text = text
        tree, found = _parse(text)
        spelled = {name.lower(): name for name in columns}
        unknown = [name for name in found if name.lower() not in spelled]
        if unknown:
            raise InputError(_unknown(unknown[0], columns))
        self.names = tuple(dict.fromkeys(spelled[name.lower()] for name in found))
        self._tree = tree
        self._types = {name: columns[name] for name in self.names}
        self._connection = connect()
        self._query = self._select()
        self._check_type()

    def of(self, rows: Sequence[Mapping[str, Any]]) -> list[bool | None]:
        """Give for each row whether the condition holds; None where an unknown value decides.

        Parameters
        ----------
        rows
            Values by column name; what is absent, None, NaN or infinite is unknown.

        Raises
        ------
        InputError
            If an operation cannot be done with a value, such as text that should be a number.
        """
        text = json.dumps([self._plain(row) for row in rows])
        return [value for (value,) in self._run(text).fetchall()]

    def settled_without(self, names: Collection[str]) -> bool:
        """Whether true and false stay so, whatever values of these columns become known."""
        return not any(
            _is_test_of_null(node) and any(name in names for name in _names(node))
            for node in _walk(self._tree)
        )

    def _plain(self, row: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: row.get(name) for name in self.names}
        for name, value in values.items():
            if isinstance(value, float) and not math.isfinite(value):
                values[name] = None
        return values | {_ANY: 0}

    def _select(self) -> str:
        layout = json.dumps([{**self._types, _ANY: "INTEGER"}]).replace("'", "''")
        fields = ", ".join(f"r.{_quoted(name)} AS {_quoted(name)}" for name in (_ANY, *self.names))
        rows = f"SELECT unnest(from_json(?, '{layout}')) AS r"
        return f"SELECT (\n{self.text}\n) FROM (SELECT {fields} FROM ({rows})) AS rows"

    def _run(self, rows: str) -> Any:
        import duckdb

        try:
            return self._connection.execute(self._query, [rows])
        except duckdb.Error as error:
            raise InputError(f"the condition {_shown(self.text)}: {_reason(error)}") from None

    def _check_type(self) -> None:
        kind = str(self._run("[]").description[0][1]).upper()
        if kind not in ("BOOLEAN", "BOOL", '"NULL"', "NULL"):
            raise InputError(
                f"the condition {_shown(self.text)} gives {kind}, not true or false; compare it "
                "with something, as in natoms <= 50"
            )


def named_columns(text: str) -> tuple[str, ...]:
    """Give the columns that an expression names, as it spells them.

    Raises
    ------
    InputError
        If it is no expression as `Condition` takes them.
    """
    return _parse(text)[1]


def connect() -> Any:
    """Give a DuckDB connection in memory that reaches no file and no network.

    Raises
    ------
    MissingPackageError
        Without DuckDB.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingPackageError(
            "filters need DuckDB; install it with: pip install 'cijkl[screen]'"
        ) from None
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": "1GB",
        "threads": "1",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET lock_configuration = true")
    return connection


def _parse(text: str) -> tuple[Any, tuple[str, ...]]:
    """Syntax tree of an expression that is safe, and the columns in it."""
    if not text.strip():
        raise InputError("the condition is empty")
    if len(text) > LONGEST:
        raise InputError(f"the condition is longer than {LONGEST} characters")
    alone, statements = _syntax("true"), _syntax(text)
    trees = [statement["node"].pop("where_clause", None) for statement in (*alone, *statements)]
    # whatever leaves its brackets shows as a difference from a query with nothing but a condition
    if _without_places(alone) != _without_places(statements):
        raise InputError(f"{_shown(text)} is no single condition; brackets may be unbalanced")
    tree = trees[1]
    for node in _walk(tree):
        _refuse(node)
    return tree, tuple(dict.fromkeys(_names(tree)))


def _syntax(text: str) -> Any:
    connection = connect()
    try:
        query = f"SELECT 1 FROM rows WHERE (\n{text}\n)"
        answer = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    finally:
        connection.close()
    found = json.loads(answer[0])
    if found["error"]:
        reason = _reason(found.get("error_message", "not understood"))
        raise InputError(f"the condition {_shown(text)} is not understood: {reason}")
    for statement in found["statements"]:
        # parameters are refused by themselves
        statement.pop("named_param_map", None)
    return found["statements"]


def _refuse(node: Mapping[str, Any]) -> None:
    kind = str(node["class"])
    if kind == "FUNCTION":
        name = str(node["function_name"]).lower()
        if name not in FUNCTIONS | OPERATORS:
            near = difflib.get_close_matches(name, sorted(FUNCTIONS), 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InputError(f"a condition cannot use the function {one_line(name, 40)!r}{hint}")
    elif kind == "COLUMN_REF" and len(node["column_names"]) != 1:
        name = ".".join(map(str, node["column_names"]))
        raise InputError(f"unknown column {one_line(name, 60)!r}; columns have plain names")
    elif kind not in NODES:
        words = {
            "SUBQUERY": "a query",
            "WINDOW": "a window",
            "STAR": "*",
            "PARAMETER": "a parameter",
            "LAMBDA": "a function of its own",
            "COLLATE": "a collation",
        }
        raise InputError(f"a condition cannot contain {words.get(kind, kind.lower())}")


def _walk(tree: Any) -> Iterator[Mapping[str, Any]]:
    """All nodes of a syntax tree."""
    if isinstance(tree, Mapping):
        if "class" in tree:
            yield tree
        for child in tree.values():
            yield from _walk(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _walk(child)


def _names(tree: Any) -> Iterator[str]:
    for node in _walk(tree):
        if node["class"] == "COLUMN_REF":
            yield str(node["column_names"][0])


def _is_test_of_null(node: Mapping[str, Any]) -> bool:
    return not TESTS_OF_NULL.isdisjoint(
        (str(node.get("type")), str(node.get("function_name", "")).lower())
    )


def _without_places(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {k: _without_places(v) for k, v in tree.items() if "location" not in k}
    return [_without_places(child) for child in tree] if isinstance(tree, list) else tree


def _unknown(name: str, columns: Collection[str]) -> str:
    lower = {column.lower(): column for column in columns}
    near = [lower[n] for n in difflib.get_close_matches(name.lower(), lower, 3)]
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        hint = f"there are {one_line(', '.join(sorted(columns)), 400)}"
    text = f"unknown column {one_line(name, 60)!r}; {hint}"
    if not near and re.fullmatch(r"[A-Z][a-z]?", name):
        text += f" (a text is in single quotes, as in list_contains(elements, '{name}'))"
    return text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(text: str) -> str:
    return f'"{one_line(text, 100)}"'


def _reason(error: object) -> str:
    """First line of DuckDB's message."""
    text = str(error).strip().split("\n\n")[0].splitlines()[0]
    return one_line(re.sub(r"^\w+ Error: ", "", text), 160)
