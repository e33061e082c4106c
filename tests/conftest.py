"""Settings of all tests."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

# on a server the same examples every time, so that a failure is the change's; here, new ones
settings.register_profile("server", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("server")
# a shell lets its background jobs ignore Ctrl-C, and so would the processes that tests interrupt
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a model: two small networks with random weights, and a card with a calibration."""
    import numpy as np
    import torch
    from ase.build import bulk

    from cijkl.models.ensemble import Ensemble
    from cijkl.models.networks import build
    from cijkl.models.uncertainty import fit
    from cijkl.models.weights import load_network, save_network

    folder = tmp_path_factory.mktemp("models") / "small"
    folder.mkdir()
    files = [folder / f"{seed}.safetensors" for seed in range(2)]
    for seed, file in enumerate(files):
        torch.manual_seed(seed)
        network = build("log_stiffness", {"width": 16, "layers": 2, "channels": 4, "radial": 8})
        with torch.no_grad():
            # for a clear anisotropy
            network.head.anisotropic[-1].weight.mul_(150.0)
        save_network(network, "log_stiffness", file)
    # a truth that errs by some 10 %
    crystals = [bulk("Cu", "fcc", a=3.5 + 0.02 * number) for number in range(30)]
    said = Ensemble([load_network(file) for file in files]).predict(crystals)
    error = np.exp(np.random.default_rng(0).normal(0.0, 0.1, 30))
    calibration = fit(
        said.moduli[:, [2, 5]] * error[:, None],
        said,
        ["cubic"] * 30,
        stiffness=said.stiffness * error[:, None, None],
    )
    card = {
        "name": "small",
        "version": "0.1",
        "calibration_data": "nothing at all",
        "calibration": calibration.as_dict(),
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def optimade_server() -> Iterator[Callable[..., str]]:
    """Addresses of the server that `optimade` ships: of a file of entries, and more settings."""
    pytest.importorskip("mongomock")
    pytest.importorskip("uvicorn")
    with ExitStack() as servers:
        yield lambda file, **settings: servers.enter_context(_optimade(file, settings))


@contextmanager
def _optimade(file: Path, more: dict[str, object]) -> Iterator[str]:
    import uvicorn
    from optimade.server.config import ServerConfig
    from optimade.server.create_app import create_app

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    settings = ServerConfig(
        base_url=f"http://127.0.0.1:{port}",
        database_backend="mongomock",
        # all servers of a process share one database in memory
        mongo_database=f"served_{port}",
        insert_from_jsonl=file,
        insert_test_data=False,
        log_dir=file.parent,
        **more,
    )
    config = uvicorn.Config(create_app(settings), port=port, log_level="error", lifespan="on")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not running.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert running.started
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(10)
