"""Pages on a phone, by keyboard, with a screen reader, in the dark; and soon."""

from __future__ import annotations

import os
import re
import time

import pytest

from .conftest import PHONE, get, ready, until

# a browser that starts, and a server that predicts, take seconds
pytestmark = pytest.mark.slow


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


def test_the_first_picture_comes_soon(visit, address):
    """Three seconds on an idle machine with two processors; more where others use it."""
    load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    visit("/")  # the first page of a browser also starts its processes
    for path in ("/", "/explorer", "/compare", "/jobs", place(address, "crystal")):
        began = time.perf_counter()
        page = visit(path)
        until(page, "performance.getEntriesByName('first-contentful-paint').length > 0")
        painted = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        assert painted < 3000.0 * load, (path, time.perf_counter() - began)
