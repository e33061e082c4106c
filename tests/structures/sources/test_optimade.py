"""OPTIMADE against the server that its own package ships, and against one that misbehaves."""

from __future__ import annotations

import json
import threading
import time
from itertools import islice
from urllib.parse import parse_qs

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable, read
from cijkl.structures.sources.optimade import check_filter, optimade
from cijkl.structures.sources.optimade_structures import crystal_of
from cijkl.structures.sources.providers import PROVIDERS, find_databases


def attributes(**changes):
    """Rock salt NaCl, primitive, as a server describes it."""
    known = {
        "lattice_vectors": [[0, 2.82, 2.82], [2.82, 0, 2.82], [2.82, 2.82, 0]],
        "cartesian_site_positions": [[0, 0, 0], [2.82, 2.82, 2.82]],
        "species": [
            {"name": "Na", "chemical_symbols": ["Na"], "concentration": [1.0]},
            {"name": "Cl-", "chemical_symbols": ["Cl"], "concentration": [1.0]},
        ],
        "species_at_sites": ["Na", "Cl-"],
        "nperiodic_dimensions": 3,
        "dimension_types": [1, 1, 1],
        "structure_features": [],
    }
    return known | changes


def entry(name="1", **changes):
    return {"id": name, "type": "structures", "attributes": attributes(**changes)}


def database(server, count, size=2, path="/v1/structures"):
    """Let the server have that many crystals, in pages."""

    def page(query):
        asked = parse_qs(query)
        start = int(asked.get("page_offset", ["0"])[0])
        length = min(int(asked.get("page_limit", [size])[0]), size)
        data = [entry(f"x{number}") for number in range(start, min(start + length, count))]
        after = f"{path}?page_offset={start + length}"
        links = {"next": server.url + after if start + length < count else None}
        meta = {"data_returned": count}
        return json.dumps({"data": data, "links": links, "meta": meta}).encode()

    server.pages[path] = page
    return server.url + path.removesuffix("/v1/structures")


# against the real server


@pytest.fixture
def reference(real_optimade):
    """Its entries, asked for without our client."""
    import httpx

    found = {}
    for start in range(0, 20, 10):
        address = f"{real_optimade}/v1/structures?page_limit=10&page_offset={start}"
        found |= {one["id"]: one for one in httpx.get(address).json()["data"]}
    return found


def test_a_real_server(real_optimade, reference, kept):
    items = {item.id: item for item in optimade([real_optimade], kept=kept)}
    assert list(items) == list(reference)
    assert len(items) == 14
    good = {name for name, item in items.items() if isinstance(item, Crystal)}
    assert good == set(reference) - {"alloy", "sheet"}
    assert "partial occupancy: site 1 holds Cu 0.7 + Zn 0.3" in items["alloy"].error
    assert "periodic in 2 of 3" in items["sheet"].error
    assert [note.code for note in items["left"].diagnostics] == ["left_handed_cell"]


def test_the_package_itself_reads_the_same_crystals(real_optimade, reference, kept):
    from optimade.adapters import Structure

    compared = 0
    for crystal in optimade([real_optimade], kept=kept):
        if isinstance(crystal, Crystal) and not crystal.diagnostics:
            theirs = Structure(reference[crystal.id]).as_ase
            np.testing.assert_allclose(crystal.atoms.cell.array, theirs.cell.array)
            np.testing.assert_allclose(crystal.atoms.positions, theirs.positions)
            assert list(crystal.atoms.numbers) == list(theirs.numbers)
            compared += 1
    assert compared == 11


def test_a_filter_on_a_real_server(real_optimade, reference, kept):
    wanted = 'elements HAS "Ag" AND nelements<=2'
    assert [item.id for item in optimade([real_optimade], wanted, kept=kept)] == [
        "fcc-Ag",
        "salt-Cl",
        "salt-Br",
    ]


def test_a_filter_that_the_server_refuses(real_optimade, kept):
    (failed,) = optimade([real_optimade], "no_such_property > 1", kept=kept)
    assert isinstance(failed, Unreadable)
    assert "400" in failed.error
    assert "no_such_property" in failed.error


