"""The machinery that runs pages says no where a page is wrong."""

from __future__ import annotations

import pytest

from .pages import blocks, close, commands, run


def test_numbers_may_differ_in_their_last_digit_only():
    assert close("K = 37.6 GPa", "K =  37.7 GPa\n")
    assert close("K = 137.60 GPa", "K = 137.40 GPa")
    assert not close("K = 37.6 GPa", "K = 37.8 GPa")
    assert not close("K = 37.6 GPa", "G = 37.6 GPa")
    assert not close("3 crystals", "4 crystals")


def test_dots_stand_for_anything_and_numbers_after_them_count():
    assert close("a ... 1.50 b", "a c\nd 2.5 1.51 b")
    assert not close("a ... 1.50 b", "a c\nd 1.60 b")
    assert close("−0.096", "-0.097")


def test_blocks_are_found_with_their_titles(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('# A\n\n```yaml title="a/b.yaml"\nx: 1\n```\n\n```console\n$ ls\n```\n')
    first, second = blocks(page)
    assert (first.line, first.language, first.title, first.text) == (
        3,
        "yaml",
        "a/b.yaml",
        "x: 1\n",
    )
    assert (second.language, second.title) == ("console", None)


def test_commands_go_on_after_a_backslash():
    assert list(commands("$ a \\\n  b\nout\n$ c\n")) == [("a \\\n  b", "out"), ("c", "")]


@pytest.mark.parametrize(
    "text",
    [
        "```pycon\n>>> 1 + 1\n3\n\n```\n",
        "```python\nraise ValueError\n```\n",
        "```console\n$ echo a\nb\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ cijkl analyze no-such-file\n```\n",
    ],
)
def test_a_page_that_is_wrong_fails(text, tmp_path, as_a_reader):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises((AssertionError, ValueError)):
        run(page, tmp_path)


def test_blocks_of_a_page_share_files_and_names(tmp_path, as_a_reader):
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="three.py"\nTHREE = 3\n```\n'
        "```python\nimport runpy\nthree = runpy.run_path('three.py')['THREE']\n```\n"
        "```pycon\n>>> three + 0.001\n3.002\n\n```\n"
        "```console\n$ cat three.py\nTHREE = ...\n```\n"
    )
    run(page, tmp_path)
