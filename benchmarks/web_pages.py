"""How long each page takes to its first picture, in headless Chromium, with an empty cache.

    python benchmarks/web_pages.py [--rows 5000] [--repeats 3] [--width 1440]

Starts `cijkl serve` with a made-up store of some thousand results, has a crystal predicted and one
computed, and opens every page in a browser that has seen none of them. Printed are, in seconds from
the click: the first byte of the page; its first paint, which shows text and numbers (what browsers
call first contentful paint); its first figure as drawn by plotly or on a canvas, where the page has
one; and what was transferred. Each is the median of several visits. The load of the machine stands
beside them, since all this shares its processors with the browser, which draws without a graphics
processor.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from web_explorer import make

EXAMPLES = Path(__file__).parents[1] / "examples"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-quic", "--disable-gpu", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--no-first-run", "--disable-background-networking",
)  # fmt: skip
#: what is there once the first figure of a page, or what stands for one, is drawn
FIGURES = {
    "/explorer": "html[data-ready=true]",
    "/compare": "#surfaces .main-svg",
    "/results": ".plot .main-svg",
    "/jobs/": "#facts div",
    "/jobs": "#jobs tr",
}
WATCH = """
(selector => {
  const look = () => {
    if (document.querySelector(selector)) {
      // what was drawn in this frame is seen with the next
      requestAnimationFrame(() => { window.cijklDrawn = performance.now(); });
    } else { requestAnimationFrame(look); }
  };
  requestAnimationFrame(look);
})("%s")
"""
FACTS = """
() => {
  const page = performance.getEntriesByType("navigation")[0];
  const all = [page, ...performance.getEntriesByType("resource")];
  const painted = performance.getEntriesByName("first-contentful-paint")[0];
  return {
    byte: page.responseStart, painted: painted ? painted.startTime : null,
    drawn: window.cijklDrawn || null,
    bytes: all.reduce((sum, each) => sum + (each.transferSize || 0), 0),
  };
}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=5_000, help="results in the store")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--width", type=int, default=1440)
    parser.add_argument("--model", action="append", default=[], help="in place of those shipped")
    parser.add_argument("--pictures", type=Path, help="folder for a screenshot of each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "shown.duckdb"
        make(store, options.rows)
        server, address = start(Path(folder) / "jobs", store, options.model)
        try:
            pages = addresses(address)
            found = measure(address, pages, options)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60.0)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {options.width} wide")
    print(f"{'page':<14}{'first byte':>11}{'painted':>10}{'figure':>9}{'kB':>8}")
    for name, facts in found.items():
        drawn = f"{facts['drawn']:>8.2f}s" if facts["drawn"] else f"{'':>9}"
        print(
            f"{name:<14}{facts['byte']:>10.2f}s{facts['painted']:>9.2f}s{drawn}{facts['kB']:>8.0f}"
        )
    return 0


def start(jobs: Path, store: Path, models: list[str]) -> tuple[subprocess.Popen[str], str]:
    """A server of its own, and its address."""
    run = "import sys; from cijkl.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", run, "serve", "--port", "0", "--jobs", str(jobs)]
    command += ["--store", str(store), *(part for name in models for part in ("--model", name))]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    return server, server.stderr.readline().split(" at ")[1].split()[0]


def addresses(address: str) -> dict[str, str]:
    """Pages by name, once there is something for all of them to show."""
    with httpx.Client(base_url=address, timeout=300.0) as web:
        kept = []
        for name in ("alpha-quartz", "corundum"):
            files = {"structure": (f"{name}.cif", (EXAMPLES / f"{name}.cif").read_bytes())}
            answer = web.post("/api/predict", files=files, data={"keep": "true"})
            kept += answer.raise_for_status().json()["kept"]
        files = {"structure": ("silicon.cif", (EXAMPLES / "silicon.cif").read_bytes())}
        data = {"potential": "sevennet-0", "fmax": "0.001"}
        (job,) = web.post("/api/compute", files=files, data=data).raise_for_status().json()["jobs"]
        while not web.get(f"/api/jobs/{job['id']}").json()["ended"]:
            time.sleep(1.0)
        row = web.get("/explorer/rows").json()["rows"][0]
    return {
        "home": "/",
        "result": f"/results/{kept[0]}",
        "of a job": f"/results/{job['id']}",
        "explorer": "/explorer",
        "crystal": f"/explorer/crystals/{row[1]}",
        "compare": f"/compare?result={kept[0]}&name=&result={kept[1]}&name=",
        "jobs": "/jobs",
        "job": f"/jobs/{job['id']}",
        "API": "/api",
    }


def measure(address: str, pages: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Medians by page."""
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        raise SystemExit("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        visit(browser, address, "home", "/", options)  # starts the processes of the browser
        found = {}
        for name, page in pages.items():
            seen = [visit(browser, address, name, page, options) for _ in range(options.repeats)]
            found[name] = {key: _median(seen, key) for key in seen[0]}
        browser.close()
    return found


def visit(
    browser: Browser, address: str, name: str, path: str, options: argparse.Namespace
) -> dict[str, float | None]:
    """One visit with an empty cache, s and kB."""
    context = browser.new_context(
        base_url=address, viewport={"width": options.width, "height": 900}
    )
    page = context.new_page()
    selector = FIGURES["/results"] if name == "crystal" else _figure(path)
    if selector:
        page.add_init_script(WATCH % selector)
    page.goto(path)
    end = time.monotonic() + 60.0
    while time.monotonic() < end:
        facts = page.evaluate(FACTS)
        if facts["painted"] and (facts["drawn"] or not selector):
            break
        page.wait_for_timeout(50)
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1500)
        shown = options.pictures / f"{name.replace(' ', '-')}-{options.width}.png"
        page.screenshot(path=shown, full_page=True)
    context.close()
    seconds = {key: facts[key] and facts[key] / 1e3 for key in ("byte", "painted", "drawn")}
    return {**seconds, "kB": facts["bytes"] / 1e3}


def _figure(path: str) -> str | None:
    return next((found for start, found in FIGURES.items() if path.startswith(start)), None)


def _median(seen: list[dict[str, float | None]], key: str) -> float | None:
    known = [each[key] for each in seen if each[key] is not None]
    return statistics.median(known) if known else None


if __name__ == "__main__":
    sys.exit(main())
