"""Downloads against a real server on this machine: complete, or a clear reason."""

from __future__ import annotations

import hashlib
import random
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cijkl.datasets import cache_folder, fetch
from cijkl.errors import InputError

CONTENT = random.Random(4).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site(server):
    server.content = CONTENT
    return server


def get(site, folder: Path, **options: object) -> Path:
    return fetch(site.url(), SHA256, folder, wait=0.001, **options)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_and_is_kept(site, tmp_path):
    folder = tmp_path / "new" / "cache"
    path = get(site, folder)
    assert path == folder / "file.bin"
    assert path.read_bytes() == CONTENT
    assert names(folder) == ["file.bin"]
    assert get(site, folder) == path
    assert site.requests == [None]


def test_a_transfer_that_breaks_off_is_resumed(site, tmp_path):
    site.faults = [("cut", 100_000), ("cut", 50_000)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.requests == [None, "bytes=100000-", "bytes=150000-"]
    assert names(tmp_path) == ["file.bin"]


def test_the_next_call_goes_on_where_the_last_gave_up(site, tmp_path):
    site.faults = [("cut", 100_000), 503]
    with pytest.raises(InputError, match="in 2 attempts .*503"):
        get(site, tmp_path, attempts=2)
    assert names(tmp_path) == ["file.bin.part"]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.requests == [None, "bytes=100000-", "bytes=100000-"]
    assert names(tmp_path) == ["file.bin"]


def test_a_server_that_cannot_resume_sends_all_again(site, tmp_path):
    site.ranges = False
    site.faults = [("cut", 100_000)]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.requests == [None, "bytes=100000-"]


def test_a_cut_without_announced_length_is_found_by_the_checksum(site, tmp_path):
    site.lengths = False
    site.faults = [("cut", 100_000)]
    with pytest.raises(InputError, match="damaged on the way"):
        get(site, tmp_path)
    assert names(tmp_path) == []


def test_the_beginning_of_another_file_is_thrown_away(site, tmp_path):
    (tmp_path / "file.bin.part").write_bytes(b"an older version")
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert site.requests == ["bytes=16-", None]


@pytest.mark.parametrize("extra", [b"", b"more"])
def test_a_partial_file_that_is_long_enough(site, tmp_path, extra):
    (tmp_path / "file.bin.part").write_bytes(CONTENT + extra)
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert len(site.requests) == (2 if extra else 1)


def test_a_wrong_checksum_is_an_error_and_leaves_nothing(site, tmp_path):
    site.content = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(InputError, match=f"has SHA-256 [0-9a-f]{{64}}, expected {SHA256}"):
        get(site, tmp_path)
    assert names(tmp_path) == []
    assert site.requests == [None]


def test_a_damaged_file_in_the_cache_is_replaced(site, tmp_path):
    (tmp_path / "file.bin").write_bytes(CONTENT[:1000])
    assert get(site, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("code", [500, 502, 503, 429, 408])
def test_passing_troubles_are_tried_again(site, tmp_path, code):
    site.faults = [code, code]
    assert get(site, tmp_path).read_bytes() == CONTENT
    assert len(site.requests) == 3


@pytest.mark.parametrize("code", [404, 403, 410])
def test_what_is_not_there_is_not_asked_for_again(site, tmp_path, code):
    site.faults = [code] * 5
    with pytest.raises(InputError, match=f"the server says {code}"):
        get(site, tmp_path)
    assert len(site.requests) == 1
    assert names(tmp_path) == []


def test_a_silent_server_is_given_up(site, tmp_path):
    site.faults = ["silent", "silent"]
    with pytest.raises(InputError, match="2 attempts .*timed out"):
        get(site, tmp_path, attempts=2, timeout=0.1)


def test_pauses_double(site, tmp_path, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("cijkl.structures.sources.download.time.sleep", slept.append)
    site.faults = [500] * 4
    with pytest.raises(InputError):
        fetch(site.url(), SHA256, tmp_path, attempts=4, wait=0.5)
    assert slept == [0.5, 1.0, 2.0]


def test_a_server_that_asks_for_a_pause_gets_it(site, tmp_path, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("cijkl.structures.sources.download.time.sleep", slept.append)
    site.faults = [("later", 17), ("later", 0)]
    assert fetch(site.url(), SHA256, tmp_path, wait=0.5).read_bytes() == CONTENT
    assert slept == [17.0, 1.0]
    site.faults = [("later", 3600)]
    with pytest.raises(InputError, match="429.*asks to come back in 3600 s"):
        fetch(site.url("other.bin"), SHA256, tmp_path)
    assert len(site.requests) == 4


def test_offline_says_where_to_put_the_file(closed_port, tmp_path):
    with pytest.raises(InputError, match="refused.*get the file elsewhere and put it at") as caught:
        fetch(closed_port("set.gz"), SHA256, tmp_path, attempts=2, wait=0.001)
    assert str(tmp_path / "set.gz") in str(caught.value)
    assert "\n" not in str(caught.value)
    (tmp_path / "set.gz").write_bytes(CONTENT)
    assert fetch(closed_port("set.gz"), SHA256, tmp_path).read_bytes() == CONTENT


def test_a_host_without_address(tmp_path, monkeypatch):
    def no_name(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    with pytest.raises(InputError, match="Name or service not known"):
        fetch("http://nowhere.invalid/a.gz", SHA256, tmp_path, attempts=1)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://example.org/", "set.gz"])
def test_only_files_of_the_web(url, tmp_path):
    with pytest.raises(InputError, match="no address of a file"):
        fetch(url, SHA256, tmp_path)


def test_a_folder_that_is_a_file(site, tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        get(site, tmp_path / "cache")


def test_several_at_once(site, tmp_path):
    site.faults = [("cut", 100_000)] * 4
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda _: get(site, tmp_path), range(8)))
    assert {path.read_bytes() for path in paths} == {CONTENT}


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("CIJKL_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "cijkl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "cijkl"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "cijkl"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "cijkl"
    # asking creates nothing
    assert list(tmp_path.iterdir()) == []
