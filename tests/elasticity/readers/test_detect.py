"""Tensors of each format, and one clear line for each kind of bad input."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cijkl.elasticity.classes import from_constants
from cijkl.elasticity.readers import read_tensor
from cijkl.errors import InputError

#: one different value for each of the 21 constants, so that no permutation goes unseen
TENSOR = np.zeros((6, 6))
TENSOR[np.triu_indices(6)] = [
    *(201.0, 72.5, 63.25, 4.5, -5.5, 6.5),
    *(182.0, 53.5, 7.25, 8.25, -9.25),
    *(163.0, 10.5, -11.5, 12.5),
    *(64.0, 1.25, -2.25),
    *(55.0, 3.25),
    46.0,
]
TENSOR = TENSOR + np.triu(TENSOR, 1).T


def rows(matrix: np.ndarray, form: str = "{:.4f}", separator: str = " ") -> str:
    return "\n".join(separator.join(form.format(x) for x in row) for row in matrix) + "\n"


def outcar(matrix: np.ndarray, title: str = " TOTAL ELASTIC MODULI (kBar)") -> str:
    names = ("XX", "YY", "ZZ", "XY", "YZ", "ZX")
    order = [0, 1, 2, 5, 3, 4]
    shuffled = 10.0 * matrix[np.ix_(order, order)]
    head = " Direction" + "".join(f"{name:>12}" for name in names)
    lines = [
        " " + name + "    " + "".join(f"{x:12.4f}" for x in row)
        for name, row in zip(names, shuffled, strict=True)
    ]
    rule = " " + "-" * 80
    return "\n".join([title, head, rule, *lines, rule, "", ""])


def castep(matrix: np.ndarray, title: str = "Elastic Constants Tensor (GPa)") -> str:
    bar = " " + "=" * 79
    body = "\n".join("".join(f"{x:14.6f}" for x in row) for row in matrix)
    return f"{bar}\n          {title}\n {'-' * 79}\n{body}\n{bar}\n\n"


def thermo_pw(matrix: np.ndarray, frozen: bool = False) -> str:
    body = "\n".join(
        f"{i:5d}" + "".join(f"{10.0 * x:12.5f}" for x in row) for i, row in enumerate(matrix, 1)
    )
    return (
        f"\n                    {'-' * 40}\n\n"
        + ("\n     Frozen ions\n" if frozen else "\n")
        + "     Elastic constants C_ij (kbar) \n"
        + "    i j=        1           2           3           4           5           6\n"
        + f"{body}\n\n     1 bar = 10^5 Pa; 10 kbar = 1 GPa; 1 atm = 1.01325 bar\n\n"
        + "     Elastic compliances  S_ij (1/Mbar) \n"
        + "    i j=        1           2           3           4           5           6\n"
        + "\n".join(
            f"{i:5d}" + "".join(f"{100.0 * x:12.5f}" for x in row)
            for i, row in enumerate(np.linalg.inv(matrix), 1)
        )
        + "\n"
    )


UPPER = "\n".join(" ".join(f"{x:.4f}" for x in TENSOR[i, i:]) for i in range(6))
LOWER = "\n".join(" ".join(f"{x:.4f}" for x in TENSOR[i, : i + 1]) for i in range(6))
FLAT = [float(x) for x in TENSOR[np.triu_indices(6)]]

TEXTS = {
    "plain": rows(TENSOR),
    "commas": rows(TENSOR, separator=", "),
    "semicolons": rows(TENSOR, separator="; "),
    "tabs": rows(TENSOR, separator="\t"),
    "scientific": rows(TENSOR, form="{:.8e}"),
    "fortran exponents": rows(TENSOR, form="{:.8e}").replace("e", "D"),
    "header": "# quartz, GPa\n" + rows(TENSOR),
    "free header": "Elastic tensor of something (GPa)\n\n" + rows(TENSOR),
    "trailing comments": rows(TENSOR).replace("\n", "  ! row\n"),
    "windows": rows(TENSOR).replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + rows(TENSOR),
    "numpy": str(TENSOR),
    "one line": rows(TENSOR).replace("\n", " "),
    "21 in one line": UPPER.replace("\n", " "),
    "upper triangle": UPPER,
    "lower triangle": LOWER,
    "zeros below": rows(np.triu(TENSOR)),
    "zeros above": rows(np.tril(TENSOR)),
    "json": json.dumps(TENSOR.tolist()),
    "json flat": json.dumps(TENSOR.ravel().tolist()),
    "json 21": json.dumps(FLAT),
    "json record": json.dumps({"id": "x", "C": TENSOR.tolist()}),
    "outcar": " vasp.6.4.2 (build)\n" + outcar(TENSOR),
    "castep": castep(TENSOR),
    "castep .elastic": "BEGIN Elastic Constants {xx yy zz yz zx xy} (GPa)\n"
    + rows(TENSOR)
    + "END Elastic Constants\n",
    "materials studio": "=====\nElastic Stiffness Constants Cij (GPa)\n=====\n\n" + rows(TENSOR),
    "thermo_pw": thermo_pw(TENSOR),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("way", ["text", "file", "gzip"])
def test_every_format_gives_the_tensor(name: str, way: str, tmp_path: Path) -> None:
    text = TEXTS[name]
    if way == "text":
        ((_, stiffness, extra),) = read_tensor(text)
    else:
        path = tmp_path / ("t.dat" if way == "file" else "t.dat.gz")
        data = text.encode()
        path.write_bytes(gzip.compress(data) if way == "gzip" else data)
        ((_, stiffness, extra),) = read_tensor(path if way == "gzip" else str(path))
    assert_allclose(stiffness, TENSOR, atol=1e-4)
    assert extra["diagnostics"] == ()


def test_file_in_utf16(tmp_path: Path) -> None:
    path = tmp_path / "tensor.txt"
    path.write_text(rows(TENSOR), encoding="utf-16")
    assert_allclose(read_tensor(path)[0][1], TENSOR)


def test_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "alpha-quartz.txt"
    path.write_text(rows(TENSOR))
    assert read_tensor(path)[0][0] == "alpha-quartz"


def test_outcar_gives_the_last_total_table() -> None:
    stale = outcar(0.5 * TENSOR)
    text = outcar(2.0 * TENSOR, " SYMMETRIZED ELASTIC MODULI (kBar)") + stale + outcar(TENSOR)
    ((_, stiffness, extra),) = read_tensor(text)
    assert_allclose(stiffness, TENSOR, atol=1e-4)
    assert extra["format"] == "vasp"
    assert extra["frame"] == "input"


def test_clamped_ions_are_said() -> None:
    texts = [
        outcar(TENSOR, " SYMMETRIZED ELASTIC MODULI (kBar)"),
        castep(TENSOR, "Elastic Constants Tensor (Frozen Ion) (GPa)"),
        thermo_pw(TENSOR, frozen=True),
    ]
    for text in texts:
        ((_, stiffness, extra),) = read_tensor(text)
        assert_allclose(stiffness, TENSOR, atol=1e-4)
        assert [d.code for d in extra["diagnostics"]] == ["clamped_ion"]


def test_castep_prefers_relaxed_ions() -> None:
    text = castep(TENSOR) + castep(2.0 * TENSOR, "Elastic Constants Tensor (Frozen Ion) (GPa)")
    text += castep(-0.5 * TENSOR, "Relaxed-Ion Correction to Elastic Constants (GPa)")
    assert_allclose(read_tensor(text)[0][1], TENSOR, atol=1e-4)


def test_castep_units() -> None:
    text = castep(10.0 * TENSOR, "Elastic Constants Tensor (kbar)")
    assert_allclose(read_tensor(text)[0][1], TENSOR, atol=1e-4)


def test_materials_project_documents() -> None:
    raw = TENSOR[::-1, ::-1].tolist()
    both = {"ieee_format": TENSOR.tolist(), "raw": raw}
    new = {"material_id": "mp-149", "formula_pretty": "Si", "elastic_tensor": both}
    ((name, stiffness, extra),) = read_tensor(json.dumps({"data": [new], "meta": {}}))
    assert (name, extra["frame"], extra["formula"]) == ("mp-149", "ieee", "Si")
    assert_allclose(stiffness, TENSOR)

    only_raw = {"material_id": "mp-2", "elastic_tensor": {"raw": raw, "ieee_format": None}}
    ((_, stiffness, extra),) = read_tensor(json.dumps(only_raw))
    assert extra["frame"] == "input"
    assert_allclose(stiffness, raw)

    old = {
        "task_id": "mp-149",
        "pretty_formula": "Si",
        "elasticity": {"elastic_tensor": TENSOR.tolist(), "elastic_tensor_original": raw},
    }
    ((name, stiffness, extra),) = read_tensor(json.dumps({"response": [old]}))
    assert (name, extra["frame"], extra["formula"]) == ("mp-149", "ieee", "Si")
    assert_allclose(stiffness, TENSOR)


@pytest.mark.parametrize("voigt", [True, False])
def test_pymatgen_dictionaries(voigt: bool) -> None:
    elastic = pytest.importorskip("pymatgen.analysis.elasticity.elastic")
    tensor = elastic.ElasticTensor.from_voigt(TENSOR)
    text = json.dumps(tensor.as_dict(voigt=voigt))
    assert_allclose(read_tensor(text)[0][1], TENSOR, atol=1e-9)


def test_own_records_in_lines() -> None:
    records = [
        {"schema": 1, "id": "a", "status": "ok", "C": TENSOR.tolist(), "frame": "input"},
        {"schema": 1, "id": "b", "status": "failed", "error": "no convergence", "C": None},
        {
            "schema": 1,
            "id": "c",
            "status": "ok",
            "C": (2.0 * TENSOR).tolist(),
            "formula": "SiO2",
            "structure": {"density": 2.65, "natoms": 9},
        },
    ]
    for text in ("\n".join(map(json.dumps, records)), json.dumps(records)):
        first, second = read_tensor(text)
        assert (first[0], second[0]) == ("a", "c")
        assert first[2]["frame"] == "input"
        assert second[2]["density"] == 2.65
        assert second[2]["formula"] == "SiO2"
        assert_allclose(second[1], 2.0 * TENSOR)


def test_stack_of_matrices() -> None:
    found = read_tensor(json.dumps([TENSOR.tolist(), (3.0 * TENSOR).tolist()]))
    assert_allclose([stiffness for _, stiffness, _ in found], [TENSOR, 3.0 * TENSOR])


def test_small_asymmetry_is_averaged_and_said() -> None:
    skew = TENSOR.copy()
    skew[0, 1] += 2.0
    ((_, stiffness, extra),) = read_tensor(rows(skew))
    assert stiffness[0, 1] == stiffness[1, 0] == TENSOR[0, 1] + 1.0
    assert [d.code for d in extra["diagnostics"]] == ["asymmetric"]


@pytest.mark.parametrize("factor", [20.0, 1e-4])
def test_unlikely_unit_is_said(factor: float) -> None:
    ((_, _, extra),) = read_tensor(rows(factor * TENSOR, "{:.6g}"))
    assert [d.code for d in extra["diagnostics"]] == ["suspicious_unit"]


def test_diamond_is_not_suspicious() -> None:
    diamond = from_constants("cubic", {"C11": 1079, "C12": 124, "C44": 578})
    assert read_tensor(rows(diamond))[0][2]["diagnostics"] == ()


def edited(i: int, j: int, value: str) -> str:
    words = [[f"{x:.3f}" for x in row] for row in TENSOR]
    words[i][j] = value
    return "\n".join(" ".join(row) for row in words)


BAD = {
    "empty": (b"", "nothing in it"),
    "blank": (b" \n\n \t\n", "nothing in it"),
    "null bytes": (b"\x00\x01\x02\x00" * 50, "binary"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "binary"),
    "random bytes": (np.random.default_rng(0).bytes(600), "binary"),
    "broken gzip": (gzip.compress(rows(TENSOR).encode())[:-20], "damaged gzip"),
    "prose": (b"This file holds no tensor at all.\nNone.", "no numbers found"),
    "comments only": (b"# a header\n# and nothing else\n", "no numbers found"),
    "nan": (edited(1, 2, "nan").encode(), "C23 is nan"),
    "infinity": (edited(0, 0, "inf").encode(), "C11 is inf"),
    "word": (edited(2, 1, "stiff").encode(), "'stiff' is no number"),
    "decimal commas": (rows(TENSOR).replace(".", ",").encode(), "numbers found"),
    "5 rows of 6": (rows(TENSOR[:5]).encode(), "30 numbers found \\(5 rows of 6\\)"),
    "6 rows of 5": (rows(TENSOR[:, :5]).encode(), "30 numbers found \\(6 rows of 5\\)"),
    "3x3": (rows(TENSOR[:3, :3]).encode(), "9 numbers found"),
    "two tensors": (rows(np.vstack([TENSOR, TENSOR])).encode(), "72 numbers found"),
    "asymmetric": (edited(0, 1, "-72.5").encode(), "not symmetric \\(C12 = -72.5, C21 = 72.5"),
    "zeros": (rows(np.zeros((6, 6))).encode(), "every constant of a stiffness is zero"),
    "pascal": (rows(1e9 * TENSOR).encode(), "beyond any solid"),
    "kbar in the header": (b"# C in kbar\n" + rows(10.0 * TENSOR).encode(), "says kbar"),
    "broken json": (b'{"C": [[1, 2', "broken JSON"),
    "ragged json": (b'{"C": [[1, 2], [3]]}', "rows of different lengths"),
    "json words": (json.dumps({"C": [["a"] * 6] * 6}).encode(), "no number"),
    "json null": (json.dumps([[None] * 6] * 6).encode(), "no number"),
    "json complex": (json.dumps({"C": [[{"re": 1}] * 6] * 6}).encode(), "no number"),
    "json of another shape": (json.dumps(TENSOR[:5].tolist()).encode(), "shape \\(5, 6\\)"),
    "json 3x3x3x3": (json.dumps({"C": np.ones((3, 3, 3, 3)).tolist()}).encode(), "shape"),
    "json without a tensor": (b'{"formula": "Si", "K": 98}', "its keys: formula, K"),
    "json number": (b"[]", "empty list"),
    "json in kbar": (json.dumps({"C": TENSOR.tolist(), "unit": "kbar"}).encode(), "is in kbar"),
    "json nan": (json.dumps([[float("nan")] * 6] * 6).encode(), "C11 is nan"),
    "failed record": (
        json.dumps({"id": "b", "status": "failed", "error": "no convergence"}).encode(),
        "'b' failed and holds no tensor: no convergence",
    ),
    "second line of json lines": (
        (json.dumps({"C": TENSOR.tolist()}) + "\nC: 5\n").encode(),
        "broken JSON: .* line 2",
    ),
    "pymatgen strain": (
        json.dumps({"@class": "Strain", "input_array": np.eye(3).tolist()}).encode(),
        "pymatgen's Strain",
    ),
    "outcar without moduli": (b" vasp.6.3.0 18Jan22\n free energy TOTEN\n", "has no 'TOTAL"),
    "outcar cut short": ("\n".join(outcar(TENSOR).split("\n")[:6]).encode(), "cut short"),
    "castep without constants": (
        b" |      CCC   AA    SSS  TTTTT  EEEEE  PPPP        |\n Total energy = -1 eV\n",
        "no table of elastic constants",
    ),
    "castep cut short": (castep(TENSOR)[:400].encode(), "cut short"),
    "castep in another unit": (
        castep(TENSOR, "Elastic Constants Tensor (dyne/cm**2)").encode(),
        "in dyne/cm",
    ),
    "pw.x output": (b"\n     Program PWSCF v.7.2 starts on 2Jan2024\n", "has no table"),
    "thermo_pw cut short": (thermo_pw(TENSOR)[:500].encode(), "cut short"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_give_one_clear_line(name: str, tmp_path: Path) -> None:
    data, says = BAD[name]
    path = tmp_path / "bad.dat"
    path.write_bytes(data)
    with pytest.raises(InputError, match=says) as error:
        read_tensor(path)
    message = str(error.value)
    assert "bad.dat" in message
    assert "\n" not in message
    assert len(message) < 300


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("no-such-file.txt", "no such file"),
        ("", "nothing in it"),
        ("x" * 5000, "cannot be read"),
        ("a\x00b", "cannot be read"),
        ("1 2 3 4 5 6 7", "7 numbers found"),
    ],
)
def test_bad_names(source: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_tensor(source)


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_tensor(tmp_path)


def test_which_of_several_is_bad() -> None:
    bad = TENSOR.copy()
    bad[3, 3] = np.nan
    records = [{"id": "good", "C": TENSOR.tolist()}, {"id": "evil", "C": bad.tolist()}]
    with pytest.raises(InputError, match="evil: C44 is nan"):
        read_tensor(json.dumps(records))
    with pytest.raises(InputError, match="tensor 2: C44 is nan"):
        read_tensor(json.dumps([TENSOR.tolist(), bad.tolist()]))
