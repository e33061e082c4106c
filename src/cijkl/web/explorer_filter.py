"""What a visitor of the explorer wants to see, checked, as SQL that can only compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints, ValidationError

from cijkl.errors import InputError
from cijkl.screening.tables import quoted
from cijkl.structures.building import one_line

__all__ = ["ELEMENTS", "LIST", "NUMBER", "Filter", "Region", "literal", "read_filter"]

#: columns of the explorer with the elements of a crystal, as " Al O ", and how many they are;
#: whatever a source calls so
ELEMENTS, NUMBER = "cijkl elements", "cijkl nelements"
#: the same as a list, in SQL
LIST = f"string_split(trim({quoted(ELEMENTS)}), ' ')"
#: longest filter, characters
_LONGEST = 20_000

_Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]
_Symbols = Annotated[list[_Symbol], Field(max_length=118)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_System = Literal[
    "triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic"
]
_Range = tuple[FiniteFloat | None, FiniteFloat | None]
_Point = tuple[FiniteFloat, FiniteFloat]


class Region(BaseModel):
    """A part of the map.

    Parameters
    ----------
    x, y
        Columns of the map.
    log_x, log_y
        Whether points are decadic logarithms.
    points
        Two opposite corners of a box, or three or more corners of a polygon in order.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: _Name
    y: _Name
    log_x: bool = False
    log_y: bool = False
    points: Annotated[list[_Point], Field(min_length=2, max_length=96)]


class Filter(BaseModel):
    """Conditions that all hold; the empty one lets everything through.

    Parameters
    ----------
    ranges
        Smallest and largest value by column, None for an open end; what is unknown is left out
        of a range.
    elements, without
        Symbols that a crystal must all contain, and those of which it must contain none.
    only
        Whether it may contain nothing but `elements`.
    systems, engines
        If any are named, only those.
    stable
        None for both.
    text
        Part of an id, or a formula.
    condition
        An SQL expression, see `cijkl.screening.filter_expressions.Condition`.
    region
        A part of the map.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ranges: Annotated[dict[_Name, _Range], Field(max_length=40)] = Field(default_factory=dict)
    elements: _Symbols = Field(default_factory=list)
    without: _Symbols = Field(default_factory=list)
    only: bool = False
    systems: Annotated[list[_System], Field(max_length=7)] = Field(default_factory=list)
    engines: Annotated[list[_Name], Field(max_length=20)] = Field(default_factory=list)
    stable: bool | None = None
    text: Annotated[str, StringConstraints(max_length=200)] = ""
    condition: Annotated[str, StringConstraints(max_length=4_000)] = ""
    region: Region | None = None

    @property
    def key(self) -> str:
        """The same for filters that are the same."""
        return self.model_dump_json()

    def without_region(self) -> Filter:
        """The same for the map, on which a region is drawn."""
        return self.model_copy(update={"region": None})

    def sql(
        self, types: Mapping[str, str], condition_names: Callable[[str], Sequence[str]]
    ) -> tuple[str, tuple[str, ...]]:
        """An expression of SQL, and the columns that it needs.

        Parameters
        ----------
        types
            Columns that there are.
        condition_names
            Checks a condition and gives the columns that it names.

        Raises
        ------
        InputError
            A column that does not exist, or a condition that is none.
        """
        parts = list(self._parts(types))
        names = [*self.ranges, *_names(self.region)]
        if self.condition.strip():
            names += condition_names(self.condition)
            # on lines of its own, so that a comment in it ends before the bracket
            parts.append(f"(\n{self.condition}\n)")
        return " AND ".join(parts) or "TRUE", tuple(dict.fromkeys(names))

    def _parts(self, types: Mapping[str, str]) -> Iterator[str]:
        for name, (low, high) in self.ranges.items():
            column = _number(name, types)
            yield from (f"{column} >= {low!r}" for _ in [0] if low is not None)
            yield from (f"{column} <= {high!r}" for _ in [0] if high is not None)
        held = quoted(ELEMENTS)
        for symbols, word in ((self.elements, ""), (self.without, "NOT ")):
            yield from (f"{word}contains({held}, ' {symbol} ')" for symbol in symbols)
        if self.elements and self.only:
            yield f"{quoted(NUMBER)} = {len(set(self.elements))}"
        if self.systems:
            yield f"crystal_system IN ({', '.join(map(literal, self.systems))})"
        if self.engines:
            yield f"engine IN ({', '.join(map(literal, self.engines))})"
        if self.stable is not None:
            yield "stable" if self.stable else "NOT stable"
        if self.text.strip():
            text = literal(self.text.strip())
            yield f"(contains(lower(id), lower({text})) OR formula = {text})"
        if self.region is not None:
            yield from _inside(self.region, types)


def read_filter(text: str) -> Filter:
    """A filter from JSON.

    Raises
    ------
    InputError
        It is none; the line says what is wrong.
    """
    if len(text) > _LONGEST:
        raise InputError(f"the filter is longer than {_LONGEST} characters")
    try:
        return Filter.model_validate(json.loads(text or "{}"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"filter: {one_line(place, 80)}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise InputError("the filter is no JSON") from None


def literal(text: str) -> str:
    """A text as SQL writes it.

    >>> literal("it's")
    "'it''s'"

    Raises
    ------
    InputError
        It has characters that cannot be seen.
    """
    if not text.isprintable():
        raise InputError("a text must consist of characters that can be seen")
    return "'" + text.replace("'", "''") + "'"


def _names(region: Region | None) -> list[str]:
    return [] if region is None else [region.x, region.y]


def _number(name: str, types: Mapping[str, str]) -> str:
    """A column of numbers, as SQL takes it."""
    from cijkl.web.explorer_columns import is_number

    if name not in types or not is_number(types[name]):
        raise InputError(f"no column of numbers is called {one_line(name, 60)!r}")
    return quoted(name)


def _inside(region: Region, types: Mapping[str, str]) -> Iterator[str]:
    """Between two corners, or within a polygon: a ray from the point crosses it an odd number
    of times."""
    places = [_number(region.x, types), _number(region.y, types)]
    for column, log in zip(places, (region.log_x, region.log_y), strict=True):
        if log:
            yield f"{column} > 0"
    x, y = (
        # a query need not look at its conditions in order, and log10 refuses zero
        f"log10(CASE WHEN {column} > 0 THEN {column} END)" if log else column
        for column, log in zip(places, (region.log_x, region.log_y), strict=True)
    )
    for place, values in ((x, [p[0] for p in region.points]), (y, [p[1] for p in region.points])):
        yield f"{place} BETWEEN {min(values)!r} AND {max(values)!r}"
    if len(region.points) > 2:
        crossed = [
            _crosses(x, y, first, second)
            for first, second in pairwise([*region.points, region.points[0]])
            if first[1] != second[1]
        ]
        yield f"({' + '.join(crossed) or '0'}) % 2 = 1"


def _crosses(x: str, y: str, first: Any, second: Any) -> str:
    """1 where the ray to the right of (x, y) crosses an edge, else 0."""
    (x1, y1), (x2, y2) = first, second
    slope = (x2 - x1) / (y2 - y1)
    above = f"({y} < {y1!r}) <> ({y} < {y2!r})"
    return f"CASE WHEN {above} AND {x} < {x1!r} + {slope!r} * ({y} - {y1!r}) THEN 1 ELSE 0 END"
