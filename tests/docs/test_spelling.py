"""Words are spelt as they should be: no common slips, and British in what people read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import DOCS, ROOT

codespell_lib = pytest.importorskip("codespell_lib")

#: abbreviated journals, names, elements, indices of formulas, and a test of bad SQL
NO_SLIPS = "mater,commun,te,nd,ue,alers,selekt"
PROSE = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md")), ROOT / "examples" / "README.md"]
#: American spellings that are British too, or that stand in names
BOTH = {
    "analyze",
    "analyzed",
    "analyzes",
    "program",
    "programs",
    "license",
    "licensed",
    "math",
    "meter",
}


def test_no_word_is_a_known_slip():
    places = [ROOT / name for name in ("docs", "src", "tests", "benchmarks", "examples")]
    found = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--ignore-words-list", NO_SLIPS,
         "--skip", "*.json,*.jsonl,*.csv,*.js,*.svg,*.gz,*.xz,*.png,*.ipynb,*.safetensors",
         *map(str, places), *map(str, ROOT.glob("*.md"))],
        capture_output=True, text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout


def american() -> set[str]:
    """American spellings of words that Britons spell in another way."""
    data = Path(codespell_lib.__file__).parent / "data" / "dictionary_en-GB_to_en-US.txt"
    pairs = [line.split("->") for line in data.read_text(encoding="utf-8").splitlines()]
    british = {first for first, _ in pairs}
    words = {word.strip() for _, seconds in pairs for word in seconds.split(",")}
    return words - british - BOTH


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.stem)
def test_prose_is_british(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+", "", text)
    assert set(re.findall(r"[a-z]+", text.lower())) & american() == set()


def test_the_list_of_american_words_is_one():
    assert {"color", "minimized", "recognized"} <= american()