def test_a_limit(real_optimade, kept):
    assert len(list(optimade([real_optimade], limit=7, kept=kept))) == 7


def test_through_the_address(real_optimade):
    found = list(read(f'optimade:{real_optimade}?filter=elements HAS "O" AND nsites<7&limit=1'))
    assert [item.id for item in found] == ["rutile"]
    assert found[0].source == f"{real_optimade}/structures/rutile"


# paging, keeping, going on


def test_pages_only_as_far_as_needed(server, kept):
    base = database(server, 1000)
    assert [item.id for item in islice(optimade([base], kept=kept), 5)] == [
        "x0", "x1", "x2", "x3", "x4"]  # fmt: skip
    assert len(server.asked) == 3


def test_what_is_kept_is_not_asked_again(server, kept):
    base = database(server, 7)
    first = [item.id for item in optimade([base], kept=kept)]
    assert len(server.asked) == 4
    assert [item.id for item in optimade([base], kept=kept)] == first == [f"x{i}" for i in range(7)]
    assert len(server.asked) == 4
    next(optimade([base], "nsites=2", kept=kept))
    assert len(server.asked) == 5


def test_a_broken_query_goes_on_where_it_ended(server, kept, hasty):
    base = database(server, 8)
    server.faults["/v1/structures"] = [None, None, 500, 500, 500]
    first = list(optimade([base], kept=kept, manners=hasty))
    assert [item.id for item in first[:4]] == ["x0", "x1", "x2", "x3"]
    assert len(first) == 5
    assert "stopped after 4 of 8 structures" in first[-1].error
    assert "500" in first[-1].error
    before = len(server.asked)
    second = list(optimade([base], kept=kept, manners=hasty))
    assert [item.id for item in second] == [f"x{i}" for i in range(8)]
    assert len(server.asked) - before == 2


@pytest.mark.parametrize(
    "fault",
    [500, 503, 429, ("cut", 100), "silent", b"<html>Bad gateway</html>", b"{}", b'{"data": 1}'],
)
def test_passing_faults_are_overcome(server, kept, hasty, fault):
    base = database(server, 4)
    server.faults["/v1/structures"] = [None, fault]
    found = list(optimade([base], kept=kept, manners=hasty))
    assert [item.id for item in found] == ["x0", "x1", "x2", "x3"]


def test_a_page_without_end(server, kept, hasty):
    page = {"data": [entry()], "links": {"next": f"{server.url}/again"}}
    server.pages["/v1/structures"] = server.pages["/again"] = json.dumps(page).encode()
    found = list(optimade([server.url], kept=kept, manners=hasty))
    assert [isinstance(item, Crystal) for item in found] == [True, True, False]
    assert "circle" in found[-1].error


@pytest.mark.parametrize("style", ["text", "object", "relative"])
def test_links_of_all_styles(server, kept, style):
    link = {
        "text": f"{server.url}/next",
        "object": {"href": f"{server.url}/next", "meta": {}},
        "relative": "/next",
    }[style]
    server.pages["/v1/structures"] = json.dumps(
        {"data": [entry("a")], "links": {"next": link}}
    ).encode()
    server.pages["/next"] = json.dumps({"data": [entry("b")]}).encode()
    assert [item.id for item in optimade([server.url], kept=kept)] == ["a", "b"]


def test_an_address_with_its_version(server, kept):
    database(server, 1, path="/db/v1/structures")
    assert [c.id for c in optimade([f"{server.url}/db/v1"], kept=kept)] == ["x0"]
    assert [c.id for c in optimade([f"{server.url}/db/"], kept=kept)] == ["x0"]


# several databases


