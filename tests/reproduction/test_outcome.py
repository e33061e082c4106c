"""Tables beside the print, and the list of all items."""

from __future__ import annotations

import math

import pytest

from cijkl.errors import InputError
from cijkl.reproduction import ITEMS, PAPERS, Item, Outcome, Request, Table, item, reproduce
from cijkl.reproduction.outcome import beside, read_printed
from cijkl.reproduction.showing import html_page, print_items, print_outcome


def test_printed_numbers_and_differences():
    table = beside(
        "t", ["E_RH", "A"], {"PFP": [3.5549, 0.5], "DFT": [4.0, 0.2]},
        {"PFP": {"E_RH": 3.55}, "other": {"A": 0.7}},
    )  # fmt: skip
    assert table.columns == (
        "quantity", "PFP", "PFP, printed", "PFP, difference", "DFT", "other, printed",
    )  # fmt: skip
    # equal to the digit, although more digits are known here
    assert table.rows[0] == ("E_RH", 3.5549, 3.55, 0.0, 4.0, None)
    assert table.rows[1] == ("A", 0.5, None, None, 0.2, 0.7)
    assert table.column("DFT") == {"E_RH": 4.0, "A": 0.2}


def test_reading_what_is_printed(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("quantity, PFP ,DFT-D\nE_RH,3.5,\nA,,0.2\n")
    assert read_printed(path, ["E_RH", "A"]) == {"PFP": {"E_RH": 3.5}, "DFT-D": {"A": 0.2}}
    for text, match in (
        ("quantity,PFP\nE_X,1\n", r"p\.csv:2: 'E_X' is none of E_RH"),
        ("quantity,PFP\nE_RH,one\n", "'one' is no number"),
        ("quantity\n", "expected a header"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=match):
            read_printed(path, ["E_RH"])
    with pytest.raises(InputError, match="No such file"):
        read_printed(tmp_path / "none.csv", ["E_RH"])


def test_items_are_complete():
    names = [entry.name for entry in ITEMS]
    assert len(names) == len(set(names))
    for entry in ITEMS:
        assert entry.paper in PAPERS
        assert entry.name.startswith(entry.paper + "-")
        assert entry.title
        # what can be made has a function, and only that
        assert bool(entry.function) == (entry.status in ("done", "needs data"))
        assert entry.remark
    assert {entry.paper for entry in ITEMS} == set(PAPERS)


def test_names_of_items(monkeypatch):
    assert item("Liu-2025-table-A1").name == "liu-2025-table-a1"
    with pytest.raises(InputError, match="did you mean taniguchi-2024-table-2"):
        item("taniguchi-204-table-2")
    with pytest.raises(InputError, match="wen-2024-fig-5 needs either a store"):
        reproduce("wen-2024-fig-5", Request())
    nowhere = Item("wen-2024-fig-9", "wen-2024", "A drawing", "cannot", "it is a drawing")
    monkeypatch.setattr("cijkl.reproduction.registry.ITEMS", (nowhere,))
    with pytest.raises(InputError, match="wen-2024-fig-9: cannot: it is a drawing"):
        reproduce("wen-2024-fig-9", Request())


@pytest.fixture
def outcome():
    table = Table(
        "A < B", ("name", "x", "r"), (("one & two", 1.234, math.nan), ("three", None, 2)), 1
    )
    return Outcome("name", "Title", (table,), ("A note.",))


def test_plain_types(outcome):
    found = outcome.as_dict()
    assert found["tables"][0]["rows"] == [["one & two", 1.234, None], ["three", None, 2]]
    assert found["notes"] == ["A note."]
    assert outcome.table("A <").decimals == 1


def test_shown(outcome, capsys):
    print_outcome(outcome)
    shown = capsys.readouterr().out
    assert "one & two  1.2" in shown
    assert "nan" not in shown
    assert "A note." in shown
    page = html_page(outcome)
    assert "<caption>A &lt; B</caption>" in page
    assert '<td>one &amp; two</td><td class="n">1.2</td><td class="n"></td>' in page
    print_items(ITEMS)
    shown = capsys.readouterr().out
    for entry in ITEMS:
        assert entry.name in shown
    for paper in PAPERS.values():
        assert paper in shown
