"""What people do, in headless Chromium: drop a file, ask for a direction, brush, cancel, compare.

No page may ask anything of another host, break its own policy, or throw.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("duckdb")
uvicorn = pytest.importorskip("uvicorn")
sync_api = pytest.importorskip("playwright.sync_api")

import cijkl  # noqa: E402
from cijkl.web import Settings, create_app  # noqa: E402

from .conftest import EXAMPLES  # noqa: E402
from .stored import fill  # noqa: E402

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    # processes that the server starts must find it by this name too
    sys.path.append(HERE)
import fake  # noqa: E402

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# a browser that starts, and a server that predicts, take seconds
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-quic", "--disable-gpu", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)  # fmt: skip
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 60_000


@pytest.fixture(scope="module")
def address(small_model, tmp_path_factory) -> Iterator[str]:
    """A server with a store, whose jobs never end by themselves."""
    folder = tmp_path_factory.mktemp("browsed")
    store = fill(folder / "shown.duckdb", 36)
    app = create_app(
        Settings(jobs=folder / "jobs", store=store, models=(str(small_model),), readers=1)
    )
    app.state.services.runner.target = fake.slow
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30.0)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address) -> Iterator[Any]:
    """``visit("/explorer", viewport=PHONE)``: a page, watched until the end of the test."""
    contexts, asked, complaints = [], [], []

    def enter(path: str, viewport=WIDE, scheme: str = "light") -> Any:
        context = chromium.new_context(
            base_url=address, viewport=viewport, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.extend(complaint(message)))
        page.goto(path)
        return page

    yield enter
    for context in contexts:
        context.close()
    elsewhere = [url for url in asked if not url.startswith((address + "/", "data:", "blob:"))]
    assert elsewhere == []
    assert complaints == []


def complaint(message: Any) -> list[str]:
    """What a browser finds wrong; an answer that says what a visitor did wrong is right."""
    wrong = message.type == "error" and "status of 4" not in message.text
    return [message.text] if wrong else []


def ready(page: Any) -> Any:
    page.wait_for_selector("html[data-ready=true]")
    return page


def until(page: Any, expression: str, arg: Any = None) -> None:
    """Wait for an expression, asked again and again: a policy without eval stops playwright's
    own way once the page has loaded."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"in vain: {expression}"
        page.wait_for_timeout(50)


def get(address: str, path: str, **query: Any) -> Any:
    with urllib.request.urlopen(f"{address}{path}?{urlencode(query)}", timeout=60) as answer:
        return json.load(answer)


def shown(page: Any) -> tuple[int, int]:
    """Number of results that meet the filter, and of all."""
    until(page, "/^[0-9\\u202f]+ of/.test(document.getElementById('count').textContent)")
    text = page.text_content("#count").replace("\u202f", "")
    return tuple(map(int, re.findall(r"\d+", text)))


def changes(page: Any, work) -> tuple[int, int]:
    """Count after something was done that changes it."""
    before = page.text_content("#count")
    work()
    until(
        page,
        "before => { const now = document.getElementById('count').textContent;"
        " return now !== before && / of /.test(now); }",
        arg=before,
    )
    return shown(page)


