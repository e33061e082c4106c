"""`/api/crystals`: a store is asked, and can be asked nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("duckdb")

from cijkl.screening import Store

from .stored import fill


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return fill(tmp_path_factory.mktemp("store") / "screened.duckdb")


@pytest.fixture(scope="module")
def reader(opened, store):
    return opened(store=store)


def records(store: Path, condition: str = "TRUE") -> list[dict]:
    with Store(store) as opened_store:
        return list(opened_store.records(condition))


def test_all_of_them_page_by_page(reader, store):
    seen, after = [], ""
    while after is not None:
        answer = reader.get("/api/crystals", params={"limit": 10, "after": after})
        assert answer.status_code == 200, answer.text
        seen += answer.json()["crystals"]
        after = answer.json()["next"]
    expected = records(store)
    assert len(seen) == len(expected) == answer.json()["count"]
    assert {row["id"] for row in seen} == {record["id"] for record in expected}
    moduli = [row["K_hill"] for row in seen if row["K_hill"] is not None]
    assert moduli == sorted(moduli, reverse=True)


def test_a_condition_and_further_columns(reader, store):
    condition = "stable and G_hill > 40 and list_contains(elements, 'Mg')"
    answer = reader.get(
        "/api/crystals", params={"where": condition, "columns": "C44, band_gap", "by": "C44"}
    )
    found = {row["id"]: row for row in answer.json()["crystals"]}
    expected = {
        record["id"]: record
        for record in records(store)
        if record["stable"] and record["moduli"]["G"]["hill"] > 40 and "Mg" in record["formula"]
    }
    assert found.keys() == expected.keys()
    assert found
    for name, row in found.items():
        assert row["C44"] == pytest.approx(expected[name]["C"][3][3])
        assert "band_gap" in row


def test_the_record_of_a_crystal_is_that_of_the_store(reader, store):
    row = reader.get("/api/crystals", params={"limit": 1}).json()["crystals"][0]
    answer = reader.get(f"/api/crystals/{row['fingerprint']}").json()
    (expected,) = records(store, f"id = '{row['id']}'")
    assert answer == {"records": [json.loads(json.dumps(expected))]}
    assert reader.get("/api/crystals/0123456789abcdef").status_code == 404


INJECTIONS = (
    "1=1; DROP TABLE results",
    "TRUE) UNION SELECT 1 --",
    "K_hill > (SELECT max(K_hill) FROM results)",
    "K_hill > 0 OR EXISTS (SELECT * FROM read_csv('/etc/passwd'))",
    "read_text('/etc/passwd') IS NOT NULL",
    "id IN (SELECT id FROM screened)",
    "getenv('HOME') = 'x'",
    "K_hill > 0 -- ",
    "pragma_version() IS NOT NULL",
    "current_setting('memory_limit') = 'x'",
    "len(repeat('x', 1000000000)) > 0",
    "\"K_hill\" > 0)) TO '/tmp/x' (FORMAT csv",
    "K_hill",
    "nothing > 3",
    "'" * 5,
    "(" * 500,
)


@pytest.mark.parametrize("condition", INJECTIONS)
def test_a_condition_can_do_nothing_but_compare(reader, store, condition):
    before = store.read_bytes()
    answer = reader.get("/api/crystals", params={"where": condition})
    if answer.status_code == 200:
        # a comment after a condition is harmless: it can end nothing but its own line
        assert condition.endswith("-- ")
    else:
        assert answer.status_code == 422
        assert answer.json().keys() == {"error"}
        assert "root:" not in answer.text
    assert store.read_bytes() == before


@pytest.mark.parametrize("name", ["K_hill; DROP TABLE results", "nothing", '"K_hill"', "*", "1"])
@pytest.mark.parametrize("argument", ["by", "columns"])
def test_columns_are_those_of_the_store(reader, name, argument):
    answer = reader.get("/api/crystals", params={argument: name})
    assert answer.status_code == 422
    assert "the store has no column" in answer.json()["error"]


@pytest.mark.parametrize("after", ["x", "[1]", '["a", 1]', '[1, "a"]', "[null, null]", "{}", "[["])
def test_a_place_that_is_none(reader, after):
    assert reader.get("/api/crystals", params={"after": after}).status_code in (200, 422)


def test_without_a_store(visitor):
    assert visitor.get("/api/crystals").status_code == 404
    assert visitor.get("/optimade/v1/structures").status_code == 404
