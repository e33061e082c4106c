"""Draw the picture of the README from a real report page.

    python docs/images/make.py [RECORD.json] [--out docs/images/quartz.png]

RECORD.json is what any verb writes by ``--json``. Without it the measured constants of alpha-quartz
are analysed. Needs chromium or chrome.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cijkl.analysis import analyze
from cijkl.report import html_page

WIDTH, HEIGHT, SCALE = 1180, 470, 1.5

# Two windows on one page: each shows the part of it that holds one figure.
WINDOWS = f"""<!doctype html><meta charset="utf-8">
<style>
body {{ margin: 0; width: {WIDTH}px; height: {HEIGHT}px; display: flex; overflow: hidden;
       background: #fff; }}
div {{ position: relative; overflow: hidden; height: {HEIGHT}px; }}
iframe {{ position: absolute; border: 0; width: 1280px; height: 9000px; }}
</style>
<div style="width: 440px">
<iframe src="page.html" data-part='[data-pattern="surface-*"]'></iframe>
</div>
<div style="width: 740px">
<iframe src="page.html" data-part='[data-figure="map"]'></iframe>
</div>
<script>
for (const frame of document.querySelectorAll("iframe")) {{
  frame.onload = async () => {{
    await frame.contentWindow.cijklReady();
    frame.contentDocument.querySelectorAll(".modebar-container").forEach(bar => bar.remove());
    const part = frame.contentDocument.querySelector(frame.dataset.part);
    const box = part.getBoundingClientRect();
    const shown = frame.parentElement.getBoundingClientRect();
    const zoom = Math.min(1, shown.height / box.height);
    frame.style.transformOrigin = "0 0";
    frame.style.transform = `scale(${{zoom}})`;
    frame.style.left = `${{shown.width / 2 - zoom * (box.left + box.width / 2)}}px`;
    frame.style.top = `${{shown.height / 2 - zoom * (box.top + box.height / 2)}}px`;
  }};
}}
</script>"""


def main() -> int:
    """Write the picture; 0 if it worked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", nargs="?", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("quartz.png"))
    options = parser.parse_args()
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        print("no chromium or chrome is installed", file=sys.stderr)
        return 2
    record = json.loads(options.record.read_text()) if options.record else quartz()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_text(html_page(record), encoding="utf-8")
        Path(folder, "index.html").write_text(WINDOWS, encoding="utf-8")
        photograph(browser, Path(folder), options.out)
    # A palette of 256 colours makes a quarter of the file.
    with Image.open(options.out) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(options.out, optimize=True)
    print(f"{options.out}: {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def photograph(browser: str, folder: Path, out: Path) -> None:
    """Serve a folder to a browser without a window and keep what it sees."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = "--headless --no-sandbox --use-angle=swiftshader --enable-unsafe-swiftshader"
        subprocess.run(
            [
                browser,
                *flags.split(),
                "--no-first-run",
                "--disable-background-networking",
                "--hide-scrollbars",
                f"--force-device-scale-factor={SCALE}",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--user-data-dir={folder / 'profile'}",
                "--virtual-time-budget=30000",
                f"--screenshot={out.resolve()}",
                f"http://127.0.0.1:{server.server_address[1]}/index.html",
            ],
            check=True,
            capture_output=True,
        )
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Server without a log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def quartz() -> dict[str, Any]:
    """Record of alpha-quartz, constants of Heyliger et al. 2003, JASA 114, 644."""
    c11, c12, c13, c14, c33, c44 = 87.26, 6.57, 11.95, -17.18, 105.8, 57.15
    c = np.zeros((6, 6))
    c[:2, :2] = [[c11, c12], [c12, c11]]
    c[:3, 2] = c[2, :3] = (c13, c13, c33)
    c[3, 3] = c[4, 4] = c44
    c[5, 5] = (c11 - c12) / 2.0
    c[0, 3] = c[3, 0] = c[4, 5] = c[5, 4] = c14
    c[1, 3] = c[3, 1] = -c14
    return dict(analyze(c, id="alpha-quartz", formula="SiO2", density=2.649).record)


if __name__ == "__main__":
    sys.exit(main())