def drop(page: Any, path: Path) -> None:
    """A file from the desktop onto the page."""
    transfer = page.evaluate_handle(
        "([name, text]) => { const held = new DataTransfer();"
        " held.items.add(new File([text], name)); return held; }",
        [path.name, path.read_text()],
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": transfer})


@pytest.fixture(scope="module")
def expected(small_model):
    (found,) = cijkl.predict(EXAMPLES / "alpha-quartz.cif", small_model)
    return found


def predicted(visit) -> Any:
    page = visit("/")
    drop(page, EXAMPLES / "alpha-quartz.cif")
    until(page, "document.getElementById('given').textContent.includes('quartz')")
    page.click("#go")
    page.wait_for_url("**/results/*")
    return page


def test_drop_a_crystal_and_read_its_moduli(visit, expected):
    page = predicted(visit)
    assert page.text_content("h1").strip() == "SiO2"
    tiles = page.text_content(".tiles")
    for name, words in (("K", "Bulk modulus"), ("G", "Shear modulus")):
        read = float(re.search(words + r"\s*([\d.]+)", tiles).group(1))
        assert read == pytest.approx(expected.record["moduli"][name]["hill"], rel=1e-2)
    page.wait_for_selector(".plot canvas, .plot svg")


def test_ask_for_another_direction(visit, expected):
    page = predicted(visit)
    page.wait_for_selector("#live-facts dd")
    found = {}
    for indices in ("1 0 0", "0 0 1"):
        page.fill("#indices", indices)
        before = page.text_content("#live-facts")
        page.press("#indices", "Enter")
        if indices == "0 0 1":
            until(page, "b => document.getElementById('live-facts').textContent !== b", before)
        found[indices] = float(page.text_content("#live-facts dd").split()[0])
    (crystal,) = cijkl.read(EXAMPLES / "alpha-quartz.cif")
    normals = cijkl.analyze(expected.record["C"], crystal.atoms, hkl=[(1, 0, 0), (0, 0, 1)])
    ours = [each["E"] for each in normals.record["directions"]]
    assert list(found.values()) == pytest.approx(ours, rel=2e-3)
    page.fill("#indices", "1 2")
    page.press("#indices", "Enter")
    until(page, "document.getElementById('live-error').textContent.length > 5")


def test_brush_the_map(visit, address):
    page = ready(visit("/explorer"))
    assert shown(page) == (36, 36)
    box = page.locator("#map").bounding_box()
    left, top = box["x"] + 0.45 * box["width"], box["y"] + 0.1 * box["height"]
    right, bottom = box["x"] + 0.9 * box["width"], box["y"] + 0.6 * box["height"]

    def rectangle():
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move((left + right) / 2, bottom - 5)
        page.mouse.move(right, bottom)
        page.mouse.up()

    chosen, _ = changes(page, rectangle)
    assert 0 < chosen < 35
    # the table holds what lies between the corners that the address names
    query = dict(re.findall(r"(\w+)=([^&]*)", urllib.request.unquote(page.url)))
    region = json.loads(query["filter"].replace("+", " "))["region"]
    (x1, y1), (x2, y2) = region["points"]
    ranges = {
        "K_hill": [10 ** min(x1, x2), 10 ** max(x1, x2)],
        "G_hill": [10 ** min(y1, y2), 10 ** max(y1, y2)],
    }
    rows = get(address, "/explorer/count", filter=json.dumps({"ranges": ranges}))
    assert rows["count"] == chosen == page.locator("#rows tbody tr").count() or chosen > 30
    page.focus("#map")
    assert changes(page, lambda: page.keyboard.press("Escape")) == (36, 36)

    def lasso():
        page.check("[name=brush][value=lasso]", force=True)
        page.mouse.move(left, top)
        page.mouse.down()
        for x, y in ((right, top), (right, bottom), (left + 20, bottom), (left, top + 20)):
            page.mouse.move(x, y, steps=5)
        page.mouse.up()

    assert 0 < changes(page, lasso)[0] < 35


def test_filters_by_keyboard(visit):
    page = ready(visit("/explorer"))
    slider = page.get_by_label("Least Bulk modulus K", exact=True)
    slider.focus()
    few, _ = changes(page, lambda: [page.keyboard.press("PageUp") for _ in range(5)])
    assert few < 36
    assert changes(page, lambda: page.keyboard.press("Home")) == (36, 36)
    page.focus(".element[tabindex='0']")
    while page.evaluate("document.activeElement.dataset.symbol") != "O":
        before = page.evaluate("document.activeElement.dataset.symbol")
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.dataset.symbol") == before:
            page.keyboard.press("ArrowDown")
    oxides, _ = changes(page, lambda: page.keyboard.press("Enter"))
    assert "must be in it" in page.evaluate("document.activeElement.ariaLabel")
    others, _ = changes(page, lambda: page.keyboard.press("Enter"))
    assert oxides + others == 36
    page.keyboard.press("Enter")
    page.fill("#condition", "K_hill >")
    until(page, "document.getElementById('condition-error').textContent.length > 5")
    page.fill("#condition", "K_hill > 0 and formula = 'MgO'")
    until(page, "document.getElementById('condition-error').textContent === ''")
    formulas = page.locator("#rows tbody th a")
    until(
        page,
        "[...document.querySelectorAll('#rows tbody th a')].every(a => a.textContent === 'MgO')",
    )
    assert formulas.count() == shown(page)[0]


def test_sort_turn_pages_and_open_a_crystal(visit, address):
    page = ready(visit("/explorer"))
    page.click("[data-by=formula]")
    page.wait_for_selector("th[aria-sort=ascending]")
    first = page.text_content("#rows tbody th a")
    page.click("#next")
    until(page, "document.getElementById('place').textContent.startsWith('31')")
    assert page.locator("#rows tbody tr").count() == 6
    page.click("#previous")
    until(page, "document.getElementById('place').textContent.startsWith('1 ')")
    assert page.text_content("#rows tbody th a") == first == "Ag"
    with page.expect_download() as saved:
        page.click("[data-kind=csv]")
    assert saved.value.suggested_filename == "cijkl-selection.csv"
    assert len(Path(saved.value.path()).read_text().splitlines()) == 37
    page.click("#rows tbody th a")
    page.wait_for_url("**/explorer/crystals/*")
    page.wait_for_selector("#live-facts dd")
    assert page.text_content("h1").strip() == "Ag"


def test_what_was_chosen_is_in_the_address(visit):
    page = ready(visit("/explorer"))
    chosen = changes(page, lambda: page.fill("#text", "Cu"))
    other = ready(visit(page.url))
    assert shown(other) == chosen
    assert other.input_value("#text") == "Cu"


def test_compare_what_the_explorer_has_picked(visit):
    page = ready(visit("/explorer"))
    for number in range(2):
        page.locator("#rows tbody input").nth(number).check()
    page.click("#compare")
    page.wait_for_url("**/compare?*")
    ready(page)
    numbers = [
        float(cell.replace("−", "-"))
        for cell in page.locator("#numbers tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map(cell => cell.firstChild.textContent)")
    ]
    change = page.locator("#numbers tbody tr").first.locator("td small").first.text_content()
    share = 100.0 * (numbers[1] / numbers[0] - 1.0)
    assert float(change.replace("−", "-").rstrip("%").strip()) == pytest.approx(share, abs=0.5)
    page.wait_for_selector("#surfaces .plot canvas")
    assert page.locator("#surfaces .plot").count() == 2
    assert page.locator("[data-plane=xy] .scatterlayer .trace").count() == 2


def test_compare_a_prediction_with_a_tensor_that_is_pasted(visit):
    page = ready(visit("/compare"))
    page.set_input_files("#file", EXAMPLES / "alpha-quartz.cif")
    page.click("#add [type=submit]")
    page.wait_for_selector("#chosen li")
    page.click("#adding > summary") if not page.locator("#add").is_visible() else None
    page.fill("#text", (EXAMPLES / "quartz.txt").read_text())
    page.select_option("#route", "analyze")
    page.fill("#name", "<b>measured</b>")
    page.set_input_files("#crystal", EXAMPLES / "alpha-quartz.cif")
    page.click("#add [type=submit]")
    until(page, "document.querySelectorAll('#chosen li').length === 2")
    assert page.locator("#chosen b").count() == 0
    assert "<b>measured</b>" in page.text_content("#numbers thead")
    page.wait_for_selector("#surfaces .plot canvas")
    page.reload()
    ready(page)
    assert page.locator("#chosen li").count() == 2
    page.check("[name=frame][value=ieee]", force=True)
    # quartz has its axis of order two along x in the IEEE frame, and along y in the file's
    until(page, "[...document.querySelectorAll('#constants tbody th')].length === 12 "
          "|| document.getElementById('error').textContent !== ''")  # fmt: skip
    assert page.text_content("#error") == ""
    page.click("#chosen li button")
    until(page, "document.querySelectorAll('#chosen li').length === 1")


def test_cancel_a_job(visit, address):
    page = visit("/")
    drop(page, EXAMPLES / "silicon.cif")
    page.check("[name=route][value=compute]", force=True)
    page.click("#go")
    page.wait_for_url("**/jobs/*")
    until(page, "document.getElementById('state').textContent.startsWith('Running')")
    page.click("#cancel")
    until(page, "document.getElementById('state').textContent.startsWith('Cancelled')")
    name = page.url.rpartition("/")[2]
    assert get(address, f"/api/jobs/{name}")["state"] == "cancelled"


#: what of the fields and buttons of a page has no name, or is taken out of its order
_UNNAMED = """
() => [...document.querySelectorAll("input, select, textarea, button, a, canvas, [tabindex='0']")]
  .filter(each => each.checkVisibility() && !each.closest(".modebar"))
  .filter(each => {
    const labels = [...(each.labels || [])].map(label => label.textContent).join("");
    const by = (each.getAttribute("aria-labelledby") || "").split(" ")
      .map(id => (document.getElementById(id) || {}).textContent || "").join("");
    const own = ["BUTTON", "A", "SUMMARY"].includes(each.tagName) ? each.textContent : "";
    const name = (each.ariaLabel || "") + by + labels + own + (each.title || "");
    return !name.trim() || each.tabIndex > 0;
  })
  .map(each => each.outerHTML.slice(0, 120))
"""
#: whether what has the focus, or what is drawn in its place, shows it
_FOCUSED = """
() => {
  const each = document.activeElement;
  if (!each || each === document.body) { return "nothing"; }
  const drawn = [each, each.nextElementSibling, each.parentElement, each.closest(".drop"),
    each.parentElement && each.parentElement.querySelector(".lead")].filter(Boolean);
  const seen = drawn.some(one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  });
  return seen ? "" : each.outerHTML.slice(0, 160);
}
"""
PAGES = ("/", "/explorer", "/compare", "/jobs", "/api", "crystal")


def place(address: str, path: str) -> str:
    if path != "crystal":
        return path
    found = get(address, "/explorer/rows")
    return f"/explorer/crystals/{found['rows'][0][1]}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_on_a_phone_in_the_dark_and_by_keyboard(visit, address, path):
    page = visit(place(address, path), viewport=PHONE, scheme="dark")
    if path in ("/explorer", "/compare"):
        ready(page)
        page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true; })")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(_UNNAMED) == []
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUSED) in ("", "nothing")


