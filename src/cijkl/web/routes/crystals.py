"""`/api/crystals`: what a screening has found, filtered, sorted and page by page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cijkl.layout import Record
from cijkl.screening.packing import unpack
from cijkl.screening.tables import quoted
from cijkl.web.answers import json
from cijkl.web.errors import problems
from cijkl.web.explorer import ROW, Explorer
from cijkl.web.explorer_filter import Filter
from cijkl.web.explorer_opening import ExplorerOf
from cijkl.web.explorer_queries import count, page

__all__ = ["router"]

router = APIRouter(prefix="/api/crystals", tags=["crystals"])

#: columns that every row has, besides those that were asked for
_ALWAYS = ("fingerprint", "id", "formula", "spacegroup", "engine", "stable", "K_hill", "G_hill")


class Crystals(BaseModel):
    """Some results of a screening."""

    crystals: list[dict[str, Any]] = Field(description="Values by column.")
    count: int = Field(description="Results that meet the condition.")
    next: str | None = Field(description="To be sent as `after` for the next page.")


class CrystalRecords(BaseModel):
    """Results of one crystal."""

    records: list[Record] = Field(description="One for each engine and its settings.")


@router.get("", response_model=Crystals, responses=problems(404, 422, 503))
def crystals(
    explorer: ExplorerOf,
    where: Annotated[
        str, Query(max_length=4000, description="SQL over the columns: `stable and K_hill > 200`.")
    ] = "",
    by: Annotated[str, Query(max_length=200, description="Column to sort by.")] = "K_hill",
    descending: bool = True,
    columns: Annotated[
        str, Query(max_length=2000, description="Further columns, with commas between.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Results that meet a condition, which can compare columns and do nothing else."""
    asked = [name.strip() for name in columns.split(",") if name.strip()]
    names = list(dict.fromkeys((*_ALWAYS, by, *asked)))
    for name in names:
        explorer.column(name)
    chosen = Filter(condition=where)
    found = page(explorer, chosen, by=by, descending=descending, after=after, limit=limit)
    rows = _rows(explorer, [row[0] for row in found["rows"]], names)
    return json({"crystals": rows, "count": count(explorer, chosen), "next": found["next"]})


@router.get("/{fingerprint}", response_model=CrystalRecords, responses=problems(404, 422, 503))
def crystal(
    explorer: ExplorerOf, fingerprint: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
) -> Response:
    """The records of one crystal."""
    found = explorer.ask(
        "SELECT record FROM store.results WHERE fingerprint = ? ORDER BY engine, settings",
        [fingerprint],
    )
    if not found:
        raise HTTPException(404, "the store has no such crystal")
    return json({"records": [unpack(packed) for (packed,) in found]})


def _rows(explorer: Explorer, numbers: list[int], names: list[str]) -> list[dict[str, Any]]:
    """Values of some rows by column, in their order."""
    listed = ", ".join(map(quoted, (ROW, *names)))
    rows = explorer.ask(
        f"SELECT {listed} FROM {explorer.matching(Filter(), names)} "
        f"AND list_contains(?, {quoted(ROW)})",
        [numbers],
    )
    by_number = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
    return [by_number[number] for number in numbers]
