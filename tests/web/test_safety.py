"""What a stranger may send, and what then must not happen."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import io
import json
import os
import socket
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cijkl.errors import InputError
from cijkl.web.inputs import safe_name
from cijkl.web.processes import BusyError, GaveUpError, Pool

from .conftest import EXAMPLES, form

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    # processes that tests start must find it by this name too
    sys.path.append(HERE)
import fake  # noqa: E402

CIF = (EXAMPLES / "alpha-quartz.cif").read_bytes()
TENSOR = (EXAMPLES / "quartz.txt").read_bytes()
ZEROS = bytes(2**20)


def told(answer) -> str:
    """The reason of a refusal; fails if there is none or it tells of the server's files."""
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert answer.json().keys() == {"error"}
    assert "/tmp" not in answer.text
    return answer.json()["error"]


# large and endless


def test_a_request_that_says_it_is_large_is_refused_unread(visitor):
    headers = {"Content-Length": str(2**30), "Content-Type": "multipart/form-data; boundary=x"}
    answer = visitor.post("/api/predict", headers=headers, content=b"")
    assert answer.status_code == 413
    assert "more than 16 MiB" in told(answer)


def test_a_gigabyte_in_pieces_is_refused_on_the_way(live):
    """No length is said; the server stops reading soon after its limit."""
    place = urlsplit(live)
    with socket.create_connection((place.hostname, place.port), timeout=30.0) as link:
        link.sendall(
            b"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        head = b'--x\r\nContent-Disposition: form-data; name="structure"; filename="a.cif"\r\n\r\n'
        sent, answer = 0, b""
        link.sendall(b"%x\r\n%s\r\n" % (len(head), head))
        link.settimeout(0.002)
        while sent < 2**30 and not answer:
            try:
                link.settimeout(20.0)
                link.sendall(b"%x\r\n%s\r\n" % (len(ZEROS), ZEROS))
                sent += len(ZEROS)
                link.settimeout(0.002)
                answer = link.recv(4096)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        link.settimeout(5.0)
        if not answer:
            try:
                answer = link.recv(4096)
            except (ConnectionResetError, TimeoutError):
                answer = b""
    assert sent < 64 * 2**20
    assert not answer or answer.startswith(b"HTTP/1.1 413")


def packed(name: str, pieces: int = 300) -> bytes:
    """Some 300 MB in a few hundred kB."""
    stream = io.BytesIO()
    if name.endswith(".zip"):
        with (
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.cif", "w", force_zip64=True) as member,
        ):
            for _ in range(pieces):
                member.write(b" " * 2**20)
    elif name.endswith(".tar.gz"):
        with tarfile.open(fileobj=stream, mode="w:gz") as archive:
            info = tarfile.TarInfo("a.cif")
            info.size = pieces * 2**20
            archive.addfile(info, io.BytesIO(b" " * info.size))
    else:
        opener = {"gz": gzip, "bz2": bz2}[name.rpartition(".")[2]]
        with opener.open(stream, "wb") as file:
            for _ in range(pieces):
                file.write(b" " * 2**20)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.cif.gz", "a.cif.bz2"])
def test_a_bomb_does_not_go_off(visitor, name):
    data = packed(name)
    assert len(data) < 2**20
    begun = time.monotonic()
    reason = told(visitor.post("/api/predict", files=form(data, name)))
    assert "larger than 64 MiB" in reason
    assert time.monotonic() - begun < 20.0


def test_a_compressed_tensor_is_no_way_around(visitor):
    answer = visitor.post("/api/analyze", files=form(packed("a.gz"), "t.gz", "tensor"))
    assert "larger than 64 MiB" in told(answer)
    small = form(gzip.compress(TENSOR), "t.gz", "tensor")
    assert visitor.post("/api/analyze", files=small).json()["records"][0]["status"] == "ok"
    assert visitor.post("/api/analyze", files=form(TENSOR, "t.txt", "tensor")).status_code == 200


def test_an_archive_in_an_archive_and_names_that_lead_elsewhere(visitor):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../../../tmp/evil.cif", CIF)
        archive.writestr("/etc/evil.cif", CIF)
        archive.writestr("inner.zip", packed("b.zip", 1))
    answer = visitor.post("/api/predict", files=form(stream.getvalue(), "../../x.zip"))
    found = answer.json()["records"]
    assert [record["status"] for record in found].count("ok") == 2
    assert all(record["source"].startswith("x.zip!") for record in found)
    assert not Path("/tmp/evil.cif").exists()
    assert any("an archive inside an archive" in str(record["error"]) for record in found)


def test_more_crystals_or_atoms_than_the_server_takes(opened):
    visitor = opened(max_crystals=3, max_atoms=20)
    line = json.dumps({"lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4]], "species": ["Po"],
                       "frac": [[0, 0, 0]]})  # fmt: skip
    few = visitor.post("/api/predict", files=form(b"\n".join([line.encode()] * 3), "a.jsonl"))
    assert len(few.json()["records"]) == 3
    many = visitor.post("/api/predict", files=form(b"\n".join([line.encode()] * 4), "a.jsonl"))
    assert "more than 3 crystals" in told(many)
    large = (EXAMPLES / "corundum.cif").read_bytes()
    assert "atoms" in told(visitor.post("/api/predict", files=form(large)))


# names and places

HOSTILE = (
    "../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\x.cif", "a\x00b.cif",
    ".", "..", "", "~/.ssh/id_rsa", "con.cif", "a" * 5000 + ".cif", "$(id).cif", "`id`.cif",
    "optimade:mp", "http://example.org/a.cif", "store:x.duckdb", "-rf.cif", "%2e%2e%2fa.cif",
    "\u202etxt.cif", "\ud800.cif",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_name_is_no_path(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= 80
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert safe.isascii()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "optimade:mp", "-rf.cif", "~/x.cif"])
def test_what_is_sent_is_read_and_not_what_is_named(visitor, name):
    answer = visitor.post("/api/predict", files=form(CIF, name))
    (record,) = answer.json()["records"]
    assert record["structure"]["natoms"] == 9
    assert record["source"] == safe_name(name)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
        "/assets/../app.py", "/assets/%2e%2e%2fapp.py", "/results/../../etc/passwd",
        "/results/%2e%2e/record.json", "/api/jobs/..%2f..%2fx", "/jobs/%00", "/results/a'--",
        "/api/crystals/..%2f..%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_an_address_is_no_path(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code in (404, 422), path
    assert "import" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 400),
        ({"Host": "127.0.0.1.evil.example:8000"}, 400),
        ({"Host": "[::1"}, 400),
        ({"Host": ""}, 400),
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Content-Length": "-1"}, 413),
    ],
)
def test_names_of_the_server(visitor, headers, status):
    assert visitor.get("/api/models", headers=headers).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_can_start_nothing(visitor, headers):
    answer = visitor.post("/api/compute", files=form(CIF), headers=headers)
    assert answer.status_code == 403
    assert visitor.get("/api/jobs", headers=headers).status_code == 200
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert visitor.post("/api/predict", files=form(CIF), headers=own).status_code == 200


