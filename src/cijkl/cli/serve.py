"""`cijkl serve`: all of this in a browser and over REST."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cijkl.cli.options import Number
from cijkl.cli.output import say
from cijkl.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    from cijkl.web import Settings

__all__ = ["serve"]

#: may hold the token, which the command line would show to everybody on the machine
TOKEN = "CIJKL_TOKEN"
_NEEDED = {"fastapi": "fastapi", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen at; 0.0.0.0 for all of this machine.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port."
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="Name by which browsers call this server; may be repeated.  [default: loopback only, or "
    "any with another --host]",
)
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Store of `cijkl screen` to be shown.",
)
@click.option(
    "--jobs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the queue and the results.  [default: serve in the cache folder]",
)
@click.option(
    "--token", metavar="T", help=f"What visitors must know; better by the variable {TOKEN}."
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME",
    help="Model to offer, as for `predict`; may be repeated.  [default: those of `cijkl models`]",
)
@click.option(
    "--potential",
    "potentials",
    multiple=True,
    metavar="NAME",
    help="Potential of a file to offer besides those installed; may be repeated.",
)
@click.option(
    "--max-atoms", type=click.IntRange(min=1), default=500, show_default=True, metavar="N",
    help="Largest crystal.",
)  # fmt: skip
@click.option(
    "--max-upload", type=Number(positive=True), default=16.0, show_default=True, metavar="MB",
    help="Largest request, MiB.",
)  # fmt: skip
@click.option(
    "--jobs-at-once", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
    help="Jobs that run side by side.",
)  # fmt: skip
@click.option(
    "--jobs-per-client", type=click.IntRange(min=1), default=8, show_default=True, metavar="N",
    help="Most jobs of one address that wait or run.",
)  # fmt: skip
@click.option(
    "--queue", type=click.IntRange(min=1), default=64, show_default=True, metavar="N",
    help="Most jobs that wait or run.",
)  # fmt: skip
@click.option(
    "--job-time", type=Number(positive=True), default=3600.0, show_default=True, metavar="S",
    help="Longest time of a job, s.",
)  # fmt: skip
@click.option(
    "--job-memory", type=click.IntRange(min=256), default=4096, show_default=True, metavar="MB",
    help="Memory of a job, MB.",
)  # fmt: skip
@click.option(
    "--keep", type=Number(positive=True), default=30.0, show_default=True, metavar="DAYS",
    help="How long results are kept.",
)  # fmt: skip
def serve(
    host: str,
    port: int,
    names: tuple[str, ...],
    store: Path | None,
    jobs: Path | None,
    token: str | None,
    models: tuple[str, ...],
    potentials: tuple[str, ...],
    max_atoms: int,
    max_upload: float,
    jobs_at_once: int,
    jobs_per_client: int,
    queue: int,
    job_time: float,
    job_memory: int,
    keep: float,
) -> int:
    """Serve pages and a REST API until Ctrl-C, for yourself or for a group.

    \b
    Example:
      cijkl serve --port 8000
    """
    missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingPackageError(
            f"serving needs {', '.join(missing)}; install with: pip install 'cijkl[web]'"
        )
    from cijkl.structures.sources.download import cache_folder
    from cijkl.web import Settings

    settings = Settings(
        jobs=(jobs or cache_folder() / "serve").expanduser(),
        store=store,
        token=_token(token),
        hosts=_hosts(host, names),
        models=models,
        potentials=potentials,
        max_upload=round(max_upload * 2**20),
        max_atoms=max_atoms,
        jobs_per_client=jobs_per_client,
        queue_length=queue,
        jobs_at_once=jobs_at_once,
        job_seconds=job_time,
        job_megabytes=job_memory,
        keep_days=keep,
    )
    return _run(settings, host, port)


def _run(settings: Settings, host: str, port: int) -> int:
    import socket

    import uvicorn

    from cijkl.web import create_app

    app = create_app(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # bound here, so that the address is known and a port in use is one line
        listening = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise InputError(f"cannot listen at {host}:{port} ({error.strerror or error})") from None
    shown = f"[{host}]" if ":" in host else host
    say(f"cijkl serves at http://{shown}:{listening.getsockname()[1]} (Ctrl-C ends it)")
    if host not in _LOOPBACK and settings.token is None:
        say(f"cijkl: everyone who reaches {host} can use it; --token asks for a token")
    config = uvicorn.Config(
        app, log_level="warning", server_header=False, timeout_keep_alive=15, limit_concurrency=512
    )
    # Ctrl-C is how it is meant to end
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _token(given: str | None) -> str | None:
    token = given or os.environ.get(TOKEN) or None
    if token is not None and (len(token) < 8 or not token.isascii() or not token.isprintable()):
        raise InputError("a token has eight or more letters, digits and signs, all of ASCII")
    return token


def _hosts(host: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that a request may call this server by; none for any."""
    if host not in _LOOPBACK and not names:
        return ()
    bare = (name if ":" not in name else f"[{name.strip('[]')}]" for name in (*_LOOPBACK, host))
    return tuple(dict.fromkeys((*bare, *(name.lower() for name in names))))
