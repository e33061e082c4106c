"""Which crystals pass: columns, unknown values, safety, ready-made sets."""

from __future__ import annotations

import gzip
import json

import pytest
from ase import Atoms
from ase.build import bulk
from hypothesis import given, settings
from hypothesis import strategies as st

from cijkl.errors import InputError
from cijkl.screening import filter_columns
from cijkl.screening.filters import Tally, check_conditions, keep, where
from cijkl.screening.sets import SETS
from cijkl.structures import Crystal, Unreadable, read

RESULTS = {"id": "VARCHAR", "stable": "BOOLEAN", "E_max": "DOUBLE", "natoms": "INTEGER"}


def crystal(name: str, atoms: Atoms, **columns: object) -> Crystal:
    return Crystal(name, atoms, name, columns=columns)


def methane(a: float = 5.9) -> Atoms:
    """Cubic methane, one molecule in a cell."""
    h = 0.63
    places = [(0, 0, 0), (h, h, h), (h, -h, -h), (-h, h, -h), (-h, -h, h)]
    return Atoms("CH4", positions=places, cell=[a * 0.7] * 3, pbc=True)


@pytest.fixture(scope="module")
def crystals():
    return [
        crystal("si", bulk("Si", "diamond", a=5.43), band_gap=0.6, tag="a"),
        crystal("nacl", bulk("NaCl", "rocksalt", a=5.64), band_gap=5.0, tag="b"),
        crystal("cu", bulk("Cu", "fcc", a=3.61, cubic=True), band_gap=0.0),
        crystal("uo2", bulk("UO2", "fluorite", a=5.47), band_gap=2.0, tag="c"),
        crystal("mgo", bulk("MgO", "rocksalt", a=4.21)),
        crystal("ch4", methane(), r_factor=0.05),
    ]


def passed(crystals, condition, **options):
    return [item.id for item in where(crystals, condition, **options)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("band_gap between 0.1 and 3.0 and not radioactive", ["si"]),
        ("band_gap between 0.1 and 3.0", ["si", "uo2"]),
        ("natoms <= 2", ["si", "nacl", "mgo"]),
        ("nelements = 1 and natoms > 2", ["cu"]),
        ("list_contains(elements, 'O')", ["uo2", "mgo"]),
        ("formula in ('MgO', 'NaCl')", ["nacl", "mgo"]),
        ("id like '%o%'", ["uo2", "mgo"]),
        ("organic", ["ch4"]),
        ("molecular", ["ch4"]),
        ("dimensionality = 0", ["ch4"]),
        ("spacegroup = 225", ["nacl", "cu", "uo2", "mgo"]),
        ("spacegroup_symbol = 'Fd-3m'", ["si"]),
        ("crystal_system = 'cubic' and density > 5", ["cu", "uo2"]),
        ("point_group = '-43m'", ["ch4"]),
        ("volume / natoms between 19 and 21 or volume_per_atom < 12", ["si", "cu", "mgo"]),
        ("tag >= 'b'", ["nacl", "uo2"]),
        ("BAND_GAP > 1 and Tag = 'b'", ["nacl"]),
        ("coalesce(band_gap, 1.0) = 1.0", ["mgo", "ch4"]),
        ("case when band_gap is null then natoms > 2 else band_gap > 4 end", ["nacl", "ch4"]),
        ("true", ["si", "nacl", "cu", "uo2", "mgo", "ch4"]),
        ("false", []),
    ],
)
def test_conditions(crystals, condition, expected):
    assert passed(crystals, condition) == expected
    assert passed(crystals, condition, batch=6) == expected


def test_volume_and_density_are_those_of_the_crystal(crystals):
    # copper: 8.93 g/cm^3 at a = 3.61 A, by hand 4 * 63.546 / (3.61^3 * 0.602214)
    assert passed(crystals, "abs(density - 8.9717) < 1e-3") == ["cu"]
    assert passed(crystals, "abs(volume - power(3.61, 3)) < 1e-6") == ["cu"]


def test_what_is_unknown_is_left_out_and_said(crystals):
    tally = Tally()
    assert passed(crystals, "band_gap < 1", tally=tally) == ["si", "cu"]
    assert (tally.passed, tally.left_out, tally.unknown) == (2, 4, 2)
    assert tally.unknown_columns == {"band_gap": 2}
    assert "band_gap (2)" in tally.remark()
    # not (unknown) is unknown too
    assert passed(crystals, "not band_gap < 1") == ["nacl", "uo2"]
    # known parts may decide
    assert passed(crystals, "band_gap > 1 or natoms = 5") == ["nacl", "uo2", "ch4"]
    assert passed(crystals, "band_gap < 1 or band_gap is null") == ["si", "cu", "mgo", "ch4"]
    assert Tally().remark() is None