# damaged and random


@st.composite
def damaged(draw, original: bytes) -> bytes:
    """A file with a few accidents: bytes changed, pieces lost, doubled or from elsewhere."""
    data = bytearray(original)
    for _ in range(draw(st.integers(1, 6))):
        if not data:
            break
        start = draw(st.integers(0, len(data) - 1))
        end = min(len(data), start + draw(st.integers(1, 60)))
        kind = draw(st.sampled_from(("change", "lose", "double", "insert", "number", "cut")))
        if kind == "change":
            data[start] = draw(st.integers(0, 255))
        elif kind == "lose":
            del data[start:end]
        elif kind == "double":
            data[start:start] = data[start:end] * draw(st.integers(1, 30))
        elif kind == "insert":
            data[start:start] = draw(st.sampled_from(WORDS))
        elif kind == "number":
            data[start:end] = draw(st.sampled_from(NUMBERS))
        else:
            del data[start:]
    return bytes(data)


WORDS = (
    b"data_x\n", b"loop_\n", b"_cell_length_a ", b"\n;\n", b"'", b'"', b"#", b"\x00", b"\xff\xfe",
    b"save_", b"_atom_site_fract_x\n", b"?", b".", b"stop_", b"global_", b"\\", b"(((", b"$$",
)  # fmt: skip
NUMBERS = (
    b"nan", b"inf", b"-inf", b"1e308", b"1e-308", b"-1", b"0", b"99999999999999999999", b"1e5",
    b"0x10", b"1_0", b"1/0", b"(3)", b"1.5(", b"\xd9\xa1",
)  # fmt: skip


@pytest.mark.slow  # thirteen hundred damaged files
@pytest.mark.parametrize(
    ("route", "field", "original", "name", "count"),
    [
        ("predict", "structure", CIF, "a.cif", 1000),
        ("predict", "structure", CIF, "POSCAR", 100),
        ("analyze", "tensor", TENSOR, "a.txt", 200),
    ],
)
def test_damaged_files_give_a_record_or_a_reason(visitor, route, field, original, name, count):
    everything = list(HealthCheck)

    @settings(max_examples=count, deadline=None, suppress_health_check=everything, database=None)
    @given(damaged(original))
    def run(data: bytes) -> None:
        begun = time.monotonic()
        answer = visitor.post(f"/api/{route}", files=form(data, name, field))
        assert time.monotonic() - begun < 25.0
        if answer.status_code == 200:
            assert answer.json()["records"]
        else:
            told(answer)

    run()
    assert visitor.post("/api/predict", files=form(CIF)).status_code == 200


