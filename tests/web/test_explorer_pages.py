"""The explorer over HTTP: its parts, its files, its crystals, and who may see none of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from threading import Lock
from types import SimpleNamespace

import pytest

duckdb = pytest.importorskip("duckdb")

from cijkl.errors import InputError  # noqa: E402

from .stored import fill  # noqa: E402


@pytest.fixture(scope="module")
def explored(opened, tmp_path_factory):
    """A visitor of a server with a store."""
    return opened(store=fill(tmp_path_factory.mktemp("shown") / "shown.duckdb", 24))


def test_the_page_and_its_parts(explored):
    page = explored.get("/explorer")
    assert page.status_code == 200
    assert "shown.duckdb" in page.text
    assert 'aria-current="page">Explorer' in page.text
    facts = explored.get("/explorer/facts").json()
    assert facts["total"] == 24
    found = explored.get("/explorer/rows", params={"by": "formula", "descending": False}).json()
    formulas = [row[found["columns"].index("formula")] for row in found["rows"]]
    assert formulas == sorted(formulas)
    drawn = explored.get("/explorer/map").json()
    assert drawn["count"] == len(drawn["points"]) == 23


def test_the_rows_follow_the_filter(explored):
    filter = json.dumps({"elements": ["O"], "ranges": {"K_hill": [5, None]}})
    found = explored.get("/explorer/rows", params={"filter": filter}).json()
    count = explored.get("/explorer/count", params={"filter": filter}).json()["count"]
    assert 0 < count == len(found["rows"]) < 24
    assert all("O" in row[found["columns"].index("formula")] for row in found["rows"])


@pytest.mark.parametrize(
    ("address", "params", "words"),
    [
        ("rows", {"filter": '{"condition": "x ="}'}, "not understood"),
        ("rows", {"by": "nothing"}, "no column 'nothing'"),
        ("rows", {"after": "nonsense"}, "after"),
        ("rows", {"filter": "<script>"}, "no JSON"),
        ("map", {"x": "formula"}, "no numbers"),
        ("export", {"kind": "exe"}, "kind"),
        ("export", {"filter": '{"text": "nowhere"}'}, "nothing meets the filter"),
        ("rows/-1", {}, "row"),
    ],
)
def test_what_cannot_be_shown_has_a_reason(explored, address, params, words):
    answer = explored.get(f"/explorer/{address}", params=params)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_files_of_the_selection(explored):
    filter = json.dumps({"text": "MgO"})
    answer = explored.get("/explorer/export", params={"filter": filter, "kind": "csv"})
    assert answer.headers["content-disposition"] == 'attachment; filename="cijkl-selection.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows
    assert {row["formula"] for row in rows} == {"MgO"}
    lines = explored.get("/explorer/export", params={"filter": filter, "kind": "jsonl"})
    assert [json.loads(line)["id"] for line in lines.text.splitlines()] == [r["id"] for r in rows]
    packed = explored.get("/explorer/export", params={"kind": "parquet"}).content
    assert packed[:4] == packed[-4:] == b"PAR1"
    folder = explored.app.state.explorer.folder.name
    assert list(Path(folder).iterdir()) == []


def test_from_a_point_to_the_report_of_its_crystal(explored):
    found = explored.get("/explorer/rows", params={"filter": '{"text": "c-004"}'}).json()
    row = dict(zip(found["columns"], found["rows"][0], strict=True))
    moved = explored.get(f"/explorer/rows/{row['row']}", follow_redirects=False)
    assert moved.status_code == 303
    address = moved.headers["location"]
    assert address == f"/explorer/crystals/{row['key']}"
    record = explored.get(f"{address}/record.json").json()
    assert record["id"] == "c-004"
    assert record["moduli"]["K"]["hill"] == row["K_hill"]
    page = explored.get(address)
    assert page.status_code == 200
    assert f'data-base="{address}"' in page.text
    along = explored.get(f"/api{address}/direction", params={"kind": "hkl", "indices": "1 0 0"})
    (extreme,) = [along.json()["E"]]
    assert row["E_min"] - 1e-6 <= extreme <= row["E_max"] + 1e-6
    assert explored.get(f"{address}/structure.cif").text.startswith("data_")


@pytest.mark.parametrize("address", ["rows/99999", "crystals/abc.12345678"])
def test_no_such_crystal(explored, address):
    assert explored.get(f"/explorer/{address}").status_code == 404


@pytest.mark.parametrize("address", ["crystals/..%2f..%2fetc%2fpasswd", "crystals/a'b.12345678"])
def test_names_that_are_none(explored, address):
    assert explored.get(f"/explorer/{address}").status_code in (404, 422)


def test_without_a_store_the_page_says_how_to_make_one(visitor):
    assert "cijkl serve --store" in visitor.get("/explorer").text
    answer = visitor.get("/explorer/rows")
    assert (answer.status_code, "--store" in answer.json()["error"]) == (404, True)


def test_a_store_that_is_none_ends_the_start_with_one_line(opened, tmp_path):
    other = tmp_path / "no.duckdb"
    other.write_text("nothing")
    with pytest.raises(InputError, match="no store of cijkl"):
        opened(store=other)


def test_a_store_that_is_gone_is_one_line_without_its_folder(tmp_path):
    from cijkl.web import explorer_opening

    settings = SimpleNamespace(store=tmp_path / "gone.duckdb")
    state = SimpleNamespace(
        services=SimpleNamespace(settings=settings), explorer=None, explorer_lock=Lock()
    )
    with pytest.raises(InputError, match=r"^gone.duckdb: no such store"):
        explorer_opening.opened(SimpleNamespace(state=state))
