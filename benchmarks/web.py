"""Many clients at once: how long a prediction over REST takes, and whether any answer is lost.

    python benchmarks/web.py [--clients 50] [--requests 4] [--jobs 0]

Starts `cijkl serve` on a free port with a fresh folder, waits until it has answered once, and lets
clients ask at the same moment, each for its own crystal and again as soon as it is answered. An
answer counts if it is the record of the crystal that this client sent. With ``--jobs``, so many
jobs are queued meanwhile, and each must end as a record. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

#: rock salts by lattice constant, A
CRYSTALS = {
    "MgO": 4.21, "CaO": 4.81, "SrO": 5.16, "BaO": 5.54, "NaCl": 5.64, "NaF": 4.63, "LiF": 4.03,
    "LiCl": 5.13, "KCl": 6.29, "KBr": 6.60, "TiN": 4.24, "TiC": 4.33, "ZrN": 4.58, "AgCl": 5.55,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--requests", type=int, default=4, help="of each client")
    parser.add_argument("--jobs", type=int, default=0, help="jobs that are queued meanwhile")
    parser.add_argument("--potential", default="sevennet-0", help="of the jobs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, address = start(Path(folder))
        try:
            found = asyncio.run(measure(address, options))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60.0)
    print(json.dumps({**found, "processors": os.cpu_count(), "machine": platform.machine()}))
    return 0 if found["lost"] == found["jobs_lost"] == 0 else 1


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A server of its own, and its address."""
    run = "import sys; from cijkl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", run, "serve", "--port", "0", "--jobs", str(folder)]
    command += ["--jobs-per-client", "1000", "--queue", "1000"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    line = server.stderr.readline()
    return server, line.split(" at ")[1].split()[0]


async def measure(address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Times of all requests, s, and what was lost."""
    limits = httpx.Limits(max_connections=options.clients + 4)
    async with httpx.AsyncClient(base_url=address, timeout=300.0, limits=limits) as web:
        begun = time.monotonic()
        await ask(web, 0)
        first = time.monotonic() - begun
        alone = [(await ask(web, number))[0] for number in range(5)]
        jobs = [await queue(web, number, options.potential) for number in range(options.jobs)]
        begun = time.monotonic()
        rounds = await asyncio.gather(
            *(one(web, n, options.requests) for n in range(options.clients))
        )
        took = time.monotonic() - begun
        states = [await ended(web, name) for name in jobs]
    times = np.array([seconds for client in rounds for seconds, _ in client])
    lost = sum(not right for client in rounds for _, right in client)
    return {
        "clients": options.clients,
        "requests": len(times),
        "first_s": round(first, 2),
        "alone_s": round(float(np.median(alone)), 3),
        "median_s": round(float(np.median(times)), 3),
        "p95_s": round(float(np.quantile(times, 0.95)), 3),
        "largest_s": round(float(times.max()), 3),
        "per_second": round(len(times) / took, 1),
        "lost": lost,
        "jobs": len(jobs),
        "jobs_lost": sum(state != "done" for state in states),
    }


async def one(web: httpx.AsyncClient, client: int, requests: int) -> list[tuple[float, bool]]:
    """The requests of one client, one after the other."""
    return [await ask(web, client * requests + number) for number in range(requests)]


async def ask(web: httpx.AsyncClient, number: int) -> tuple[float, bool]:
    """Seconds of one prediction, and whether the answer is that of this crystal."""
    name, text = crystal(number)
    begun = time.perf_counter()
    answer = await web.post("/api/predict", files={"structure": (f"{name}.jsonl", text)})
    seconds = time.perf_counter() - begun
    if answer.status_code != 200:
        print(answer.status_code, answer.text[:200], file=sys.stderr)
        return seconds, False
    (record,) = answer.json()["records"]
    return seconds, record["id"] == name and record["status"] == "ok"


async def queue(web: httpx.AsyncClient, number: int, potential: str) -> str:
    """The id of a job that was queued."""
    name, text = crystal(number)
    files = {"structure": (f"{name}.jsonl", text)}
    data = {"potential": potential, "fmax": "0.001"}
    answer = await web.post("/api/compute", files=files, data=data)
    return str(answer.json()["jobs"][0]["id"])


async def ended(web: httpx.AsyncClient, name: str) -> str:
    """State of a job once it is over."""
    while True:
        job = (await web.get(f"/api/jobs/{name}")).json()
        if job["ended"]:
            return str(job["state"])
        await asyncio.sleep(1.0)


def crystal(number: int) -> tuple[str, bytes]:
    """A rock salt that no other request sends, as a line of JSON."""
    formula = list(CRYSTALS)[number % len(CRYSTALS)]
    half = CRYSTALS[formula] * (1.0 + 1e-4 * (number // len(CRYSTALS))) / 2.0
    first = formula[:2] if formula[1].islower() else formula[0]
    name = f"{formula}-{number}"
    record = {
        "id": name,
        "lattice": [[0, half, half], [half, 0, half], [half, half, 0]],
        "species": [first, formula.removeprefix(first)],
        "frac": [[0, 0, 0], [0.5, 0.5, 0.5]],
    }
    return name, json.dumps(record).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main())
