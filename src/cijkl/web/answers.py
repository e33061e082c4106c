"""What routes answer with: records, and what is said of jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from starlette.responses import Response

from cijkl.layout import Record
from cijkl.report.jsonl import dumps
from cijkl.web.jobs import Job
from cijkl.web.services import Services

__all__ = ["JobAnswer", "JobList", "Records", "job_answer", "json"]


class Records(BaseModel):
    """Results of crystals or tensors, in order."""

    records: list[Record] = Field(description="One for each, as the command line writes them.")
    kept: list[str] | None = Field(
        None, description="Ids of the results, where they were to be kept: see /results/{id}."
    )


class Progress(BaseModel):
    """How a job is going."""

    stage: str = Field(description="starting, relax or response.")
    seconds: float
    evaluations: dict[str, int] = Field(description="Of the potential, by stage.")
    relaxation: list[tuple[int, float, float]] = Field(
        description="Number of the evaluation, energy in eV, volume in A^3."
    )


class JobAnswer(BaseModel):
    """A job, or a result that was kept."""

    id: str
    kind: Literal["analyze", "predict", "compute"]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    name: str
    formula: str | None
    options: dict[str, Any]
    ahead: int | None = Field(description="Jobs before it; null once it runs.")
    created: datetime
    begun: datetime | None
    ended: datetime | None
    error: str | None
    progress: Progress | None
    record: Record | None = Field(None, description="The result, if it was asked for.")


class JobList(BaseModel):
    """Some jobs, the latest first, and how many there are."""

    jobs: list[JobAnswer]
    count: int


def json(
    content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer without the numbers that JSON cannot hold."""
    return Response(dumps(content), status, headers, "application/json")


def job_answer(services: Services, job: Job, *, record: bool = False) -> dict[str, Any]:
    """What is said of a job."""
    found = services.jobs.record(job.id) if record else None
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "name": job.name,
        "formula": job.formula,
        "options": dict(job.options),
        "ahead": services.jobs.ahead(job) if job.state == "queued" else None,
        "created": _time(job.created),
        "begun": _time(job.begun),
        "ended": _time(job.ended),
        "error": job.error,
        "progress": services.runner.progress(job.id) or job.progress,
        "record": found,
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
