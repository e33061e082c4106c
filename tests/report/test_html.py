from __future__ import annotations

import base64
import hashlib
import itertools
import json
import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from ase import Atoms

from cijkl.report import html_page

VOID = {"meta", "link", "input", "br", "img", "line"}
ATTACK = "</script><script>alert(1)</script><b onload=x>\"'&"


class Page(HTMLParser):
    """Checks nesting while it collects elements, text and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.headings: list[tuple[int, str]] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"repeated attribute in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"stray </{tag}>"
        assert self.stack.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif "style" not in self.stack:
            self.text.append(data)
            if self.stack and re.fullmatch("h[1-6]", self.stack[-1]):
                level, title = self.headings[-1]
                self.headings[-1] = (level, title + data)

    def words(self) -> str:
        """All text a reader can see, blanks made one."""
        return re.sub(r"\s+", " ", "".join(self.text))


@pytest.fixture(scope="module")
def quartz_page(quartz_record: dict[str, Any], quartz_atoms: Atoms) -> str:
    return html_page(quartz_record, quartz_atoms)


def test_page_is_well_formed_and_in_order(quartz_page: str) -> None:
    page = Page(quartz_page)
    titles = [title for level, title in page.headings if level == 2]
    assert titles == [
        "Warning",
        "Key numbers",
        "Elastic tensor",
        "Polycrystal moduli",
        "By direction",
        "Map of Young’s modulus",
        "Sound",
        "Stability",
        "Estimates for engineering",
        "Crystal structure",
        "Relaxation and response",
        "How this was computed",
    ]
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [a["id"] for _, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    assert quartz_page.startswith("<!doctype html>")
    assert ("html", {"lang": "en"}) in page.elements


def test_page_says_what_the_record_holds(quartz_page: str) -> None:
    words = Page(quartz_page).words()
    for text in (
        "alpha-quartz",
        "space group 154 (P3₂21)",
        "Moderately stiff (E = 95.8 GPa), brittle by Pugh’s rule",
        "C14 changes by 1.2 GPa",
        "step_sensitivity",
        "trigonal, Laue class −3m, 6 independent constants",
        "Reuss-Hill",
        "conjugate-gradient iterations",
        "sevennet-l3i5",
        "53",
        "9.1 s",
        "(1 0 1)",
        "−17.18 ± 0.17",
    ):
        assert text in words, text


def test_page_loads_nothing_from_elsewhere(quartz_page: str) -> None:
    page = Page(quartz_page)
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:")), (tag, name, value)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
    style = quartz_page[quartz_page.index("<style>") : quartz_page.index("</style>")]
    assert "@import" not in style
    assert "url(" not in style


def test_only_the_hashed_scripts_may_run(quartz_page: str) -> None:
    page = Page(quartz_page)
    policy = next(
        a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert "default-src 'none'" in policy
    allowed = re.search(r"script-src ([^;]*);", policy)
    assert allowed is not None
    running = [text for attributes, text in page.scripts if "type" not in attributes]
    digests = [hashlib.sha256(text.encode()).digest() for text in running]
    expected = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    assert allowed[1].split() == expected
    assert len(expected) == 2


def test_every_place_for_a_figure_has_its_figure(quartz_page: str) -> None:
    page = Page(quartz_page)
    held = {
        str(a["id"])[len("figure-") :]
        for a, _ in page.scripts
        if str(a.get("id", "")).startswith("figure-")
    }
    choices = [str(a["value"]) for t, a in page.elements if t == "input"]
    assert choices == ["E", "beta", "G", "nu", "slowness", "phase", "group"]
    needed = set()
    for _, attributes in page.elements:
        pattern, name = attributes.get("data-pattern"), attributes.get("data-figure")
        if pattern:
            group = choices[4:] if pattern.startswith("wave") else choices[:4]
            needed |= {pattern.replace("*", key) for key in group}
        elif name:
            needed.add(name)
    assert needed == held
    assert len(held) == 4 + 12 + 9 + 5
    for attributes, text in page.scripts:
        if attributes.get("type") == "application/json":
            json.loads(text)


def test_figures_and_choices_have_names_for_screen_readers(quartz_page: str) -> None:
    page = Page(quartz_page)
    for tag, attributes in page.elements:
        if "plot" in (attributes.get("class") or "").split():
            assert attributes.get("aria-label")
            assert attributes.get("role") == "img"
        if tag == "th":
            assert attributes.get("scope") in ("row", "col")
        if tag == "section":
            label = attributes.get("aria-labelledby")
            assert any(other.get("id") == label for _, other in page.elements)


def test_size_is_bounded(quartz_page: str, silicon_record: dict[str, Any]) -> None:
    assert len(quartz_page.encode()) < 9_000_000
    assert quartz_page.count("plotly.js v") <= 2
    assert len(html_page(silicon_record).encode()) < 8_000_000


def test_record_can_be_downloaded(quartz_page: str, quartz_record: dict[str, Any]) -> None:
    links = [a for t, a in Page(quartz_page).elements if t == "a" and "download" in a]
    assert [a["download"] for a in links] == ["alpha-quartz.json", "alpha-quartz.cif"]
    text = base64.b64decode(str(links[0]["href"]).split(",")[1]).decode()
    assert json.loads(text) == json.loads(json.dumps(quartz_record))
    cif = base64.b64decode(str(links[1]["href"]).split(",")[1]).decode()
    assert "_cell_length_a" in cif


def test_tensor_alone_gives_a_page_without_sound_or_structure(
    silicon_record: dict[str, Any],
) -> None:
    page = Page(html_page(silicon_record))
    titles = [title for _, title in page.headings]
    assert "By direction" in titles
    assert "Sound" not in titles
    assert "Crystal structure" not in titles
    assert "By its values: cubic" in page.words()


def test_velocities_without_a_crystal_still_draw_sound(silicon_stiffness: np.ndarray) -> None:
    from cijkl.analysis import analyze
    from cijkl.report.figures import figures

    record = analyze(silicon_stiffness, density=2.329).record
    drawn = figures(record)
    slowness = drawn["wave-xy-slowness"]["data"][2]["r"]
    values = np.frombuffer(base64.b64decode(slowness["bdata"]), slowness["dtype"])
    assert float(values[0]) == pytest.approx(1000.0 / math.sqrt(165.7e9 / 2329.0), rel=1e-5)


def test_structure_is_drawn_from_the_record_alone(quartz_record: dict[str, Any]) -> None:
    assert 'id="figure-structure"' in html_page(quartz_record)


def test_failed_record_says_why(failed_record: dict[str, Any]) -> None:
    text = html_page(failed_record)
    words = Page(text).words()
    assert "two atoms are 0.31 A apart" in words
    assert "close_atoms" in words
    assert "sevennet-l3i5" in words
    assert len(text) < 40_000
    assert "script-src 'none'" in text


def test_unstable_record_draws_no_direction(unstable_record: dict[str, Any]) -> None:
    page = Page(html_page(unstable_record))
    assert "Mechanically unstable" in page.words()
    assert "Not drawn" in page.words()
    names = {a.get("data-figure") for _, a in page.elements}
    assert "stability" in names
    assert "surface-E" not in names


def test_hostile_texts_stay_text(quartz_record: dict[str, Any]) -> None:
    record = {
        **quartz_record,
        "id": ATTACK,
        "formula": ATTACK,
        "source": ATTACK,
        "frame": ATTACK,
        "symmetry_class": ATTACK,
        "warnings": [{"code": ATTACK, "message": ATTACK}],
        "structure": {**quartz_record["structure"], "crystal_system": ATTACK},
        "engine": {"name": ATTACK, "version": ATTACK, "settings": {ATTACK: ATTACK}},
        "response": {**quartz_record["response"], "method": ATTACK, ATTACK: 1.0},
        "criteria": [{"expression": ATTACK, "value": 1.0, "satisfied": True}],
    }
    text = html_page(record)
    assert "<script>alert" not in text
    page = Page(text)
    assert [a for t, a in page.elements if t == "b" or "onload" in a] == []
    running = [code for a, code in page.scripts if "type" not in a]
    assert len(running) == 2
    assert page.words().count("alert(1)") >= 10
    downloads = [a["download"] for t, a in page.elements if "download" in a]
    assert all(re.fullmatch(r"[\w.-]+", str(name)) for name in downloads)
    failed = html_page({"status": "failed", "id": ATTACK, "error": ATTACK, "warnings": []})
    assert "<script" not in failed


@pytest.mark.parametrize("key", ["moduli", "anisotropy", "directional", "engineering", "engine"])
def test_a_missing_part_leaves_the_rest(silicon_record: dict[str, Any], key: str) -> None:
    Page(html_page({**silicon_record, key: None}))


def test_numbers_that_are_not_become_dashes(silicon_record: dict[str, Any]) -> None:
    moduli = {**silicon_record["moduli"], "K": {"voigt": math.nan, "hill": math.inf}}
    words = Page(html_page({**silicon_record, "moduli": moduli})).words()
    assert "nan" not in words.lower().split()
    assert "Bulk modulus K––––" in words.replace(" –", "–")
