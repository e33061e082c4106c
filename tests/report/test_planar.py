"""Table and page of a layer: numbers in N/m, nothing of a bulk crystal."""

from __future__ import annotations

import io
import re
from typing import Any

from rich.console import Console

from cijkl.report import html_page, table
from cijkl.report.verdict import verdict

Record = dict[str, Any]


def in_text(record: Record) -> str:
    stream = io.StringIO()
    Console(width=80, file=stream).print(table(record))
    return stream.getvalue()


def test_the_sentence_is_about_the_layer(layer_record: Record, unstable_layer: Record) -> None:
    text = verdict(layer_record)
    assert "E = 348 N/m" in text
    assert "the same in every direction" in text
    assert "unstable in its plane" in verdict(unstable_layer)
    assert "−20.0 N/m" in verdict(unstable_layer)


def test_the_table_holds_the_constants_of_the_layer(layer_record: Record) -> None:
    text = in_text(layer_record)
    for part in ("358.10", "60.40", "148.85", "N/m", "Layer modulus K", "348", "hexagonal"):
        assert part in text
    assert "GPa)" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_table_of_an_unstable_layer_has_no_averages(unstable_layer: Record) -> None:
    text = in_text(unstable_layer)
    assert "Layer modulus" not in text
    assert "60.00" in text


def test_the_page_shows_the_layer_and_no_bulk(layer_record: Record, unstable_layer: Record) -> None:
    page = html_page(layer_record)
    assert 'id="figure-planar-E"' in page
    assert 'id="figure-planar-nu"' in page
    for bulk in ("figure-tensor", "figure-stability", "surface-E", "Polycrystal moduli"):
        assert f'id="{bulk}"' not in page
        assert f">{bulk}<" not in page
    plain = re.sub(r"<[^>]+>", " ", page.split("<script", 1)[0])
    assert "358.10" in plain
    assert "348 N/m" in plain
    broken = html_page(unstable_layer)
    assert 'id="figure-planar-E"' not in broken
    assert "averages over an unstable tensor have no meaning" in broken
