"""`cijkl serve` as a user starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

import httpx

from cijkl.cli import main
from cijkl.cli import serve as room
from cijkl.cli.serve import serve
from cijkl.web import Settings


@pytest.fixture
def started(monkeypatch):
    """Settings, host and port of servers that would have started."""
    seen: list[tuple[Settings, str, int]] = []

    def run(*given) -> int:
        seen.append(given)
        return 0

    monkeypatch.setattr(sys.modules["cijkl.cli.serve"], "_run", run)
    return seen


def test_the_defaults_are_those_of_the_settings(started, tmp_path):
    assert main(["serve", "--jobs", str(tmp_path)]) == 0
    ((settings, host, port),) = started
    assert (host, port) == ("127.0.0.1", 8000)
    usual = Settings(jobs=tmp_path)
    same = {f: getattr(usual, f) for f in Settings.__dataclass_fields__ if f != "hosts"}
    assert {name: getattr(settings, name) for name in same} == same
    assert set(settings.hosts) == {"127.0.0.1", "localhost", "[::1]"}


def test_options_reach_the_server(started, tmp_path, monkeypatch):
    monkeypatch.setenv("CIJKL_TOKEN", "from the environment")
    arguments = ["--host", "0.0.0.0", "--name", "Lab.example", "--queue", "9"]
    arguments += ["--max-upload", "2.5", "--job-time", "60"]
    assert main(["serve", "--jobs", str(tmp_path), *arguments]) == 0
    ((settings, _, _),) = started
    assert settings.token == "from the environment"
    assert "lab.example" in settings.hosts
    assert (settings.max_upload, settings.job_seconds) == (2_621_440, 60.0)
    assert settings.queue_length == 9
    assert main(["serve", "--jobs", str(tmp_path), "--host", "0.0.0.0"]) == 0
    assert started[1][0].hosts == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--token", "short"], "eight or more"),
        (["--token", "schlüssel!"], "ASCII"),
        (["--port", "70000"], "70000"),
        (["--max-upload", "0"], "positive"),
        (["--store", "nowhere.duckdb", "--port", "0"], "no such store"),
        (["--model", "nothing", "--port", "0"], "no model or file is called 'nothing'"),
    ],
)
def test_what_cannot_be_served_is_one_line(capsys, tmp_path, monkeypatch, arguments, words):
    import uvicorn

    def run(*_, **__):
        raise AssertionError("it started")

    monkeypatch.setattr(uvicorn.Server, "run", run)
    assert main(["serve", "--jobs", str(tmp_path / "jobs"), *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cijkl: ")
    assert words in line


def test_a_port_in_use(capsys, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--jobs", str(tmp_path), "--port", str(port)]) == 2
    assert f"cannot listen at 127.0.0.1:{port}" in capsys.readouterr().err


def test_options_and_help():
    assert serve.name == "serve"
    assert room is not None
    for option in serve.params:
        assert option.help, option.name


@pytest.mark.slow  # starts the program itself
def test_a_server_answers_and_ends_by_an_interrupt(tmp_path, small_model):
    run = "import sys; from cijkl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", run, "serve", "--port", "0", "--jobs", str(tmp_path / "jobs")]
    server = subprocess.Popen(
        [*command, "--model", str(small_model)],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        line = server.stderr.readline()
        assert line.startswith("cijkl serves at http://127.0.0.1:")
        address = line.split()[3]
        assert httpx.get(f"{address}/api/models", timeout=60.0).json()[0]["name"] == "small"
        assert "content-security-policy" in httpx.get(address, timeout=60.0).headers
        children = _children(server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        code = server.wait(60.0)
    assert code == 0
    assert server.stderr.read() == ""
    if sys.platform == "linux":
        assert len(children) >= 4
    until = time.monotonic() + 20.0
    while any(map(_alive, children)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(_alive, children))


def _children(parent: int) -> list[int]:
    """Processes that a process has started, where the system tells."""
    try:
        return [int(n) for n in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return []


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