@pytest.mark.parametrize("path", ["/", "/explorer", "/compare"])
def test_both_colour_schemes_can_be_read(visit, path):
    """Contrast of text and of muted text to their ground, at least 4.5 (WCAG 2.2, 1.4.3)."""
    grounds = []
    for scheme in ("light", "dark"):
        page = visit(path, scheme=scheme)
        found = page.evaluate(
            "() => ['p.subtitle, .verdict', 'h2', '.lead'].map(what => {"
            " const each = document.querySelector(what); let box = each;"
            " const clear = b => getComputedStyle(b).backgroundColor === 'rgba(0, 0, 0, 0)';"
            " while (clear(box)) { box = box.parentElement; }"
            " return [getComputedStyle(each).color, getComputedStyle(box).backgroundColor]; })"
        )
        for ink, ground in found:
            assert contrast(ink, ground) >= 4.5, (scheme, ink, ground)
        grounds.append(luminance(found[0][1]))
    assert grounds[0] > 0.8
    assert grounds[1] < 0.1


def luminance(colour: str) -> float:
    channels = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_the_first_picture_comes_soon(visit):
    """Three seconds on an idle machine with two processors; more where others use it."""
    import os

    load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    visit("/")  # the first page of a browser also starts its processes
    for path in ("/", "/explorer", "/compare", "/jobs"):
        began = time.perf_counter()
        page = visit(path)
        until(page, "performance.getEntriesByName('first-contentful-paint').length > 0")
        painted = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        assert painted < 3000.0 * load, (path, time.perf_counter() - began)