def test_a_broken_database_does_not_disturb_the_others(server, kept, hasty):
    good = database(server, 5, path="/good/v1/structures")
    server.pages["/bad/v1/structures"] = b"no JSON"
    names = [good, f"{server.url}/bad", f"{server.url}/absent"]
    found = list(optimade(names, kept=kept, manners=hasty))
    failed = [item for item in found if isinstance(item, Unreadable)]
    assert len(found) - len(failed) == 5
    assert all(item.id.endswith(f"/good/x{i}") for i, item in enumerate(
        item for item in found if isinstance(item, Crystal)))  # fmt: skip
    reasons = {item.source.rpartition("/")[2]: item.error for item in failed}
    assert set(reasons) == {"bad", "absent"}
    assert "no JSON" in reasons["bad"]
    assert "404" in reasons["absent"]
    assert all("\n" not in reason for reason in reasons.values())


def test_a_slow_database_does_not_hold_up_the_others(server, kept):
    quick = database(server, 6, path="/quick/v1/structures")
    slow = database(server, 2, path="/slow/v1/structures")
    held = threading.Event()
    page = server.pages["/slow/v1/structures"]
    server.pages["/slow/v1/structures"] = lambda query: (held.wait(5), page(query))[1]
    stream = optimade([slow, quick], kept=kept)
    first = [next(stream).id.rpartition("/")[2] for _ in range(6)]
    assert first == [f"x{i}" for i in range(6)]
    held.set()
    assert len(list(stream)) == 2


def test_leaving_early_ends_the_threads(server, kept):
    names = [database(server, 5000, path=f"/{k}/v1/structures") for k in "ab"]
    stream = optimade(names, kept=kept)
    next(stream)
    stream.close()
    until = time.monotonic() + 5
    while _reading() and time.monotonic() < until:
        time.sleep(0.02)
    assert not _reading()
    assert len(server.asked) < 1000


def _reading():
    return [thread for thread in threading.enumerate() if thread.name.startswith("cijkl-source")]


# what entries may be


def test_rock_salt():
    atoms, notes = crystal_of(entry())
    assert notes == ()
    assert atoms.get_chemical_formula() == "ClNa"
    assert atoms.get_volume() == pytest.approx(5.64**3 / 4)
    assert atoms.get_distance(0, 1) == pytest.approx(2.82 * 3**0.5)


def test_oqmd_gives_no_species_list():
    atoms, _ = crystal_of(entry(species=None, species_at_sites=["Na", "Cl"]))
    assert atoms.get_chemical_formula() == "ClNa"


def species(symbols, shares, **more):
    kinds = attributes()["species"]
    kinds[1] = {"name": "Cl-", "chemical_symbols": symbols, "concentration": shares, **more}
    return kinds


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"species": species(["Cl", "Br"], [0.5, 0.5])}, "partial occupancy: site 2 holds Cl 0.5"),
        ({"species": species(["Cl"], [0.9])}, "partial occupancy: site 2"),
        ({"species": species(["Cl", "vacancy"], [0.9, 0.1])}, "vacancy 0.1"),
        ({"species": species(["vacancy"], [1.0])}, "partial occupancy"),
        ({"structure_features": ["disorder"]}, "partial occupancy"),
        ({"structure_features": ["assemblies"]}, "partial occupancy"),
        ({"structure_features": ["unknown_positions"]}, "no known position"),
        ({"structure_features": ["site_attachments"]}, "attached"),
        ({"species": species(["Cl"], [1.0], attached=["H"], nattached=[1])}, "attached"),
        ({"species": species(["X"], [1.0])}, "unknown element"),
        ({"species": species(["Qq"], [1.0])}, "unknown element"),
        ({"species": []}, None),
        ({"nperiodic_dimensions": 2}, "periodic in 2 of 3"),
        ({"nperiodic_dimensions": None, "dimension_types": [1, 0, 0]}, "periodic in 1 of 3"),
        ({"nperiodic_dimensions": 0, "lattice_vectors": None}, "no cell"),
        ({"lattice_vectors": None}, "no cell"),
        ({"lattice_vectors": [[1, 0], [0, 1]]}, "the lattice must be 3x3"),
        ({"cartesian_site_positions": [[0, 0, 0]]}, "the coordinates must be 2x3"),
        ({"cartesian_site_positions": [[0, 0, 0], [None, 0, 0]]}, "not|numbers"),
        ({"cartesian_site_positions": None}, "no atoms"),
        ({"species_at_sites": ["Na", "K"]}, "no species"),
    ],
)
def test_what_is_no_crystal_is_refused_with_its_reason(changes, message):
    if message is None:
        with pytest.raises(InputError, match="unknown element 'Cl-x'"):
            crystal_of(entry(**changes, species_at_sites=["Na", "Cl-x"]))
        return
    with pytest.raises(InputError, match=message) as caught:
        crystal_of(entry(**changes))
    assert "\n" not in str(caught.value)


