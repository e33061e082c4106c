"""What the routes work with: processes that read and predict, the queue, what is on offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from cijkl.web import reading
from cijkl.web.inputs import Limits
from cijkl.web.jobs import JobStore, Runner
from cijkl.web.offers import Offers
from cijkl.web.predicting import Predictor
from cijkl.web.processes import Pool
from cijkl.web.settings import Settings

__all__ = ["Services", "ServicesOf", "client"]

#: memory of a process that reads, MB
_READER = 2048


@dataclass(frozen=True)
class Services:
    """What routes work with."""

    settings: Settings
    offers: Offers
    limits: Limits
    readers: Pool
    predictor: Predictor
    jobs: JobStore
    runner: Runner

    @classmethod
    def of(cls, settings: Settings) -> Services:
        """Services that have not started.

        Raises
        ------
        InputError
            The folder of the jobs, the store or a model cannot be used.
        """
        if settings.store is not None:
            from cijkl.screening.store import Store

            # looked at now, while somebody reads what is wrong
            Store(settings.store).close()
        offers = Offers.of(settings)
        readers = Pool(
            reading.start,
            count=settings.readers,
            seconds=settings.read_seconds,
            megabytes=_READER,
            waiting=settings.waiting,
        )
        predictor = Predictor(
            offers.models,
            count=settings.predictors,
            seconds=settings.predict_seconds,
            waiting=4 * settings.waiting,
        )
        jobs = JobStore(settings.jobs)
        runner = Runner(
            jobs,
            at_once=settings.jobs_at_once,
            seconds=settings.job_seconds,
            megabytes=settings.job_megabytes,
            keep=(settings.keep_days, settings.keep_results),
        )
        # what a request holds may be larger once it is unpacked, but not without end
        limits = Limits(settings.max_atoms, settings.max_crystals, 4 * settings.max_upload)
        return cls(settings, offers, limits, readers, predictor, jobs, runner)


def client(request: Request) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client is not None else "unknown"


def _of_request(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


#: the services, as an argument of a route
ServicesOf = Annotated[Services, Depends(_of_request)]
