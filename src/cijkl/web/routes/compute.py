"""`/api/compute`: elastic tensors by a potential, as jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cijkl.errors import InputError
from cijkl.structures.crystal import Crystal
from cijkl.web.answers import JobList, job_answer, json
from cijkl.web.errors import problems
from cijkl.web.jobs.store import QueueFullError
from cijkl.web.services import ServicesOf, client
from cijkl.web.uploads import HydrogensField, Name, Structure, Symprec, crystals

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["routes"])


@router.post(
    "/compute", response_model=JobList, status_code=202, responses=problems(422, 429, 501, 503)
)
async def compute(
    request: Request,
    services: ServicesOf,
    structure: Structure,
    potential: Name = "auto",
    cell: Annotated[Literal["auto", "relaxed", "given"], Form()] = "auto",
    method: Annotated[Literal["linear", "finite"], Form()] = "linear",
    fmax: Annotated[float, Form(ge=1e-5, le=0.05, description="eV/A.")] = 3e-4,
    pressure: Annotated[float, Form(ge=-20.0, le=1000.0, description="GPa.")] = 0.0,
    symprec: Symprec = 1e-2,
    hydrogens: HydrogensField = "refuse",
    bulk: Annotated[bool, Form(description="Treat a layer as any crystal.")] = False,
    precision: Annotated[Literal["single", "double"], Form()] = "single",
) -> Response:
    """Queue a job for each crystal of a file; all must be readable, or none is queued.

    Look at `/api/jobs/{id}` for how it goes and for its record.
    """
    chosen = services.offers.potential(potential)
    found = await crystals(services, structure)
    unread = [item for item in found if not isinstance(item, Crystal)]
    if unread:
        raise InputError(f"{unread[0].source}: {unread[0].error}")
    options = {
        "potential": chosen,
        "cell": cell,
        "method": method,
        "fmax": fmax,
        "pressure": pressure,
        "symprec": symprec,
        "hydrogens": hydrogens,
        "bulk": bulk,
        "precision": precision,
    }
    settings = services.settings
    try:
        names = services.jobs.add(
            [item for item in found if isinstance(item, Crystal)],
            options,
            client(request),
            per_client=settings.jobs_per_client,
            in_all=settings.queue_length,
        )
    except QueueFullError as error:
        raise HTTPException(429, str(error), {"Retry-After": "60"}) from None
    services.runner.wake()
    jobs = [job for name in names if (job := services.jobs.job(name)) is not None]
    answers = [job_answer(services, job) for job in jobs]
    return json({"jobs": answers, "count": len(answers)}, 202, {"Location": f"/jobs/{names[0]}"})
