"""`/explorer`: a store that can be filtered, sorted, drawn, saved and read crystal by crystal."""

from __future__ import annotations

import secrets
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from cijkl.plots.elements import TABLE
from cijkl.plots.systems import SYSTEM_LOOK
from cijkl.web import explorer_export, explorer_queries
from cijkl.web.answers import json
from cijkl.web.explorer import Explorer
from cijkl.web.explorer_filter import Filter, read_filter
from cijkl.web.explorer_opening import ExplorerOf, lifespan
from cijkl.web.explorer_records import key_of, record_of
from cijkl.web.routes.results import FileName, Frame, Indices, Kind, direction, drawn, files
from cijkl.web.services import ServicesOf
from cijkl.web.templating import render

__all__ = ["router"]

#: address of the page, and of a crystal
_PAGE, _CRYSTAL = "/explorer", "/explorer/crystals"
_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


router = APIRouter(include_in_schema=False, lifespan=lifespan)


def _filter(
    filter: Annotated[str, Query(description="A filter as JSON; empty for all.")] = "",
) -> Filter:
    return read_filter(filter)


Chosen = Annotated[Filter, Depends(_filter)]
Column = Annotated[str, Query(max_length=200)]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}\.[0-9a-f]{8}$")]


@router.get(_PAGE)
def explorer_page(services: ServicesOf) -> Response:
    """The page; its script asks for everything else."""
    store = services.settings.store
    page = render(
        "explorer.html.j2",
        here=_PAGE,
        store=None if store is None else store.name,
        table=TABLE,
        systems={name: colour for name, (colour, _) in SYSTEM_LOOK.items()},
    )
    return HTMLResponse(page)


@router.get(f"{_PAGE}/facts")
def facts(explorer: ExplorerOf) -> Response:
    """How many results there are, of which kinds, and the span of each slider."""
    return json(explorer_queries.facts(explorer))


@router.get(f"{_PAGE}/rows")
def rows(
    explorer: ExplorerOf,
    chosen: Chosen,
    by: Column = "K_hill",
    descending: bool = True,
    after: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """A page of the table."""
    found = explorer_queries.page(explorer, chosen, by=by, descending=descending, after=after)
    return json(found)


@router.get(f"{_PAGE}/count")
def count(explorer: ExplorerOf, chosen: Chosen) -> Response:
    """How many results meet a filter."""
    return json({"count": explorer_queries.count(explorer, chosen)})


@router.get(f"{_PAGE}/map")
def points(
    explorer: ExplorerOf, chosen: Chosen, x: Column = "K_hill", y: Column = "G_hill"
) -> Response:
    """Points or bins of the map."""
    return json(explorer_queries.points(explorer, chosen, x, y))


@router.get(f"{_PAGE}/export")
def save(explorer: ExplorerOf, chosen: Chosen, kind: explorer_export.Kind = "csv") -> Response:
    """What was chosen, as a file."""
    explorer_export.check_size(explorer, chosen, kind)
    name = f"cijkl-selection.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "jsonl":
        lines = explorer_export.records(explorer, chosen)
        return StreamingResponse(lines, headers=headers, media_type="application/jsonl")
    path = FilePath(explorer.folder.name) / f"{secrets.token_hex(8)}.{kind}"
    try:
        explorer_export.table(explorer, chosen, path, kind)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, headers=headers, media_type=_TYPES[kind], background=gone)


@router.get(f"{_PAGE}/rows/{{row}}")
def by_row(explorer: ExplorerOf, row: Annotated[int, Path(ge=0, lt=2**62)]) -> Response:
    """From a row of the table or a point of the map to its crystal."""
    key = key_of(explorer, row)
    if key is None:
        raise HTTPException(404, "no such row")
    return RedirectResponse(f"{_CRYSTAL}/{key}", 303)


@router.get(f"{_CRYSTAL}/{{key}}")
async def crystal(
    request: Request, services: ServicesOf, explorer: ExplorerOf, key: Key, frame: Frame = "input"
) -> Response:
    """The report of a result."""
    record = await _record(explorer, key)
    return await drawn(request, services, record, frame, f"{_CRYSTAL}/{key}", _PAGE)


@router.get(f"{_CRYSTAL}/{{key}}/{{file}}")
async def crystal_file(
    request: Request,
    services: ServicesOf,
    explorer: ExplorerOf,
    key: Key,
    file: FileName,
    frame: Frame = "input",
) -> Response:
    """A file of a result."""
    return await files(request, services, await _record(explorer, key), file, frame)


@router.get(f"/api{_CRYSTAL}/{{key}}/direction")
async def crystal_direction(
    services: ServicesOf,
    explorer: ExplorerOf,
    key: Key,
    kind: Kind,
    indices: Indices,
    frame: Frame = "input",
) -> Response:
    """Young's modulus, G, nu and sound along one direction of a result."""
    return await direction(services, await _record(explorer, key), kind, indices, frame)


async def _record(explorer: Explorer, key: str) -> dict[str, Any]:
    record = await run_in_threadpool(record_of, explorer, key)
    if record is None:
        raise HTTPException(404, "no such result in the store")
    return record
