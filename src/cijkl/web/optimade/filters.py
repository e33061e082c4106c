"""Filters of OPTIMADE as SQL with parameters; nothing of a filter's text is in the SQL."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.web.optimade.fields import ABSENT, FIELDS, PREFIX, Field

if TYPE_CHECKING:
    from lark import Tree

__all__ = ["LONGEST", "NotSupportedError", "as_sql", "order_by"]

#: longest filter, characters
LONGEST = 2000
_OPERATORS = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
#: an operator whose sides are exchanged
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: types of values that a type of property is compared with
_TAKES = {
    "string": (str,),
    "timestamp": (str,),
    "integer": (int, float),
    "float": (int, float),
    "boolean": (bool,),
}
Sql = tuple[str, list[Any]]


class NotSupportedError(InputError):
    """Something that the specification leaves to choice, and that this server lacks."""


def as_sql(text: str) -> Sql:
    """A filter as an SQL expression over the table of entries, and its parameters in order.

    Raises
    ------
    InputError
        It is no filter, names a property that does not exist, or compares what cannot be.
    NotSupportedError
        It needs what the specification does not ask of a server.

    Examples
    --------
    >>> as_sql('nelements >= 2 AND elements HAS "Si"')
    ('((len(elements) >= ?) AND (list_contains(elements, ?)))', [2, 'Si'])
    """
    if not text.strip():
        return "TRUE", []
    if len(text) > LONGEST:
        raise InputError(f"the filter is longer than {LONGEST} characters")
    parser = _parser()
    try:
        return _expression(parser.parse(text))
    except RecursionError:
        raise InputError("the filter is nested too deep") from None
    except InputError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("lark"):
            raise
        reason = one_line(str(error).partition("\n")[0], 120)
        raise InputError(f"the filter is not understood: {reason}") from None


def order_by(text: str) -> str:
    """What follows ORDER BY, of a list of properties with a minus for descending order.

    Raises
    ------
    InputError
        It names a property that does not exist or cannot be sorted by.

    Examples
    --------
    >>> order_by("-nelements,id")
    'len(elements) DESC NULLS LAST, id ASC NULLS LAST, id'
    """
    parts = []
    for name in filter(None, text.split(",")):
        field = FIELDS.get(name.removeprefix("-"))
        if field is None or not field.sortable:
            raise InputError(f"entries cannot be sorted by {one_line(name, 60)!r}")
        parts.append(f"{field.sql} {'DESC' if name.startswith('-') else 'ASC'} NULLS LAST")
    return ", ".join([*parts, "id"])


@cache
def _parser() -> Any:
    from cijkl.errors import MissingPackageError

    try:
        from lark import Lark
        from optimade.filterparser.lark_parser import AVAILABLE_PARSERS
    except ImportError:
        raise MissingPackageError(
            "filters of OPTIMADE need optimade; install it with: pip install 'cijkl[screen]'"
        ) from None
    grammar = AVAILABLE_PARSERS[1, 2, 0]["default"].read_text(encoding="utf-8")
    # words without a name are left out of trees, so that TRUE and FALSE could not be told apart
    named = grammar.replace('bool: ( "TRUE" | "FALSE" )', 'bool: TRUTH\nTRUTH: "TRUE" | "FALSE"')
    return Lark(named, maybe_placeholders=True)


def _expression(tree: Tree[Any]) -> Sql:
    """Any node that is true or false."""
    children: list[Any] = [child for child in tree.children if child is not None]
    kind = str(tree.data)
    if kind == "filter" and not children:
        return "TRUE", []
    if kind in ("filter", "expression", "expression_clause"):
        parts = [_expression(child) for child in children]
        if len(parts) == 1:
            return parts[0]
        word = " AND " if kind == "expression_clause" else " OR "
        return "(" + word.join(sql for sql, _ in parts) + ")", [v for _, p in parts for v in p]
    if kind == "expression_phrase":
        sql, values = _expression(children[-1])
        return (f"(NOT {sql})" if len(children) > 1 else sql), values
    if kind == "comparison":
        return _expression(children[0])
    if kind == "constant_first_comparison":
        constant, operator, right = children
        return _compare(_property(right), _TURNED.get(operator, str(operator)), _value(constant))
    if kind == "property_first_comparison":
        name, rest = children
        return _SIDES[str(rest.data)](_property(name), rest)
    raise NotSupportedError(f"{kind.replace('_', ' ')} is not supported")


def _known(field: Field | None, rest: Tree[Any]) -> Sql:
    known = str(rest.children[-1]) == "KNOWN"
    if field is None:
        return ("FALSE" if known else "TRUE"), []
    sql = field.sql if field.sql is not None else "id"
    return f"({sql} IS {'NOT NULL' if known else 'NULL'})", []


def _operation(field: Field | None, rest: Tree[Any]) -> Sql:
    operator, value = rest.children
    return _compare(field, str(operator), _value(value))


def _compare(field: Field | None, operator: str, value: Any) -> Sql:
    if field is None:
        return "FALSE", []
    sql = _queryable(field)
    allowed = _TAKES.get(field.type)
    if allowed is None:
        raise NotSupportedError("a list is asked by HAS or LENGTH")
    if isinstance(value, bool) != (field.type == "boolean") or not isinstance(value, allowed):
        raise InputError(f"a {field.type} cannot be compared with {one_line(value, 40)!r}")
    if field.type == "boolean" and operator not in ("=", "!="):
        raise InputError("true and false can be equal or not, nothing else")
    if field.type == "timestamp":
        value = _moment(str(value))
    return f"({sql} {_OPERATORS[operator]} ?)", [value]


def _fuzzy(field: Field | None, rest: Tree[Any]) -> Sql:
    children = [child for child in rest.children if child is not None]
    word, value = str(children[0]), _value(children[-1])
    if field is None:
        return "FALSE", []
    if field.type != "string" or not isinstance(value, str):
        raise InputError(f"{word} compares texts")
    function = {"CONTAINS": "contains", "STARTS": "starts_with", "ENDS": "suffix"}[word]
    return f"{function}({_queryable(field)}, ?)", [value]


def _has(field: Field | None, rest: Tree[Any]) -> Sql:
    children = [child for child in rest.children if child is not None]
    words = [str(child) for child in children if not hasattr(child, "data")]
    which = words[1] if len(words) > 1 else ""
    if which in _OPERATORS:
        raise NotSupportedError("HAS with an operator is not supported")
    values = _values(children[-1])
    if field is None:
        return "FALSE", []
    sql = _queryable(field)
    if field.type != "list" or field.items not in _TAKES:
        raise InputError("HAS asks a list of texts or numbers")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, _TAKES[field.items]):
            raise InputError(f"the list holds {field.items}s, not {one_line(value, 40)!r}")
    if not which:
        return f"(list_contains({sql}, ?))", values
    marks = f"[{', '.join('?' * len(values))}]"
    return {
        "ALL": f"(list_has_all({sql}, {marks}))",
        "ANY": f"(list_has_any({sql}, {marks}))",
        "ONLY": f"(list_has_all({marks}, {sql}))",
    }[which], values


def _length(field: Field | None, rest: Tree[Any]) -> Sql:
    children = [child for child in rest.children if child is not None]
    operator = str(children[1]) if len(children) == 3 else "="
    if field is None:
        return "FALSE", []
    if field.type != "list":
        raise InputError("LENGTH asks a list")
    number = _number(str(children[-1].children[0]))
    return f"(len({_queryable(field)}) {_OPERATORS[operator]} ?)", [number]


def _zipped(field: Field | None, rest: Tree[Any]) -> Sql:
    raise NotSupportedError("lists side by side are not supported")


_SIDES: dict[str, Callable[[Field | None, Any], Sql]] = {
    "value_op_rhs": _operation,
    "known_op_rhs": _known,
    "fuzzy_string_op_rhs": _fuzzy,
    "set_op_rhs": _has,
    "set_zip_op_rhs": _zipped,
    "length_op_rhs": _length,
}


def _property(tree: Any) -> Field | None:
    """The property that a filter names; None for one that no entry has."""
    while getattr(tree, "data", "") == "non_string_value":
        tree = tree.children[0]
    if getattr(tree, "data", "") != "property":
        raise NotSupportedError("a comparison of two values is not supported")
    name = ".".join(str(child) for child in tree.children)
    if name in FIELDS:
        return FIELDS[name]
    if name in ABSENT or (re.match(r"_[a-z]", name) and not name.startswith(PREFIX)):
        return None
    raise InputError(f"there is no property {one_line(name, 60)!r}")


def _queryable(field: Field) -> str:
    if field.sql is None:
        raise NotSupportedError("this property cannot be filtered by")
    return field.sql


def _values(tree: Any) -> list[Any]:
    if getattr(tree, "data", "") != "value_list":
        return [_value(tree)]
    if any(not hasattr(child, "data") for child in tree.children if child is not None):
        raise NotSupportedError("operators in a list of values are not supported")
    return [_value(child) for child in tree.children if child is not None]


def _value(tree: Any) -> Any:
    """A text, number or truth."""
    kind = str(tree.data)
    if kind in ("value", "constant", "non_string_value", "not_implemented_string"):
        return _value(tree.children[0])
    if kind == "string":
        return re.sub(r"\\(.)", r"\1", str(tree.children[0])[1:-1])
    if kind == "number":
        return _number(str(tree.children[0]))
    if kind == "bool":
        return str(tree.children[0]) == "TRUE"
    raise NotSupportedError("comparing properties with each other is not supported")


def _number(text: str) -> float | int:
    if re.fullmatch(r"[-+]?\d{1,18}", text):
        return int(text)
    number = float(text)
    if not math.isfinite(number):
        raise InputError(f"{one_line(text, 40)} is too large")
    return number


def _moment(text: str) -> str:
    """A time as the table writes it."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise InputError(f"{one_line(text, 40)!r} is no time by RFC 3339") from None
