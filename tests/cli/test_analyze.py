"""`cijkl analyze` as a user runs it."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.structures.indices import parse_indices

from .conftest import cubic_text


def test_the_record_on_standard_output_is_pure_json(cijkl, examples):
    run = cijkl("analyze", examples / "quartz.txt", "--json", "-")
    assert run.code == 0
    assert run.err == ""
    (record,) = run.records
    assert record["status"] == "ok"
    # McSkimin's constants: K_V = (2 C11 + C33 + 2 C12 + 4 C13)/9
    expected = (2 * 86.80 + 105.75 + 2 * 7.04 + 4 * 11.91) / 9
    assert record["moduli"]["K"]["voigt"] == pytest.approx(expected)


def test_the_table_shows_the_numbers_of_the_record(cijkl, examples):
    run = cijkl("analyze", examples / "quartz.txt")
    assert run.code == 0
    assert run.err == ""
    assert "105.8" in run.out
    assert "bulk K" in run.out


def test_quiet_leaves_nothing_but_the_files(cijkl, examples, tmp_path):
    run = cijkl(
        "analyze", examples / "quartz.txt", "-q",
        "--json", tmp_path / "deep" / "q.jsonl", "--html", tmp_path / "pages" / "q.html",
    )  # fmt: skip
    assert (run.code, run.out, run.err) == (0, "", "")
    assert json.loads((tmp_path / "deep" / "q.jsonl").read_text())["id"] == "quartz"
    assert (tmp_path / "pages" / "q.html").read_text().startswith("<!")


def test_pages_go_into_a_folder_and_it_is_said(cijkl, examples, tmp_path):
    run = cijkl("analyze", examples / "quartz.txt", "--html", tmp_path / "pages")
    assert [page.name for page in (tmp_path / "pages").iterdir()] == ["quartz.html"]
    assert run.err == f"wrote {tmp_path / 'pages' / 'quartz.html'}\n"


def test_pages_of_ids_that_look_alike_do_not_collide(cijkl, tmp_path):
    path = tmp_path / "two.jsonl"
    line = '{{"id": "{}", "C": {}}}\n'
    tensor = np.diag([3.0, 3, 3, 1, 1, 1]).tolist()
    path.write_text(line.format("a/b", tensor) + line.format("a:b", tensor))
    run = cijkl("analyze", path, "-q", "--html", tmp_path / "pages")
    assert run.code == 0
    names = sorted(page.name for page in (tmp_path / "pages").iterdir())
    assert names == ["a_b-2.html", "a_b.html"]


def test_standard_input(cijkl, monkeypatch, examples):
    data = (examples / "quartz.txt").read_bytes()
    for content in (data, gzip.compress(data), data.decode().encode("utf-16")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        (record,) = cijkl("analyze", "-", "--json", "-").records
        assert (record["id"], record["source"]) == ("standard input", "standard input")
        assert record["C"][2][2] == 105.75


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xff\x00"])
def test_bad_standard_input(cijkl, monkeypatch, content):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    run = cijkl("analyze", "-")
    assert run.code == 2
    assert len(run.complaints) == 1
    assert run.err.startswith("cijkl: standard input: ")


def test_several_tensors_keep_their_order_and_one_bad_spares_the_others(cijkl, tmp_path):
    good = [np.diag([c, c, c, 20, 20, 20]).tolist() for c in (60.0, 70.0)]
    path = tmp_path / "many.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(record)
            for record in (
                {"id": "first", "C": good[0]},
                {"id": "zero", "C": np.zeros((6, 6)).tolist()},
                {"id": "none"},
                {"id": "last", "C": good[1]},
            )
        )
    )
    run = cijkl("analyze", path, "--json", "-")
    assert run.code == 1
    assert [record["id"] for record in run.records] == ["first", "zero", "none", "last"]
    assert [record["status"] for record in run.records] == ["ok", "failed", "failed", "ok"]
    assert [record["C"] for record in run.records] == [good[0], None, None, good[1]]
    assert len(run.complaints) == 2
    assert "zero" in run.complaints[0]
    assert all(str(path) in line for line in run.complaints)


def test_if_every_tensor_is_bad_the_file_counts_as_unreadable(cijkl, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a", "C": [[1]]}\n{"id": "b"}\n')
    run = cijkl("analyze", path, "--json", "-")
    assert run.code == 2
    assert [record["status"] for record in run.records] == ["failed", "failed"]
    assert len(run.complaints) == 2


def test_an_unstable_tensor_is_no_failure_but_has_no_moduli(cijkl, tmp_path):
    path = tmp_path / "soft.txt"
    path.write_text(cubic_text(50.0, 60.0, 30.0))
    run = cijkl("analyze", path, "--json", "-")
    assert run.code == 0
    (record,) = run.records
    assert record["stable"] is False
    assert record["moduli"] is None
    assert [warning["code"] for warning in record["warnings"]] == ["unstable"]
    assert "unstable" in cijkl("analyze", path).out


def test_directions_need_the_structure_and_follow_it(cijkl, examples):
    run = cijkl(
        "analyze", examples / "quartz.txt", "-s", examples / "alpha-quartz.cif",
        "--hkl", "0 0 1", "--hkl", "-1 0 0", "--uvw", "[001]", "--json", "-",
    )  # fmt: skip
    (record,) = run.records
    basal, prism, axis = record["directions"]
    compliance = np.linalg.inv(record["C"])
    assert basal["E"] == pytest.approx(1 / compliance[2, 2])
    assert axis["E"] == pytest.approx(basal["E"])
    assert prism["hkl"] == [-1.0, 0.0, 0.0]
    assert prism["direction"][2] == pytest.approx(0.0, abs=1e-12)


def test_density_gives_sound_without_a_structure(cijkl, examples):
    run = cijkl("analyze", examples / "quartz.txt", "--density", "2.65", "--json", "-")
    (record,) = run.records
    acoustics = record["acoustics"]
    assert acoustics["v_t"] == pytest.approx((record["moduli"]["G"]["hill"] * 1e6 / 2.65) ** 0.5)
    assert acoustics["debye_temperature"] is None


def test_a_record_is_an_input(cijkl, examples, tmp_path):
    first = tmp_path / "first.jsonl"
    cijkl(
        "analyze", examples / "quartz.txt", "-s", examples / "alpha-quartz.cif", "-q",
        "--json", first,
    )  # fmt: skip
    run = cijkl("analyze", first, "--hkl", "0 0 1", "--json", "-")
    assert run.code == 0
    (again,), before = run.records, json.loads(first.read_text())
    for key in ("C", "structure", "moduli", "acoustics", "engineering", "criteria"):
        assert again[key] == pytest.approx(before[key]) if key == "acoustics" else again[key]
    assert again["structure"]["spacegroup"] == 154


def test_a_file_name_that_is_no_text(cijkl, tmp_path):
    path = Path(str(tmp_path) + "/\udcff.txt")
    path.write_text(cubic_text(100.0, 50.0, 40.0))
    run = cijkl("analyze", path, "--json", tmp_path / "out.jsonl", "--html", tmp_path / "pages")
    assert run.code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["status"] == "ok"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 0 0", (1, 0, 0)),
        ("1,0,-2", (1, 0, -2)),
        ("[1-10]", (1, -1, 0)),
        ("(100)", (1, 0, 0)),
        ("1.5 0 2", (1.5, 0, 2)),
        ("10 0 1", (10, 0, 1)),
        ("-1-1-1", (-1, -1, -1)),
    ],
)
def test_indices(text, expected):
    assert parse_indices(text) == expected


@pytest.mark.parametrize("text", ["", "1 0", "1 0 0 0", "a b c", "0 0 0", "1 0 x", "12"])
def test_what_is_no_indices(text):
    with pytest.raises(InputError, match="three numbers"):
        parse_indices(text)
