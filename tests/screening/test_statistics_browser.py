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
  const waits = () => {
    const box = page.querySelector(".waiting:not([hidden])");
    return box && !/ is named| not beside/.test(box.textContent);
  };
  for (let i = 0; i < 200 && waits(); i += 1) { await pause(50); }
  const opened = [];
  inside.open = address => { opened.push(address); };
  const drawn = [];
  for (const plot of page.querySelectorAll(".plot")) {
    plot.scrollIntoView();
    // nobody waits for what is hidden: of a crystal that there is not, nothing will be drawn
    const missing = () => plot.checkVisibility() && !plot.querySelector(".main-svg");
    for (let i = 0; i < 2000 && missing(); i += 1) { await pause(50); }
    drawn.push([plot.dataset.figure, Boolean(plot.querySelector(".main-svg")),
      /not supported/.test(plot.textContent)]);
    if (plot.dataset.figure === "map" && plot.data) {
      const trace = plot.data.findIndex(t => t.mode === "markers");
      plot.emit("plotly_click", { points: [{ data: plot.data[trace],
        customdata: plot.data[trace].customdata[0] }] });
    }
  }
  const first = page.documentElement.scrollWidth;
  const misfits = [];
  if (WIDER) {
    frame.style.width = "WIDERpx";
    // pictures that are far away have been freed
    const unfit = () => [...page.querySelectorAll(".plot:has(.main-svg)")].filter(plot =>
      Math.abs(plot.querySelector(".main-svg").clientWidth - plot.clientWidth) > 1);
    for (let i = 0; i < 400 && (inside.innerWidth !== WIDER || unfit().length); i += 1) {
      await pause(50);
    }
    misfits.push(...unfit().map(plot => plot.dataset.figure));
    if (!page.querySelector(".plot .main-svg")) { misfits.push("nothing is drawn"); }
  }
  document.title = JSON.stringify({
    title: page.title,
    width: first,
    wider: page.documentElement.scrollWidth,
    misfits: misfits,
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


@pytest.fixture(scope="module")
def browser():
    """One for all visits: it takes as long to start as a page to draw."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(BROWSER),
            args=[
                "--no-sandbox", "--disable-quic", "--disable-gpu", "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader", "--disable-background-networking",
            ],
        )  # fmt: skip
        yield opened
        opened.close()


@pytest.fixture
def visit(site, browser):
    """``visit("index.html", 390)``: what the harness saw, and the console's errors."""
    folder, address, _ = site

    def see(page, width, stiffness=None, direction=(1, 0, 0), wider=0):
        matrix = np.eye(6) if stiffness is None else stiffness
        harness = HARNESS.replace("PAGE", page).replace("WIDER", str(wider))
        harness = harness.replace("WIDTH", str(width))
        harness = harness.replace("STIFFNESS", json.dumps(matrix.tolist()))
        harness = harness.replace("DIRECTION", json.dumps(list(direction)))
        (folder / "harness.html").write_text(harness, encoding="utf-8")
        complaints: list[str] = []
        view = browser.new_page(viewport={"width": max(width, wider) + 60, "height": 1000})
        try:
            view.on("console", lambda message: complaints.append(message.text))
            view.on("pageerror", lambda error: complaints.append(f"error: {error}"))
            view.goto(f"{address}/harness.html")
            end = time.monotonic() + PATIENCE
            while (title := view.title()) == "waiting" and time.monotonic() < end:
                view.wait_for_timeout(100)
        finally:
            view.close()
        assert title != "waiting", complaints
        faults = [c for c in complaints if re.search(r"error|refused|violat|Too many", c, re.I)]
        return json.loads(title), faults

    return see


def test_the_overview_draws_everything_on_a_phone_and_follows_to_a_screen(visit):
    seen, faults = visit("index.html", 390, wider=1440)
    assert faults == []
    assert seen["width"] <= 390
    assert 390 < seen["wider"] <= 1440
    assert seen["misfits"] == []
    assert len(seen["drawn"]) >= 8
    assert [name for name, drawn, refused in seen["drawn"] if refused or not drawn] == []
    (opened,) = seen["opened"]
    assert re.fullmatch(r"crystal\.html#\d+", opened)
    assert "25 000 crystals" in seen["text"]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_crystal_of_many(site, visit, width):
    columns = site[2]
    number = 24_997
    direction = np.array([0.36, 0.48, 0.8])
    stiffness = np.array(columns["C"][number])
    seen, faults = visit(f"crystal.html#{number}", width, stiffness, direction)
    assert faults == []
    assert seen["width"] <= width
    assert [name for name, drawn, _ in seen["drawn"] if drawn] == ["surface", "cell"]
    assert f"n{number}" in seen["text"]
    assert f"{columns['E_max'][number]:.3g} GPa" in seen["text"]
    assert seen["young"] == pytest.approx(float(youngs_modulus(stiffness, direction)), rel=1e-9)


def test_a_crystal_that_there_is_not(visit):
    for page, words in (
        ("crystal.html#25000000", "not beside this page"),
        ("crystal.html", "No crystal is named"),
    ):
        seen, _ = visit(page, 390)
        assert words in seen["text"]
        assert not any(drawn for _, drawn, _ in seen["drawn"])
