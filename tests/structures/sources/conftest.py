"""Servers on this machine: one that misbehaves on command, and a real OPTIMADE server."""

from __future__ import annotations

import json
import math
import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ase import Atoms
from ase.build import bulk, graphene
from ase.spacegroup import crystal

from cijkl.structures.sources.keeping import Kept
from cijkl.structures.sources.web import Manners

_LEFT = [[2.72, 0, 2.72], [0, 2.72, 2.72], [2.72, 2.72, 0]]


class Server(ThreadingHTTPServer):
    """Serves pages by their path and keeps what it was asked.

    Attributes
    ----------
    pages
        Body, or a function of the query that gives it, by path.
    faults
        What goes wrong with the next requests for a path, one each: a status, a status with
        headers, ``("cut", n)`` to close after n bytes, ``"silent"``, ``"drip"`` for a byte now and
        then, or a body to be sent instead.
    asked
        Paths with queries, in order.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, bytes | Callable[[str], bytes]] = {}
        self.faults: dict[str, list[Any]] = defaultdict(list)
        self.asked: list[str] = []
        self.finish = threading.Event()

    def server_bind(self) -> None:
        """Bind without asking for the name of this machine, which can take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        self.server.asked.append(self.path)
        fault = self.server.faults[path].pop(0) if self.server.faults[path] else None
        page = self.server.pages.get(path)
        if isinstance(fault, int):
            self.send_error(fault)
        elif fault == "silent":
            self.server.finish.wait(10)
        elif isinstance(fault, tuple) and isinstance(fault[1], dict):
            self.send_response(fault[0])
            for name, value in fault[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif page is None:
            self.send_error(404)
        else:
            body = page(query) if callable(page) else page
            self._send(fault if isinstance(fault, bytes) else body, fault)

    def _send(self, body: bytes, fault: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.finish.wait(0.02):
                    return
        self.wfile.write(body[: fault[1]] if isinstance(fault, tuple) else body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy between the tests and this machine, and a cache of their own."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.finish.set()
        running.shutdown()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "kept")


@pytest.fixture
def hasty() -> Manners:
    """As patient as a test can afford."""
    return Manners(attempts=3, wait=0.001, timeout=0.5, deadline=0.6)


#: crystals of the real OPTIMADE server, by id; 12 sound ones
CRYSTALS = {
    "alloy": bulk("Cu", "fcc", a=3.7).repeat((2, 1, 1)),
    **{f"fcc-{symbol}": bulk(symbol, "fcc") for symbol in ("Ag", "Al", "Cu", "Ni", "Pd", "Pt")},
    **{f"salt-{x}": bulk(f"Ag{x}", "rocksalt", a=5.7) for x in ("Cl", "Br")},
    "left": Atoms("Si2", [[0, 0, 0], [1.36] * 3], cell=_LEFT, pbc=True),
    "quartz": crystal(
        ["Si", "O"], [(0.47, 0, 0.6667), (0.413, 0.266, 0.786)],
        spacegroup=154, cellpar=[4.91, 4.91, 5.4, 90, 90, 120],
    ),
    "rutile": crystal(
        ["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)],
        spacegroup=136, cellpar=[4.59, 4.59, 2.96, 90, 90, 90],
    ),
    "sheet": graphene(vacuum=6.0),
    "zincblende": bulk("ZnS", "zincblende", a=5.41),
}  # fmt: skip


@pytest.fixture(scope="session")
def real_optimade(
    optimade_server: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Address of the server that the optimade package ships, with `CRYSTALS`.

    Its own data would not do: no crystal has such positions. It refuses pages of more than 10.
    """
    folder = tmp_path_factory.mktemp("optimade")
    lines = [{"x-optimade": {"api_version": "1.2.0"}}]
    lines += [_optimade_entry(name, atoms) for name, atoms in CRYSTALS.items()]
    (folder / "data.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    aliases = {
        "id": "task_id",
        "chemical_formula_descriptive": "pretty_formula",
        "chemical_formula_reduced": "pretty_formula",
        "chemical_formula_anonymous": "formula_anonymous",
    }
    return optimade_server(
        folder / "data.jsonl", aliases={"structures": aliases}, page_limit_max=10
    )


def _optimade_entry(name: str, atoms: Atoms) -> dict[str, Any]:
    """All that the specification demands of an entry; the alloy is disordered, the sheet flat."""
    symbols = atoms.get_chemical_symbols()
    elements = sorted(set(symbols))
    shares = {symbol: symbols.count(symbol) for symbol in elements}
    species = [{"name": s, "chemical_symbols": [s], "concentration": [1.0]} for s in elements]
    if name == "alloy":
        species[0] |= {"chemical_symbols": ["Cu", "Zn"], "concentration": [0.7, 0.3]}
    periodic = [1, 1, 0] if name == "sheet" else [1, 1, 1]
    units = math.gcd(*shares.values())
    formula = "".join(f"{s}{n // units}" if n > units else s for s, n in shares.items())
    attributes = {
        "task_id": name,
        "pretty_formula": formula,
        "formula_anonymous": "A",
        "elements": elements,
        "nelements": len(elements),
        "elements_ratios": [n / len(symbols) for n in shares.values()],
        "last_modified": "2026-01-01T00:00:00Z",
        "lattice_vectors": atoms.cell.array.tolist(),
        "cartesian_site_positions": atoms.positions.tolist(),
        "nsites": len(atoms),
        "species": species,
        "species_at_sites": symbols,
        "dimension_types": periodic,
        "nperiodic_dimensions": sum(periodic),
        "structure_features": ["disorder"] if name == "alloy" else [],
    }
    return {"id": name, "type": "structures", "attributes": attributes}
