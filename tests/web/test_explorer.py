"""The explorer's questions, each against the same done in Python over all rows."""

from __future__ import annotations

import csv
import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.errors import InputError

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("fastapi")

from cijkl.screening import Store  # noqa: E402
from cijkl.web.explorer import Explorer  # noqa: E402
from cijkl.web.explorer_export import check_size, records, table  # noqa: E402
from cijkl.web.explorer_filter import Filter, read_filter  # noqa: E402
from cijkl.web.explorer_queries import count, facts, page, points  # noqa: E402

from .stored import fill  # noqa: E402


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return fill(tmp_path_factory.mktemp("explored") / "store.duckdb")


@pytest.fixture(scope="module")
def explorer(path):
    opened = Explorer(path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def everything(path) -> list[dict]:
    """All rows, by the view that the store itself has."""
    with Store(path) as store:
        cursor = store.connection.execute("SELECT * FROM screened")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ids(explorer: Explorer, chosen: Filter, **options) -> list[str]:
    found = page(explorer, chosen, limit=1000, **options)
    return [row[found["columns"].index("id")] for row in found["rows"]]


def elements(row: dict) -> set[str]:
    from ase.formula import Formula

    return set(Formula(row["formula"]).count())


FILTERS = [
    ({}, lambda r: True),
    ({"ranges": {"K_hill": [20.0, 60.0]}}, lambda r: r["K_hill"] and 20 <= r["K_hill"] <= 60),
    ({"ranges": {"density": [None, 4.0]}}, lambda r: r["density"] <= 4.0),
    ({"ranges": {"band_gap": [0.5, None]}}, lambda r: (r["band_gap"] or 0.0) >= 0.5),
    ({"ranges": {"C44": [30.0, None]}}, lambda r: r["C44"] >= 30.0),
    ({"elements": ["O"]}, lambda r: "O" in elements(r)),
    ({"elements": ["Mg", "O"], "only": True}, lambda r: elements(r) == {"Mg", "O"}),
    ({"elements": ["O", "Mg", "Ca"], "only": True}, lambda r: False),
    ({"without": ["O", "N"]}, lambda r: not elements(r) & {"O", "N"}),
    ({"systems": ["tetragonal", "cubic"]}, lambda r: r["crystal_system"] == "cubic"),
    ({"systems": ["triclinic"]}, lambda r: False),
    ({"engines": ["measured"]}, lambda r: True),
    ({"engines": ["o'clock"]}, lambda r: False),
    ({"stable": False}, lambda r: r["id"] == "c-007"),
    ({"stable": True}, lambda r: r["id"] != "c-007"),
    ({"text": "C-01"}, lambda r: r["id"].startswith("c-01")),
    ({"text": "MgO"}, lambda r: r["formula"] == "MgO"),
    ({"text": "' OR 1=1 --"}, lambda r: False),
    ({"condition": "C11 > 2 * C12 and natoms < 3"},
     lambda r: r["C11"] > 2 * r["C12"] and r["natoms"] < 3),
    ({"condition": "list_contains(elements, 'O') -- oxides"}, lambda r: "O" in elements(r)),
    ({"condition": "natoms = 1 or natoms = 2", "without": ["O"]},
     lambda r: r["natoms"] <= 2 and "O" not in elements(r)),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), FILTERS)
def test_filters_choose_the_rows_that_they_describe(explorer, everything, given, expected):
    chosen = read_filter(json.dumps(given))
    wanted = {row["id"] for row in everything if expected(row)}
    assert set(ids(explorer, chosen)) == wanted
    assert count(explorer, chosen) == len(wanted)


