"""Links lead somewhere: to files and headings that exist, and to addresses that can be."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .pages import DOCS, ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), ROOT / "examples" / "README.md"]


def text(page: Path) -> str:
    """A page without its code."""
    whole = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", lambda code: "x" * len(code[0]), whole)


def links(page: Path) -> list[str]:
    """Addresses of a page's links and pictures."""
    return [
        *re.findall(r"\]\(\s*([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\s*\)", text(page)),
        *re.findall(r"<(https?://[^>]*)>", text(page)),
    ]


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as mkdocs and GitHub make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    words = [re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings]
    return {re.sub(r"\s", "-", heading) for heading in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository(page):
    for link in links(page):
        if not urlsplit(link).scheme:
            path, _, anchor = link.partition("#")
            target = page if not path else (page.parent / path).resolve()
            assert target.exists(), link
            if anchor and target.suffix == ".md":
                assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_addresses_of_the_web_are_well_formed(page):
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), link


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One thing\n\n[a](none.md) ![b](https://x.org/a_(b)) `[c](d)`\n")
    assert links(page) == ["none.md", "https://x.org/a_(b)"]
    assert anchors(page) == {"one-thing"}
