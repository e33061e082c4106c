"""`/results`: a result as a page, along a direction, and as files."""

from __future__ import annotations

import gzip
import json as plain_json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from cijkl.errors import InputError
from cijkl.layout import Direction
from cijkl.report.html import record_atoms, structure_cif
from cijkl.web.answers import json
from cijkl.web.errors import problems
from cijkl.web.routes.jobs import JobId, found
from cijkl.web.services import Services, ServicesOf

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["attached", "direction", "drawn", "files", "router"]

router = APIRouter()

Kind = Annotated[Literal["hkl", "uvw", "xyz"], Query(description="Face, lattice, or Cartesian.")]
Indices = Annotated[str, Query(max_length=40, description='Such as "1 0 0" or "10-11".')]
Frame = Annotated[Literal["input", "ieee"], Query(description="Of Cartesian indices.")]
FileName = Annotated[Literal["record.json", "structure.cif", "page.html", "figures.json"], Path()]


@router.get(
    "/api/results/{id}/direction",
    tags=["jobs"],
    response_model=Direction,
    responses=problems(404, 422),
)
async def direction_of_result(
    services: ServicesOf, id: JobId, kind: Kind, indices: Indices, frame: Frame = "input"
) -> Response:
    """Young's modulus, G, nu and sound along one direction of a result."""
    given = services.jobs.crystal(id)
    return await direction(services, _record(services, id), kind, indices, frame, given)


@router.get("/results/{id}", include_in_schema=False)
async def result_page(
    request: Request, services: ServicesOf, id: JobId, frame: Frame = "input"
) -> Response:
    """The report of a result."""
    job = found(services, id)
    record = services.jobs.record(id)
    if record is None:
        return RedirectResponse(f"/jobs/{job.id}", 303)
    here = "/jobs" if job.kind == "compute" else "/"
    given = services.jobs.crystal(id)
    return await drawn(request, services, record, frame, f"/results/{id}", here, given)


@router.get("/results/{id}/{file}", include_in_schema=False)
async def result_file(
    request: Request, services: ServicesOf, id: JobId, file: FileName, frame: Frame = "input"
) -> Response:
    """A file of a result."""
    given = services.jobs.crystal(id)
    return await files(request, services, _record(services, id), file, frame, given)


async def direction(
    services: Services,
    record: Mapping[str, Any],
    kind: str,
    indices: str,
    frame: str,
    given: Atoms | None = None,
) -> Response:
    """What a record says along a direction, in one of its frames."""
    message = {
        "record": record, "kind": kind, "indices": indices, "frame": frame, "given": given,
    }  # fmt: skip
    return json(await services.readers.ask(("direction", message)))


async def drawn(
    request: Request,
    services: Services,
    record: Mapping[str, Any],
    frame: str,
    base: str,
    here: str,
    given: Atoms | None = None,
) -> Response:
    """The page of a record."""
    message = {
        "record": record,
        "frame": frame,
        "alone": False,
        "nonce": request.state.nonce,
        "base": base,
        "here": here,
        "given": given,
    }
    return HTMLResponse(await services.readers.ask(("page", message)))


async def files(
    request: Request,
    services: Services,
    record: Mapping[str, Any],
    file: str,
    frame: str,
    given: Atoms | None = None,
) -> Response:
    """A record, its crystal, its page or the figures of its page as a file."""
    if file == "figures.json":
        message = {"record": record, "frame": frame, "given": given}
        return compressed(request, await services.readers.ask(("figures", message)))
    name = _name(record)
    if file == "record.json":
        text = plain_json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
        return attached(text, f"{name}.json", "application/json")
    if file == "structure.cif":
        atoms = record_atoms(record)
        if atoms is None:
            raise InputError("this result has no crystal")
        return attached(structure_cif(atoms), f"{name}.cif", "chemical/x-cif")
    message = {
        "record": record, "frame": frame, "alone": True, "nonce": "", "base": "", "here": "",
        "given": given,
    }  # fmt: skip
    return attached(await services.readers.ask(("page", message)), f"{name}.html", "text/html")


def compressed(request: Request, packed: bytes, kind: str = "application/json") -> Response:
    """What was compressed by gzip, for whoever understands that and for others."""
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, 200, {**headers, "Content-Encoding": "gzip"}, kind)
    return Response(gzip.decompress(packed), 200, headers, kind)


def attached(text: str, name: str, kind: str) -> Response:
    """A file to be saved, never to be shown."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type=kind)


def _record(services: Services, id: str) -> dict[str, Any]:
    found(services, id)
    record = services.jobs.record(id)
    if record is None:
        raise HTTPException(404, "this job has no result yet, or none at all")
    return record


def _name(record: Mapping[str, Any]) -> str:
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", str(record.get("id") or record.get("formula") or ""))
    return name.strip("._")[:80] or "crystal"
