from __future__ import annotations

import random

import pytest

from cijkl.structures import seen as module
from cijkl.structures.seen import Seen


@pytest.mark.parametrize("recent", [1, 3, 50, 10_000])
def test_like_a_set(monkeypatch, recent):
    monkeypatch.setattr(module, "RECENT", recent)
    names = [str(random.Random(i).randrange(300)) for i in range(1000)]
    ours, known = Seen(), set()
    for name in names:
        assert (name in ours) == (name in known)
        assert ours.add(name) == (name not in known)
        known.add(name)
    assert all(name in ours for name in known)
    assert "300" not in ours


def test_any_text():
    ours = Seen()
    assert ours.add("\udcff")
    assert ours.add("")
    assert not ours.add("\udcff")


def test_little_memory(monkeypatch):
    monkeypatch.setattr(module, "RECENT", 1000)
    ours = Seen()
    for number in range(20_000):
        ours.add(f"crystal-{number}")
    assert len(ours._recent) < 1000
    assert sum(array.nbytes for array in ours._packed) <= 8 * 20_000
    assert len(ours._packed) < 8


def test_members_of_a_tar_are_not_remembered(tmp_path, monkeypatch):
    import io
    import tarfile

    from cijkl.structures import read

    body = b"Po\n1.0\n3.4 0 0\n0 3.4 0\n0 0 3.4\nPo\n1\nDirect\n0 0 0\n"
    with tarfile.open(tmp_path / "set.tar.gz", "w:gz") as archive:
        for number in range(30):
            member = tarfile.TarInfo(f"{number}.vasp")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    opened = []
    whole = tarfile.open
    monkeypatch.setattr(
        tarfile, "open", lambda *a, **k: (opened.append(whole(*a, **k)), opened[-1])[1]
    )
    counts = [len(opened[0].members) for _ in read(tmp_path / "set.tar.gz")]
    assert len(counts) == 30
    assert max(counts) <= 2