@settings(max_examples=60, deadline=None, database=None)
@given(st.binary(max_size=400), st.sampled_from(["a.cif", "b.json", "c.zip", "d.tar.gz", "e"]))
def test_noise_gives_a_reason(visitor, data, name):
    answer = visitor.post("/api/predict", files=form(data, name))
    assert answer.status_code == 422
    told(answer)


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"data_x\n" + b"loop_\n_a\n" * 50_000,
        b"data_x\n;" + b"a\n" * 500_000,
        b"1 " * 1_000_000,
        b"1e999 " * 36,
        json.dumps({"id": "x", "lattice": [[1e300] * 3] * 3, "species": ["H"], "frac": [[0] * 3]})
        .encode(),
    ],
    ids=["brackets", "objects", "loops", "text field", "numbers", "infinite", "cell"],
)  # fmt: skip
@pytest.mark.parametrize("route", ["predict", "analyze"])
def test_deep_long_and_large(visitor, data, route):
    field = "structure" if route == "predict" else "tensor"
    begun = time.monotonic()
    answer = visitor.post(f"/api/{route}", files=form(data, "a", field))
    assert answer.status_code == 422
    told(answer)
    assert time.monotonic() - begun < 30.0


# processes


def pool(**limits) -> Pool:
    given = {"count": 1, "seconds": 2.0, "megabytes": 1024, "waiting": 4, **limits}
    return Pool(fake.start, **given)


def test_a_process_that_hangs_or_dies_is_replaced():
    made = pool()
    try:
        assert asyncio.run(made.ask("a")) == ("a", 1)
        assert asyncio.run(made.ask("b")) == ("b", 2)
        with pytest.raises(GaveUpError, match="longer than 2 s"):
            asyncio.run(made.ask("hang"))
        assert asyncio.run(made.ask("c")) == ("c", 1)
        with pytest.raises(GaveUpError, match="the process ended"):
            asyncio.run(made.ask("die"))
        assert asyncio.run(made.ask("d")) == ("d", 1)
    finally:
        made.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of Linux")
def test_memory_is_limited():
    made = pool(seconds=30.0, megabytes=512)
    try:
        with pytest.raises(InputError, match="more memory"):
            asyncio.run(made.ask("eat"))
        assert asyncio.run(made.ask("a"))[0] == "a"
    finally:
        made.close()


def test_an_unforeseen_error_is_told_without_its_text():
    made = pool()
    try:
        with pytest.raises(InputError, match=r"cannot be understood \(KeyError\)$"):
            asyncio.run(made.ask("fail"))
    finally:
        made.close()


def test_more_than_may_wait_are_sent_away():
    made = pool(waiting=2)

    async def crowd() -> list[object]:
        return list(await asyncio.gather(*(made.ask(n) for n in range(5)), return_exceptions=True))

    try:
        found = asyncio.run(crowd())
    finally:
        made.close()
    assert [isinstance(each, BusyError) for each in found] == [False, False, True, True, True]


def test_one_crystal_that_takes_too_long_does_not_fail_the_others(small_model, monkeypatch):
    from ase.build import bulk

    from cijkl.structures import Crystal
    from cijkl.web import predicting

    monkeypatch.setattr(predicting, "start", fake.start_predicting)

    async def all_at_once() -> list[object]:
        predictor = predicting.Predictor({"m": str(small_model)}, count=1, seconds=3.0, waiting=100)
        predictor.begin()
        items = [Crystal(name, bulk("Cu"), "x") for name in ("a", "hang", "b")]
        asked = [predictor([item], "m", 0.01) for item in items]
        try:
            return list(await asyncio.gather(*asked, return_exceptions=True))
        finally:
            await predictor.end()

    first, hung, last = asyncio.run(all_at_once())
    assert isinstance(hung, GaveUpError)
    assert [record["id"] for (record,) in (first, last)] == ["a", "b"]


def test_what_a_process_leaves_behind_goes_with_it():
    made = pool()
    try:
        left = Path(asyncio.run(made.ask("leave"))[0])
        assert left.exists()
        with pytest.raises(GaveUpError):
            asyncio.run(made.ask("hang"))
        assert not left.exists()
        assert not left.parent.exists()
    finally:
        made.close()


def test_processes_end_with_the_server():
    made = pool()
    pid = asyncio.run(made.ask("pid"))[0]
    made.close()
    until = time.monotonic() + 10.0
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the process is still there")
