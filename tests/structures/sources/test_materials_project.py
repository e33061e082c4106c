"""The Materials Project's own client, against a server on this machine that answers like theirs."""

from __future__ import annotations

import json
from itertools import islice
from urllib.parse import parse_qs

import pytest

from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable
from cijkl.structures.sources import materials_project as source
from cijkl.structures.sources.materials_project import materials_project, query_of

pytest.importorskip("mp_api")
# slow: the client takes seconds to import and to start
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]
KEY = "k" * 32


def document(number):
    from pymatgen.core import Lattice, Structure

    structure = Structure.from_spacegroup(
        "Fd-3m", Lattice.cubic(5.4 + number / 100), ["Si"], [[0, 0, 0]]
    )
    return {
        "material_id": f"mp-{number}",
        "structure": structure.get_primitive_structure().as_dict(),
        "band_gap": 0.5 * number,
        "energy_above_hull": 0.01 * number,
        "formation_energy_per_atom": 0.0,
        "is_metal": number == 0,
        "is_stable": number < 3,
        "theoretical": False,
        "deprecated": False,
    }


@pytest.fixture
def project(server):
    """Address of a server with seven materials, of which the search gives those within a gap."""
    documents = [document(number) for number in range(7)]

    def summary(query):
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        found = documents
        if "material_ids" in asked:
            found = [d for d in found if d["material_id"] in asked["material_ids"].split(",")]
        low, high = (float(asked.get(f"band_gap_{end}", edge)) for end, edge in
            (("min", "-inf"), ("max", "inf")))  # fmt: skip
        found = [d for d in found if low <= d["band_gap"] <= high]
        fields = asked["_fields"].split(",")
        skipped, limit = int(asked.get("_skip", 0)), int(asked.get("_limit", 1000))
        data = [{f: d[f] for f in fields} for d in found][skipped : skipped + limit]
        return json.dumps({"data": data, "meta": {"total_doc": len(found)}}).encode()

    beat = {"status": "OK", "db_version": "2026.1.1", "version": "0.87.0",
            "emmet_version": "0.87.0", "access_controlled_batch_ids": []}  # fmt: skip
    server.pages["/heartbeat"] = json.dumps(beat).encode()
    server.pages["/materials/summary/"] = summary
    return f"{server.url}/"


def test_a_query(project, kept):
    found = list(materials_project({"band_gap": (0.9, 2.1)}, key=KEY, endpoint=project, kept=kept))
    assert [crystal.id for crystal in found] == ["mp-2", "mp-3", "mp-4"]
    assert found[0].atoms.get_volume() == pytest.approx(5.42**3 / 4)
    assert found[0].columns["band_gap"] == 1.0
    assert found[0].columns["energy_above_hull"] == 0.02
    assert found[0].columns["is_stable"] is True


def test_ids_in_their_order(project, kept):
    wanted = ["mp-5", "mp-99", "mp-1"]
    found = list(materials_project(wanted, key=KEY, endpoint=project, kept=kept))
    assert [item.id for item in found] == wanted
    assert isinstance(found[1], Unreadable)
    assert "no such material" in found[1].error


def test_some_at_a_time_and_kept(project, server, kept, monkeypatch):
    monkeypatch.setattr(source, "PAGE", 2)

    def asked():
        return sum("structure" in path for path in server.asked)

    stream = materials_project({"band_gap": (0, 9)}, key=KEY, endpoint=project, kept=kept)
    assert [crystal.id for crystal in islice(stream, 3)] == ["mp-0", "mp-1", "mp-2"]
    assert asked() == 2
    stream = materials_project({"band_gap": (0, 9)}, key=KEY, endpoint=project, kept=kept)
    assert len(list(stream)) == 7
    assert asked() == 4


def test_the_whole_database_is_not_taken_from_elsewhere(project, server):
    assert len(list(materials_project({}, key=KEY, endpoint=project))) == 7
    assert all(path.startswith(("/heartbeat", "/materials/summary/")) for path in server.asked)
    assert any("deprecated=False" in path for path in server.asked)


def test_a_server_that_fails(project, server):
    server.pages["/materials/summary/"] = b"<html>"
    (failed,) = materials_project({"band_gap": (0, 9)}, key=KEY, endpoint=project)
    assert isinstance(failed, Unreadable)
    assert "\n" not in failed.error


def test_what_is_no_criterion():
    with pytest.raises(InputError, match="no criterion 'bandgap'"):
        materials_project({"bandgap": (0, 1)}, key=KEY)


def test_criteria_as_text():
    text = "band_gap=0.1..3.0&elements=Si&is_stable=true&num_sites=..50&formula=SiO2&volume=1.."
    assert query_of(text) == {
        "band_gap": (0.1, 3.0),
        "elements": ["Si"],
        "is_stable": True,
        "num_sites": (None, 50),
        "formula": "SiO2",
        "volume": (1, None),
    }
    assert query_of("") == {}


def test_the_key_is_that_of_the_environment(project, monkeypatch):
    monkeypatch.setenv("MP_API_KEY", KEY)
    found = list(materials_project(["mp-1"], endpoint=project))
    assert isinstance(found[0], Crystal)