@pytest.mark.parametrize(
    ("formula", "organic"),
    [
        ("C2H8N4O2", True),
        ("CCl4", True),
        ("C32N16S12", True),
        ("C", False),
        ("SiC", False),
        ("CO2", False),
        ("CS2", False),
        ("BC2N", False),
        ("CaC2H2", False),
        ("NH3", False),
        ("C6H5Li", False),
    ],
)
def test_organic_compounds(formula, organic):
    atoms = Atoms(formula, cell=[20] * 3, pbc=True)
    assert passed([crystal("x", atoms)], "organic") == (["x"] if organic else [])


def test_several_conditions_must_all_hold(crystals):
    assert passed(crystals, ["natoms <= 3", "band_gap < 3"]) == ["si", "uo2"]
    assert passed(crystals, ["inorganic-2025", "natoms <= 3"]) == ["si"]


def test_what_cannot_be_read_passes_in_its_place(crystals):
    bad = Unreadable("bad", "bad.cif", "no cell")
    mixed = [bad, crystals[0], bad, crystals[1]]
    assert passed(mixed, "band_gap > 1") == ["bad", "bad", "nacl"]
    assert passed([bad], "nonsense > 1") == ["bad"]


def test_the_stream_is_never_all_in_memory(crystals):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield crystals[0]

    stream = where(endless(), "natoms = 2", batch=10)
    assert next(stream).id == "si"
    assert taken == 10


@pytest.mark.parametrize(
    ("condition", "searches"),
    [
        ("natoms <= 2", 0),
        ("natoms <= 2 and spacegroup = 225", 3),
        ("spacegroup = 225 and band_gap > 1", 4),
        ("spacegroup = 225", 6),
        ("spacegroup is not null and natoms <= 2", 6),
        ("spacegroup = 225 and crystal_system = 'cubic'", 6),
    ],
)
def test_costly_columns_only_where_they_decide(crystals, condition, searches, monkeypatch):
    from cijkl.structures import spacegroup

    calls = []
    whole = spacegroup.symmetry

    def counted(atoms):
        calls.append(atoms)
        return whole(atoms)

    expected = passed(crystals, condition)
    monkeypatch.setattr(spacegroup, "symmetry", counted)
    assert passed(crystals, condition) == expected
    assert len(calls) == searches


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("natom <= 50", "unknown column 'natom'; did you mean natoms"),
        ("bandgap > 1", "did you mean band_gap"),
        ("zzz = 1", "unknown column 'zzz'; there are .*natoms"),
        ('elements = "O"', "list_contains\\(elements, 'O'\\)"),
        ("natoms", "gives INTEGER, not true or false"),
        ("natoms + 1", "not true or false"),
        ("natoms <", "not understood"),
        ("", "empty"),
        ("  ", "empty"),
        ("natoms > 1; drop table x", "not understood"),
        ("natoms > 1) or (true", None),
        ("true) group by (natoms", "no single condition"),
        ("true) union select * from read_text('/etc/passwd') where (true", "no single condition"),
        ("true); select (1", "not understood|no single condition"),
        ("exists (select 1)", "cannot contain a query"),
        ("natoms in (select 1)", "cannot contain a query"),
        ("count(*) > 1", "function 'count"),
        ("row_number() over () > 1", "window"),
        ("natoms > $1", "parameter"),
        ("natoms > ?", "parameter"),
        ("columns(*) > 1", "\\*"),
        ("rows.natoms > 1", "plain names"),
        ("random() < 0.5", "function 'random'"),
        ("current_setting('memory_limit') = 'x'", "function 'current_setting'"),
        ("len(repeat('a', 1000000000000)) > 1", "function 'repeat'"),
        ("list_filter(elements, lambda e: e = 'C') = []", "cannot"),
        ("sqroot(natoms) > 2", "did you mean sqrt"),
        ("id > 5 + 'a'", "condition"),
        ("log10(formula) > 1", "condition"),
        ("natoms > 1 " * 2000, "longer"),
    ],
)
def test_what_is_no_condition(crystals, condition, message):
    if message is None:
        assert passed(crystals, condition) == passed(crystals, f"({condition})")
        return
    with pytest.raises(InputError, match=message) as caught:
        passed(crystals, condition)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_comment_does_not_hide_the_bracket(crystals):
    assert passed(crystals, "natoms = 2 -- two atoms") == ["si", "nacl", "mgo"]


def test_a_value_of_the_wrong_kind_later_is_unknown(crystals):
    later = [*crystals, crystal("odd", bulk("Fe"), band_gap="wide")]
    assert passed(later, "band_gap < 1", batch=6) == ["si", "cu"]


