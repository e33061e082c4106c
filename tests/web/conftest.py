"""A server inside this process, with a small random model, and small files to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

from fastapi.testclient import TestClient

from cijkl.web import Settings, create_app

EXAMPLES = Path(__file__).parents[2] / "examples"
ADDRESS = "http://127.0.0.1"
Open = Callable[..., TestClient]


@pytest.fixture(scope="session")
def opened(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """``opened(max_atoms=10)``: a visitor of a server with these settings."""
    clients: list[TestClient] = []

    def enter(**settings: Any) -> TestClient:
        given = {
            "jobs": tmp_path_factory.mktemp("jobs"), "models": (str(small_model),),
            # fewer processes start sooner
            "readers": 1, "predictors": 1, **settings,
        }  # fmt: skip
        app = create_app(Settings(**given))
        client = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield enter
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def visitor(opened: Open) -> TestClient:
    """A visitor of a server with the usual settings."""
    return opened()


@pytest.fixture(scope="session")
def quartz() -> bytes:
    return (EXAMPLES / "alpha-quartz.cif").read_bytes()


@pytest.fixture(scope="session")
def tensor() -> bytes:
    return (EXAMPLES / "quartz.txt").read_bytes()


def form(data: bytes, name: str = "sent.cif", field: str = "structure") -> dict[str, Any]:
    """A file of a form, as httpx takes it."""
    return {field: (name, data, "application/octet-stream")}


@pytest.fixture(scope="session")
def live(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that listens, with the usual settings."""
    import socket
    import threading
    import time

    import uvicorn

    settings = Settings(jobs=tmp_path_factory.mktemp("jobs"), models=(str(small_model),))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"{ADDRESS}:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30.0)
