"""Every readable format gives the crystal that was written, under a unique and stable id."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from itertools import islice
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from numpy.typing import NDArray

from cijkl.structures import Crystal, Unreadable, read

EXAMPLES = Path(__file__).parents[2] / "examples"


def crystals(*args: object, **kwargs: object) -> list[Crystal]:
    found = list(read(*args, **kwargs))  # type: ignore[arg-type]
    assert [f for f in found if isinstance(f, Unreadable)] == []
    return found  # type: ignore[return-value]


def triclinic() -> Atoms:
    """A cell without symmetry, so that a transposed or rotated lattice is noticed."""
    return Atoms(
        "CuOSi",
        cell=[[4.1, 0.3, -0.2], [0.7, 4.6, 0.5], [-0.4, 0.9, 5.2]],
        scaled_positions=[[0.1, 0.2, 0.3], [0.6, 0.7, 0.2], [0.4, 0.1, 0.8]],
        pbc=True,
    )


def record(atoms: Atoms, **extra: object) -> dict[str, object]:
    return {
        "lattice": atoms.cell.array.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
        **extra,
    }


def distances(atoms: Atoms) -> NDArray[np.float64]:
    return np.sort(atoms.get_all_distances(mic=True), axis=None)


def assert_same(found: Atoms, expected: Atoms, *, frame: bool = True) -> None:
    assert sorted(found.symbols) == sorted(expected.symbols)
    assert found.pbc.all()
    np.testing.assert_allclose(found.cell.cellpar(), expected.cell.cellpar(), atol=1e-4)
    np.testing.assert_allclose(distances(found), distances(expected), atol=1e-4)
    if frame:
        np.testing.assert_allclose(found.cell.array, expected.cell.array, atol=1e-8)
        np.testing.assert_allclose(found.positions, expected.positions, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.vasp", {"format": "vasp"}),
        ("POSCAR", {"format": "vasp", "direct": True}),
        ("CONTCAR.relaxed", {"format": "vasp"}),
        ("a.extxyz", {"format": "extxyz"}),
        ("a.json", {"format": "json"}),
    ],
)
def test_files_written_by_ase_keep_the_frame(
    name: str, options: dict[str, object], tmp_path: Path
) -> None:
    # elements grouped, since a POSCAR counts them
    expected = triclinic()
    ase.io.write(tmp_path / name, expected, **options)
    (found,) = crystals(tmp_path / name)
    assert_same(found.atoms, expected)


def test_cif_written_by_ase(tmp_path: Path) -> None:
    ase.io.write(tmp_path / "a.cif", triclinic())
    (found,) = crystals(tmp_path / "a.cif")
    assert_same(found.atoms, triclinic(), frame=False)


def test_cif_frame_is_z_along_c_and_y_along_b_star(tmp_path: Path) -> None:
    ase.io.write(tmp_path / "a.cif", triclinic())
    (found,) = crystals(tmp_path / "a.cif")
    cell = found.atoms.cell.array
    np.testing.assert_allclose(cell[2, :2], 0, atol=1e-12)
    reciprocal = np.linalg.inv(cell).T
    np.testing.assert_allclose(reciprocal[1, [0, 2]], 0, atol=1e-12)
    assert np.linalg.det(cell) > 0


def test_json_of_pymatgen(tmp_path: Path) -> None:
    from pymatgen.core import Structure

    atoms = triclinic()
    structure = Structure(
        atoms.cell.array, list(atoms.symbols), atoms.get_scaled_positions(wrap=False)
    )
    structure.add_oxidation_state_by_element({"Cu": 2, "O": -2, "Si": 0})
    (tmp_path / "a.json").write_text(structure.to_json())
    document = [{"material_id": "mp-1", "structure": structure.as_dict()}]
    (tmp_path / "b.json").write_text(json.dumps(document))
    first, second = crystals(tmp_path)
    assert (first.id, second.id) == ("a", "mp-1")
    assert_same(first.atoms, atoms)
    assert_same(second.atoms, atoms)


def test_json_lines_and_their_ids(tmp_path: Path) -> None:
    rows = [record(triclinic(), id="x"), record(triclinic()), record(triclinic(), id="x")]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = crystals(tmp_path / "set.jsonl")
    assert [f.id for f in found] == ["x", "set#2", "x#2"]
    assert found[1].source == f"{tmp_path / 'set.jsonl'}:2"
    for crystal in found:
        assert_same(crystal.atoms, triclinic())


def test_frames_of_extxyz(tmp_path: Path) -> None:
    frames = [bulk("Cu", cubic=True) * (n, 1, 1) for n in (1, 2, 3)]
    frames[1].info["energy"] = -1.5
    ase.io.write(tmp_path / "run.extxyz", frames)
    found = crystals(tmp_path / "run.extxyz")
    assert [f.id for f in found] == ["run", "run#2", "run#3"]
    assert [len(f.atoms) for f in found] == [4, 8, 12]
    assert found[1].atoms.get_potential_energy() == -1.5


def test_database_of_ase(tmp_path: Path) -> None:
    ase.io.write(tmp_path / "set.json", [triclinic(), bulk("Cu")])
    first, second = crystals(tmp_path / "set.json")
    assert (first.id, second.id) == ("set", "set#2")
    assert_same(first.atoms, triclinic())
    assert_same(second.atoms, bulk("Cu"))


def test_several_blocks_of_a_cif(tmp_path: Path) -> None:
    texts = [(EXAMPLES / f"{name}.cif").read_text() for name in ("NaCl", "rutile")]
    field = "_refln_text\n;\n" + "data_fake\n" * 50 + ";\n"
    (tmp_path / "both.cif").write_text("data_global\n_journal_year 2024\n" + field.join(texts))
    salt, rutile = crystals(tmp_path / "both.cif")
    assert (salt.id, rutile.id) == ("both", "both#2")
    assert salt.atoms.get_chemical_formula() == "Cl4Na4"
    assert rutile.atoms.get_chemical_formula() == "O4Ti2"
    assert rutile.source.endswith("#rutile")


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
@pytest.mark.parametrize("named", [True, False])
def test_compressed(suffix: str, compress: object, named: bool, tmp_path: Path) -> None:
    data = compress((EXAMPLES / "NaCl.cif").read_bytes())  # type: ignore[operator]
    path = tmp_path / ("salt.cif" + suffix if named else "download")
    path.write_bytes(data)
    (found,) = crystals(path)
    assert found.id == ("salt" if named else "download")
    assert len(found.atoms) == 8


def pack_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(EXAMPLES.glob("*.cif")):
            archive.write(file, f"set/{file.name}")


def pack_tar(path: Path) -> None:
    mode = "w:gz" if path.suffix in (".gz", ".tgz") else "w"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for file in sorted(EXAMPLES.glob("*.cif")):
            archive.add(file, f"set/{file.name}")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
def test_archives_equal_their_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    (pack_zip if name.endswith("zip") else pack_tar)(path)
    monkeypatch.setattr(tarfile.TarFile, "extract", None)
    monkeypatch.setattr(zipfile.ZipFile, "extract", None)
    packed, loose = crystals(path), crystals(sorted(EXAMPLES.glob("*.cif")))
    assert [p.id for p in packed] == [f"set/{c.id}" for c in loose]
    for one, other in zip(packed, loose, strict=True):
        assert_same(one.atoms, other.atoms)


def test_folder_is_recursive_sorted_and_leaves_out_other_files(tmp_path: Path) -> None:
    poscar = io.StringIO()
    ase.io.write(poscar, bulk("Cu"), format="vasp")
    for name in ("b/POSCAR", "a/2.vasp", "a/10.vasp", ".hidden/x.vasp", "a/._2.vasp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(poscar.getvalue())
    (tmp_path / "a/OUTCAR").write_text("not a crystal")
    assert [c.id for c in crystals(tmp_path)] == ["a/10", "a/2", "b/POSCAR"]
    assert [c.id for c in crystals(tmp_path)] == ["a/10", "a/2", "b/POSCAR"]


def test_many_inputs_keep_their_order_and_ids_are_unique(tmp_path: Path) -> None:
    salt, silicon = EXAMPLES / "NaCl.cif", EXAMPLES / "silicon.cif"
    assert [c.id for c in crystals([silicon, str(salt), silicon])] == [
        "silicon",
        "NaCl",
        "silicon#2",
    ]


@pytest.mark.parametrize(
    ("example", "name"), [("silicon.cif", "download"), ("urea.cif", "paper.txt")]
)
def test_content_tells_the_format(example: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((EXAMPLES / example).read_bytes())
    assert len(crystals(path)) == 1


def test_left_handed_cell(tmp_path: Path) -> None:
    atoms = triclinic()
    swapped = Atoms(
        atoms.symbols, positions=atoms.positions, cell=atoms.cell.array[[1, 0, 2]], pbc=True
    )
    (tmp_path / "a.json").write_text(json.dumps(record(swapped)))
    (found,) = crystals(tmp_path)
    assert [d.code for d in found.diagnostics] == ["left_handed_cell"]
    assert np.linalg.det(found.atoms.cell.array) > 0
    # the same lattice, and the same distances, in the same frame
    integers = found.atoms.cell.array @ np.linalg.inv(atoms.cell.array)
    np.testing.assert_allclose(integers, np.rint(integers), atol=1e-9)
    shift = (found.atoms.positions - atoms.positions) @ np.linalg.inv(atoms.cell.array)
    np.testing.assert_allclose(shift, np.rint(shift), atol=1e-9)


def test_atoms_listed_twice_are_merged(tmp_path: Path) -> None:
    atoms = triclinic()
    doubled = atoms + atoms[[1]]
    doubled.positions[3] += doubled.cell.array[0] + [0.02, 0, 0]
    (tmp_path / "a.json").write_text(json.dumps(record(doubled)))
    (found,) = crystals(tmp_path)
    assert [d.code for d in found.diagnostics] == ["duplicate_atoms"]
    assert len(found.atoms) == 3
    np.testing.assert_allclose(
        found.atoms.positions[1], atoms.positions[1] + [0.01, 0, 0], atol=1e-6
    )


@pytest.mark.parametrize("name", ["a.json", "a.extxyz"])
def test_deuterium_is_hydrogen_with_its_mass(name: str, tmp_path: Path) -> None:
    # CsCl-like cell of D and Cl, dense enough to be accepted
    text = {
        "a.json": json.dumps(
            {
                "lattice": [[3, 0, 0], [0, 3, 0], [0, 0, 3]],
                "species": ["D", "Cl"],
                "frac": [[0, 0, 0], [0.5, 0.5, 0.5]],
            }
        ),
        "a.extxyz": '2\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3\n'
        "D 0 0 0\nCl 1.5 1.5 1.5\n",
    }[name]
    (tmp_path / name).write_text(text)
    (found,) = crystals(tmp_path)
    assert list(found.atoms.symbols) == ["H", "Cl"]
    assert found.atoms.get_masses()[0] == pytest.approx(2.0141, abs=1e-4)
    assert [d.code for d in found.diagnostics] == ["isotopes"]


def test_poscar_scales() -> None:
    from cijkl.structures.poscar import read_poscar

    body = "1 0 0\n0 2 0\n0 0 3\nCu\n1\nSelective dynamics\nCartesian\n0.5 0.5 0.5 T T F\n"
    for scale, lengths in (("2", (2, 4, 6)), ("-48", (2, 4, 6)), ("1 2 3", (1, 4, 9))):
        atoms, _ = read_poscar(f"comment\n{scale}\n{body}")
        np.testing.assert_allclose(atoms.cell.lengths(), lengths)
        np.testing.assert_allclose(
            atoms.get_scaled_positions()[0], np.array([0.5, 0.25, 1 / 6]), atol=1e-12
        )


def test_poscar_of_vasp_4_names_elements_in_its_comment() -> None:
    from cijkl.structures.poscar import read_poscar

    atoms, _ = read_poscar("Na Cl\n1\n3 0 0\n0 3 0\n0 0 3\n1 1\nDirect\n0 0 0\n.5 .5 .5\n")
    assert str(atoms.symbols) == "NaCl"


def test_json_lines_stream_in_little_memory(tmp_path: Path) -> None:
    line = json.dumps(record(bulk("Cu", cubic=True) * 2)) + "\n"
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(gzip.compress((line * 6000).encode()))
    assert len(line) * 6000 > 5e6
    tracemalloc.start()
    count = sum(1 for _ in islice(read(path), 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1000
    assert peak < 2e6


def test_import_is_light() -> None:
    code = (
        "import sys, cijkl.structures as s; "
        "print([m for m in ('ase', 'scipy', 'spglib', 'pymatgen', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
