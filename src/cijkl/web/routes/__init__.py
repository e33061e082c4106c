"""The addresses, a file for each subject; `ALL` are those of the application."""

from cijkl.web.routes import analyze, assets, catalogues, compute, jobs, pages, predict, results

__all__ = ["ALL"]

ALL = (
    analyze.router,
    predict.router,
    compute.router,
    jobs.router,
    catalogues.router,
    results.router,
    pages.router,
    assets.router,
)