@pytest.mark.parametrize("by", ["K_hill", "formula", "band_gap", "C44", "stable", "natoms"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_follow_each_other_without_gap_or_double(explorer, everything, by, descending):
    found, after = [], ""
    while True:
        some = page(explorer, Filter(), by=by, descending=descending, after=after, limit=5)
        assert len(some["rows"]) <= 5
        found += [row[some["columns"].index("id")] for row in some["rows"]]
        if some["next"] is None:
            break
        after = some["next"]
    values = {row["id"]: row[by] for row in everything}
    known = sorted((v for v in values.values() if v is not None), reverse=descending)
    assert sorted(found) == sorted(values)
    assert [values[i] for i in found] == known + [None] * (len(found) - len(known))


def test_the_unstable_one_has_no_moduli_and_comes_last(explorer):
    assert ids(explorer, Filter())[-1] == "c-007"
    assert ids(explorer, Filter(), descending=False)[-1] == "c-007"


def test_a_box_on_the_map_is_two_ranges(explorer):
    corners = [[math.log10(20.0), math.log10(60.0)], [math.log10(90.0), math.log10(15.0)]]
    box = {"x": "K_hill", "y": "G_hill", "log_x": True, "log_y": True, "points": corners}
    ranges = {"K_hill": [20.0, 90.0], "G_hill": [15.0, 60.0]}
    by_box = ids(explorer, read_filter(json.dumps({"region": box})))
    assert by_box
    assert by_box == ids(explorer, read_filter(json.dumps({"ranges": ranges})))


def test_a_lasso_takes_what_lies_within(explorer, everything):
    """Against the winding number of the corners around each point."""
    rng = np.random.default_rng(3)
    rows = [row for row in everything if row["K_hill"]]
    places = np.log10([[row["K_hill"], row["G_hill"]] for row in rows])
    middle, spread = places.mean(0), np.ptp(places, axis=0)
    angles = np.sort(rng.uniform(0.0, 2 * np.pi, 17))
    radii = rng.uniform(0.15, 0.6, 17)
    corners = middle + (radii * np.array([np.cos(angles), np.sin(angles)])).T * spread
    to = corners[None] - places[:, None]
    turned = np.arctan2(to[..., 1], to[..., 0])
    steps = np.diff(np.concatenate([turned, turned[:, :1]], axis=1), axis=1)
    winding = ((steps + np.pi) % (2 * np.pi) - np.pi).sum(axis=1)
    wanted = {row["id"] for row, turns in zip(rows, winding, strict=True) if abs(turns) > 3.0}
    region = {"x": "K_hill", "y": "G_hill", "log_x": True, "log_y": True,
              "points": corners.tolist()}  # fmt: skip
    assert 5 < len(wanted) < len(rows) - 5
    assert set(ids(explorer, read_filter(json.dumps({"region": region})))) == wanted


def test_the_map_has_each_result_and_bins_hold_as_many(explorer, everything):
    drawn = points(explorer, Filter())
    stable = {row["id"]: row for row in everything if row["stable"]}
    assert drawn["count"] == len(stable) == len(drawn["points"])
    assert drawn["x"]["log"]
    log_k = sorted(math.log10(row["K_hill"]) for row in stable.values())
    assert sorted(point[1] for point in drawn["points"]) == pytest.approx(log_k, abs=1e-5)
    binned = points(explorer, Filter(), most=10)
    assert sum(number for _, _, number in binned["bins"]) == len(stable)
    # a point lies in the bin that holds it
    x, (across, _) = binned["x"], binned["shape"]
    width = (x["high"] - x["low"]) / across
    expected = sorted(math.floor((value - x["low"]) / width) for value in log_k)
    assert sorted(i for i, _, n in binned["bins"] for _ in range(n)) == expected


def test_the_map_shows_all_that_the_filter_lets_through_whatever_the_region(explorer):
    region = {"x": "K_hill", "y": "G_hill", "points": [[0, 0], [1, 1]]}
    chosen = read_filter(json.dumps({"region": region, "elements": ["O"]}))
    assert points(explorer, chosen) == points(explorer, read_filter('{"elements": ["O"]}'))
    assert count(explorer, chosen) == 0


def test_facts_describe_the_store(explorer, everything):
    found = facts(explorer)
    assert found["total"] == len(everything)
    assert found["systems"] == {"cubic": len(everything)}
    assert found["engines"] == {"measured": len(everything)}
    assert found["unstable"] == 1
    assert found["elements"]["O"] == sum("O" in elements(row) for row in everything)
    sliders = {slider["name"]: slider for slider in found["sliders"]}
    assert "spacegroup" in sliders
    gap = sliders["band_gap"]
    known = [row["band_gap"] for row in everything if row["band_gap"] is not None]
    assert (gap["low"], gap["high"]) == (min(known), max(known))
    assert sum(gap["bars"]) == len(known)
    assert gap["main"]
    assert gap["unit"] == "eV"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"ranges": {"formula": [1, 2]}}', "no column of numbers is called 'formula'"),
        ('{"ranges": {"K_hill; DROP TABLE results": [1, 2]}}', "no column of numbers"),
        ('{"ranges": {"K_hill": [1]}}', "ranges.K_hill.1: Field required"),
        ('{"ranges": {"K_hill": ["1 OR 1=1", 2]}}', "valid number"),
        ('{"ranges": {"K_hill": [NaN, 2]}}', "finite number"),
        ('{"elements": ["O\'"]}', "elements.0: String should match"),
        ('{"systems": ["round"]}', "systems.0"),
        ('{"colour": 1}', "colour: Extra inputs"),
        ('{"condition": "natoms"}', "gives INTEGER, not true or false"),
        ('{"condition": "1=1); DROP TABLE results; --"}', "is not understood"),
        ('{"condition": "1=1); DROP TABLE results; SELECT (1=1"}', "is not understood"),
        ('{"condition": "1=1); SELECT (1=1"}', "no single condition"),
        ('{"condition": "1=1) or (1=1", "systems": ["cubic"]}', "no single condition"),
        ('{"condition": "natoms in (select 1)"}', "cannot contain a query"),
        ('{"condition": "id = getenv(\'HOME\')"}', "cannot use the function 'getenv'"),
        ('{"condition": "true union select 1"}', "no single condition|not understood"),
        ('{"condition": "\\"cijkl row\\" = 1"}', "unknown column"),
        ('{"condition": "formula::INTEGER > 1"}', "the query fails: Conversion Error"),
        ('{"text": "a\\u0000b"}', "characters that can be seen"),
        ('{"region": {"x": "id", "y": "K_hill", "points": [[0, 0], [1, 1]]}}', "no column of"),
        ('{"condition": "id = \'\\ud800\'"}', "unicode"),
        ('{"ranges": {"\\ud800": [1, 2]}}', "unicode"),
        ("[", "the filter is no JSON"),
        ("[" * 15000, "the filter is no JSON"),
        ("[]", "valid dictionary|instance of Filter|object"),
        (json.dumps({"text": "x" * 30000}), "longer than"),
    ],
)
def test_what_is_no_filter_has_a_reason(explorer, given, words):
    with pytest.raises(InputError, match=words) as caught:
        page(explorer, read_filter(given))
    assert "\n" not in str(caught.value)
    assert "explorer_" not in str(caught.value)


