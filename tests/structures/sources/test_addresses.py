"""What stands on the command line: understood, or refused at once with a reason."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable, read

RECORDS = "\n".join(
    json.dumps({"id": f"r{i}", "lattice": [[4, 0, 0], [0, 4, 0], [0, 0, 4 + i / 10]],
                "species": ["Po"], "frac": [[0, 0, 0]], "band_gap": i})
    for i in range(5)
)  # fmt: skip
FILE = gzip.compress(RECORDS.encode())
SHA256 = hashlib.sha256(FILE).hexdigest()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("optimade:", "names no database"),
        ("optimade:mp?filtre=x", "'filtre' is no option.*filter, limit, fields, cache"),
        ("optimade:mp?elements HAS Si", "no option"),
        ("optimade:mp?filter=elements HAS Si", "the OPTIMADE filter"),
        ("optimade:mp?limit=-3", "limit must be a number"),
        ("optimade:mp?limit=0", "limit must be a number"),
        ("optimade:mp?cache=maybe", "cache is yes or no"),
        ("cod:quartz", "neither a file of COD identifiers"),
        ("mp:band_gap", "is no criterion"),
        ("mp:band_gap=a..b", "'a' is no number"),
        ("https://example.org/a.cif#md5=1", "sha256="),
    ],
)
def test_refused_at_once(address, message, monkeypatch):
    monkeypatch.setenv("MP_API_KEY", "x" * 32)
    with pytest.raises(InputError, match=message) as caught:
        read(address)
    assert "\n" not in str(caught.value)


def test_no_key(monkeypatch):
    for name in ("MP_API_KEY", "PMG_MAPI_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="MP_API_KEY.*optimade:mp needs none"):
        read("mp:elements=Si")


def test_options_may_hold_signs_of_addresses(monkeypatch):
    seen = {}

    def record(databases, filter="", **options):
        seen.update(options, databases=databases, filter=filter)
        return iter(())

    monkeypatch.setattr("cijkl.structures.sources.optimade.optimade", record)
    wanted = 'elements HAS "C" AND nelements>=2 AND id="a&b=c?d"'
    list(read(f"optimade:mp, cod?limit=5&filter={wanted}&fields=_mp_x,_mp_y"))
    assert seen["databases"] == ["mp", "cod"]
    assert seen["filter"] == wanted
    assert seen["limit"] == 5
    assert seen["fields"] == ["_mp_x", "_mp_y"]


def test_nothing_is_asked_before_the_first_is_taken(server):
    server.pages["/set.jsonl.gz"] = FILE
    stream = read([f"{server.url}/set.jsonl.gz", f"optimade:{server.url}"])
    assert server.asked == []
    assert next(stream).id == "r0"
    assert server.asked == ["/set.jsonl.gz"]


def test_a_file_of_the_web(server):
    server.pages["/some/set.jsonl.gz"] = FILE
    server.faults["/some/set.jsonl.gz"] = [("cut", 40)]
    address = f"{server.url}/some/set.jsonl.gz"
    found = list(read(f"{address}#sha256={SHA256}"))
    assert [crystal.id for crystal in found] == [f"r{i}" for i in range(5)]
    assert found[3].columns["band_gap"] == 3
    asked = len(server.asked)
    assert [c.id for c in read(f"{address}#sha256={SHA256}")] == [c.id for c in found]
    assert [c.id for c in read(address)] == [c.id for c in found]
    assert len(server.asked) == asked


def test_a_file_of_the_web_that_is_another(server):
    server.pages["/set.jsonl.gz"] = FILE
    (failed,) = read(f"{server.url}/set.jsonl.gz#sha256={'0' * 64}")
    assert isinstance(failed, Unreadable)
    assert f"SHA-256 {SHA256}, expected 0000" in failed.error


def test_an_absent_file_does_not_disturb_the_others(server, tmp_path):
    (tmp_path / "set.jsonl").write_text(RECORDS)
    found = list(read([f"{server.url}/absent.cif", str(tmp_path / "set.jsonl")]))
    assert "404" in found[0].error
    assert all(isinstance(item, Crystal) for item in found[1:])
    assert len(found) == 6


def test_a_server_is_not_asked_twice_for_the_sake_of_a_count(tmp_path):
    from cijkl.cli.inputs import again

    (tmp_path / "set.jsonl").write_text(RECORDS)
    assert again((str(tmp_path / "set.jsonl"), "optimade:mp")) is None
    assert len(list(again((str(tmp_path / "set.jsonl"),))())) == 5
