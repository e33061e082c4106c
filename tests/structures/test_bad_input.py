"""Every kind of bad input gives one clear line and loses nobody else's result."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable, read

CIF = """data_salt
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1 Na 0 0 0 1
Cl1 Cl 0.5 0.5 0.5 1
"""
POSCAR = """salt
1.0
0.0 2.82 2.82
2.82 0.0 2.82
2.82 2.82 0.0
Na Cl
1 1
Direct
0 0 0
0.5 0.5 0.5
"""
RECORD = {
    "id": "salt",
    "lattice": [[0, 2.82, 2.82], [2.82, 0, 2.82], [2.82, 2.82, 0]],
    "species": ["Na", "Cl"],
    "frac": [[0, 0, 0], [0.5, 0.5, 0.5]],
}
CELL = 'Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3'


def swap(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def record(**changes: object) -> str:
    return json.dumps({**RECORD, **changes})


def without(key: str) -> str:
    return json.dumps({k: v for k, v in RECORD.items() if k != key})


def pymatgen(**site: object) -> str:
    first = {"species": [{"element": "Na", "occu": 1}], "abc": [0, 0, 0], **site}
    second = {"species": [{"element": "Cl", "occu": 1}], "abc": [0.5, 0.5, 0.5]}
    return json.dumps({"lattice": {"matrix": RECORD["lattice"]}, "sites": [first, second]})


def ase_json(pbc: list[bool]) -> str:
    flat = [4.0, 0, 0, 0, 4.0, 0, 0, 0, 4.0]
    row = {
        "numbers": {"__ndarray__": [[2], "int64", [11, 17]]},
        "positions": {"__ndarray__": [[2, 3], "float64", [0, 0, 0, 2, 2, 2]]},
        "cell": {"array": {"__ndarray__": [[3, 3], "float64", flat]}, "__ase_objtype__": "cell"},
        "pbc": {"__ndarray__": [[3], "bool", pbc]},
    }
    return json.dumps({"1": row, "ids": [1], "nextid": 2})


#: name of the file, its content, words that the reason must hold
BAD: dict[str, tuple[str, str | bytes, str]] = {
    "empty file": ("a.cif", b"", "empty"),
    "only blanks": ("a.cif", b" \n\n  \n", "empty"),
    "binary garbage": ("a.cif", bytes(range(256)) * 8, "binary"),
    "binary garbage, unknown name": ("a.dat", bytes(range(256)) * 8, "binary"),
    "web page saved as CIF": ("a.cif", "<!DOCTYPE html><html>404</html>", "web page"),
    "prose": ("notes.txt", "Dear colleague,\nhere is the crystal.\n", "no known format"),
    "CIF cut inside the cell": ("a.cif", CIF[:60], "_cell_length_c"),
    "CIF cut before the atoms": ("a.cif", CIF[: CIF.index("_atom_site_fract_x")], "cut short"),
    "CIF cut before the first atom": ("a.cif", CIF[: CIF.index("Na1")], "cut short"),
    "CIF without cell": ("a.cif", CIF.replace("_cell_length", "_x"), "no cell"),
    "CIF without data block": ("a.cif", CIF.replace("data_salt", ""), "data_"),
    "CIF with a zero length": ("a.cif", swap(CIF, "_b 5.64", "_b 0.0"), "_cell_length_b"),
    "CIF with an impossible angle": ("a.cif", swap(CIF, "gamma 90", "gamma 180"), "angle"),
    "CIF with letters for a length": ("a.cif", swap(CIF, "_a 5.64", "_a wide"), "wide"),
    "CIF of question marks": (
        "a.cif",
        CIF.replace("0 0 0 1", "? ? ? ?").replace("0.5 0.5 0.5 1", "? ? ? ?"),
        "Na1 has no coordinates",
    ),
    "partial occupancy": ("a.cif", swap(CIF, "0 0 0 1", "0 0 0 0.5"), "partial occupancy"),
    "two elements on a site": (
        "a.cif",
        swap(CIF, "Na1 Na 0 0 0 1", "Na1 Na 0 0 0 0.7\nK1 K 0 0 0 0.3"),
        "partial occupancy",
    ),
    "atom listed twice": ("a.cif", CIF + "Na1 Na 0 0 0 1\n", "more than once"),
    "atoms overlapping": ("a.cif", swap(CIF, "0.5 0.5 0.5 1", "0.1 0 0 1"), "apart"),
    "unknown element in CIF": ("a.cif", CIF.replace("Na1 Na", "Xx1 Xx"), "unknown element 'Xx'"),
    "unknown space group": ("a.cif", swap(CIF, "F m -3 m", "Q 9 9 9"), "space group"),
    "NaN in CIF": ("a.cif", swap(CIF, "0 0 0 1", "nan 0 0 1"), "no coordinates"),
    "absurdly large cell": ("a.cif", CIF.replace("5.64", "5640"), "volume per atom"),
    "cell in nanometres": ("a.cif", CIF.replace("5.64", "0.564"), "thick"),
    "molecule without cell": ("a.xyz", "2\nCO\nC 0 0 0\nO 0 0 1.13\n", "no cell"),
    "surface, periodic in two": (
        "a.extxyz",
        f'1\n{CELL} pbc="T T F"\nCu 0 0 0\n',
        "periodic in 2 of 3",
    ),
    "extxyz cut short": ("a.extxyz", f"3\n{CELL}\nCu 0 0 0\n", "promises 3 atoms"),
    "extxyz with NaN": ("a.extxyz", f"1\n{CELL}\nCu 0 nan 0\n", "not finite"),
    "extxyz with unknown element": ("a.extxyz", f"1\n{CELL}\nQq 0 0 0\n", "unknown element"),
    "extxyz with no atoms": ("a.extxyz", f"0\n{CELL}\n", "no atoms"),
    "extxyz without count": ("a.extxyz", f"{CELL}\nCu 0 0 0\n", "number of atoms"),
    "POSCAR cut short": ("POSCAR", POSCAR[:-20], "line"),
    "POSCAR without elements": ("POSCAR", swap(POSCAR, "Na Cl\n", ""), "element symbols"),
    "POSCAR with wrong counts": ("POSCAR", swap(POSCAR, "\n1 1\n", "\n1 1 1\n"), "counts"),
    "POSCAR with too many atoms": ("POSCAR", swap(POSCAR, "\n1 1\n", "\n1 999\n"), "1000"),
    "POSCAR with a flat cell": ("POSCAR", swap(POSCAR, "2.82 2.82 0.0", "0 2.82 2.82"), "plane"),
    "POSCAR, letters for numbers": ("POSCAR", swap(POSCAR, "0 0 0", "a b c"), "numbers"),
    "broken JSON": ("a.json", record()[:-8], "JSON"),
    "JSON of something else": ("a.json", '{"name": "x", "version": 3}', "without a crystal"),
    "JSON number": ("a.json", "42", "number"),
    "empty JSON list": ("a.json", "[]", "empty"),
    "record without lattice": ("a.json", without("lattice"), "'lattice'"),
    "record without species": ("a.json", without("species"), "'species'"),
    "record without coordinates": ("a.json", without("frac"), "'frac'"),
    "species of another length": ("a.json", record(species=["Na"]), "1x3"),
    "species as a text": ("a.json", record(species="NaCl"), "list"),
    "unknown element": ("a.json", record(species=["Na", "Zz"]), "'Zz'"),
    "dummy atom": ("a.json", record(species=["Na", "X"]), "'X'"),
    "element as a number": ("a.json", record(species=[11, 17]), "unknown element"),
    "null coordinate": ("a.json", record(frac=[[0, 0, 0], [0.5, None, 0.5]]), "not finite"),
    "infinite lattice": ("a.json", record(lattice=[[1e999, 0, 0], [0, 4, 0], [0, 0, 4]]), "finite"),
    "lattice of two vectors": ("a.json", record(lattice=[[4, 0, 0], [0, 4, 0]]), "3x3"),
    "no atoms": ("a.json", record(species=[], frac=[]), "no atoms"),
    "zero cell": ("a.json", record(lattice=[[0, 0, 0]] * 3), "three lattice vectors"),
    "deeply nested JSON": ("a.json", "[" * 100_000, "JSON"),
    "pymatgen, partial occupancy": (
        "a.json",
        pymatgen(species=[{"element": "Na", "occu": 0.5}]),
        "partial occupancy",
    ),
    "pymatgen, site without species": ("a.json", pymatgen(species=[]), "species"),
    "ASE, periodic in two": ("a.json", ase_json([True, True, False]), "periodic in 2 of 3"),
    "broken gzip": ("a.cif.gz", gzip.compress(CIF.encode() * 50)[:-30], "damaged"),
    "not gzip at all": ("a.cif.gz", CIF, "damaged"),
    "broken zip": ("a.zip", b"PK\x03\x04" + b"\x00" * 50, "damaged"),
    "not zip at all": ("a.zip", b"just text", "damaged"),
    "broken tar": ("a.tar.gz", gzip.compress(b"x" * 2000), "damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_clear_line(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name, content, words = BAD[kind]
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (result,) = read(path)
    assert isinstance(result, Unreadable), result
    assert words in result.error
    assert 10 < len(result.error) <= 240
    assert "\n" not in result.error
    assert "Traceback" not in result.error
    assert result.source.startswith(str(path))
    assert capfd.readouterr() == ("", "")


def test_the_unchanged_inputs_are_good(tmp_path: Path) -> None:
    """Otherwise the cases above would fail for another reason than the one meant."""
    contents = {
        "a.cif": CIF,
        "POSCAR": POSCAR,
        "b.json": record(),
        "c.json": pymatgen(),
        "d.json": ase_json([True, True, True]),
        "e.extxyz": f"1\n{CELL}\nCu 0 0 0\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    assert [r for r in read(tmp_path) if not isinstance(r, Crystal)] == []


def test_missing_path_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.cif").write_text(CIF)
    with pytest.raises(InputError, match=r"absent\.cif: no such file"):
        read([tmp_path, tmp_path / "absent.cif"])


def test_folder_without_crystals_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(InputError, match="holds no crystal file"):
        read(tmp_path)


def test_no_input_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="no structure was given"):
        read([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.cif"
    path.write_text(CIF)
    path.chmod(0)
    (result,) = read(path)
    assert isinstance(result, Unreadable)
    assert "permission" in result.error


def test_bad_members_of_a_zip_do_not_disturb_the_good(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.cif", CIF)
        archive.writestr("2.cif", "<html>")
        archive.writestr("3/POSCAR", POSCAR)
        archive.writestr("4.zip", b"PK\x03\x04")
        archive.writestr("readme.txt", "not a crystal")
        archive.writestr("__MACOSX/1.cif", "hidden")
    results = list(read(path))
    assert [(r.id, type(r)) for r in results] == [
        ("1", Crystal),
        ("2", Unreadable),
        ("3/POSCAR", Crystal),
        ("4", Unreadable),
    ]
    assert results[0].source == f"{path}!1.cif"


def test_member_with_wrong_checksum(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("1.cif", CIF)
        archive.writestr("2.cif", CIF)
    data = bytearray(buffer.getvalue())
    data[data.index(b"5.64")] = ord("6")
    path = tmp_path / "set.zip"
    path.write_bytes(data)
    first, second = read(path)
    assert isinstance(first, Unreadable)
    assert "damaged" in first.error
    assert isinstance(second, Crystal)


def test_results_before_the_end_of_a_cut_archive_are_kept(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for number in range(100):
            info = tarfile.TarInfo(f"{number:02d}.vasp")
            content = (POSCAR + os.urandom(4000).hex()).encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    path = tmp_path / "set.tgz"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    results = list(read(path))
    assert sum(isinstance(r, Crystal) for r in results) >= 5
    assert isinstance(results[-1], Unreadable)


def test_huge_member_is_refused_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cijkl.structures.files.MAX_DOCUMENT", 2**16)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.cif", CIF + "#" * 2**20)
        archive.writestr("b.jsonl", record() + "\n" + " " * 2**20)
        archive.writestr("c.cif", CIF)
    first, *middle, last = read(path)
    assert isinstance(first, Unreadable)
    assert "larger than" in first.error
    assert [type(r) for r in middle] == [Crystal, Unreadable]
    assert isinstance(last, Crystal)


def test_one_bad_line_of_many(tmp_path: Path) -> None:
    lines = [record(id=f"x{n}") for n in range(5)]
    lines[2] = lines[2][:-5]
    lines[3] = ""
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    results = list(read(path))
    assert [r.id for r in results] == ["x0", "x1", "set#3", "x4"]
    assert [type(r) for r in results] == [Crystal, Crystal, Unreadable, Crystal]
    assert results[2].source == f"{path}:3"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (f"3\n{CELL}\nCu 0 0 0\n", "promises 3 atoms"),
        (f"1\n{CELL}\nCu 0 0 0\nCu 2 2 2\n", "number of atoms"),
        (f"1\n{CELL}\nCu 0 zero 0\n", "parsed"),
        ("1\nno cell here\nCu 0 0 0\n", "no cell"),
        ("\n\nsome words\n", "number of atoms"),
    ],
)
def test_one_bad_frame_of_many(bad: str, words: str, tmp_path: Path) -> None:
    good = f"1\n{CELL}\nCu 0 0 0\n"
    path = tmp_path / "run.extxyz"
    path.write_text(good + bad + good + good)
    results = list(read(path))
    wrong = [r for r in results if isinstance(r, Unreadable)]
    assert len(wrong) == 1
    assert words in wrong[0].error
    assert sum(isinstance(r, Crystal) for r in results) >= 3
    assert len({r.id for r in results}) == len(results)


def test_too_many_atoms(tmp_path: Path) -> None:
    path = tmp_path / "a.cif"
    path.write_text(CIF)
    (result,) = read(path, max_atoms=7)
    assert isinstance(result, Unreadable)
    assert "8 atoms; at most 7" in result.error


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cif"
    path.write_bytes(("# Å, Grüße\n" + CIF).encode(encoding))
    (result,) = read(path)
    assert isinstance(result, Crystal), result
