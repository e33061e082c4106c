"""A web server on this machine that can be told to misbehave."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Server(ThreadingHTTPServer):
    """Serves one content under every path and keeps what it was asked.

    Attributes
    ----------
    content
        Bytes of the file.
    faults
        What goes wrong with the next requests, one each: a status code, ``("later", n)`` to ask
        for n seconds of peace, ``("cut", n)`` to close the connection after n bytes, or
        ``"silent"`` to keep it open and say nothing.
    ranges
        Whether it can continue a file (status 206).
    lengths
        Whether it says how long its answers are.
    requests
        The header ``Range`` of each request, None where there was none.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = b""
        self.faults: list[object] = []
        self.ranges = True
        self.lengths = True
        self.requests: list[str | None] = []
        self.finish = threading.Event()

    def server_bind(self) -> None:
        """Bind without asking for the name of this machine, which can take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def url(self, name: str = "file.bin") -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/some/{name}?download=1"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        given = self.headers.get("Range")
        self.server.requests.append(given)
        fault = self.server.faults.pop(0) if self.server.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
            return
        if isinstance(fault, tuple) and fault[0] == "later":
            self.send_response(429)
            self.send_header("Retry-After", str(fault[1]))
            self.end_headers()
            return
        if fault == "silent":
            self.server.finish.wait(10)
            return
        content, start = self.server.content, 0
        if given and self.server.ranges:
            start = int(given.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[start:]
        if self.server.lengths:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if isinstance(fault, tuple):
            body = body[: fault[1]]
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy between the tests and this machine."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1,nowhere.invalid")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.finish.set()
        running.shutdown()


@pytest.fixture
def closed_port() -> Callable[[str], str]:
    """Addresses at which nobody listens."""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as taken:
        port = taken.server_address[1]
    return lambda name: f"http://127.0.0.1:{port}/{name}"
