"""The benchmark of molecular crystals: reading, names, download."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cijkl.datasets import molecular_tensors as module
from cijkl.datasets.molecular_tensors import (
    compound,
    counts,
    molecular_tensors,
    read_molecular_tensors,
)
from cijkl.errors import InputError

HEADER = "Compound,subname,Method," + ",".join(f"C{i}{j}" for i in range(1, 7) for j in range(1, 7))
#: hexamine by Haussuhl 2001, as published
HEXAMINE = (
    "HMT,Haussuhl-2001,Exp,16.51,4.76,4.76,0,0,0,4.76,16.51,4.76,0,0,0,4.76,4.76,16.51,0,0,0,"
    "0,0,0,5.03,0,0,0,0,0,0,5.03,0,0,0,0,0,0,5.03"
)


@pytest.fixture
def table(tmp_path):
    def write(*lines, name="stiffness_tensors_rev.csv"):
        path = tmp_path / name
        path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        return path

    return write


def test_a_row(table):
    path = table(HEXAMINE, '"1,3,5-triphenylbenzene ",,NNP' + "," + ",".join(["1"] * 36))
    first, second = read_molecular_tensors(path)
    assert (first.compound, first.note, first.method) == ("HMT", "Haussuhl-2001", "Exp")
    expected = np.diag([11.75] * 3 + [5.03] * 3)
    expected[:3, :3] += 4.76
    np.testing.assert_allclose(first.stiffness, expected)
    # the name is kept as it is, commas and blanks too; it may have no note
    assert (second.compound, second.note) == ("1,3,5-triphenylbenzene ", "")
    assert counts((first, second)) == {"Exp": 1, "DFT": 0, "S-HF-3c": 0, "NNP": 1}


def test_names():
    assert compound("RDX ", "raw") == "RDX "
    assert compound("RDX ") == "RDX"
    assert compound("alpha-resorcinol") == compound("resorcinol")
    assert compound("beta-resorcinol") != compound("resorcinol")


def test_a_folder_is_searched(table, tmp_path):
    table(HEXAMINE, name="molecular_tensors.csv")
    assert len(molecular_tensors(tmp_path)) == 1
    table(HEXAMINE, HEXAMINE)
    assert len(molecular_tensors(tmp_path)) == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="holds no stiffness_tensors_rev.csv or molecular"):
        molecular_tensors(empty)


def test_the_published_file_is_fetched_once_and_checked(table, server, tmp_path, monkeypatch):
    server.content = table(HEXAMINE).read_bytes()
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "URL", server.url("stiffness_tensors_rev.csv"))
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(server.content).hexdigest())
    for _ in range(2):
        assert molecular_tensors()[0].compound == "HMT"
    assert len(server.requests) == 1
    (tmp_path / "cache" / "stiffness_tensors_rev.csv").unlink()
    monkeypatch.setattr(module, "SHA256", "0" * 64)
    with pytest.raises(InputError, match="expected 0000"):
        molecular_tensors()


def test_without_a_connection_it_says_where_the_file_goes(closed_port, tmp_path, monkeypatch):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "URL", closed_port("stiffness_tensors_rev.csv"))
    monkeypatch.setattr(module, "fetch", lambda *args: fetch_at_once(*args))
    with pytest.raises(InputError, match=r"without a connection.*stiffness_tensors_rev\.csv"):
        molecular_tensors()


def fetch_at_once(*arguments):
    from cijkl.structures.sources.download import fetch

    return fetch(*arguments, attempts=1)


@pytest.mark.parametrize(
    ("line", "match"),
    [
        (HEXAMINE.replace("Exp", "Guess"), r"rev\.csv:2: the method is 'Guess', expected one of"),
        (HEXAMINE.replace("16.51", "stiff", 1), r"rev\.csv:2: could not convert"),
        (HEXAMINE.replace("4.76", "14.76", 1), r"rev\.csv:2: the stiffness is not symmetric"),
        (HEXAMINE.rpartition(",")[0], r"rev\.csv:2: C66 is nan"),
    ],
)
def test_a_bad_row_is_named(table, line, match):
    with pytest.raises(InputError, match=match):
        read_molecular_tensors(table(line))


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,K_VRH\na,1\n")
    with pytest.raises(InputError, match="lacks the columns Compound subname Method C11 C12"):
        read_molecular_tensors(path)
    path.write_text(HEADER + "\n")
    with pytest.raises(InputError, match="no row"):
        read_molecular_tensors(path)
    with pytest.raises(InputError, match="No such file"):
        read_molecular_tensors(tmp_path / "none.csv")
