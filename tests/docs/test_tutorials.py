"""Every tutorial runs as it is written, and prints what it shows."""

from __future__ import annotations

import pytest

from .pages import DOCS, run

PAGES = sorted([*(DOCS / "tutorials").glob("*.md"), *(DOCS / "extending").glob("*.md")])
#: those that take more than two seconds
SLOW = {"cif", "database", "data", "folder", "polymorph", "potential"}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=pytest.mark.slow if page.stem in SLOW else (), id=page.stem)
        for page in PAGES
    ],
)
def test_a_tutorial_does_what_it_says(page, tmp_path, as_a_reader):
    run(page, tmp_path)
