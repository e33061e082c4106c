"""The page in a real browser: it draws everything, complains of nothing and fits a phone."""

from __future__ import annotations

import functools
import html
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cijkl.report import html_page

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome is installed"),
]

# A page of the same origin looks into the report: its policy lets no foreign script run inside.
HARNESS = """<!doctype html><title>waiting</title>
<iframe src="PAGE" style="border:0;width:WIDTHpx;height:900px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = async () => {
  const inside = frame.contentWindow, page = frame.contentDocument;
  if (inside.cijklReady) { await inside.cijklReady(); }
  const plots = [...page.querySelectorAll(".plot")];
  const first = {};
  for (const radio of page.querySelectorAll("input[type=radio]")) {
    radio.click();
    await new Promise(done => setTimeout(done, 300));
    first[radio.value] = plots.filter(p => p.dataset.figure.endsWith("-" + radio.value)
      && p.data && p.data.length).length;
  }
  document.title = JSON.stringify({
    width: page.documentElement.scrollWidth,
    plots: plots.length,
    drawn: plots.filter(p => p.querySelector(".main-svg")).length,
    canvases: page.querySelectorAll("canvas").length,
    chosen: first,
    wide: [...page.querySelectorAll("main *")].filter(e => !e.closest(".scroll, .plot")
      && e.getBoundingClientRect().right > WIDTH + 0.5).map(e => e.className || e.tagName),
    captions: [...page.querySelectorAll("[data-caption=quantity]")].filter(e => !e.hidden)
      .map(e => e.dataset.key),
  });
};
</script>"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which this machine serves it."""
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield tmp_path, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Server without a log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def visit(served: tuple[Path, str], page: str, width: int) -> tuple[dict[str, Any], list[str]]:
    """What the harness saw at a width, and the console's errors."""
    folder, address = served
    (folder / "page.html").write_text(page, encoding="utf-8")
    harness = HARNESS.replace("PAGE", "page.html").replace("WIDTH", str(width))
    (folder / "harness.html").write_text(harness, encoding="utf-8")
    flags = "--headless --no-sandbox --use-angle=swiftshader --enable-unsafe-swiftshader"
    quiet = "--no-first-run --disable-background-networking --disable-component-update"
    command = [
        str(BROWSER),
        *flags.split(),
        *quiet.split(),
        "--disable-sync",
        "--disable-quic",
        "--disable-dev-shm-usage",
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={width + 60},1000",
        "--enable-logging=stderr",
        "--virtual-time-budget=60000",
        "--dump-dom",
        f"{address}/harness.html",
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    title = re.search(r"<title>(.*?)</title>", run.stdout, re.S)
    assert title is not None, run.stderr[-2000:]
    assert title[1] != "waiting", run.stderr[-2000:]
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    faults = [line for line in console if re.search(r"error|refused|violat|WARN:", line, re.I)]
    return json.loads(html.unescape(title[1])), faults


@pytest.mark.parametrize("width", [390, 1440])
def test_page_draws_everything_and_fits(
    served: tuple[Path, str], quartz_record: dict[str, Any], width: int
) -> None:
    seen, faults = visit(served, html_page(quartz_record), width)
    assert faults == []
    assert seen["width"] <= width
    assert seen["wide"] == []
    assert seen["drawn"] == seen["plots"] == 12
    assert seen["canvases"] >= 3
    assert seen["chosen"] == {
        **dict.fromkeys(("E", "beta", "G", "nu"), 4),
        **dict.fromkeys(("slowness", "phase", "group"), 3),
    }
    assert set(seen["captions"]) == {"nu"}


def test_page_of_a_layer_fits_a_phone(
    served: tuple[Path, str], layer_record: dict[str, Any]
) -> None:
    seen, faults = visit(served, html_page(layer_record), 390)
    assert faults == []
    assert seen["width"] <= 390
    assert seen["wide"] == []
    assert seen["drawn"] == seen["plots"] == 3


def test_hostile_names_do_nothing(served: tuple[Path, str], silicon_record: dict[str, Any]) -> None:
    attack = "<img src=x onerror=\"parent.document.title='owned'\"><script>throw 1</script>"
    record = {
        **silicon_record,
        "id": attack,
        "formula": attack,
        "source": attack,
        "warnings": [{"code": attack, "message": attack}],
    }
    seen, faults = visit(served, html_page(record), 390)
    assert faults == []
    assert seen["width"] <= 390
    assert seen["drawn"] == seen["plots"]


def test_page_without_figures_fits_too(
    served: tuple[Path, str], failed_record: dict[str, Any]
) -> None:
    seen, faults = visit(served, html_page(failed_record), 390)
    assert faults == []
    assert seen["width"] <= 390
    assert seen["plots"] == 0