def test_names_that_need_quotes():
    odd = [crystal("a", bulk("Fe"), **{'it\'s a "gap"': 1.0}), crystal("b", bulk("Fe"))]
    assert passed(odd, '"it\'s a ""gap""" = 1') == ["a"]


def test_results():
    rows = [
        {"id": "a", "stable": True, "E_max": 600.0},
        {"id": "b", "stable": True, "E_max": float("inf")},
        {"id": "c", "stable": False, "E_max": 700.0},
        {"id": "d", "stable": None, "E_max": 700.0},
    ]
    tally = Tally()
    kept = list(keep(rows, "stable and E_max > 500", RESULTS, tally=tally))
    assert kept == [rows[0]]
    assert tally.unknown == 2
    with pytest.raises(InputError, match="did you mean E_max"):
        keep(rows, "E_mx > 500", RESULTS)


def test_columns_of_conditions():
    assert check_conditions("stable and (E_max > 500 or E_max < 1)") == ("stable", "E_max")
    assert check_conditions("inorganic-2025") == ("band_gap", "radioactive")
    with pytest.raises(InputError, match="no condition was given"):
        check_conditions([])


def test_ready_made_sets():
    solid = bulk("NaCl", "rocksalt", a=5.64)
    inorganic = {
        "low": crystal("low", solid, band_gap=0.1),
        "high": crystal("high", solid, band_gap=3.0),
        "metal": crystal("metal", solid, band_gap=0.0999),
        "wide": crystal("wide", solid, band_gap=3.0001),
        "tc": crystal("tc", bulk("TcC", "rocksalt", a=4.0), band_gap=1.0),
        "pm": crystal("pm", bulk("PmN", "rocksalt", a=5.0), band_gap=1.0),
        "bi": crystal("bi", bulk("BiN", "rocksalt", a=5.0), band_gap=1.0),
        "po": crystal("po", bulk("PoO", "rocksalt", a=5.0), band_gap=1.0),
        "unknown": crystal("unknown", solid),
    }
    assert passed(inorganic.values(), "inorganic-2025") == ["low", "high", "bi"]

    bare = methane()
    del bare[[4]]
    molecular = [
        crystal("good", methane(), r_factor=0.04),
        crystal("unmeasured", methane()),
        crystal("poor", methane(), r_factor=0.12),
        crystal("salt", solid, r_factor=0.02),
        crystal("diamond", bulk("C", "diamond", a=3.57)),
    ]
    assert passed(molecular, "molecular-2024") == ["good", "unmeasured"]

    stiff = [
        crystal("on", solid, energy_above_hull=0.05),
        crystal("above", solid, energy_above_hull=0.051),
        crystal("unknown", solid),
        crystal("large", solid.repeat((5, 5, 1)), energy_above_hull=0.0),
    ]
    assert passed(stiff, "stiff-2024") == ["on", "unknown"]
    assert all(check_conditions(name) for name in SETS)


def test_columns_come_from_files(tmp_path):
    record = {"lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Po"], "frac": [[0, 0, 0]]}
    with gzip.open(tmp_path / "set.jsonl.gz", "wt") as file:
        for number in range(5):
            gap = None if number == 4 else number / 2
            file.write(json.dumps({"id": str(number), "band_gap": gap, **record}) + "\n")
    (tmp_path / "one.extxyz").write_text(
        '1\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 band_gap=1.2 pbc="T T T"\n'
        "Po 0 0 0\n"
    )
    (tmp_path / "two.cif").write_text(
        "data_po\n_cell_length_a 3.36\n_cell_length_b 3.36\n_cell_length_c 3.36\n"
        "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
        "_refine_ls_R_factor_gt 0.031\n_diffrn_ambient_temperature 293(2)\n"
        "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
        "Po 0 0 0\n"
    )
    assert passed(read(tmp_path), "band_gap >= 1") == ["one", "2", "3"]
    assert passed(read(tmp_path), "r_factor < 0.05 and temperature = 293") == ["two"]


def test_every_column_is_documented():
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    for name in (*filter_columns.STRUCTURE, *filter_columns.USUAL, *SETS):
        assert f"`{name}`" in page, name


#: pieces of expressions, whole and broken
WORDS = """
    natoms band_gap id elements nothing 1 2.5 'O' null true ( ) and or not between in is like = <> <
    + - * / % || , case when then else end cast as int [ ] { } : ; -- /* */ select from count sqrt
    list_contains lambda " ' $1 ? . ::double
"""


@given(
    st.lists(
        st.sampled_from(WORDS.split()),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_any_text_is_a_condition_or_is_refused_in_one_line(crystals, words):
    try:
        found = passed(crystals, " ".join(words))
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert set(found) <= {item.id for item in crystals}
