"""The application: its services, its routes, and what stands around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from cijkl import __version__
from cijkl.web import errors
from cijkl.web.guard import Guard
from cijkl.web.services import Services
from cijkl.web.settings import Settings

__all__ = ["create_app"]

_ABOUT = """
Elastic tensors of crystals: from a tensor that you have (`analyze`), by a learned model
(`predict`), or by an interatomic potential (`compute`, as a job). Records are those of the
command line. Files are sent as forms: `curl -F structure=@quartz.cif http://HOST/api/predict`.
"""


def create_app(settings: Settings) -> FastAPI:
    """The server's application; its processes start and end with it.

    Raises
    ------
    InputError
        The folder of the jobs or the store cannot be used.
    """
    from cijkl.web import compare_routes, explorer_routes, routes

    services = Services.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        services.readers.warm()
        services.predictor.begin()
        services.runner.begin()
        try:
            yield
        finally:
            await services.predictor.end()
            await asyncio.to_thread(services.runner.end)
            services.readers.close()
            services.jobs.close()

    app = FastAPI(
        title="cijkl",
        version=__version__,
        description=_ABOUT,
        openapi_url="/api/openapi.json",
        # the usual pages load their scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
    app.add_middleware(Guard, settings=settings)
    for router in (*routes.ALL, explorer_routes.router, compare_routes.router):
        app.include_router(router)
    static = StaticFiles(directory=str(files("cijkl.web").joinpath("static")))
    app.mount("/static", static, name="static")
    return app
