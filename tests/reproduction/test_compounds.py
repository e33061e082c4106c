"""Structures taken for compounds, and those that are not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cijkl.errors import InputError
from cijkl.reproduction.compounds import candidates, match_structures, read_mapping

EXAMPLES = Path(__file__).parents[2] / "examples"


def write(path, *records):
    """Lines of a cube of one atom each, or of a stretched one."""
    lines = []
    for identity, symbol, sides, facts in records:
        lattice = [[sides[0], 0, 0], [0, sides[1], 0], [0, 0, sides[2]]]
        record = {"id": identity, "lattice": lattice, "species": [symbol], "frac": [[0, 0, 0]]}
        lines.append(json.dumps(record | facts))
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_a_structure_is_known_by_its_name(rows):
    left_out = []
    (match,) = match_structures(EXAMPLES, rows, report=left_out.append)
    assert (match.compound, match.crystal.id) == ("urea", "urea")
    assert match.symmetry.number == 113
    assert match.temperature is None
    assert left_out == []


def test_codes_facts_and_point_groups(rows, tmp_path):
    """TCNE was measured as cubic; sulfur as orthorhombic."""
    path = write(
        tmp_path / "set.jsonl.gz",
        ("TCYETY01", "C", (3, 3, 3), {"temperature_K": 298, "provenance": "experimental"}),
        ("sulfur", "S", (3, 3, 3), {}),
        ("HXMTAM", "C", (3, 3, 3), {}),
        ("other", "C", (3, 3, 3), {}),
    )
    left_out = []
    (match,) = match_structures(path, rows, report=left_out.append)
    assert (match.compound, match.crystal.id) == ("TCNE", "TCYETY01")
    assert (match.temperature, match.provenance) == (298.0, "experimental")
    hexamine, sulfur = left_out
    assert hexamine == "HMT: HXMTAM is left out: it is C, expected a multiple of C6H12N4"
    assert "its cubic point group m-3m does not fit the measured tensor" in sulfur


def test_a_mapping_comes_first(rows, tmp_path):
    path = write(
        tmp_path / "set.jsonl", ("mine", "S", (3, 4, 5), {}), ("sulfur", "S", (3, 4, 6), {})
    )
    (table := tmp_path / "map.csv").write_text("compound,id\nsulfur ,mine\n")
    mapping = read_mapping(table)
    assert mapping == {"sulfur": "mine"}
    (match,) = match_structures(path, rows, mapping)
    assert match.crystal.id == "mine"
    (match,) = match_structures(path, rows)
    assert match.crystal.id == "sulfur"


def test_ids_by_which_a_compound_goes(rows):
    found = candidates(rows)
    # a code of the published rows, then the name
    assert found["TCNE"] == ("TCYETY01", "TCNE")
    assert found["aspirin"][0] == "ACSALA07"
    assert found["sulfur"] == ("sulfur",)  # its structure has no code of the Cambridge database


def test_bad_input(rows, tmp_path):
    path = write(tmp_path / "set.jsonl", ("x", "C", (3, 3, 3), {}))
    with pytest.raises(InputError, match="no structure is known to be a compound"):
        match_structures(path, rows)
    with pytest.raises(InputError, match="water is no measured compound"):
        match_structures(path, rows, {"water": "x"})
    with pytest.raises(InputError, match="no crystal has the id y"):
        match_structures(path, rows, {"TCNE": "y"})
    (table := tmp_path / "map.csv").write_text("name,id\n")
    with pytest.raises(InputError, match="expected the columns compound and id"):
        read_mapping(table)
    with pytest.raises(InputError, match="No such file"):
        read_mapping(tmp_path / "none.csv")
