"""`/api/jobs`: what waits, runs and has ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cijkl.web.answers import JobAnswer, JobList, job_answer, json
from cijkl.web.errors import problems
from cijkl.web.jobs import Job
from cijkl.web.services import Services, ServicesOf

__all__ = ["JobId", "found", "router"]

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def found(services: Services, id: str) -> Job:
    """The job of an id; the answer 404 where there is none."""
    job = services.jobs.job(id)
    if job is None:
        raise HTTPException(404, "no such job; results are kept for a while only")
    return job


@router.get("", response_model=JobList, responses=problems(422))
def jobs(
    services: ServicesOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """Jobs of `compute`, the latest first."""
    listed, count = services.jobs.jobs(limit, offset)
    return json({"jobs": [job_answer(services, job) for job in listed], "count": count})


@router.get("/{id}", response_model=JobAnswer, responses=problems(404, 422))
def job(services: ServicesOf, id: JobId, record: bool = True) -> Response:
    """One job: its state, how it is going, and its record once it has one."""
    return json(job_answer(services, found(services, id), record=record))


@router.delete("/{id}", response_model=JobAnswer, responses=problems(404, 422))
def cancel(services: ServicesOf, id: JobId) -> Response:
    """Cancel a job that waits or runs; forget one that is over."""
    before = found(services, id)
    if not services.runner.cancel(id):
        services.jobs.forget(id)
        return json(job_answer(services, before))
    return json(job_answer(services, services.jobs.job(id) or before))
