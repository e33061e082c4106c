"""Damaged files: nothing but crystals and reasons comes out, soon."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cijkl.structures import Crystal, Unreadable, read

EXAMPLES = Path(__file__).parents[2] / "examples"
QUARTZ = (EXAMPLES / "alpha-quartz.cif").read_bytes()
POSCAR = b"salt\n1.0\n0 2.8 2.8\n2.8 0 2.8\n2.8 2.8 0\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
FRAME = (
    b'2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3 pbc="T T T"\n'
    b"Cs 0 0 0\nCl 2 2 2\n"
)
LINE = (
    json.dumps(
        {
            "id": "x",
            "lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
            "species": ["Cs", "Cl"],
            "frac": [[0, 0, 0], [0.5, 0.5, 0.5]],
        }
    ).encode()
    + b"\n"
)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.cif", QUARTZ)
        archive.writestr("POSCAR", POSCAR)
    return buffer.getvalue()


SEEDS = {
    "a.cif": QUARTZ,
    "POSCAR": POSCAR,
    "a.extxyz": FRAME * 3,
    "a.jsonl": LINE * 3,
    "a.json": LINE,
    "a.zip": zipped(),
    "a.jsonl.gz": gzip.compress(LINE * 20, mtime=0),
    "unnamed": QUARTZ,
}


def results(name: str, data: bytes) -> list[Crystal | Unreadable]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return list(read(path))


def damaged(data: bytes, seed: int) -> bytes:
    """Change, drop, double or move a few pieces, as bad disks, editors and scripts do."""
    rng = random.Random(seed)
    content = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(content) or 1)
        length = rng.choice((1, 1, 2, 5, 20, 100))
        piece = content[at : at + length]
        choice = rng.randrange(5)
        if choice == 0:
            content[at : at + 1] = bytes([rng.randrange(256)])
        elif choice == 1:
            del content[at : at + length]
        elif choice == 2:
            content[at:at] = piece * rng.choice((1, 1, 3))
        elif choice == 3:
            content[at : at + length] = rng.choice(
                (b"9", b"-", b"\n", b"nan", b"1e308", b"0", b"?", b"loop_\n", b";\n", b"'", b"\xff")
            )
        else:
            other = rng.randrange(len(content) or 1)
            content[other:other] = piece
    return bytes(content)


def assert_sound(found: list[Crystal | Unreadable]) -> None:
    assert found
    assert len({f.id for f in found}) == len(found)
    for item in found:
        if isinstance(item, Unreadable):
            assert item.error
            assert "\n" not in item.error
            assert len(item.error) <= 240
        else:
            assert item.atoms.pbc.all()
            assert item.atoms.get_volume() > 0


@pytest.mark.parametrize("name", SEEDS)
@settings(
    max_examples=int(os.environ.get("CIJKL_FUZZ", "60")),
    deadline=10_000,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_damaged_files(name: str, seed: int) -> None:
    assert_sound(results(name, damaged(SEEDS[name], seed)))


@pytest.mark.parametrize("name", SEEDS)
def test_undamaged_seeds_are_read(name: str) -> None:
    assert all(isinstance(f, Crystal) for f in results(name, SEEDS[name]))


@pytest.mark.parametrize("name", ["a.cif", "POSCAR", "a.extxyz", "a.json", "a.jsonl", "unnamed"])
@settings(max_examples=40, deadline=10_000)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_arbitrary_bytes(name: str, data: bytes) -> None:
    assert_sound(results(name, data))


@pytest.mark.parametrize("name", ["a.cif", "POSCAR", "a.extxyz", "a.json"])
def test_files_cut_anywhere(name: str) -> None:
    data = SEEDS[name]
    for end in range(0, len(data), max(1, len(data) // 40)):
        assert_sound(results(name, data[:end]))
