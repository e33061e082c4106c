"""What a store answers, and the files that it writes."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read as read_frames

from cijkl import analyze
from cijkl.errors import InputError
from cijkl.record import Result
from cijkl.screening import Store, query, screen
from cijkl.screening.export import export
from cijkl.screening.spreadsheets import defused, defused_query

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("distributed")

#: measured constants of cubic metals, GPa (Simmons and Wang 1971), and a semiconductor:
#: molybdenum, niobium, chromium and vanadium are stiffest along <100>
CONSTANTS = {
    "Cu": (168.4, 121.4, 75.4),
    "Mo": (463.7, 157.8, 109.2),
    "Nb": (246.5, 134.5, 28.7),
    "Al": (107.3, 60.9, 28.3),
    "Si": (165.7, 63.9, 79.6),
}


class Measured:
    """Gives the constants above."""

    atoms = crystals = 10

    def identity(self):
        from cijkl.screening import Identity

        return Identity("measured", "1971", {})

    def results(self, crystals) -> list[Result]:
        return [self._result(crystal) for crystal in crystals]

    def _result(self, crystal) -> Result:
        c11, c12, c44 = CONSTANTS[crystal.atoms.get_chemical_symbols()[0]]
        stiffness = np.diag([c11 - c12] * 3 + [c44] * 3)
        stiffness[:3, :3] += c12
        return analyze(stiffness, crystal.atoms, id=crystal.id, source=crystal.source)


@pytest.fixture(scope="module")
def store(cluster, tmp_path_factory):
    path = tmp_path_factory.mktemp("stores") / "metals.duckdb"
    structures = []
    for name in CONSTANTS:
        atoms = bulk(name)
        atoms.info["id"] = name.lower()
        structures.append(atoms)
    screen(structures, path, engine=Measured(), scheduler=cluster)
    return path


def test_sql(store):
    answer = query(store, "SELECT id, C11, C44 FROM screened ORDER BY C11 DESC;")
    assert answer.columns == ("id", "C11", "C44")
    assert [row["id"] for row in answer] == ["mo", "nb", "cu", "si", "al"]
    assert next(iter(answer))["C44"] == pytest.approx(109.2)


def test_the_columns_are_those_of_the_record(store):
    with Store(store) as opened:
        (record,) = opened.records("id = 'cu'")
    (row,) = query(store, "SELECT * FROM screened WHERE id = 'cu'")
    assert row["K_hill"] == record["moduli"]["K"]["hill"] == pytest.approx((168.4 + 2 * 121.4) / 3)
    assert row["E_max"] == record["directional"]["E"]["max"]["value"]
    assert list(row["E_max_direction"]) == record["directional"]["E"]["max"]["direction"]
    assert list(row["nu_min_transverse"]) == record["directional"]["nu"]["min"]["transverse"]
    assert row["debye_temperature"] == record["acoustics"]["debye_temperature"]
    assert row["hardness_chen"] == record["engineering"]["hardness"]["chen"]
    assert row["anisotropy_zener"] == pytest.approx(2 * 75.4 / (168.4 - 121.4))
    assert row["fracture_toughness_niu"] == record["engineering"]["fracture_toughness"]["niu"]
    for i in range(6):
        for j in range(i, 6):
            assert row[f"C{i + 1}{j + 1}"] == record["C"][i][j]


def test_every_scalar_of_a_record_is_a_column(store):
    with Store(store) as opened:
        (record,) = opened.records("id = 'cu'")
    row = next(iter(query(store, "SELECT * FROM screened WHERE id = 'cu'")))
    held = {value for value in row.values() if isinstance(value, float)}
    for part in ("moduli", "anisotropy", "acoustics", "engineering"):
        for value in leaves(record[part]):
            assert value is None or value in held, part


def leaves(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    else:
        yield value


def test_the_first_by_a_column(store):
    answer = query(store, top=2, by="e_max")
    assert [row["id"] for row in answer] == ["mo", "cu"]
    values = [row["E_max"] for row in answer]
    assert values == sorted(values, reverse=True)
    least = query(store, top=1, by="K_hill", least=True)
    assert [row["id"] for row in least] == ["al"]


def test_unconventional_metals(store):
    answer = query(store, unconventional_metals=True)
    assert sorted(row["id"] for row in answer) == ["mo", "nb"]
    for row in answer:
        c11, c12, c44 = CONSTANTS[row["formula"]]
        # S11 - S12 = 1 / (C11 - C12), S44 = 1 / C44
        expected = 1 / (c11 - c12) - 0.5 / c44
        assert row["anisotropy_cubic_criterion"] == pytest.approx(expected)
        assert expected < 0
        direction = np.sort(np.abs(row["E_max_direction"]))
        assert direction == pytest.approx([0.0, 0.0, 1.0], abs=1e-6)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"sql": "SELECT x FROM screened"}, "the query fails: .*x"),
        ({"sql": "DELETE FROM results"}, "read-only"),
        ({"sql": "SELEKT"}, "the query fails"),
        ({"top": 3, "by": "Emax"}, "did you mean E_max"),
        ({"top": 3}, "by which column"),
        ({"top": 0, "by": "E_max"}, "positive"),
        ({}, "ask one thing"),
        ({"sql": "SELECT 1", "unconventional_metals": True}, "ask one thing"),
    ],
)
def test_what_cannot_be_asked(store, question, message):
    with pytest.raises(InputError, match=message):
        query(store, **question)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such store"), (b"no database at all" * 300, "no store"), (b"", "no store")],
)
def test_files_that_are_no_store(tmp_path, content, message):
    path = tmp_path / "x.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        query(path, "SELECT 1")
    if content:
        with pytest.raises(InputError, match=message):
            Store(path, write=True)
        assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(tmp_path):
    path = tmp_path / "empty.duckdb"
    path.touch()
    with Store(path, write=True) as opened:
        assert opened.counts()["results"] == 0


def test_another_database_and_another_version_are_refused(tmp_path, store):
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE precious (x INTEGER)")
    for write in (False, True):
        with pytest.raises(InputError, match="no store of cijkl"):
            Store(other, write=write)
    later = tmp_path / "later.duckdb"
    later.write_bytes(store.read_bytes())
    with duckdb.connect(str(later)) as connection:
        connection.execute("UPDATE cijkl_store SET schema = 99, version = '9.9'")
    with pytest.raises(InputError, match="schema 99 .cijkl 9.9."):
        Store(later)


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        Store(tmp_path, write=True)


@pytest.fixture
def written(store, tmp_path):
    def write(kind: str, sql: str = "SELECT * FROM screened ORDER BY id"):
        path = tmp_path / "new" / f"out.{kind}"
        with Store(store) as opened:
            count = export(opened, sql, path, kind)
        return count, path

    return write


def test_csv(written):
    count, path = written("csv", "SELECT id, K_hill, stable FROM screened ORDER BY id")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert count == len(rows) == 5
    assert rows[1]["id"] == "cu"
    assert float(rows[1]["K_hill"]) == pytest.approx((168.4 + 2 * 121.4) / 3)
    assert rows[1]["stable"] == "true"


FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", " =1", "\r=1", "\uff1d1", "-")
HARMLESS = ("Fe2O3", "-1.5", "+2e3", "x=1", "'=1", "\u22121")


def test_no_cell_of_csv_is_a_formula(written):
    listed = ", ".join(f"($${text}$$, {n - 3})" for n, text in enumerate((*FORMULAS, *HARMLESS)))
    given = f"(VALUES {listed}) AS given(name, value)"
    sql = f'SELECT name AS id, value / 2 AS "=value", [name] AS names FROM {given}'
    _, path = written("csv", sql)
    with path.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["id", "'=value", "names"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), *HARMLESS]
    # numbers are numbers, also those below zero
    assert [float(row[1]) for row in rows] == [(n - 3) / 2 for n in range(len(rows))]
    # other programs get what is in the store
    _, lines = written("json", sql)
    found = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in found] == [*FORMULAS, *HARMLESS]


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS])
def test_cells_of_python_and_of_sql_agree(text):
    (found,) = duckdb.execute(
        defused_query("SELECT ?::VARCHAR", [("t", "VARCHAR")]), [text]
    ).fetchone()
    assert found == defused(text) == ("'" * (text in FORMULAS) + text)


def test_columns_of_one_name(written):
    _, path = written("csv", "SELECT 1 AS a, 2 AS a, '=3' AS A")
    assert path.read_text(encoding="utf-8").splitlines()[1] == "1,2,'=3"


def test_parquet_and_json(written):
    count, path = written("parquet")
    rows = duckdb.execute(f"SELECT id, C44, E_max_direction FROM '{path}'").fetchall()
    assert (count, len(rows)) == (5, 5)
    assert rows[1][:2] == ("cu", pytest.approx(75.4))
    _, lines = written("json")
    found = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert found[1]["id"] == "cu"
    assert len(found[1]["E_max_direction"]) == 3


def test_extxyz(written):
    count, path = written("extxyz", "SELECT fingerprint, id, K_hill, E_max_direction FROM screened")
    frames = {frame.info["id"]: frame for frame in read_frames(path, ":")}
    assert count == len(frames) == 5
    copper = frames["cu"]
    assert copper.info["K_hill"] == pytest.approx((168.4 + 2 * 121.4) / 3)
    assert copper.cell.array == pytest.approx(bulk("Cu").cell.array)
    assert np.shape(copper.info["E_max_direction"]) == (3,)


def test_optimade_entries_are_valid(written):
    models = pytest.importorskip("optimade.models")
    count, path = written("optimade")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert "x-optimade" in lines[0]
    assert count == len(lines) - 1 == 5
    for line in lines[1:]:
        entry = models.StructureResource(**line)
        assert entry.attributes.nsites == len(entry.attributes.cartesian_site_positions)
    silicon = next(line for line in lines[1:] if line["id"] == "si")
    assert silicon["attributes"]["chemical_formula_anonymous"] == "A"
    assert silicon["attributes"]["_cijkl_c44"] == pytest.approx(79.6)


def test_crystals_need_a_name(written):
    with pytest.raises(InputError, match="column fingerprint"):
        written("extxyz", "SELECT id FROM screened")


def test_a_file_that_cannot_be_written(store, tmp_path):
    (tmp_path / "file").write_text("x")
    with Store(store) as opened, pytest.raises(InputError):
        export(opened, "SELECT 1", tmp_path / "file" / "out.csv", "csv")


def test_crystals_of_a_store_are_a_source(store):
    with Store(store) as opened:
        assert len(list(opened.crystals())) == 5
        assert [c.id for c in opened.crystals("natoms = 2")] == ["si"]
        assert {c.id for c in opened.crystals("E_max > 300")} == {"mo"}
        with pytest.raises(InputError, match="the query fails"):
            list(opened.crystals("no_such > 3"))
