"""Tables of the benchmark from a request, as the command line asks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.benchmark import AS_PRINTED, QUANTITIES, errors, points
from cijkl.reproduction.benchmark_tables import mean_model

from .test_columns import record, tetragonal, urea

#: folder with the whole benchmark, where it is at hand
DATA = os.environ.get("CIJKL_BENCHMARK_DATA")


def results(path, rows, factor=1.2):
    """A record whose tensor is too stiff by a factor."""
    path.write_text(json.dumps(record("UREAXX02", factor * urea(rows), tetragonal())) + "\n")
    return path


def test_tables_of_the_excerpt(rows, excerpt):
    outcome = reproduce("taniguchi-2024-table-2", Request(data=excerpt))
    printed = outcome.table("Mean absolute errors")
    said = errors(points(rows, "NNP", AS_PRINTED))
    assert list(printed.column("PFP").values()) == pytest.approx(said.mae.tolist())
    assert list(printed.column("PFP")) == list(QUANTITIES)
    assert any("--printed" in note for note in outcome.notes)
    assert "Left out because A is undefined: malonic acid (Exp)." in outcome.notes
    assert "Lost for PFP by names as they stand: anthracene; RDX; resorcinol." in outcome.notes
    assert "Lost for DFT-D by names as they stand: beta-HMX." in outcome.notes
    common = outcome.table("Same compounds for every method (")
    # aspirin, beta-HMX, citric acid, melamine, RDX and sulfur have all methods
    assert common.title.endswith("(6)")
    shared = {"aspirin", "beta-HMX", "citric acid", "melamine", "RDX", "sulfur"}
    young = QUANTITIES.index("E_RH")
    for label, method in (("S-HF-3c", "S-HF-3c"), ("DFT-D", "DFT"), ("PFP", "NNP")):
        mine = [p for p in points(rows, method) if p.compound in shared]
        assert len(mine) == 6
        bias = np.mean([p.computed[young] - p.measured[young] for p in mine])
        assert common.column(label)["E_RH bias"] == pytest.approx(bias)
    assert list(outcome.figures) == ["parity", "errors", "bias"]


def test_what_is_printed_is_set_beside(excerpt, tmp_path):
    (path := tmp_path / "p.csv").write_text("quantity,PFP\nE_RH,1.00\n")
    outcome = reproduce("taniguchi-2024-table-2", Request(data=excerpt, printed=path))
    table = outcome.table("Mean absolute errors")
    assert table.column("PFP, printed")["E_RH"] == 1.0
    ours = table.column("PFP")["E_RH"]
    assert table.column("PFP, difference")["E_RH"] == pytest.approx(round(ours, 2) - 1.0)
    assert table.column("PFP, difference")["A"] is None


def test_a_column_of_ones_own(rows, excerpt, tmp_path):
    path = results(tmp_path / "r.jsonl", rows)
    outcome = reproduce("taniguchi-2025-table-2", Request(data=excerpt, results={"mine": path}))
    assert outcome.table("Corrected").column("mine")["A"] is not None
    same = outcome.table("Same compounds for every method but DFT-D")
    assert same.title.endswith("(1)")
    by_compound = outcome.table("E_RH by compound")
    young = QUANTITIES.index("E_RH")
    (nnp,) = (p for p in points(rows, "NNP") if p.compound == "urea")
    assert by_compound.column("PFP")["urea"] == pytest.approx(nnp.computed[young])
    assert by_compound.column("mine").keys() == {"urea"}
    # no compound has a tensor by all four
    assert not [
        t for t in outcome.tables if t.title.startswith("Same compounds for every method (")
    ]
    constants = outcome.table("Constants")
    assert set(constants.column("compounds").values()) == {1}
    # the only number of the paper that is known
    printed = outcome.table("Mean absolute errors").column("distilled CHGNet, printed")
    assert {key: value for key, value in printed.items() if value is not None} == {"E_RH": 4.01}


def test_a_model_is_asked(excerpt, small_model):
    left_out = []
    examples = Path(__file__).parents[2] / "examples"
    request = Request(
        data=excerpt, structures=examples, models=(str(small_model),), report=left_out.append
    )
    outcome = reproduce("taniguchi-2024-table-2", request)
    assert outcome.table("Structures").column("id") == {"urea": "urea"}
    assert outcome.table("E_RH by compound").column("small")["urea"] > 0.0
    assert left_out == []


def test_requests_that_cannot_be_met(excerpt, rows, tmp_path):
    with pytest.raises(InputError, match="needs the structures of the compounds"):
        reproduce("taniguchi-2024-table-2", Request(data=excerpt, models=("cijkl-1",)))
    (path := tmp_path / "r.jsonl").write_text(json.dumps(record("nothing", np.eye(6))) + "\n")
    with pytest.raises(InputError, match="mine: no result is that of a compound"):
        reproduce("taniguchi-2024-table-2", Request(data=excerpt, results={"mine": path}))
    examples = Path(__file__).parents[2] / "examples"
    request = Request(data=excerpt, structures=examples, models=("a/net", "b/net"))
    with pytest.raises(InputError, match="two columns are called net"):
        reproduce("taniguchi-2024-table-2", request)


def test_readings_of_the_mean_model(rows):
    found = mean_model(rows)
    # in the excerpt all measured rows name an author
    assert found["all measured rows"] == found["rows with an author"]
    assert found["each compound once"] != found["all measured rows"]


@pytest.mark.skipif(not DATA, reason="CIJKL_BENCHMARK_DATA names no folder with the benchmark")
def test_the_whole_benchmark():
    """Numbers found before this package was written, from the same tensors by other code."""
    outcome = reproduce("taniguchi-2024-table-2", Request(data=Path(DATA)))
    corrected = outcome.table("Corrected")
    expected = {"S-HF-3c": (6.94, 42), "PFP": (3.73, 41), "DFT-D": (5.47, 14)}
    for method, (error, count) in expected.items():
        assert round(corrected.column(method)["E_RH"], 2) == error
        assert f"{method} {count}" in corrected.title
    common = outcome.table("Same compounds for every method (")
    assert common.title.endswith("(14)")
    for method, error in {"S-HF-3c": 3.84, "PFP": 4.27, "DFT-D": 5.47}.items():
        assert round(common.column(method)["E_RH MAE"], 2) == error
