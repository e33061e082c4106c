"""The site is built without a warning, holds all public functions, and needs no network."""

from __future__ import annotations

import html
import importlib
import importlib.util
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from .pages import DOCS, ROOT

pytest.importorskip("mkdocs")
pytestmark = pytest.mark.slow

ROOMS = sorted(path.parent.name for path in (ROOT / "src" / "cijkl").glob("*/__init__.py"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_there_and_in_the_navigation(site):
    home = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        address = page.relative_to(DOCS).with_suffix("").as_posix().removesuffix("index")
        assert (site / address / "index.html").exists()
        # the navigation of the first page names every page
        assert f'href="{address.rstrip("/") + "/" if address else "."}"' in home, address


def test_every_public_function_is_in_the_reference(site):
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    documented = {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}
    names = ["cijkl", *(f"cijkl.{room}" for room in ROOMS if room != "cli")]
    for module in map(importlib.import_module, names):
        for name in module.__all__:
            public = getattr(module, name)
            # a function that is called like its file stands there under that name
            homes = {module.__name__, getattr(public, "__module__", "")}
            found = documented & {f"{home}.{name}" for home in homes}
            assert found or not callable(public), f"{module.__name__}.{name}"


def test_no_page_asks_the_network_for_anything(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=\"?([^\s\">]+)", text)
        loaded += re.findall(
            r"<link[^>]*rel=\"?(?:stylesheet|icon|preload)[^>]*href=\"?([^\s\">]+)", text
        )
        assert not [address for address in loaded if "//" in address], page


def test_formulas_are_mathml(site):
    for page in site.rglob("*.html"):
        assert "arithmatex" not in page.read_text(encoding="utf-8"), page
    assert (site / "theory" / "index.html").read_text(encoding="utf-8").count("<math") > 80


def test_a_formula_keeps_what_it_says():
    spec = importlib.util.spec_from_file_location("mathml", DOCS / "mathml.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = '<p><span class="arithmatex">\\(a &lt; \\cos b\\)</span></p>'
    made = module.on_page_content(page, page=None)
    assert made.startswith("<p><math") and made.endswith("</math></p>")
    assert html.unescape(re.sub(r"<[^>]*>", "", made)) == "a<cosb"
    block = '<div class="arithmatex">\\[x\\]</div>'
    assert 'display="block"' in module.on_page_content(block)
