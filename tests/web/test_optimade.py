"""The store by OPTIMADE: filters mean what they say, and the specification's validator agrees."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("optimade")

from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.errors import InputError
from cijkl.screening import Store
from cijkl.web.optimade.fields import FIELDS
from cijkl.web.optimade.filters import NotSupportedError, as_sql

from .stored import crystals, fill


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return fill(tmp_path_factory.mktemp("store") / "screened.duckdb")


@pytest.fixture(scope="module")
def reader(opened, store):
    return opened(store=store)


def ids(reader, text: str, **more) -> set[str]:
    answer = reader.get(
        "/optimade/v1/structures", params={"filter": text, "page_limit": 500, **more}
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["meta"]["data_returned"] == len(body["data"])
    return {entry["attributes"]["_cijkl_name"] for entry in body["data"]}


ALL = {said["id"]: (atoms, stiffness) for atoms, stiffness, said in crystals()}


def by_hand(condition) -> set[str]:
    return {name for name, (atoms, _) in ALL.items() if condition(set(atoms.symbols), atoms)}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", lambda e, a: True),
        ('elements HAS "Mg"', lambda e, a: "Mg" in e),
        ('elements HAS ALL "Mg","O"', lambda e, a: {"Mg", "O"} <= e),
        ('elements HAS ANY "Mg","Cu"', lambda e, a: bool({"Mg", "Cu"} & e)),
        ('elements HAS ONLY "Cu","Al","O"', lambda e, a: e <= {"Cu", "Al", "O"}),
        ('NOT elements HAS "O" AND nelements = 2', lambda e, a: "O" not in e and len(e) == 2),
        ("elements LENGTH 1", lambda e, a: len(e) == 1),
        ("nsites>=2 AND nsites<4", lambda e, a: 2 <= len(a) < 4),
        ("2 <= nelements", lambda e, a: len(e) >= 2),
        ('chemical_formula_reduced = "MgO"', lambda e, a: e == {"Mg", "O"}),
        ('chemical_formula_reduced STARTS WITH "Cl"', lambda e, a: e == {"Na", "Cl"}),
        ('chemical_formula_anonymous = "AB"', lambda e, a: len(e) == 2),
        ('NOT (nelements=1 OR elements HAS "K")', lambda e, a: len(e) == 2 and "K" not in e),
        ('structure_features HAS "disorder"', lambda e, a: False),
        ("_other_property > 3", lambda e, a: False),
        ("_other_property IS UNKNOWN", lambda e, a: True),
        ('last_modified > "2000-01-01T00:00:00Z"', lambda e, a: True),
    ],
)
def test_filters_by_the_structure(reader, text, condition):
    assert ids(reader, text) == by_hand(condition)


def test_filters_by_what_was_computed(reader, store):
    with Store(store) as opened_store:
        records = list(opened_store.records())
    stiff = {r["id"] for r in records if r["stable"] and r["moduli"]["K"]["hill"] > 100}
    assert stiff
    assert ids(reader, "_cijkl_bulk_modulus > 100 AND _cijkl_stable = TRUE") == stiff
    unstable = {r["id"] for r in records if not r["stable"]}
    assert ids(reader, "_cijkl_stable = FALSE") == unstable == {"c-007"}


def test_an_entry_is_the_crystal(reader):
    page = reader.get("/optimade/v1/structures", params={"filter": '_cijkl_name = "c-010"'}).json()
    (entry,) = page["data"]
    found, (atoms, stiffness) = entry["attributes"], ALL["c-010"]
    assert found["lattice_vectors"] == [pytest.approx(row) for row in atoms.cell.array.tolist()]
    assert found["cartesian_site_positions"] == [pytest.approx(p) for p in atoms.positions.tolist()]
    assert found["species_at_sites"] == list(atoms.symbols)
    assert found["elements_ratios"] == [0.5, 0.5]
    assert found["_cijkl_elastic_tensor"] == [pytest.approx(row) for row in stiffness.tolist()]
    assert set(found) == set(FIELDS) - {"id", "type"}
    alone = reader.get(f"/optimade/v1/structures/{entry['id']}").json()["data"]
    assert alone == entry
    assert reader.get("/optimade/v1/structures/nothing").json()["data"] is None


def test_pages_follow_each_other(reader):
    address, seen = "/optimade/v1/structures?page_limit=7&sort=-nsites&response_fields=nsites", []
    while address:
        body = reader.get(address).json()
        seen += body["data"]
        address = body["links"]["next"]
        assert body["meta"]["more_data_available"] == (address is not None)
    assert len({entry["id"] for entry in seen}) == len(seen) == len(ALL)
    sizes = [entry["attributes"]["nsites"] for entry in seen]
    assert sizes == sorted(sizes, reverse=True)
    assert all(set(entry["attributes"]) == {"nsites"} for entry in seen)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("structures?filter=nelements", 400),
        ("structures?filter=unknown_property=1", 400),
        ('structures?filter=nsites="2"', 400),
        ("structures?filter=lattice_vectors LENGTH 3", 501),
        ("structures?filter=elements:nelements HAS 1:2", 501),
        ("structures?page_limit=100000", 403),
        ("structures?page_limit=x", 400),
        ("structures?sort=elements", 400),
        ("structures?response_format=xml", 400),
        ("structures?response_fields=nothing", 400),
        ("structures?foo=1", 400),
        ("references", 404),
        ("../v0/info", 553),
        ("../v7.1/structures", 553),
    ],
)
def test_refusals_have_the_shape_of_the_specification(reader, path, status):
    answer = reader.get(f"/optimade/v1/{path}")
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["status"] == str(status)
    assert error["detail"]


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="aelmnts_ HASONLY\"\\'();-=<>!ANDORT0123456789:,.", max_size=60))
def test_no_text_of_a_filter_reaches_the_sql(text):
    try:
        sql, values = as_sql(text)
    except InputError:
        return
    assert "'" not in sql.replace("'structures'", "")
    assert ";" not in sql
    assert "--" not in sql
    assert sql.count("?") == len(values)


def test_a_text_is_a_parameter_whatever_is_in_it():
    sql, values = as_sql('id = "\'; DROP TABLE optimade; --"')
    assert (sql, values) == ("(id = ?)", ["'; DROP TABLE optimade; --"])
    with pytest.raises(NotSupportedError):
        as_sql("nsites = nelements")
    with pytest.raises(InputError, match="longer than"):
        as_sql("nsites=1 OR " * 1000 + "nsites=1")


@pytest.mark.slow  # a few hundred requests
def test_the_validator_of_the_specification_passes(store, small_model, tmp_path):
    import uvicorn
    from optimade.validator import ImplementationValidator

    from cijkl.web import Settings, create_app

    app = create_app(Settings(jobs=tmp_path / "jobs", store=store, models=(str(small_model),)))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60.0
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/optimade"
    validator = ImplementationValidator(base_url=address, respond_json=False, verbosity=0)
    try:
        validator.validate_implementation()
    finally:
        server.should_exit = True
        thread.join(30.0)
    assert validator.valid, validator.results
    assert validator.results.failure_count == 0
    assert validator.results.success_count > 20