def test_hydrogens_without_coordinates_are_a_warning():
    _, notes = crystal_of(entry(structure_features=["implicit_atoms"]))
    assert [note.code for note in notes] == ["missing_hydrogens"]


@pytest.mark.parametrize("odd", [None, 5, "text", {}, {"attributes": None}, {"id": {}}])
def test_garbage_among_good_entries(server, kept, odd):
    page = {"data": [entry("a"), odd, entry("b")]}
    server.pages["/v1/structures"] = json.dumps(page).encode()
    found = list(optimade([server.url], kept=kept))
    assert [isinstance(item, Crystal) for item in found] == [True, False, True]


def test_columns_of_providers(server, kept):
    data = [
        entry("a", _oqmd_band_gap=1.5, _oqmd_stability=-0.01, _oqmd_prototype="B1"),
        entry("b", _mp_stability={
            "gga_gga+u": {"energy_above_hull": 0.2},
            "gga_gga+u_r2scan": {"energy_above_hull": 0.1}}),
        entry("c", _mp_stability={"r2scan": {"energy_above_hull": 0.3}}),
        entry("d", _mp_stability=None, _alexandria_hull_distance=0.4),
    ]  # fmt: skip
    server.pages["/v1/structures"] = json.dumps({"data": data}).encode()
    found = {crystal.id: crystal.columns for crystal in optimade([server.url], kept=kept)}
    assert found["a"]["band_gap"] == 1.5
    assert found["a"]["energy_above_hull"] == -0.01
    assert found["a"]["_oqmd_prototype"] == "B1"
    assert [found[name]["energy_above_hull"] for name in "bcd"] == [0.1, 0.3, 0.4]


# names and filters


@pytest.mark.parametrize("filter", ["elements HAS C", "nelements >", "1 = = 2", "a; b"])
def test_what_is_no_filter_is_said_at_once(filter):
    with pytest.raises(InputError, match="the OPTIMADE filter") as caught:
        optimade(["mp"], filter)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "filter",
    ["", 'elements HAS ALL "Si","O" AND nelements=2', "_oqmd_band_gap>0.1 AND NOT nsites>9"],
)
def test_filters(filter):
    check_filter(filter)


def test_known_names_need_no_list():
    assert {name: find_databases(name)[0].url for name in PROVIDERS} == PROVIDERS


def test_other_names_are_looked_up(server):
    server.pages["/links"] = json.dumps({"data": [
        {"id": "odd", "attributes": {"base_url": f"{server.url}/odd", "link_type": "external"}},
        {"id": "gone", "attributes": {"base_url": None, "link_type": "external"}},
    ]}).encode()  # fmt: skip
    server.pages["/odd/v1/links"] = json.dumps({"data": [
        {"id": "a", "attributes": {"base_url": {"href": "http://a.org"}, "link_type": "child"}},
        {"id": "b", "attributes": {"base_url": "http://b.org", "link_type": "child"}},
        {"id": "odd", "attributes": {"base_url": "http://odd.org", "link_type": "root"}},
    ]}).encode()  # fmt: skip
    registry = f"{server.url}/links"
    assert [d.url for d in find_databases("odd", registry)] == ["http://a.org", "http://b.org"]
    assert [d.name for d in find_databases("odd.b", registry)] == ["odd.b"]
    for name in ("unknown", "gone"):
        with pytest.raises(InputError, match=f"no OPTIMADE provider '{name}'; there are .*mp"):
            find_databases(name, registry)
    with pytest.raises(InputError, match="no database 'c'"):
        find_databases("odd.c", registry)
