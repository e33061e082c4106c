"""The record has the keys and types of its layout, nothing more and nothing less."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from pydantic import ConfigDict, TypeAdapter, ValidationError

import cijkl
from cijkl import layout
from cijkl.elasticity import ElasticTensor
from cijkl.errors import Diagnostic
from cijkl.potentials import AseCalculator
from cijkl.record import SCHEMA, Engine, failed_record, ok_record
from cijkl.report import dumps

#: what the contract of schema 1 promises of every record
CONTRACT = {
    "schema", "id", "formula", "source", "status", "error", "warnings", "structure", "C", "frame",
    "stable", "eigenvalues", "moduli", "anisotropy", "directional", "acoustics", "engineering",
    "uncertainty", "engine",
}  # fmt: skip
EXTRAS = {"symmetry_class", "criteria"}
COMPUTED = {"relaxation", "response"}

PARTS = {
    "structure": {"natoms", "volume", "density", "spacegroup", "crystal_system"},
    "moduli": {"K", "G", "E", "nu"},
    "anisotropy": {"universal", "log_euclidean", "percent_K", "percent_G", "zener"},
    "directional": {"E", "beta", "G", "nu"},
    "acoustics": {"v_l", "v_t", "v_mean", "debye_temperature"},
    "engineering": {
        "pugh", "cauchy_pressure", "hardness", "fracture_toughness", "thermal_conductivity",
    },
    "engine": {"name", "version", "settings", "seconds", "evaluations"},
    "relaxation": {
        "converged", "steps", "evaluations", "seconds", "fmax", "pressure",
        "volume_change_percent", "rmsd",
    },
    "response": {
        "method", "evaluations", "seconds", "strains", "cg_iterations", "asymmetry", "C_error",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def adapter() -> TypeAdapter[Any]:
    """Validates a record strictly: no missing key, no unknown key, no conversion of types."""
    for name in layout.__all__:
        getattr(layout, name).__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    return TypeAdapter(layout.Record)


def silicon_tensor() -> ElasticTensor:
    return ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)


@pytest.fixture(scope="module")
def analyzed() -> dict[str, Any]:
    result = cijkl.analyze(
        silicon_tensor(), bulk("Si", "diamond", a=5.431), id="si", hkl=[(1, 1, 1)], uvw=[(1, 0, 0)]
    )
    return dict(result.record)


@pytest.fixture(scope="module")
def computed() -> dict[str, Any]:
    potential = AseCalculator(EMT(), "emt", version="ase")
    (result,) = cijkl.compute(bulk("Cu", cubic=True), potential)
    return dict(result.record)


@pytest.fixture(scope="module")
def failed() -> dict[str, Any]:
    potential = AseCalculator(EMT(), "emt", version="ase")
    (result,) = cijkl.compute(bulk("Fe", cubic=True), potential)
    return dict(result.record)


@pytest.mark.parametrize("kind", ["analyzed", "computed", "failed", "bare", "unstable"])
def test_every_kind_of_record_fits_the_layout(adapter, kind, request):
    if kind == "bare":
        record = cijkl.analyze(silicon_tensor()).record
    elif kind == "unstable":
        record = cijkl.analyze(np.diag([100.0, 100, 100, 40, 40, -1])).record
    else:
        record = request.getfixturevalue(kind)
    adapter.validate_python(record)
    adapter.validate_json(dumps(record))


def test_the_validation_would_notice(adapter, analyzed):
    for change in (
        {"surplus": 1},
        {"stable": "yes"},
        {"frame": "crystal"},
        {"moduli": {"K": {}}},
        {"eigenvalues": None, "C": "text"},
    ):
        with pytest.raises(ValidationError):
            adapter.validate_python({**analyzed, **change})
    del (shorter := dict(analyzed))["eigenvalues"]
    with pytest.raises(ValidationError):
        adapter.validate_python(shorter)


def test_the_keys_are_those_of_the_contract(analyzed, computed, failed):
    assert set(analyzed) == CONTRACT | EXTRAS | {"directions"}
    assert set(computed) == CONTRACT | EXTRAS | COMPUTED
    assert set(failed) == CONTRACT | EXTRAS
    for record in (analyzed, computed):
        for part, keys in PARTS.items():
            assert record.get(part) is None or keys <= set(record[part]), part
    for name in ("K", "G", "E", "nu"):
        assert set(analyzed["moduli"][name]) == {"voigt", "reuss", "hill", "rh"}
    directional = analyzed["directional"]
    second = {"E": set(), "beta": set(), "G": {"normal"}, "nu": {"transverse"}}
    for name, more in second.items():
        for side in ("min", "max"):
            assert set(directional[name][side]) == {"value", "direction"} | more
    assert analyzed["schema"] == SCHEMA == 1


def test_json_and_back(analyzed, computed, failed):
    for record in (analyzed, computed, failed):
        line = dumps(record)
        assert "\n" not in line
        assert json.loads(line) == record
        assert dumps(json.loads(line)) == line


def test_what_an_unstable_tensor_leaves_out():
    soft = ElasticTensor.from_constants("cubic", C11=50, C12=60, C44=30)
    record = cijkl.analyze(soft, bulk("Si", "diamond", a=5.431), hkl=[(1, 0, 0)]).record
    assert record["status"] == "ok"
    assert record["stable"] is False
    for key in ("moduli", "anisotropy", "directional", "acoustics", "engineering"):
        assert record[key] is None
    assert "directions" not in record
    assert record["eigenvalues"][0] == pytest.approx(-10.0)
    assert [note["code"] for note in record["warnings"]].count("unstable") == 1
    violated = [c["expression"] for c in record["criteria"] if not c["satisfied"]]
    assert violated == ["C11 - C12 > 0"]


def test_a_failure_keeps_its_reason_and_what_was_found_before(failed):
    assert failed["status"] == "failed"
    assert "Fe" in failed["error"]
    assert failed["formula"] == "Fe"
    assert failed["C"] is None
    record = failed_record(
        "id", "here", "why", Engine("e", "1", {}), warnings=[Diagnostic("a", "b")] * 2,
        relaxation=None,
    )  # fmt: skip
    assert record["warnings"] == [{"code": "a", "message": "b"}]
    assert record["relaxation"] is None


def test_copper_by_emt_is_what_emt_says(computed):
    """The EMT potential of Jacobsen, Stoltze and Norskov has C11 and C12 of copper fitted."""
    c = np.array(computed["C"])
    assert c[0, 0] == pytest.approx(c[2, 2])
    assert computed["moduli"]["K"]["hill"] == pytest.approx((c[0, 0] + 2 * c[0, 1]) / 3)
    assert computed["moduli"]["K"]["hill"] == pytest.approx(134, rel=0.1)
    assert computed["structure"]["natoms"] == 1
    assert computed["relaxation"]["converged"] is True
    assert computed["engine"]["evaluations"] == (
        computed["relaxation"]["evaluations"] + computed["response"]["evaluations"]
    )


def test_names_that_are_no_text_are_written_out():
    record = ok_record("\udcff", "/tmp/\udcff", silicon_tensor(), Engine("e", "1", {}))
    assert record["id"] == "\\udcff"
    json.loads(dumps(record)).get("id").encode("utf-8")


def test_a_result_says_whether_it_is_ok(analyzed):
    assert cijkl.analyze(silicon_tensor()).ok
    assert not cijkl.Result(failed_record("i", "s", "e", Engine("e", "1", {}))).ok
