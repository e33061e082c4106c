"""Faces on the page and in the table."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from rich.console import Console

from cijkl.analysis import analyze
from cijkl.faces import add_faces
from cijkl.report import faces as faces_report
from cijkl.report import html_page
from cijkl.report.numbers import number
from cijkl.report.table import table


@pytest.fixture(scope="module")
def record(quartz_stiffness: np.ndarray, quartz_atoms: Atoms) -> dict[str, Any]:
    result = analyze(quartz_stiffness, quartz_atoms, id="quartz")
    return add_faces(result, [(1, 0, -1, 1)], table=True).record


def text_of(page: str) -> str:
    return re.sub(
        r"<[^>]*>|\s+", " ", page[page.index('id="h-faces"') : page.index('id="h-sound"')]
    )


def test_rows_say_what_the_record_says(record):
    rows = faces_report.rows(record)
    assert len(rows) == len(record["faces"])
    moduli = [face["M"] for face in record["faces"]]
    marks = {row.mark: index for index, row in enumerate(rows) if row.mark}
    assert marks == {"softest": int(np.argmin(moduli)), "stiffest": int(np.argmax(moduli))}
    first, face = rows[0], record["faces"][0]
    assert first.name == "(0 0 1)"
    # on the base of a trigonal crystal G is 1/S44 in every direction: one number
    softness = number(1 / np.linalg.inv(record["C"])[3, 3])
    assert first.cells == ["2", *(number(face[k]) for k in ("spacing", "E", "M")), softness]
    softest, stiffest = faces_report.extremes(record)
    assert (softest.mark, stiffest.mark) == ("softest", "stiffest")
    assert float(softest.cells[3]) <= min(float(row.cells[3]) for row in rows)


def test_ranges(record):
    found = dict(faces_report.ranges(record))
    softest = min(record["faces"], key=lambda face: face["E"])
    name = faces_report.face_name(softest["hkl"])
    assert found["Smallest E along the normal"] == f"{name}, {number(softest['E'], 'GPa')}"
    least = min(face["G"][0] for face in record["faces"])
    assert found["Least shear modulus on a face"].endswith(number(least, "GPa"))


def test_the_page_has_table_and_figure(record):
    page = html_page(record)
    text = text_of(page)
    for row in faces_report.rows(record):
        assert row.name in text
    assert "The other" in text
    figure = json.loads(re.search(r'id="figure-faces">(.*?)</script>', page, re.S)[1])
    _, young, indented = figure["data"]
    assert len(young["x"]) == faces_report.DRAWN
    assert young["x"] == pytest.approx([f["E"] for f in record["faces"]][: faces_report.DRAWN])
    assert indented["x"] == pytest.approx([f["M"] for f in record["faces"]][: faces_report.DRAWN])
    assert figure["layout"]["showlegend"]
    # the direction that was asked for, with its indentation modulus
    assert "(1 0 1)" in page
    (asked,) = record["directions"]
    assert f"<td>{number(asked['E'])}</td><td>{number(asked['M'])}</td>" in page


def test_a_record_without_faces_has_no_such_section(quartz_record):
    page = html_page(quartz_record)
    assert "h-faces" not in page
    assert "figure-faces" not in page
    assert faces_report.rows({}) == faces_report.ranges({}) == faces_report.extremes({}) == []


def test_faces_that_are_alike_have_no_softest():
    isotropic = np.diag([60.0] * 3 + [30.0] * 3)
    isotropic[:3, :3] += 50.0
    record = add_faces(analyze(isotropic, bulk("W", cubic=True)), table=True).record
    assert faces_report.extremes(record) == []


def test_the_table_fits_80_columns(record):
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(table(record))
    text = console.export_text()
    assert "(0 0 1)" in text
    assert "softest" in text
    assert "faces of smaller spacing" in text
    # the velocities of a direction stay on one line
    assert re.search(r"\(1 0 1\) .*\d+/\d+/\d+$", text, re.M)
