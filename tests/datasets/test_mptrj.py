"""A file of MPtrj's layout, small."""

from __future__ import annotations

import gzip
import hashlib
import json

import numpy as np
import pytest
from ase.build import bulk
from pymatgen.core import Lattice, Structure

from cijkl.datasets import mptrj
from cijkl.datasets.frames import Frame
from cijkl.datasets.mptrj import read_mptrj
from cijkl.errors import InputError
from cijkl.structures.crystal import Unreadable


def record(a: float, energy: float) -> dict:
    structure = Structure(Lattice.cubic(a), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    return {
        "structure": structure.as_dict(),
        "uncorrected_total_energy": energy,
        "corrected_total_energy": energy - 0.5,
        "energy_per_atom": energy / 2,
        "ef_per_atom": -1.0,
        "force": [[0.1, 0.0, 0.0], [-0.1, 0.0, 0.0]],
        # compressed: positive in VASP
        "stress": [[30.0, 1.0, 0.0], [1.0, 20.0, 0.0], [0.0, 0.0, 10.0]],
        "magmom": None,
        "bandgap": 5.0,
        "mp_id": "mp-1",
    }


@pytest.fixture
def content() -> dict:
    return {
        "mp-1": {"mp-1-0-0": record(3.9, -7.0), "mp-1-0-1": record(4.0, -7.5)},
        "mp-2": {},
        "mp-3": {"mp-3-0-0": record(4.1, -7.25)},
    }


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
def test_every_frame_whatever_is_read_at_a_time(tmp_path, content, block, indent, monkeypatch):
    monkeypatch.setattr(mptrj, "BLOCK", block)
    file = tmp_path / "small.json"
    file.write_text(json.dumps(content, indent=indent))
    frames = list(read_mptrj(file))
    assert [(f.system, f.id) for f in frames] == [
        ("mp-1", "mp-1-0-0"),
        ("mp-1", "mp-1-0-1"),
        ("mp-3", "mp-3-0-0"),
    ]
    assert [f.energy for f in frames] == [-7.0, -7.5, -7.25]
    assert frames[1].atoms.get_chemical_symbols() == ["Na", "Cl"]
    np.testing.assert_allclose(frames[1].atoms.positions, [[0, 0, 0], [2, 2, 2]])
    np.testing.assert_allclose(frames[0].forces, [[0.1, 0, 0], [-0.1, 0, 0]])


def test_the_sign_and_the_unit_of_the_stress(tmp_path, content):
    """10 kbar is 1 GPa, which is 1/160.2 eV/A^3; compression is negative here."""
    (tmp_path / "small.json").write_text(json.dumps(content))
    stress = next(iter(read_mptrj(tmp_path / "small.json"))).stress
    np.testing.assert_allclose(
        stress * 160.21766, [[-3, -0.1, 0], [-0.1, -2, 0], [0, 0, -1]], rtol=1e-6
    )


def test_a_compressed_crystal_has_a_negative_stress_as_with_a_potential():
    """The same sign as a calculator of ASE gives it."""
    from ase.calculators.emt import EMT

    atoms = bulk("Cu", a=3.4)
    atoms.calc = EMT()
    assert atoms.get_stress()[0] < 0.0


def test_corrected_energies_and_gzip(tmp_path, content):
    with gzip.open(tmp_path / "small.json.gz", "wt") as file:
        json.dump(content, file)
    frames = read_mptrj(tmp_path / "small.json.gz", energy="corrected")
    assert next(iter(frames)).energy == -7.5


def test_a_bad_record_does_not_disturb_the_next(tmp_path, content):
    content["mp-1"]["mp-1-0-0"]["force"] = [[0.0, 0.0, 0.0]]
    del content["mp-1"]["mp-1-0-1"]["structure"]
    content["mp-3"]["mp-3-0-0"]["stress"] = None
    (tmp_path / "small.json").write_text(json.dumps(content))
    first, second, third = read_mptrj(tmp_path / "small.json")
    assert isinstance(first, Unreadable) and "forces: expected shape (2, 3)" in first.error
    assert isinstance(second, Unreadable)
    assert isinstance(third, Frame) and third.stress is None and third.energy == -7.25


def test_a_file_that_ends_too_early(tmp_path, content):
    text = json.dumps(content)
    (tmp_path / "cut.json").write_text(text[: int(0.6 * len(text))])
    frames = read_mptrj(tmp_path / "cut.json")
    assert next(frames).id == "mp-1-0-0"
    with pytest.raises(InputError, match=r"cut\.json: the file ends amid a record"):
        list(frames)


def test_another_layout(tmp_path):
    (tmp_path / "list.json").write_text("[1, 2]")
    with pytest.raises(InputError, match="not of the layout of MPtrj"):
        list(read_mptrj(tmp_path / "list.json"))


def test_checksums(tmp_path, content):
    file = tmp_path / "small.json"
    file.write_text(json.dumps(content))
    for kind in ("md5", "sha256"):
        digits = hashlib.new(kind, file.read_bytes()).hexdigest()
        assert len(list(read_mptrj(file, checksum=f"{kind}:{digits.upper()}"))) == 3
        with pytest.raises(InputError, match="damaged or another file"):
            read_mptrj(file, checksum=f"{kind}:{'0' * len(digits)}")
    with pytest.raises(InputError, match="expected md5"):
        read_mptrj(file, checksum="crc32:00")


def test_wrong_arguments(tmp_path):
    with pytest.raises(InputError, match="no such file; MPtrj is at"):
        read_mptrj(tmp_path / "none.json")
    with pytest.raises(InputError, match="expected uncorrected or corrected"):
        read_mptrj(tmp_path / "none.json", energy="total")