@pytest.mark.parametrize(
    "after",
    ["x", "[1]", "[1, -1]", "[[1], 2]", '["a", 1]', "{}", "[1, true]", "null", "[1e400, 1]",
     json.dumps([10**400, 1]), '["\\ud800", 1]'],
)  # fmt: skip
def test_a_place_that_no_page_named_is_refused(explorer, after):
    with pytest.raises(InputError):
        page(explorer, Filter(), after=after)


def test_no_such_column_to_sort_by(explorer):
    with pytest.raises(InputError, match="no column 'K_hil'"):
        page(explorer, Filter(), by="K_hil")
    with pytest.raises(InputError, match="holds no numbers"):
        points(explorer, Filter(), x="formula")


def test_files_hold_what_was_chosen(explorer, everything, tmp_path):
    folder = Path(explorer.folder.name)
    chosen = read_filter('{"elements": ["O"], "condition": "C44 > 10"}')
    wanted = [r for r in everything if "O" in elements(r) and r["C44"] > 10]
    assert check_size(explorer, chosen, "csv") == len(wanted)
    assert table(explorer, chosen, folder / "a.csv", "csv") == len(wanted)
    with (folder / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [row["id"] for row in wanted]
    assert [float(row["C44"]) for row in rows] == [row["C44"] for row in wanted]
    table(explorer, chosen, folder / "a.parquet", "parquet")
    stored = duckdb.execute(f"SELECT * FROM '{folder}/a.parquet'").fetchall()
    assert len(stored) == len(wanted)
    assert len(stored[0]) == len(everything[0])
    lines = "".join(records(explorer, chosen)).splitlines()
    found = [json.loads(line) for line in lines]
    assert [record["id"] for record in found] == [row["id"] for row in wanted]
    assert [record["C"][3][3] for record in found] == [row["C44"] for row in wanted]
    assert all(record["schema"] == 1 for record in found)
    with pytest.raises(InputError, match="the query fails: Permission Error"):
        table(explorer, chosen, tmp_path / "a.csv", "csv")
    assert not list(tmp_path.iterdir())


def test_no_name_in_a_file_is_a_formula(tmp_path):
    store = fill(tmp_path / "store.duckdb", 6)
    with duckdb.connect(str(store)) as connection:
        connection.execute("UPDATE crystals SET id = '=1+1', band_gap = -0.5 WHERE id = 'c-003'")
    explorer = Explorer(store)
    try:
        for kind in ("csv", "parquet"):
            table(explorer, Filter(), Path(explorer.folder.name, f"a.{kind}"), kind)
        with Path(explorer.folder.name, "a.csv").open() as file:
            (row,) = [row for row in csv.DictReader(file) if "1+1" in row["id"]]
        stored = duckdb.execute(
            f"SELECT id FROM '{explorer.folder.name}/a.parquet' WHERE band_gap < 0"
        ).fetchall()
    finally:
        explorer.close()
    assert (row["id"], row["band_gap"]) == ("'=1+1", "-0.5")
    assert stored == [("=1+1",)]


def test_nothing_or_too_much_is_no_file(explorer, monkeypatch):
    with pytest.raises(InputError, match="nothing meets the filter"):
        check_size(explorer, read_filter('{"systems": ["triclinic"]}'), "csv")
    monkeypatch.setitem(
        __import__("cijkl.web.explorer_export", fromlist=["_MOST"])._MOST, "jsonl", 3
    )
    with pytest.raises(InputError, match="36 results are chosen, and a file of this kind takes"):
        check_size(explorer, Filter(), "jsonl")


def test_a_question_that_takes_too_long_is_ended(explorer, monkeypatch):
    import cijkl.web.explorer as room

    monkeypatch.setattr(room, "_SECONDS", 0.3)
    with pytest.raises(InputError, match=r"took longer than 0.3 s"):
        explorer.ask(
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = -1"
        )
    # and the next one is answered
    assert explorer.ask("SELECT 1") == [(1,)]


def test_many_at_once_are_all_answered(path):
    opened = Explorer(path)
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(page, opened, Filter(), by=by) for by in ("K_hill", "C44") * 12]
        found = [each.result() for each in asked]
    assert all(each == found[0] for each in found[::2])
    assert all(each == found[1] for each in found[1::2])
    opened.close()


def test_two_explorers_of_one_store_do_not_meet(path, explorer):
    other = Explorer(path)
    assert count(other, Filter()) == count(explorer, Filter())
    other.close()
    assert explorer.ask("SELECT 2") == [(2,)]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["K_hill", "formula", "natoms", "O", "cubic", "x'y", "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from([*Filter.model_fields, "other"])
_PIECES = """
    K_hill formula natoms elements 1 'a' 0.5 ( ) [ ] , ; -- /* */ and or not in between is null like
    > = + % :: case when then end select from " ' $1 ? list_contains abs
"""
WORDS = st.lists(st.sampled_from(_PIECES.split()), max_size=9).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, ANYTHING, max_size=3), ANYTHING)
def test_any_filter_and_place_are_answered_or_refused(explorer, given, after):
    try:
        page(explorer, read_filter(json.dumps(given)), after=json.dumps(after))
    except InputError as error:
        assert "\n" not in str(error)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_any_condition_is_answered_or_refused(explorer, text):
    chosen = Filter(condition=text, systems=["triclinic"])
    try:
        # there are none, whatever else is asked
        assert count(explorer, chosen) == 0
    except InputError as error:
        assert "\n" not in str(error)
