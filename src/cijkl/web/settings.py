"""What a server offers, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings"]

#: names under which this machine knows itself
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Settings:
    """What a server offers, and its limits.

    Parameters
    ----------
    jobs
        Folder of the queue and of the results that are kept; it is made.
    store
        Store of a screening to be shown; None for none. It is opened for reading only.
    token
        What a visitor must know; None where everyone may come in.
    hosts
        Names by which the server may be called; a page of another name that a visitor's browser is
        led to cannot use it. Empty for any.
    models
        Names or paths of the models that are offered, the default one first; empty for those that
        come with cijkl.
    potentials
        Names of further potentials that are offered, such as ``mace:/path/to/model``, which no
        visitor could name.
    max_upload
        Largest request, bytes.
    max_atoms, max_crystals
        Largest crystal, and most crystals of one request.
    jobs_per_client, queue_length
        Most jobs that wait or run, of one address and of all.
    jobs_at_once
        Processes that compute.
    job_seconds, job_megabytes
        What a job may use.
    read_seconds, predict_seconds
        Longest time for reading one request, and for one batch of predictions.
    readers, predictors
        Processes that read what was sent and draw pages, and that predict.
    waiting
        Most requests that wait for a process.
    keep_days, keep_results
        How long results are kept, and how many.
    """

    jobs: Path
    store: Path | None = None
    token: str | None = None
    hosts: tuple[str, ...] = _LOOPBACK
    models: tuple[str, ...] = ()
    potentials: tuple[str, ...] = ()
    max_upload: int = 16 * 2**20
    max_atoms: int = 500
    max_crystals: int = 64
    jobs_per_client: int = 8
    queue_length: int = 64
    jobs_at_once: int = 1
    job_seconds: float = 3600.0
    job_megabytes: int = 4096
    read_seconds: float = 20.0
    predict_seconds: float = 60.0
    readers: int = 2
    predictors: int = 2
    waiting: int = 256
    keep_days: float = 30.0
    keep_results: int = 10_000
