"""Figure 3 of Taniguchi 2024: moduli of faces by records against measured ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce

EXAMPLES = Path(__file__).parents[2] / "examples"
NAME = "taniguchi-2024-fig-3"
#: silicon, GPa; E[100] = (C11 - C12) (C11 + 2 C12) / (C11 + C12) = 130.1
C11, C12, C44 = 165.7, 63.9, 79.6
E100 = (C11 - C12) * (C11 + 2 * C12) / (C11 + C12)


def cubic(c11=C11, c12=C12, c44=C44):
    tensor = np.diag([c11 - c12] * 3 + [c44] * 3)
    tensor[:3, :3] += c12
    return tensor.tolist()


@pytest.fixture
def faces(tmp_path):
    shutil.copy(EXAMPLES / "silicon.cif", tmp_path / "si.cif")
    path = tmp_path / "faces.csv"
    path.write_text(
        "compound,cif,face,E,quantity,poisson\n"
        "silicon,si.cif,1 0 0,128.1,normal,\n"
        "silicon,si.cif,1 1 1,190,E,0.0\n"
        "silicon,si.cif,1 1 0,150,E,0.3\n"
    )
    return path


def results(folder, name="r.jsonl", **record):
    path = folder / name
    record = {"id": "silicon", "status": "ok", "C": cubic(), "frame": "input", **record}
    path.write_text(json.dumps(record))
    return path


def test_errors_of_each_column(faces, tmp_path):
    soft = [[0.5 * c for c in row] for row in cubic()]
    columns = {"ours": results(tmp_path), "soft": results(tmp_path, "s.jsonl", C=soft)}
    outcome = reproduce(NAME, Request(data=faces, results=columns))
    normal = outcome.table("E along the normal")
    # E[111] and E[110] by the closed form of a cubic crystal
    s11 = (C11 + C12) / ((C11 - C12) * (C11 + 2 * C12))
    s12 = -C12 / ((C11 - C12) * (C11 + 2 * C12))
    e111, e110 = (1 / (s11 - 2 * (s11 - s12 - 0.5 / C44) * x) for x in (1 / 3, 1 / 4))
    ours = np.array([E100 - 128.1, e111 - 190.0, e110 - 150.0])
    theirs = ours - 0.5 * np.array([E100, e111, e110])
    assert normal.column("ours")["MAE, GPa"] == pytest.approx(np.abs(ours).mean())
    assert normal.column("ours")["bias, GPa"] == pytest.approx(ours.mean())
    assert normal.column("soft")["bias, GPa"] == pytest.approx(theirs.mean())
    assert normal.column("soft")["r"] == pytest.approx(normal.column("ours")["r"])
    said = outcome.table("Young's modulus of each face")
    by_face = {row[1]: row[2:] for row in said.rows}
    assert by_face["(1 0 0)"] == pytest.approx((128.1, E100, np.nan, E100 / 2, np.nan), nan_ok=True)
    # the indentation modulus of the face, and what an indenter makes of it with nu = 0.3
    assert by_face["(1 1 1)"][2] == pytest.approx(175.3, abs=0.05)
    assert by_face["(1 1 0)"][2] == pytest.approx(172.9 * 0.91, abs=0.05)
    assert outcome.notes[0] == "ours: 3 faces of 1 compounds."
    assert list(outcome.figures) == ["parity-ours", "parity-soft"]
    assert outcome.figures["parity-ours"]().data


def test_printed_numbers_stand_beside(faces, tmp_path):
    (printed := tmp_path / "p.csv").write_text('quantity,ours\n"MAE, GPa",1.5\n')
    request = Request(data=faces, results={"ours": results(tmp_path)}, printed=printed)
    table = reproduce(NAME, request).table("E along the normal")
    mine = table.column("ours")["MAE, GPa"]
    assert table.column("ours, difference")["MAE, GPa"] == pytest.approx(round(mine, 2) - 1.5)


def test_a_face_without_modulus_is_told(faces, tmp_path):
    with faces.open("a") as file:
        file.write("quartz,si.cif,(1 0 -1 0),80,normal,\n")
    told: list[str] = []
    request = Request(data=faces, results={"r": results(tmp_path)}, report=told.append)
    outcome = reproduce(NAME, request)
    (line,) = told
    assert line.startswith(f"r: {faces}:5: no modulus of this face: ")
    assert outcome.table("Young's modulus of each face").rows[3][3] is None


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"results": {}}, "needs --potential, --model or --results"),
        ({"data": None}, "needs measured faces: --data FILE"),
    ],
)
def test_what_is_lacking_is_named(faces, tmp_path, wanted, message):
    given = {"data": faces, "results": {"r": results(tmp_path)}, **wanted}
    with pytest.raises(InputError, match=message):
        reproduce(NAME, Request(**given))
