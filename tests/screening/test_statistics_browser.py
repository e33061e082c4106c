"""The pages in a real browser: all is drawn, nothing is refused, a point leads to its crystal."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import json
import re
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cijkl.elasticity.directional import youngs_modulus
from cijkl.screening.statistics_page import write_pages

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
# slow: a browser starts, and draws without a graphics processor
sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
#: seconds that all figures may take on a machine that does much else
PATIENCE = 240.0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed"),
]

HARNESS = """<!doctype html><title>waiting</title>
<iframe src="PAGE" style="border:0;width:WIDTHpx;height:900px"></iframe>
<script>
const frame = document.querySelector("iframe");
const pause = ms => new Promise(done => setTimeout(done, ms));
frame.onload = async () => {
  const inside = frame.contentWindow, page = frame.contentDocument;
  for (let i = 0; i < 100 && page.querySelector(".waiting:not([hidden])"); i += 1) {
    await pause(50);
  }
  const opened = [];
  inside.open = address => { opened.push(address); };
  const drawn = [];
  for (const plot of page.querySelectorAll(".plot")) {
    plot.scrollIntoView();
    for (let i = 0; i < 2000 && !plot.querySelector(".main-svg"); i += 1) { await pause(50); }
    drawn.push([plot.dataset.figure, Boolean(plot.querySelector(".main-svg")),
      /not supported/.test(plot.textContent)]);
    if (plot.dataset.figure === "map" && plot.data) {
      const trace = plot.data.findIndex(t => t.mode === "markers");
      plot.emit("plotly_click", { points: [{ data: plot.data[trace],
        customdata: plot.data[trace].customdata[0] }] });
    }
  }
  document.title = JSON.stringify({
    title: page.title,
    width: page.documentElement.scrollWidth,
    drawn: drawn,
    opened: opened,
    text: page.body.innerText.slice(0, 3000),
    young: inside.cijklYoung ? inside.cijklYoung(STIFFNESS, DIRECTION) : null,
  });
};
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Server without a log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _others() -> Any:
    """Columns of crystals, from the tests beside this one."""
    path = Path(__file__).with_name("test_statistics.py")
    spec = importlib.util.spec_from_file_location("statistics_crystals", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder with pages of 25,000 crystals, and its address."""
    beside = _others()
    few = beside.crystal_columns()
    index = np.arange(25_000) % 8
    many = {name: values[index] for name, values in few.items()}
    many["id"] = np.array([f"n{number}" for number in range(len(index))], object)
    for name in ("K_hill", "G_hill", "E_rh", "E_max"):
        many[name] = many[name] * np.exp(np.random.default_rng(0).normal(0, 0.2, len(index)))
    folder = tmp_path_factory.mktemp("site")
    write_pages(many, folder, lambda found: beside.atoms_of([index[i] for i in found]))
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}", many
        server.shutdown()


def visit(site, page, width, stiffness=None, direction=(1, 0, 0)):
    """What the harness saw at a width, and the console's errors."""
    folder, address, _ = site
    matrix = np.eye(6) if stiffness is None else stiffness
    harness = HARNESS.replace("PAGE", page).replace("WIDTH", str(width))
    harness = harness.replace("STIFFNESS", json.dumps(matrix.tolist()))
    harness = harness.replace("DIRECTION", json.dumps(list(direction)))
    (folder / "harness.html").write_text(harness, encoding="utf-8")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(BROWSER),
            args=[
                "--no-sandbox", "--disable-quic", "--disable-gpu", "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader", "--disable-background-networking",
            ],
        )  # fmt: skip
        try:
            view = browser.new_page(viewport={"width": width + 60, "height": 1000})
            view.on("console", lambda message: complaints.append(message.text))
            view.on("pageerror", lambda error: complaints.append(f"error: {error}"))
            view.goto(f"{address}/harness.html")
            end = time.monotonic() + PATIENCE
            while (title := view.title()) == "waiting" and time.monotonic() < end:
                view.wait_for_timeout(250)
        finally:
            browser.close()
    assert title != "waiting", complaints
    faults = [c for c in complaints if re.search(r"error|refused|violat|Too many", c, re.I)]
    return json.loads(title), faults


@pytest.mark.parametrize("width", [390, 1440])
def test_the_overview_draws_everything_and_fits(site, width):
    seen, faults = visit(site, "index.html", width)
    assert faults == []
    assert seen["width"] <= width
    assert len(seen["drawn"]) >= 8
    assert [name for name, drawn, refused in seen["drawn"] if refused or not drawn] == []
    (opened,) = seen["opened"]
    assert re.fullmatch(r"crystal\.html#\d+", opened)
    assert "25 000 crystals" in seen["text"]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_crystal_of_many(site, width):
    columns = site[2]
    number = 24_997
    direction = np.array([0.36, 0.48, 0.8])
    stiffness = np.array(columns["C"][number])
    seen, faults = visit(site, f"crystal.html#{number}", width, stiffness, direction)
    assert faults == []
    assert seen["width"] <= width
    assert [name for name, drawn, _ in seen["drawn"] if drawn] == ["surface", "cell"]
    assert f"n{number}" in seen["text"]
    assert f"{columns['E_max'][number]:.3g} GPa" in seen["text"]
    assert seen["young"] == pytest.approx(float(youngs_modulus(stiffness, direction)), rel=1e-9)


def test_a_crystal_that_there_is_not(site):
    assert "not beside this page" in visit(site, "crystal.html#25000000", 390)[0]["text"]
    assert "No crystal is named" in visit(site, "crystal.html", 390)[0]["text"]
