"""The addresses, a file for each subject; `ALL` are those of the application."""

from cijkl.web.routes import (
    analyze,
    assets,
    catalogues,
    compute,
    crystals,
    jobs,
    optimade,
    pages,
    predict,
    results,
)

__all__ = ["ALL"]

ALL = (
    analyze.router,
    predict.router,
    compute.router,
    jobs.router,
    catalogues.router,
    crystals.router,
    results.router,
    pages.router,
    assets.router,
    optimade.router,
)
