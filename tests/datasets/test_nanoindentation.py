"""The reader of measured faces."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from cijkl.datasets.nanoindentation import MeasuredFace, load_faces
from cijkl.elasticity import reduced_modulus
from cijkl.errors import InputError

EXAMPLES = Path(__file__).parents[2] / "examples"


def write(folder: Path, text: str) -> Path:
    (folder / "a.cif").write_text("data_a")
    path = folder / "faces.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example():
    faces = load_faces(EXAMPLES / "faces.csv")
    assert len(faces) == 8
    first, last = faces[0], faces[-1]
    assert first.compound == "silicon"
    assert first.structure == EXAMPLES / "silicon.cif"
    assert (first.hkl, first.value, first.uncertainty) == ((1, 0, 0), 130.1, 1.0)
    assert (last.hkl, last.temperature) == ((1, 0, -1, 0), 298.0)
    assert last.reference.endswith("1965")
    assert not first.indented
    assert last.place == f"{EXAMPLES / 'faces.csv'}:12"


@pytest.mark.parametrize(
    "text",
    [
        "Compound,CIF,Face,E (GPa),Uncertainty (GPa),T (K)\nurea,a.cif,1 1 0,12.5,0.7,300\n",
        "name;structure;hkl;E_GPa;error;temperature_K\nurea;a.cif;110;12.5;0.7;300\n",
        "\ufeff# comment, with commas\n\nE [GPa]\tcif\tcompound\tplane\tsd\tT\r\n"
        "12.5\ta.cif\turea\t(1,1,0)\t0.7\t300",
    ],
    ids=["commas", "semicolons", "tabs"],
)  # fmt: skip
def test_headers_as_people_write_them(tmp_path, text):
    (face,) = load_faces(write(tmp_path, text))
    assert face.compound == "urea"
    assert face.structure == tmp_path / "a.cif"
    assert face.hkl == (1, 1, 0)
    assert (face.value, face.uncertainty, face.temperature) == (12.5, 0.7, 300.0)
    assert (face.quantity, face.poisson) == ("E", 0.3)


def test_cells_left_out(tmp_path):
    text = "compound,cif,face,E,uncertainty,quantity\nurea,a.cif,110,12.5\nurea,a.cif,001,9,,\n"
    short, empty = load_faces(write(tmp_path, text))
    assert short.uncertainty is None
    assert math.isnan(short.youngs_error)
    assert empty.quantity == "E"


def test_what_was_measured_becomes_e():
    def face(value: float, quantity: str, **more: float) -> MeasuredFace:
        return MeasuredFace("x", Path("x"), (1, 0, 0), value, 1.0, quantity, **more)  # type: ignore[arg-type]

    assert face(50, "E").youngs_modulus == face(50, "normal").youngs_modulus == 50
    assert face(50, "M", poisson=0.2).youngs_modulus == pytest.approx(48)
    assert face(50, "M", poisson=0.2).youngs_error == pytest.approx(0.96)
    # the reduced modulus of a known M, and its uncertainty by a difference
    e = 0.91 * 60.0
    reduced = float(reduced_modulus(60.0))
    assert face(reduced, "Er").youngs_modulus == pytest.approx(e)
    step = face(reduced + 1e-4, "Er").youngs_modulus - e
    assert face(reduced, "Er").youngs_error == pytest.approx(step / 1e-4, rel=1e-4)
    assert face(1, "M").indented
    assert not face(1, "normal").indented


HEAD = "compound,cif,face,E,uncertainty,temperature,quantity,poisson\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no measured faces"),
        (HEAD, "no measured faces"),
        ("compound,cif,hkl\nurea,a.cif,110\n", "csv:1: no column E"),
        ("compound,cif,hkl,face,E\nurea,a.cif,110,110,1\n", "csv:1: two columns are face"),
        (HEAD + "urea,b.cif,110,1\n", "csv:2: no such file"),
        (HEAD + ",a.cif,110,1\n", "csv:2: the compound has no name"),
        (HEAD + "urea,,110,1\n", "csv:2: no such file"),
        (HEAD + "# x\nurea,a.cif,11,1\n", "csv:3: indices '11'"),
        (HEAD + "urea,a.cif,110,\n", "csv:2: E is ''"),
        (HEAD + "urea,a.cif,110,-3\n", "csv:2: E is '-3'"),
        (HEAD + "urea,a.cif,110,soft\n", "csv:2: E is 'soft', expected a number"),
        (HEAD + "urea,a.cif,110,nan\n", "csv:2: E is 'nan', expected a number"),
        (HEAD + "urea,a.cif,110,1,-1\n", "csv:2: the uncertainty -1"),
        (HEAD + "urea,a.cif,110,1,1,hot\n", "csv:2: temperature is 'hot'"),
        (HEAD + "urea,a.cif,110,1,1,300,H\n", "csv:2: quantity is 'h'"),
        (HEAD + "urea,a.cif,110,1,1,300,E,0.7\n", "csv:2: Poisson's ratio 0.7"),
        (HEAD + "urea,a.cif,110,1200,1,300,Er\n", "csv:2: a reduced modulus of 1200"),
    ],
)
def test_bad_tables_are_one_line_with_the_place(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        load_faces(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_tables(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_faces(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(InputError, match="no text"):
        load_faces(tmp_path / "binary.csv")
