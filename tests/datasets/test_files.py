"""Labelled crystals are read as they were written, and what cannot be used is told."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.datasets import Example, load_dataset
from cijkl.elasticity import from_constants
from cijkl.errors import InputError
from cijkl.structures import Unreadable

EXAMPLES = Path(__file__).parents[2] / "examples"
#: silicon, GPa: McSkimin 1953, as in Nye's table
SILICON = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})


def record(name: str, atoms: Atoms, **labels: Any) -> dict[str, Any]:
    return {
        "id": name,
        "lattice": atoms.cell.array.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
        **labels,
    }


def silicon(**labels: Any) -> dict[str, Any]:
    return record("Si", bulk("Si"), **labels)


def copper(**labels: Any) -> dict[str, Any]:
    return record("Cu", bulk("Cu"), **labels)


def jsonl(path: Path, *records: Any) -> Path:
    lines = [r if isinstance(r, str) else json.dumps(r) for r in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(path: Path, **options: Any) -> tuple[list[Example], list[Unreadable]]:
    bad: list[Unreadable] = []
    return load_dataset(path, report=bad.append, **options), bad


def test_json_lines(tmp_path):
    path = jsonl(
        tmp_path / "set.jsonl",
        silicon(K_VRH=97.8, G_V=68.1, band_gap=1.1),
        "",
        copper(C=from_constants("cubic", {"C11": 168.4, "C12": 121.4, "C44": 75.4}).tolist()),
    )
    (si, cu), bad = load(path)
    assert bad == []
    assert (si.id, si.formula, dict(si.moduli)) == ("Si", "Si", {"K_VRH": 97.8, "G_V": 68.1})
    assert si.stiffness is None
    np.testing.assert_allclose(si.crystal.atoms.cell.array, bulk("Si").cell.array)
    np.testing.assert_allclose(si.crystal.atoms.positions, bulk("Si").positions, atol=1e-12)
    assert cu.moduli == {}
    assert cu.stiffness is not None
    assert cu.stiffness[0, 0] == 168.4
    assert cu.stiffness[3, 3] == 75.4
    assert cu.crystal.source.endswith("set.jsonl:3")


@pytest.mark.parametrize("wrap", ["gz", "zip", "json"])
def test_other_wrappings_of_records(tmp_path, wrap):
    records = [silicon(K_VRH=97.8), copper(K_VRH=137.0)]
    plain = jsonl(tmp_path / "set.jsonl", *records)
    if wrap == "gz":
        path = tmp_path / "set.jsonl.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif wrap == "zip":
        path = tmp_path / "set.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "inner/set.jsonl")
    else:
        path = tmp_path / "set.json"
        path.write_text(json.dumps(records), encoding="utf-8")
    examples, bad = load(path)
    assert [(e.id, e.moduli["K_VRH"]) for e in examples] == [("Si", 97.8), ("Cu", 137.0)]
    assert bad == []


def test_thirty_six_numbers_are_a_stiffness(tmp_path):
    (example,), _ = load(jsonl(tmp_path / "a.jsonl", silicon(C=SILICON.ravel().tolist())))
    np.testing.assert_array_equal(example.stiffness, SILICON)


@pytest.mark.parametrize("shape", [(6, 6), (36,)])
def test_extxyz_as_ase_writes_it(tmp_path, shape):
    first, second = bulk("Si"), bulk("Cu")
    first.info = {"id": "mp-149", "K_VRH": 97.8, "C": SILICON.reshape(shape), "note": "x"}
    second.info = {"G_VRH": 48.0, "name": 17}
    path = tmp_path / "frames.extxyz"
    ase.io.write(path, [first, second])
    (a, b), bad = load(path)
    assert bad == []
    assert a.id == "mp-149"
    assert a.moduli == {"K_VRH": 97.8}
    np.testing.assert_allclose(a.stiffness, SILICON)
    assert (b.id, dict(b.moduli)) == ("17", {"G_VRH": 48.0})


def test_bad_rows_do_not_disturb_the_others(tmp_path):
    unstable = from_constants("cubic", {"C11": 100.0, "C12": 120.0, "C44": 50.0}).tolist()
    skew = SILICON.copy()
    skew[0, 1] *= 2
    close = silicon(K_VRH=90.0)
    close["frac"] = [[0, 0, 0], [0.05, 0, 0]]
    cases = {
        "K_VRH is 'soft'": silicon(K_VRH="soft"),
        "G_V is -3 GPa": silicon(G_V=-3.0),
        "no label": silicon(band_gap=1.0),
        "lowest eigenvalue -20": silicon(C=unstable),
        "not symmetric": silicon(C=skew.tolist()),
        "expected \\(..., 6, 6\\)": silicon(C=[[1.0, 2.0], [2.0, 1.0]]),
        "beyond any solid": silicon(K_VRH=97.8e3),
        "covalent radii": close,
        "lacks 'frac'": {"id": "x", "species": ["Si"], "lattice": [], "K_VRH": 3},
        "no valid JSON": '{"id": ',
        "a JSON object": "[1, 2]",
    }
    path = jsonl(tmp_path / "set.jsonl", *cases.values(), copper(G_V=55.0, G_VRH=None))
    examples, bad = load(path)
    assert [e.id for e in examples] == ["Cu"]
    assert examples[0].moduli == {"G_V": 55.0}
    assert len(bad) == len(cases)
    for reason in cases:
        assert [row.id for row in bad if re.search(reason, row.error)] != [], (reason, bad)


def test_without_a_report_there_is_one_warning(tmp_path):
    path = jsonl(tmp_path / "set.jsonl", silicon(), copper(K_VRH=137.0), silicon(K_V="?"))
    with pytest.warns(
        UserWarning, match=r"2 of 3 rows are left out; the first is Si: no label"
    ) as w:
        load_dataset(path)
    assert len(w) == 1
    assert w[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_dataset(jsonl(tmp_path / "good.jsonl", copper(K_VRH=137.0)))


def test_no_good_row_is_an_error(tmp_path):
    path = jsonl(tmp_path / "set.jsonl", silicon(), silicon())
    with pytest.raises(InputError, match="no row gives .*the first of 2: Si: no label"):
        load_dataset(path)
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(InputError, match="the file is empty"):
        load_dataset(tmp_path / "empty.jsonl")
    with pytest.raises(InputError, match="no such file"):
        load_dataset(tmp_path / "absent.jsonl")
    with pytest.raises(InputError, match="a cif file holds no labels"):
        load_dataset(EXAMPLES / "NaCl.cif")
    with pytest.raises(InputError, match="target names the modulus of a table"):
        load_dataset(path, target="K_VRH")


def test_log10_is_refused_unless_said(tmp_path):
    path = jsonl(tmp_path / "log.jsonl", silicon(K_VRH=1.99, G_VRH=1.82), copper(K_VRH=2.14))
    with pytest.raises(InputError, match=r"K_VRH is at most 2\.14, which looks like log10.*=True"):
        load_dataset(path)
    (si, cu), _ = load(path, log10=True)
    assert si.moduli["K_VRH"] == pytest.approx(97.7237, abs=1e-4)
    assert cu.moduli["K_VRH"] == pytest.approx(138.0384, abs=1e-4)
    (si, cu), _ = load(path, log10=False)
    assert (si.moduli["K_VRH"], cu.moduli["K_VRH"]) == (1.99, 2.14)


def test_one_modulus_in_log10_among_others_is_seen(tmp_path):
    path = jsonl(tmp_path / "mix.jsonl", silicon(K_VRH=97.8, G_VRH=1.82))
    with pytest.raises(InputError, match="G_VRH is at most 1.82"):
        load_dataset(path)


def test_soft_crystals_among_stiff_ones_are_gpa(tmp_path):
    (si, cu), bad = load(jsonl(tmp_path / "a.jsonl", silicon(K_VRH=97.8), copper(K_VRH=2.1)))
    assert (si.moduli["K_VRH"], cu.moduli["K_VRH"], bad) == (97.8, 2.1, [])


def test_gpa_are_refused_where_log10_is_said(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", silicon(K_VRH=97.8), copper(K_VRH=137.0))
    with pytest.raises(InputError, match="too much for the log10"):
        load_dataset(path, log10=True)
    path = jsonl(tmp_path / "b.jsonl", silicon(K_VRH=1.99), copper(K_VRH=2.1), copper(K_VRH=4.2))
    examples, bad = load(path, log10=True)
    assert len(examples) == 2
    assert "as log10 of GPa is beyond any solid" in bad[0].error


def test_negative_log10_are_moduli_below_one_gpa(tmp_path):
    (si,), _ = load(jsonl(tmp_path / "a.jsonl", silicon(K_VRH=-0.5)), log10=True)
    assert si.moduli["K_VRH"] == pytest.approx(0.316228, abs=1e-6)


def test_a_log10_file_does_not_touch_the_stiffness(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", silicon(K_VRH=1.99, C=SILICON.tolist()))
    (si,), _ = load(path, log10=True)
    np.testing.assert_array_equal(si.stiffness, SILICON)


def test_ids_are_unique(tmp_path):
    records = [silicon(K_VRH=90.0 + i) for i in range(3)]
    examples, _ = load(jsonl(tmp_path / "a.jsonl", *records))
    assert [e.id for e in examples] == ["Si", "Si#2", "Si#3"]


def test_a_left_handed_cell_keeps_its_note_and_frame(tmp_path):
    left = bulk("Si")
    left.set_cell(left.cell.array[[1, 0, 2]], scale_atoms=False)
    (example,), _ = load(jsonl(tmp_path / "a.jsonl", record("a", left, C=SILICON.tolist())))
    assert [d.code for d in example.crystal.diagnostics] == ["left_handed_cell"]
    assert np.linalg.det(example.crystal.atoms.cell.array) > 0
    # C refers to the Cartesian axes, which the change of the cell leaves alone
    np.testing.assert_allclose(example.crystal.atoms.positions, left.positions, atol=1e-12)


@pytest.fixture
def cgcnn(tmp_path: Path) -> Path:
    """A folder as the CGCNN program reads it: CIFs, id_prop.csv, atom_init.json."""
    for name in ("NaCl", "corundum", "rutile"):
        shutil.copy(EXAMPLES / f"{name}.cif", tmp_path / f"{name}.cif")
    (tmp_path / "atom_init.json").write_text('{"1": [0, 1]}')
    (tmp_path / "id_prop.csv").write_text("NaCl,1.398\r\ncorundum,2.401\r\nrutile,2.330\r\n")
    return tmp_path


def test_cgcnn_folder(cgcnn):
    examples, bad = load(cgcnn, target="K_VRH", log10=True)
    assert bad == []
    assert [(e.id, e.formula) for e in examples] == [
        ("NaCl", "NaCl"), ("corundum", "Al2O3"), ("rutile", "TiO2"),
    ]  # fmt: skip
    values = [e.moduli["K_VRH"] for e in examples]
    np.testing.assert_allclose(values, [25.0035, 251.7677, 213.7962], rtol=1e-5)
    assert [e.id for e in load(cgcnn / "id_prop.csv", target="K_VRH", log10=True)[0]] == [
        "NaCl", "corundum", "rutile",
    ]  # fmt: skip


def test_cgcnn_folder_says_what_it_needs(cgcnn):
    with pytest.raises(InputError, match="target='K_VRH'"):
        load_dataset(cgcnn)
    with pytest.raises(InputError, match="looks like log10"):
        load_dataset(cgcnn, target="K_VRH")
    with pytest.raises(InputError, match="no modulus is called 'bulk'"):
        load_dataset(cgcnn, target="bulk")


def test_rows_of_a_table_without_structure_or_value(cgcnn):
    table = cgcnn / "id_prop.csv"
    table.write_text("NaCl,25\nabsent,30\nrutile,\ncorundum,x\nbroken,3\n")
    (cgcnn / "broken.cif").write_text("data_broken\n_cell_length_a 1\n")
    examples, bad = load(cgcnn, target="K_VRH")
    assert [e.id for e in examples] == ["NaCl"]
    reasons = {row.id: row.error for row in bad}
    assert set(reasons) == {"absent", "rutile", "corundum", "broken"}
    assert "no structure of this name" in reasons["absent"]
    assert "no label" in reasons["rutile"]
    assert "'x', expected a number" in reasons["corundum"]


def constants_header() -> str:
    return ",".join(f"C{i}{j}" for i in range(1, 7) for j in range(i, 7))


def upper(stiffness: Any) -> str:
    return ",".join(str(stiffness[i][j]) for i in range(6) for j in range(i, 6))


def test_table_with_header(cgcnn):
    (cgcnn / "id_prop.csv").unlink()
    rutile = from_constants(
        "tetragonal",
        {"C11": 271.0, "C12": 178.0, "C13": 149.0, "C33": 484.0, "C44": 124.0, "C66": 194.0},
    )
    rutile[0, 5] = rutile[5, 0] = 7.0  # so that a transposed or reordered matrix is seen
    (cgcnn / "labels.csv").write_text(
        f"file,G_VRH,K_VRH,year,{constants_header()}\n"
        f"NaCl.cif,14.7,25.0,1990,{',' * 20}\n"
        f"rutile.cif,,,1987,{upper(rutile)}\n"
        f"corundum.cif,160,250,1980,{upper(rutile).replace('484.0', '')}\n"
    )
    (nacl, tio2), bad = load(cgcnn)
    assert (nacl.id, dict(nacl.moduli)) == ("NaCl", {"K_VRH": 25.0, "G_VRH": 14.7})
    assert nacl.stiffness is None
    np.testing.assert_array_equal(tio2.stiffness, rutile)
    assert [row.id for row in bad] == ["corundum"]
    assert "no number" in bad[0].error


def test_the_lower_triangle_will_do(cgcnn):
    header = constants_header().replace("C13", "C31").replace("C56", "C65")
    skew = np.arange(36.0).reshape(6, 6)
    stiffness = skew + skew.T + 400.0 * np.eye(6)
    (cgcnn / "id_prop.csv").write_text(f"id,{header}\nNaCl,{upper(stiffness)}\n")
    (example,), _ = load(cgcnn)
    np.testing.assert_array_equal(example.stiffness, stiffness)


def test_a_file_of_several_crystals_is_no_one_crystal(cgcnn):
    both = [(EXAMPLES / f"{name}.cif").read_text() for name in ("silicon", "rutile")]
    (cgcnn / "rutile.cif").write_text("\n".join(both))
    examples, bad = load(cgcnn, target="K_VRH", log10=True)
    assert [e.id for e in examples] == ["NaCl", "corundum"]
    assert [(row.id, row.error) for row in bad] == [
        ("rutile", "the file holds 2 crystals; one is expected")
    ]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("id,C11,C12,C44\nNaCl,49,13,13\n", "C13 C14 .* are missing; give all 21"),
        ("id,bulk\nNaCl,25\n", "no column of labels; expected .*found id, bulk"),
        ("NaCl,25,14\n", "expected a header with a column id or file"),
        ("", "the table is empty"),
        ("id,K_VRH\n", "no row gives a crystal"),
    ],
)
def test_tables_that_are_none(cgcnn, text, match):
    (cgcnn / "id_prop.csv").write_text(text)
    with pytest.raises(InputError, match=match):
        load_dataset(cgcnn)


def test_a_header_leaves_no_choice_of_the_target(cgcnn):
    (cgcnn / "id_prop.csv").write_text("id,K_VRH\nNaCl,25\n")
    with pytest.raises(InputError, match="has a header"):
        load_dataset(cgcnn, target="G_VRH")


def test_structures_and_table_in_different_places(tmp_path):
    structures = tmp_path / "structures.zip"
    with zipfile.ZipFile(structures, "w") as archive:
        for name in ("NaCl", "rutile"):
            archive.write(EXAMPLES / f"{name}.cif", f"{name}.cif")
    table = tmp_path / "elsewhere.csv"
    table.write_text("id,K_VRH\nrutile,213\nNaCl,25\n")
    examples, bad = load(structures, labels=table)
    assert [(e.formula, e.moduli["K_VRH"]) for e in examples] == [("TiO2", 213.0), ("NaCl", 25.0)]
    assert bad == []


def test_a_folder_needs_one_table(cgcnn, tmp_path):
    (cgcnn / "id_prop.csv").unlink()
    with pytest.raises(InputError, match="no CSV file of labels"):
        load_dataset(cgcnn)
    for name in ("a.csv", "b.csv"):
        (cgcnn / name).write_text("id,K_VRH\nNaCl,25\n")
    with pytest.raises(InputError, match="2 CSV files, name one"):
        load_dataset(cgcnn)
    assert len(load(cgcnn, labels=cgcnn / "a.csv")[0]) == 1
