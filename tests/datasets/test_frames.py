"""Frames with energy, forces and stress from extxyz."""

from __future__ import annotations

import lzma

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from cijkl.datasets.frames import Frame, checked, read_frames, write_frames
from cijkl.errors import InputError
from cijkl.structures.crystal import Unreadable

FRAME = """2
Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:dft_forces:R:3 {rest} pbc="T T T"
Na 0 0 0 0.1 0.2 -0.3
Cl 2 2 2 -0.1 -0.2 0.3
"""


def test_labels_with_a_prefix(tmp_path):
    text = FRAME.format(
        rest='system=salt kind=crystal dft_energy=-7.5 dft_stress="1 2 3 4 5 6"'
    ) + FRAME.format(rest="dft_energy=-7.4")
    file = tmp_path / "frames.extxyz.xz"
    file.write_bytes(lzma.compress(text.encode()))
    first, second = read_frames(file)
    assert (first.system, first.kind, first.energy, first.formula) == (
        "salt",
        "crystal",
        -7.5,
        "NaCl",
    )
    np.testing.assert_allclose(first.forces, [[0.1, 0.2, -0.3], [-0.1, -0.2, 0.3]])
    # xx yy zz yz xz xy
    np.testing.assert_allclose(first.stress, [[1, 6, 5], [6, 2, 4], [5, 4, 3]])
    assert (second.id, second.system, second.stress) == ("frames#2", "NaCl", None)
    assert not second.atoms.info
    assert set(second.atoms.arrays) == {"numbers", "positions"}


def test_what_ase_writes(tmp_path):
    atoms = bulk("Cu", cubic=True)
    forces = np.random.default_rng(0).normal(size=(4, 3))
    voigt = np.arange(6.0)
    atoms.calc = SinglePointCalculator(atoms, energy=1.5, forces=forces, stress=voigt)
    write(tmp_path / "cu.extxyz", atoms)
    (frame,) = read_frames(tmp_path / "cu.extxyz")
    assert frame.energy == 1.5
    np.testing.assert_allclose(frame.forces, forces, atol=1e-7)
    np.testing.assert_allclose(frame.stress, [[0, 5, 4], [5, 1, 3], [4, 3, 2]], atol=1e-12)


def test_a_bad_frame_does_not_disturb_the_next(tmp_path):
    good = FRAME.format(rest="dft_energy=1")
    bad = FRAME.format(rest="dft_energy=nan")
    stress = FRAME.format(rest='dft_energy=1 dft_stress="1 2 3"')
    (tmp_path / "a.extxyz").write_text(bad + good + stress)
    first, second, third = read_frames(tmp_path / "a.extxyz")
    assert isinstance(first, Unreadable) and "energy: not finite" in first.error
    assert isinstance(second, Frame)
    assert isinstance(third, Unreadable) and "6 or 9 numbers" in third.error


def test_no_such_file_and_no_frames(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_frames(tmp_path / "none.extxyz")
    (tmp_path / "a.json").write_text('{"a": 1}')
    with pytest.raises(InputError, match="not json"):
        list(read_frames(tmp_path / "a.json"))


def test_labels_must_fit():
    atoms = Atoms("NaCl", positions=[[0, 0, 0], [2, 2, 2]], cell=[4, 4, 4], pbc=True)
    with pytest.raises(InputError, match="forces: expected shape"):
        checked(Frame("a", atoms, "salt", forces=np.zeros((3, 3))))
    with pytest.raises(InputError, match="periodic in three"):
        checked(Frame("a", Atoms("He"), "helium"))


def test_what_is_written_is_read_to_the_last_digit(tmp_path):
    random = np.random.default_rng(1)
    stress = random.normal(size=(3, 3))
    full = Frame(
        "mp-1-0 a", bulk("NaCl", "rocksalt", a=5.6), "my salt", "crystal", -1 / 3,
        random.normal(size=(2, 3)), stress + stress.T,
    )  # fmt: skip
    bare = Frame("2", bulk("Cu"), "12")
    count = write_frames(tmp_path / "a.extxyz", iter([full, Unreadable("x", "y", "z"), bare]))
    assert count == 2
    one, two = read_frames(tmp_path / "a.extxyz")
    assert (one.id, one.system, one.kind, one.energy) == (full.id, full.system, "crystal", -1 / 3)
    for name in ("forces", "stress"):
        np.testing.assert_array_equal(getattr(one, name), getattr(full, name))
    np.testing.assert_array_equal(one.atoms.positions, full.atoms.positions)
    np.testing.assert_array_equal(one.atoms.cell.array, full.atoms.cell.array)
    assert (two.id, two.system, two.energy, two.forces, two.stress) == ("2", "12", None, None, None)
