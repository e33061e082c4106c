"""`cijkl reproduce` as a user runs it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

EXCERPT = Path(__file__).parents[1] / "reproduction" / "excerpt.csv"
#: the browser that kaleido draws with
CHROME = any(shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser"))


def test_the_list(cijkl):
    run = cijkl("reproduce", "--list")
    assert run.code == 0
    assert "taniguchi-2024-table-2" in run.out
    run = cijkl("reproduce", "--list", "--json", "-")
    found = {entry["name"]: entry for entry in run.records}
    assert found["taniguchi-2024-table-2"]["status"] == "done"
    assert found["liu-2025-table-a1"]["status"] == "needs data"
    assert "function" not in found["liu-2025-table-a1"]


def test_a_table(cijkl, tmp_path):
    run = cijkl(
        *("reproduce", "taniguchi-2024-table-2", "--data", EXCERPT),
        *("--json", tmp_path / "o.json", "--html", tmp_path / "pages"),
    )
    assert run.code == 0, run.err
    assert "Mean absolute errors" in run.out
    found = json.loads((tmp_path / "o.json").read_text())
    assert found["name"] == "taniguchi-2024-table-2"
    title, columns = found["tables"][0]["title"], found["tables"][0]["columns"]
    assert "as printed" in title
    assert columns == ["quantity", "mean model", "S-HF-3c", "DFT-D", "PFP"]
    page = (tmp_path / "pages" / "taniguchi-2024-table-2.html").read_text()
    assert page.count("Plotly.newPlot") == 3
    assert 'src="http' not in page
    assert run.complaints[-1].startswith("wrote ")


def test_columns_of_ones_own(cijkl, examples, small_model, tmp_path):
    arguments = ("reproduce", "taniguchi-2024-table-2", "--data", EXCERPT, "--quiet")
    run = cijkl("predict", examples / "urea.cif", "-m", small_model, "--json", tmp_path / "u.jsonl")
    assert run.code == 0, run.err
    from_file = cijkl(*arguments, "--results", f"net={tmp_path / 'u.jsonl'}", "--json", "-")
    asked = cijkl(*arguments, "-s", examples, "-m", small_model, "--json", "-")
    assert (from_file.code, asked.code) == (0, 0), from_file.err + asked.err

    def young(run, label):
        (table,) = (t for t in run.records[0]["tables"] if t["title"].startswith("E_RH by"))
        place = table["columns"].index(label)
        return next(row[place] for row in table["rows"] if row[0] == "urea")

    assert young(from_file, "net") == pytest.approx(young(asked, "small"), rel=1e-4)
    # the label of a file without one is its name
    run = cijkl(*arguments, "--results", tmp_path / "u.jsonl", "--json", "-")
    assert young(run, "u") == young(from_file, "net")


def test_what_is_left_out_is_told(cijkl, tmp_path):
    path = tmp_path / "r.jsonl"
    unstable = [[2.0 if i == j else 3.0 * (i < 3 and j < 3) for j in range(6)] for i in range(6)]
    lines = [
        {"id": "UREAXX02", "status": "ok", "C": unstable, "frame": "input"},
        {"id": "HXMTAM", "status": "failed", "C": None, "error": "no minimum"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    run = cijkl("reproduce", "taniguchi-2024-table-2", "--data", EXCERPT, "--results", path, "-q")
    assert run.code == 1
    assert run.out == ""
    assert run.complaints == [
        "cijkl: r: HXMTAM: failed: no minimum",
        "cijkl: r: urea: the tensor is unstable, its moduli have no meaning; left out",
    ]


@pytest.mark.slow  # a browser is started for each of three pictures
@pytest.mark.skipif(not CHROME or not importlib.util.find_spec("kaleido"), reason="no browser")
def test_png(cijkl, tmp_path):
    run = cijkl("reproduce", "taniguchi-2024-fig-1", "--data", EXCERPT, "--png", tmp_path, "-q")
    assert run.code == 0, run.err
    pictures = sorted(tmp_path.glob("*.png"))
    assert [p.name for p in pictures] == [
        f"taniguchi-2024-table-2-{name}.png" for name in ("bias", "errors", "parity")
    ]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)


def test_png_without_kaleido(cijkl, tmp_path, monkeypatch):
    import cijkl.cli.reproduce as verb

    monkeypatch.setattr(verb, "find_spec", lambda name: None)
    run = cijkl("reproduce", "taniguchi-2024-fig-1", "--data", EXCERPT, "--png", tmp_path)
    assert run.code == 2
    assert "pip install kaleido" in run.err


def test_bad_input_is_one_line(cijkl, tmp_path):
    (rows := tmp_path / "rows.csv").write_text("formula,N,rho,V,B,G\nSi,8,2.3,160,97,66\n")
    for arguments, message in (
        ((), "give the name of a table or figure, or --list"),
        (("taniguchi-2024-table-2", "--list"), "give the name of a table or figure, or --list"),
        (("taniguchi-2024-table-3",), "did you mean taniguchi-2024-table-2?"),
        (("wen-2024-table-1",), "wen-2024-table-1 needs crystals with tensors"),
        (("liu-2025-table-A1",), "liu-2025-table-a1 needs its rows"),
        (("liu-2025-fig-4",), "liu-2025-fig-4 needs either a store of `cijkl screen`"),
        (("liu-2025-fig-2", "--data", "none.jsonl"), "none.jsonl"),
        (("liu-2025-fig-2", "--epochs", "0"), "--epochs"),
        (("liu-2025-table-A1", "--data", rows, "--png", tmp_path), "has no figure"),
        (("taniguchi-2024-table-2", "--data", tmp_path / "none.csv"), "No such file"),
        (("taniguchi-2024-table-2", "--data", rows), "lacks the columns Compound"),
        (
            ("taniguchi-2024-table-2", "--data", EXCERPT, "--results", rows),
            "rows.csv:1: no record of cijkl",
        ),
        (
            (
                *("taniguchi-2024-table-2", "--data", EXCERPT),
                *("--results", "a=x.jsonl", "--results", "a=y.jsonl"),
            ),
            "two columns are called a",
        ),
        (
            ("taniguchi-2024-table-2", "--data", EXCERPT, "--potential", "chgnet"),
            "needs the structures of the compounds: --structures",
        ),
    ):
        run = cijkl("reproduce", *arguments)
        assert run.code == 2, arguments
        assert message in run.err
        assert len(run.complaints) == 1, run.err


def test_models_are_trained_and_kept(cijkl, tmp_path):
    """Six models of a modulus, the network's training in a folder that a second run takes up."""
    data = Path(__file__).parents[2] / "examples" / "measured.jsonl"
    arguments = (
        *("reproduce", "liu-2025-fig-3", "--data", data, "--epochs", "1"),
        *("--out", tmp_path / "run", "--json", tmp_path / "o.json", "--html", tmp_path / "pages"),
    )
    run = cijkl(*arguments)
    assert run.code == 0, run.err
    first = json.loads((tmp_path / "o.json").read_text())
    assert first["tables"][0]["columns"][1] == "CGCNN"
    assert (tmp_path / "run" / "cgcnn-K-formula" / "weights.safetensors").is_file()
    assert (tmp_path / "pages" / "liu-2025-fig-3.html").read_text().count("Plotly.newPlot") == 3
    run = cijkl(*arguments)
    assert json.loads((tmp_path / "o.json").read_text()) == first
    run = cijkl(*arguments, "--epochs", "2")
    assert run.code == 2
    assert "holds a training with another epochs" in run.err
