"""Measured against computed faces."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from cijkl import ElasticTensor, analyze
from cijkl.datasets.nanoindentation import MeasuredFace, load_faces
from cijkl.errors import InputError
from cijkl.nanoindentation import agreement, compare_faces, structures_of, summary_of_faces
from cijkl.report.nanoindentation import faces_figure

EXAMPLES = Path(__file__).parents[1] / "examples"
MEASURED = load_faces(EXAMPLES / "faces.csv")


def literature() -> list[dict]:
    """Records of the examples by measured constants."""
    known = {}
    for line in (EXAMPLES / "measured.jsonl").read_text().splitlines():
        entry = json.loads(line)
        known[entry["id"]] = entry["C"]
    quartz = np.loadtxt(EXAMPLES / "quartz.txt").tolist()
    return [
        # by the name of the file, of the file without its suffix, and of the compound
        {"id": "silicon.cif", "C": known["Si"], "frame": "input"},
        {"id": "NaCl", "C": known["NaCl"], "frame": "input"},
        {"id": "quartz", "C": quartz, "frame": "input"},
    ]


def test_given_tensors_agree_with_their_own_faces():
    """The examples hold what follows from these very constants, to the last digit shown."""
    comparison = compare_faces(MEASURED, literature())
    assert comparison.normal == pytest.approx(comparison.truth, abs=0.051)
    assert np.isnan(comparison.indented).all()
    found = summary_of_faces(comparison)
    assert (found["faces"], found["compounds"], found["missing"]) == (8, 3, 0)
    assert found["errors"]["E"]["mae"] < 0.05
    assert found["errors"]["E"]["spearman"] == pytest.approx(1.0)
    assert found["errors"]["indentation"] == {**agreement([], []), "count": 0}
    assert found["rows"][0]["compound"] == "silicon"
    json.dumps(found, allow_nan=False)


def indented(value: float, **more) -> MeasuredFace:
    return MeasuredFace("Si", EXAMPLES / "silicon.cif", (1, 1, 1), value, **more)


def test_indenters_are_compared_with_indentation():
    tensor = ElasticTensor(literature()[0]["C"])
    modulus = float(tensor.indentation_modulus([1, 1, 1]))
    faces = [
        indented(modulus, quantity="M", poisson=0.2),
        indented(0.91 * modulus, uncertainty=4.0),
        indented(187.9, quantity="normal"),
    ]
    comparison = compare_faces(faces, literature())
    assert comparison.indented[:2] == pytest.approx(comparison.truth[:2])
    assert np.isnan(comparison.indented[2])
    found = summary_of_faces(comparison)
    assert found["errors"]["indentation"]["count"] == 2
    assert found["errors"]["E"]["count"] == 3
    figure = faces_figure(comparison)
    left, right = (trace for trace in figure.data if trace.mode == "markers")
    assert list(left.error_x["array"]) == [0, 4, 0]
    assert len(left.x) == 3
    assert right.y == pytest.approx(comparison.indented[:2])
    assert left.text[0] == "Si (1 1 1)"


def test_records_in_another_frame_and_cell():
    """What `compute` gives: the primitive cell, and constants in the IEEE frame."""
    from ase.build import bulk

    record = analyze(literature()[0]["C"], bulk("Si", a=5.5), id="silicon", frame="ieee").record
    comparison = compare_faces(MEASURED[:3], [record])
    assert comparison.normal == pytest.approx(comparison.truth, abs=0.051)


def test_faces_without_a_modulus_say_why(tmp_path):
    (tmp_path / "broken.cif").write_text("hello")
    broken = MeasuredFace("x", tmp_path / "broken.cif", (1, 0, 0), 10.0)
    four = MeasuredFace("Si", EXAMPLES / "silicon.cif", (1, 0, -1, 0), 10.0)
    unstable = {"id": "NaCl", "C": np.diag([9.0, 9, 9, 3, 3, -1]).tolist(), "frame": "input"}
    records = [literature()[0], unstable]
    comparison = compare_faces([*MEASURED, broken, four], records)
    reasons = [reason for _, reason in comparison.missing]
    assert len(comparison.measured) == 3
    assert sum("unstable" in reason for reason in reasons) == 3
    assert sum("no result for its structure" in reason for reason in reasons) == 2
    assert any("hexagonal" in reason for reason in reasons)
    assert len(reasons) == 7
    with pytest.raises(InputError, match="no result has the name"):
        compare_faces(MEASURED, [{"id": "zinc", "C": None}])


def test_every_structure_is_read_once():
    crystals = structures_of(MEASURED)
    assert [Path(item.id).stem for item in crystals] == ["silicon", "NaCl", "alpha-quartz"]


def test_agreement_against_scipy():
    rng = np.random.default_rng(3)
    truth = rng.uniform(5, 50, 40).round()
    said = (truth + rng.normal(0, 8, 40)).round()
    found = agreement([*truth, np.nan], [*said, 3.0])
    assert found["count"] == 40
    assert found["pearson"] == pytest.approx(pearsonr(truth, said).statistic)
    # ranks with ties
    assert found["spearman"] == pytest.approx(spearmanr(truth, said).statistic)
    assert found["mae"] == pytest.approx(np.abs(said - truth).mean())
    assert found["bias"] == pytest.approx((said - truth).mean())


def test_agreement_of_too_few():
    assert agreement([1.0], [2.0])["pearson"] is None
    assert agreement([1.0, 1.0], [2.0, 3.0])["spearman"] is None
    assert agreement([], [])["mae"] is None
