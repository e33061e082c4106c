"""A store written for an OPTIMADE server: one that ships with `optimade` serves it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from cijkl.screening import Store, screen
from cijkl.screening.export import export
from cijkl.structures import read

pytest.importorskip("duckdb")
pytest.importorskip("distributed")
pytest.importorskip("mongomock")


@pytest.fixture(scope="module")
def served(cluster, frail, tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """Address of a server of twelve crystals, and the store that it has them from."""
    uvicorn = pytest.importorskip("uvicorn")
    from optimade.server.config import ServerConfig
    from optimade.server.create_app import create_app

    folder = tmp_path_factory.mktemp("served")
    crystals = []
    for number in range(12):
        atoms = bulk(("NaCl", "MgO", "Cu")[number % 3], ("rocksalt", "rocksalt", "fcc")[number % 3],
                     a=4.0 + 0.1 * number)  # fmt: skip
        atoms.info["id"] = f"c{number:02d}"
        crystals.append(atoms)
    store = folder / "all.duckdb"
    screen(crystals, store, engine=frail.Frail(), scheduler=cluster)
    with Store(store) as opened:
        assert export(opened, "SELECT * FROM screened", folder / "all.jsonl", "optimade") == 12
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    settings = ServerConfig(
        base_url=f"http://127.0.0.1:{port}", database_backend="mongomock",
        insert_from_jsonl=folder / "all.jsonl", insert_test_data=False, log_dir=folder,
        aliases={}, provider_fields={"structures": ["K_hill"]},
    )  # fmt: skip
    config = uvicorn.Config(create_app(settings), port=port, log_level="error", lifespan="on")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not running.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.05)
    assert running.started
    yield f"http://127.0.0.1:{port}", store
    running.should_exit = True
    thread.join(10)


@pytest.mark.slow  # a server starts
def test_a_server_gives_the_crystals_that_the_store_holds(served, monkeypatch, tmp_path):
    address, store = served
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path))
    found = {crystal.id: crystal for crystal in read(f"optimade:{address}")}
    with Store(store) as opened:
        expected = {crystal.id: crystal for crystal in opened.crystals()}
    assert found.keys() == expected.keys()
    for name, crystal in found.items():
        np.testing.assert_allclose(crystal.atoms.cell.array, expected[name].atoms.cell.array)
        np.testing.assert_allclose(crystal.atoms.positions, expected[name].atoms.positions)
        assert list(crystal.atoms.symbols) == list(expected[name].atoms.symbols)
    salts = read(f'optimade:{address}?filter=elements HAS "Cl" AND nsites=2')
    assert {crystal.id for crystal in salts} == {"c00", "c03", "c06", "c09"}
