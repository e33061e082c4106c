"""The page of a molecular crystal says what holds its molecules together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ase.build import molecule

import cijkl
from cijkl.elasticity import ElasticTensor
from cijkl.report import html_page
from cijkl.report.molecules import axis_rows, bond_rows, cell_rows, packing_text, stack_rows
from cijkl.structures import read

EXAMPLES = Path(__file__).parents[2] / "examples"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def urea() -> Record:
    """Urea with measured constants (Haussuehl, Z. Kristallogr. 216, 339 (2001))."""
    tensor = ElasticTensor.from_constants(
        "tetragonal", C11=11.73, C33=53.98, C12=10.72, C13=9.16, C44=6.19, C66=10.63
    )
    atoms = next(iter(read(EXAMPLES / "urea.cif"))).atoms
    return dict(cijkl.analyze(tensor, atoms, id="urea").record)


@pytest.fixture(scope="module")
def column() -> Record:
    """A column of benzene molecules."""
    atoms = molecule("C6H6")
    atoms.set_cell([9, 9, 3.5])
    atoms.pbc = True
    return dict(
        cijkl.analyze(ElasticTensor.from_constants("isotropic", C11=9, C12=3), atoms).record
    )


def shown(record: Record) -> str:
    page = html_page(record).split("<script", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " "))


def test_the_text_names_network_and_stiffest_axis(urea: Record, column: Record) -> None:
    text = packing_text(urea["packing"]).replace("\u00a0", " ")
    assert "framework in all directions" in text
    assert "[0 0 1] is the stiffest, with E = 46.5 GPa" in text
    text = packing_text(column["packing"]).replace("\u00a0", " ")
    assert "no hydrogen bonds" in text
    assert "Stacked rings join them into chains along [0 0 1]." in text
    assert "as stiff along every axis" in text


def test_sheets_are_named_by_plane_and_vectors() -> None:
    sheets = {
        "dimensionality": 2, "count": 1, "directions": [[1, 0, 0], [0, 1, 1]],
        "planes": [[0, 1, -1]],
    }  # fmt: skip
    packing = {"hydrogen_bond_network": sheets, "stack_network": None, "rings": 2, "axes": []}
    assert packing_text(packing).replace("\u00a0", " ") == (
        "Hydrogen bonds join the molecules into sheets parallel to (0 1 −1), which hold [1 0 0] "
        "and [0 1 1]. Its flat rings are not stacked."
    )
    dimers = {"dimensionality": 0, "count": 2, "directions": [], "planes": []}
    text = packing_text({"hydrogen_bond_network": dimers, "axes": []})
    assert text == "Hydrogen bonds join the molecules into finite groups."


def test_tables(urea: Record, column: Record) -> None:
    packing = urea["packing"]
    assert [row[1:] for row in axis_rows(packing)] == [
        ["1.92", "26 %", "–"],
        ["1.92", "26 %", "–"],
        ["46.5", "49 %", "–"],
    ]
    assert bond_rows(packing) == [
        ["N–H···O", "4", "1.99", "2.98", "167°"],
        ["N–H···O", "4", "2.05", "2.96", "147°"],
    ]
    inner = [{**packing["hydrogen_bonds"][0], "intramolecular": True}]
    assert bond_rows({"hydrogen_bonds": inner})[0][0] == "N–H···O, within a molecule"
    assert stack_rows(packing) == []
    assert stack_rows(column["packing"]) == [["1", "3.50", "3.50", "0.00", "0°"]]


def test_the_page_shows_them(urea: Record, column: Record) -> None:
    text = shown(urea)
    for part in ("What holds the molecules together", "N–H···O", "1.99", "46.5", "49 %"):
        assert part in text
    assert "Stacked rings" not in text
    assert 'id="figure-packing"' in html_page(urea)
    text = shown(column)
    assert "Stacked rings" in text
    assert "Angle at H" not in text


def test_an_unstable_crystal_has_no_bars(urea: Record) -> None:
    axes = [{**axis, "E": None} for axis in urea["packing"]["axes"]]
    record = {**urea, "packing": {**urea["packing"], "axes": axes}}
    page = html_page(record)
    assert 'id="figure-packing"' not in page
    assert "N–H···O" in page
    assert "stiffest" not in packing_text(record["packing"])


def test_other_crystals_have_no_such_section(quartz_record: Record) -> None:
    assert "h-packing" not in html_page(quartz_record)


def test_the_cell_before_and_after(urea: Record) -> None:
    change = {
        "before": [5.565, 5.565, 4.684, 90.0, 90.0, 90.0],
        "after": [5.5, 5.6, 4.7, 90.0, 91.25, 90.0],
        "lengths_percent": [-1.168, 0.629, 0.342],
        "angles_degrees": [0.0, 1.25, 0.0],
        "density_percent": 0.3,
    }
    relaxation = {"cell": "relaxed", "rmsd15": 0.0812, "matched15": 15, "cell_change": change}
    rows = cell_rows(relaxation)
    assert rows[0] == ["a", "5.565 Å", "5.500 Å", "−1.2 %"]
    assert rows[4] == ["β", "90.00°", "91.25°", "+1.2°"]
    text = shown({**urea, "relaxation": relaxation})
    for part in ("clusters of 15 molecules differ by", "0.0812 Å", "91.25°", "−1.2 %"):
        assert part in text
    # a cell that was kept has no changes to show
    assert cell_rows({**relaxation, "cell": "given"}) == []
    assert cell_rows(None) == []
