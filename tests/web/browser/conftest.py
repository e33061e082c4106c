"""A server on this machine, headless Chromium, and pages that are watched.

No page may ask anything of another host, break its own policy, or throw.
"""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
HERE = str(Path(__file__).parents[1])
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-quic", "--disable-gpu", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 60_000


@pytest.fixture(scope="session")
def address(small_model, tmp_path_factory) -> Iterator[str]:
    """A server with a store, whose jobs with silicon never end by themselves."""
    for package in ("fastapi", "duckdb"):
        pytest.importorskip(package)
    uvicorn = pytest.importorskip("uvicorn")
    from cijkl.web import Settings, create_app

    from ..stored import fill

    if HERE not in sys.path:
        # processes that the server starts must find it by this name too
        sys.path.append(HERE)
    import fake

    folder = tmp_path_factory.mktemp("browsed")
    store = fill(folder / "shown.duckdb", 36)
    app = create_app(
        Settings(jobs=folder / "jobs", store=store, models=(str(small_model),), readers=1)
    )
    app.state.services.runner.target = fake.patient
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30.0)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, no longer than it must be: while it runs, this thread can run no other loop."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address) -> Iterator[Any]:
    """``visit("/explorer", viewport=PHONE)``: a page, watched until the end of the test."""
    contexts, asked, complaints = [], [], []

    def enter(path: str, viewport=WIDE, scheme: str = "light") -> Any:
        context = chromium.new_context(
            base_url=address, viewport=viewport, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.extend(complaint(message)))
        page.goto(path)
        return page

    yield enter
    for context in contexts:
        context.close()
    elsewhere = [url for url in asked if not url.startswith((address + "/", "data:", "blob:"))]
    assert elsewhere == []
    assert complaints == []


def complaint(message: Any) -> list[str]:
    """What a browser finds wrong; an answer that says what a visitor did wrong is right."""
    wrong = message.type == "error" and "status of 4" not in message.text
    return [message.text] if wrong else []


def ready(page: Any) -> Any:
    page.wait_for_selector("html[data-ready=true]")
    return page


def until(page: Any, expression: str, arg: Any = None) -> None:
    """Wait for an expression, asked again and again: a policy without eval stops playwright's
    own way once the page has loaded."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"in vain: {expression}"
        page.wait_for_timeout(50)


def get(address: str, path: str, **query: Any) -> Any:
    with urllib.request.urlopen(f"{address}{path}?{urlencode(query)}", timeout=60) as answer:
        return json.load(answer)


def drop(page: Any, path: Path) -> None:
    """A file from the desktop onto the page."""
    transfer = page.evaluate_handle(
        "([name, text]) => { const held = new DataTransfer();"
        " held.items.add(new File([text], name)); return held; }",
        [path.name, path.read_text()],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})
