"""The addresses, a file for each subject; `ALL` are those of the application."""

from cijkl.web.routes import analyze, catalogues, compute, jobs, predict

__all__ = ["ALL"]

ALL = (
    analyze.router,
    predict.router,
    compute.router,
    jobs.router,
    catalogues.router,
)
