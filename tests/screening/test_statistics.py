"""Statistics of plain columns, and the pages that show them."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest
from ase.build import bulk

from cijkl import ElasticTensor
from cijkl.errors import InputError
from cijkl.record import Engine, ok_record
from cijkl.screening.columns import result_row
from cijkl.screening.statistics import (
    COLUMNS,
    PROPERTIES,
    element_counts,
    extremes,
    property_table,
    system_counts,
)
from cijkl.screening.statistics_page import CHUNK, write_pages
from cijkl.structures import reduced_formula, symmetry


def cubic(c11, c12, c44):
    return np.diag([c11 - c12] * 3 + [c44] * 3) + np.pad(np.full((3, 3), float(c12)), (0, 3))


#: measured constants (GPa) of common crystals; the last is made unstable
CRYSTALS = {
    "al": (bulk("Al", "fcc", a=4.05), cubic(107, 60.8, 28.3)),
    "cu": (bulk("Cu", "fcc", a=3.615), cubic(168.4, 121.4, 75.4)),
    "diamond": (bulk("C", "diamond", a=3.567), cubic(1079, 124, 578)),
    "kcl": (bulk("KCl", "rocksalt", a=6.29), cubic(40.7, 6.6, 6.3)),
    "nacl": (bulk("NaCl", "rocksalt", a=5.64), cubic(49.1, 12.8, 12.8)),
    "si": (bulk("Si", "diamond", a=5.431), cubic(165.7, 63.9, 79.6)),
    "w": (bulk("W", "bcc", a=3.165), cubic(522.4, 204.4, 160.8)),
    "</script><b>": (bulk("Fe", "bcc", a=2.87), cubic(100.0, 120.0, 50.0)),
}


@pytest.fixture(scope="module")
def columns():
    return crystal_columns()


def crystal_columns():
    """Columns of `CRYSTALS`, as a store would give them."""
    rows = []
    for name, (atoms, stiffness) in CRYSTALS.items():
        record = ok_record(
            name, "here", ElasticTensor(stiffness), Engine("none", "0", {}),
            atoms=atoms, symmetry=symmetry(atoms), formula=reduced_formula(atoms),
        )  # fmt: skip
        row = {**record["structure"], **result_row(record), "id": name, "source": "here"}
        rows.append({**row, "formula": record["formula"], "fingerprint": name})
    found = {}
    for column in COLUMNS.split():
        values = [row.get(column) for row in rows]
        numeric = not any(isinstance(value, str) for value in values)
        found[column] = np.array(values, None if None not in values and numeric else object)
        if numeric and found[column].dtype == object:
            found[column] = found[column].astype(float)
    found["C"] = np.array([stiffness for _, stiffness in CRYSTALS.values()])
    return found


def atoms_of(indices):
    everything = [atoms for atoms, _ in CRYSTALS.values()]
    return [everything[index] for index in indices]


def test_counts():
    assert system_counts(["cubic", None, "triclinic", "cubic"]) == {"cubic": 2, "triclinic": 1}
    assert list(system_counts(["triclinic", "cubic"])) == ["cubic", "triclinic"]
    assert element_counts(["CO", "Co", "C2H6O"]) == {"C": 2, "O": 2, "Co": 1, "H": 1}


def test_extremes():
    values = [3.0, np.nan, 1.0, 7.0, -2.0, np.inf, 5.0]
    found = [(e.index, e.largest, e.rank) for e in extremes(values, 2)]
    assert found == [(3, True, 1), (6, True, 2), (2, False, 1), (0, False, 2)]
    assert len(extremes(values, 100)) == 4
    assert extremes([], 3) == []
    assert extremes([1.0], 3) == []


def test_the_table_agrees_with_handbooks(columns):
    names = list(CRYSTALS)
    rows = [names.index(name) for name in ("al", "cu", "si", "w")]
    table = {row["id"]: row for row in property_table(columns, rows)}
    assert list(table) == ["al", "cu", "si", "w"]
    # molar masses, and densities of the elements at room temperature
    for name, mass, density in (("al", 26.982, 2.70), ("cu", 63.546, 8.93), ("w", 183.84, 19.25)):
        assert table[name]["mass"] == pytest.approx(mass, rel=1e-4)
        assert table[name]["density"] == pytest.approx(density, rel=0.01)
    # Debye temperatures from elastic constants (Kittel, table 5.1): 428, 343, 645, 400 K
    for name, debye in (("al", 428), ("cu", 343), ("si", 645), ("w", 400)):
        assert table[name]["debye_temperature"] == pytest.approx(debye, rel=0.08)
    assert table["al"]["K_hill"] == pytest.approx((107 + 2 * 60.8) / 3)
    assert isinstance(table["al"]["natoms"], int)


def test_the_longitudinal_velocity_is_the_larger(columns):
    stable = np.flatnonzero(columns["stable"])
    for row in property_table(columns, stable):
        ratio = (row["v_l"] / row["v_t"]) ** 2
        assert ratio == pytest.approx(row["K_hill"] / row["G_hill"] + 4 / 3)
        assert row["v_l"] > row["v_mean"] > row["v_t"]


# the pages


@pytest.fixture(scope="module")
def pages(columns, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "new" / "report"
    assert write_pages(columns, folder, atoms_of) == folder / "index.html"
    return folder


def test_the_overview_holds_all_figures(pages):
    text = (pages / "index.html").read_text(encoding="utf-8")
    wanted = set(re.findall(r'data-figure="([^"]+)"', text))
    held = set(re.findall(r'id="figure-([^"]+)"', text))
    assert wanted == held
    assert {"systems", "sizes", "elements", "frequencies", "map", "panels", "histogram-E_max",
            "histogram-E_rh"} < wanted  # fmt: skip
    assert "http://" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)
    assert "swapped" in text
    assert "1 mechanically unstable" in text


def test_points_lead_to_their_crystal(pages, columns):
    text = (pages / "index.html").read_text(encoding="utf-8")
    block = re.search(r'id="figure-map">(.*?)</script>', text, re.S)
    keys = {}
    for trace in json.loads(block.group(1))["data"]:
        if trace["type"] == "scattergl":
            keys |= dict(zip(trace["text"], trace["customdata"], strict=True))
    assert keys == {f"{columns['formula'][i]} · {columns['id'][i]}": i for i in range(7)}
    crystals = held(pages, 0)
    for name, key in keys.items():
        assert name.endswith(crystals[key]["id"])


def held(pages, number):
    text = (pages / "crystals" / f"{number}.js").read_text(encoding="utf-8")
    match = re.fullmatch(rf"cijklCrystals\({number},(.*)\);", text)
    return json.loads(match.group(1))


def test_data_of_a_crystal(pages):
    silicon = held(pages, 0)[5]
    assert silicon["id"] == "si"
    assert silicon["E_max"] == pytest.approx(188, abs=1)
    assert len(silicon["C"]) == 21
    assert silicon["C"][:3] == [165.7, 63.9, 63.9]
    assert silicon["species"] == ["Si", "Si"]
    np.testing.assert_allclose(silicon["positions"][1], 3 * [5.431 / 4], atol=1e-3)
    assert held(pages, 0)[7]["E_max"] is None


def test_texts_are_escaped(pages):
    for name in ("index.html", "crystal.html"):
        text = (pages / name).read_text(encoding="utf-8")
        assert "</script><b>" not in text
    # within a script of its own a text is JSON, which needs no escape
    assert held(pages, 0)[7]["id"] == "</script><b>"


def test_only_known_scripts_run(pages):
    import base64
    import hashlib

    for name in ("index.html", "crystal.html"):
        text = (pages / name).read_text(encoding="utf-8")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
        assert "default-src 'none'" in policy
        for script in re.findall(r"<script>(.*?)</script>", text, re.S):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_the_table_for_other_programs(pages, columns):
    with (pages / "properties.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:4] == ["id", "formula", "N", "ρ (g/cm³)"]
    assert len(rows[0]) == 2 + len(PROPERTIES)
    assert [row[0] for row in rows[1:]] == list(columns["id"])
    assert float(rows[1][6]) == pytest.approx(columns["K_hill"][0], rel=1e-5)
    assert rows[8][6] == ""


def test_no_name_in_the_table_is_a_formula(columns, tmp_path):
    named = {**columns, "id": columns["id"].copy()}
    named["id"][0] = '=HYPERLINK("http://evil.example")'
    write_pages(named, tmp_path, atoms_of)
    with (tmp_path / "properties.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1][0] == "'" + named["id"][0]
    assert [row[0] for row in rows[2:]] == list(named["id"][1:])


def test_many_crystals_go_into_several_files(columns, tmp_path):
    count = 2 * CHUNK + 3
    index = np.arange(count) % 7
    many = {name: values[index] for name, values in columns.items()}
    (tmp_path / "crystals").mkdir()
    (tmp_path / "crystals" / "99.js").write_text("of an earlier report")
    write_pages(many, tmp_path, lambda found: atoms_of([index[i] for i in found]))
    assert sorted(path.name for path in (tmp_path / "crystals").iterdir()) == [
        "0.js", "1.js", "2.js"]  # fmt: skip
    assert len(held(tmp_path, 2)) == 3
    assert held(tmp_path, 1)[0]["id"] == columns["id"][index[CHUNK]]


def test_a_folder_that_cannot_be_written(columns, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_pages(columns, tmp_path / "file", atoms_of)
