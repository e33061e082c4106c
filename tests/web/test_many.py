"""Fifty visitors at once: each gets his own answer, and no job is lost meanwhile."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

httpx = pytest.importorskip("httpx")
uvicorn = pytest.importorskip("uvicorn")

from cijkl.web import Settings, create_app  # noqa: E402

from .conftest import ADDRESS, form  # noqa: E402

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    # processes that tests start must find it by this name too
    sys.path.append(HERE)
import fake  # noqa: E402

CLIENTS, JOBS = 50, 12


@pytest.fixture
def address(small_model, tmp_path) -> Iterator[str]:
    """A server that listens, whose jobs end in a moment."""
    settings = Settings(
        jobs=tmp_path, models=(str(small_model),), jobs_per_client=JOBS, jobs_at_once=2
    )
    app = create_app(settings)
    app.state.services.runner.target = fake.quick
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"{ADDRESS}:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30.0)


def crystal(number: int) -> bytes:
    """A rock salt of its own."""
    half = 2.0 + 0.01 * number
    lattice = [[0, half, half], [half, 0, half], [half, half, 0]]
    given = {"id": f"c{number}", "lattice": lattice, "species": ["Mg", "O"],
             "frac": [[0, 0, 0], [0.5, 0.5, 0.5]]}  # fmt: skip
    return json.dumps(given).encode() + b"\n"


@pytest.mark.slow  # processes start and load a model, and a dozen others are jobs
def test_everybody_gets_his_own_answer_and_no_job_is_lost(address):
    with httpx.Client(base_url=address, timeout=120.0) as web:
        web.post("/api/predict", files=form(crystal(0), "a.jsonl")).raise_for_status()
        sent = [web.post("/api/compute", files=form(crystal(n), f"{n}.jsonl")) for n in range(JOBS)]
        names = [answer.json()["jobs"][0]["id"] for answer in sent]
        gate = threading.Barrier(CLIENTS)

        def ask(number: int) -> tuple[int, dict]:
            gate.wait()
            answer = web.post("/api/predict", files=form(crystal(number), f"{number}.jsonl"))
            return answer.status_code, answer.json()

        with ThreadPoolExecutor(CLIENTS) as threads:
            answers = list(threads.map(ask, range(CLIENTS)))
        for number, (status, found) in enumerate(answers):
            assert status == 200, found
            (record,) = found["records"]
            assert (record["id"], record["status"]) == (f"c{number}", "ok")
            assert record["structure"]["volume"] == pytest.approx(2 * (2.0 + 0.01 * number) ** 3)
        end = time.monotonic() + 120.0
        waiting = set(names)
        while waiting and time.monotonic() < end:
            waiting -= {n for n in waiting if web.get(f"/api/jobs/{n}").json()["state"] == "done"}
            time.sleep(0.2)
        assert not waiting
        records = [web.get(f"/api/jobs/{name}").json()["record"] for name in names]
        assert [record["id"] for record in records] == [f"c{number}" for number in range(JOBS)]
