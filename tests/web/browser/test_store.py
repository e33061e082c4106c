"""What people do with a store and with a comparison, in headless Chromium."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from .conftest import EXAMPLES, get, ready, until

# a browser that starts, and a server that predicts, take seconds
pytestmark = pytest.mark.slow


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
    query = dict(re.findall(r"(\w+)=([^&]*)", urllib.parse.unquote(page.url)))
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
