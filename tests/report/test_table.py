from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from rich.console import Console

from cijkl.report import table


def printed(record: dict[str, Any], width: int = 80) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(table(record))
    return stream.getvalue()


def test_table_needs_no_plotly_and_no_jinja() -> None:
    code = (
        "import sys; from cijkl.report import table; table({'status': 'failed'}); "
        "sys.exit(bool({'plotly', 'jinja2', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_cut_or_too_wide(quartz_record: dict[str, Any], width: int) -> None:
    text = printed(quartz_record, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_values_stand_beside_their_names(quartz_record: dict[str, Any]) -> None:
    rows = [" ".join(line.split()) for line in printed(quartz_record).splitlines()]
    assert "1 87.3 6.6 11.9 −17.2 · ·" in rows
    assert "bulk K 37.9 37.4 37.7 37.5" in rows
    assert any(row.startswith("Young E min 70.5 GPa") for row in rows)
    assert any(row.startswith("max 9.73 1/TPa") for row in rows)
    assert "Pugh ratio K/G 0.846" in rows
    assert any("brittle by Pugh’s rule" in row for row in rows)
    text = " ".join(rows)
    assert "warning: C14 changes by 1.2 GPa" in text
    assert "(step_sensitivity)" in text
    assert "by sevennet-l3i5 0.13.0, 9.1 s, 53 evaluations" in text


def test_markup_in_a_name_is_only_text(silicon_record: dict[str, Any]) -> None:
    text = printed(
        {
            **silicon_record,
            "id": "[red]x[/red]",
            "warnings": [{"code": "[bold]", "message": "[link=http://x]y[/link]"}],
        }
    )
    assert "[red]x[/red]" in text
    assert "[link=http://x]y[/link]" in text


def test_failed_record_shows_its_reason(failed_record: dict[str, Any]) -> None:
    text = printed(failed_record)
    assert "failed: two atoms are 0.31 A apart" in text
    assert "stiffness" not in text


def test_unstable_record_shows_the_tensor_and_no_moduli(unstable_record: dict[str, Any]) -> None:
    text = printed(unstable_record)
    assert "Mechanically unstable" in text
    assert "165.7" in text
    assert "polycrystal" not in text


def test_piped_output_has_no_colour_codes(quartz_record: dict[str, Any]) -> None:
    assert "\x1b" not in printed(quartz_record)
