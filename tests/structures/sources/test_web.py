"""Answers of a server that errs, is cut off, is slow, or gives something else."""

from __future__ import annotations

import gzip
import hashlib
import logging
import time

import pytest

from cijkl.structures.sources.keeping import Kept
from cijkl.structures.sources.web import Manners, Web, WebError, retry_after

BODY = b"what was wanted" * 1000


@pytest.fixture
def page(server):
    server.pages["/page"] = BODY
    return f"{server.url}/page"


@pytest.mark.parametrize("fault", [408, 425, 429, 500, 502, 503, 504, ("cut", 7), "silent"])
def test_what_passes_is_tried_again(server, page, hasty, fault):
    server.faults["/page"] = [fault, fault]
    with Web("test", manners=hasty) as web:
        assert web.get(page) == BODY
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (500, "no answer in 3 attempts .the server says 500"),
        ("silent", "no sign of the server in 0.5 s"),
        ("drip", "not complete after 0.6 s"),
        (("cut", 7), "no answer in 3 attempts"),
    ],
)
def test_in_the_end_it_gives_up(server, page, hasty, fault, message):
    server.faults["/page"] = [fault] * 3
    with Web("test", manners=hasty) as web, pytest.raises(WebError, match=message) as caught:
        web.get(page)
    assert len(server.asked) == 3
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_what_does_not_pass_is_not_tried_again(server, page, hasty, status):
    server.faults["/page"] = [status]
    with Web("test", manners=hasty) as web, pytest.raises(WebError, match=str(status)) as caught:
        web.get(page)
    assert caught.value.status == status
    assert len(server.asked) == 1


def test_nobody_listens(hasty, server):
    port = server.server_address[1]
    server.shutdown()
    server.server_close()
    with Web("test", manners=hasty) as web, pytest.raises(WebError, match="refused"):
        web.get(f"http://127.0.0.1:{port}/page")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://a/b", "page", ""])
def test_only_the_web(url):
    with Web("test") as web, pytest.raises(WebError, match="no address of the web"):
        web.get(url)


@pytest.fixture
def slept(monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr("cijkl.structures.sources.web.time.sleep", pauses.append)
    return pauses


def test_pauses_double(server, page, slept):
    server.faults["/page"] = [500] * 4
    with Web("test", manners=Manners(wait=0.5)) as web:
        web.get(page)
    assert [pause for pause in slept if pause] == [0.5, 1.0, 2.0, 4.0]


def test_the_server_says_how_long_to_wait(server, page, slept, caplog):
    server.faults["/page"] = [(429, {"Retry-After": "17"}), (503, {"Retry-After": "0"})]
    with Web("somewhere", manners=Manners(wait=0.5)) as web, caplog.at_level(logging.WARNING):
        assert web.get(page) == BODY
    assert [pause for pause in slept if pause] == [17.0, 1.0]
    assert [record.getMessage() for record in caplog.records] == [
        "somewhere: the server says 429 Too Many Requests; trying again in 17 s"
    ]


def test_nobody_waits_for_an_hour(server, page, slept):
    server.faults["/page"] = [(429, {"Retry-After": "3600"})]
    with Web("test") as web, pytest.raises(WebError, match="3600 s, more than the 300 s"):
        web.get(page)
    assert sum(slept) == 0


def test_dates_and_nonsense_in_retry_after():
    from datetime import UTC, datetime

    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert retry_after("Thu, 01 Jan 2026 12:00:09 GMT", noon) == 9.0
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", noon) == 0.0
    assert retry_after("soon", noon) == retry_after("-5", noon) == retry_after(None, noon) == 0.0


def test_requests_keep_their_distance(server, page):
    with Web("test", manners=Manners(pause=0.05)) as web:
        start = time.monotonic()
        for _ in range(4):
            web.get(page)
    assert time.monotonic() - start >= 0.15


def test_slowness_is_told_once(server, page, caplog):
    server.pages["/page"] = lambda _: (time.sleep(0.03), BODY)[1]
    manners = Manners(slow=0.02)
    with Web("snail", manners=manners) as web, caplog.at_level(logging.WARNING):
        web.get(page)
        web.get(page)
    assert len(caplog.records) == 1
    assert "snail: answers slowly" in caplog.text


def test_an_answer_that_is_too_large(server, page):
    with Web("test", manners=Manners(largest=1000)) as web, pytest.raises(WebError, match="larger"):
        web.get(page)
    assert len(server.asked) == 1


def test_redirects(server, page, hasty):
    server.faults["/old"] = [(302, {"Location": "/page"})]
    with Web("test", manners=hasty) as web:
        assert web.get(f"{server.url}/old") == BODY
        server.faults["/round"] = [(302, {"Location": "/round"})] * 100
        with pytest.raises(WebError, match="circle"):
            web.get(f"{server.url}/round")


# keeping


def test_an_answer_is_kept(server, page, kept):
    with Web("test", kept) as web:
        assert web.get(page) == web.get(page) == BODY
    with Web("test", kept) as web:
        assert web.get(page) == BODY
    assert len(server.asked) == 1


def test_what_failed_is_not_kept(server, page, kept, hasty):
    server.faults["/page"] = [b"<html>", 404]

    def check(body):
        if body.startswith(b"<"):
            raise ValueError("a web page")

    with Web("test", kept, hasty) as web:
        with pytest.raises(WebError):
            web.get(page, check=check)
        assert kept.get(page) is None
        assert web.get(page, check=check) == BODY


def test_a_wrong_checksum(server, page, kept, hasty):
    right, wrong = (hashlib.sha256(body).hexdigest() for body in (BODY, b"other"))
    server.faults["/page"] = [b"damaged"]
    with Web("test", kept, hasty) as web:
        assert web.get(page, sha256=right.upper()) == BODY
        with pytest.raises(WebError, match=f"SHA-256 is {right}, expected {wrong}"):
            web.get(page, sha256=wrong)
    assert len(server.asked) == 5


@pytest.mark.parametrize("damage", ["cut", "bit", "other", "empty", "text"])
def test_what_was_damaged_on_the_disk_is_asked_for_again(server, page, kept, damage):
    with Web("test", kept) as web:
        web.get(page)
        (file,) = (path for path in kept.folder.rglob("*") if path.is_file())
        content = bytearray(file.read_bytes())
        if damage == "cut":
            content = content[: len(content) // 2]
        elif damage == "bit":
            # a valid archive whose content is another
            head, body = gzip.decompress(content).split(b"\n", 1)
            content = gzip.compress(head + b"\n" + body.replace(b"what", b"That", 1))
        elif damage == "other":
            content = gzip.compress(b"{}\n")
        else:
            content = b"" if damage == "empty" else b"text"
        file.write_bytes(content)
        assert kept.get(page) is None
        assert web.get(page) == BODY
    assert len(server.asked) == 2


def test_what_is_old_is_asked_for_again(server, page, tmp_path):
    Kept(tmp_path).put(page, b"old")
    assert Kept(tmp_path).get(page) == b"old"
    assert Kept(tmp_path, days=0).get(page) is None


def test_a_disk_that_takes_nothing_does_not_matter(server, page, tmp_path):
    (tmp_path / "file").write_text("")
    with Web("test", Kept(tmp_path / "file")) as web:
        assert web.get(page) == BODY


def test_no_part_is_left(kept):
    for number in range(5):
        kept.put(f"http://a/{number}", b"x")
    assert not list(kept.folder.rglob("*.part"))
    assert len([path for path in kept.folder.rglob("*") if path.is_file()]) == 5
