"""`cijkl compute --temperature` as a user runs it; what it computes is tested in `response`."""

from __future__ import annotations

import json

import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

from cijkl import response
from cijkl.potentials import AseCalculator
from cijkl.response import computation


@pytest.mark.slow  # phonons at five volumes
def test_a_record_has_what_was_found(cijkl, tmp_path, monkeypatch):
    pytest.importorskip("phonopy")
    atoms = bulk("Al")
    line = {"id": "al", "lattice": atoms.cell.tolist(), "species": ["Al"], "frac": [[0, 0, 0]]}
    (path := tmp_path / "al.jsonl").write_text(json.dumps(line))
    other = {"potential": AseCalculator(EMT(), "emt"), "precision": None, "workers": 1}
    real = response.compute
    monkeypatch.setattr(response, "compute", lambda *a, **k: real(*a, **{**k, **other}))
    run = cijkl("compute", path, "--temperature", "200", "--json", "-")
    assert run.code == 0, run.err
    (record,) = run.records
    thermal = record["relaxation"]["thermal"]
    assert thermal["temperature"] == 200.0
    assert thermal["volume"] == pytest.approx(record["structure"]["volume"], rel=1e-5)
    assert record["engine"]["settings"]["thermal"]["temperature"] == 200.0


def test_bad_input_is_one_line(cijkl, silicon, monkeypatch):
    for arguments, message in (
        (("--temperature", "-5"), "temperature must be a number of kelvin from 0"),
        (("--temperature", "warm"), "'warm' is no finite number"),
        (("--temperature", "300", "--cell", "given"), "leave out cell='given'"),
    ):
        run = cijkl("compute", silicon, *arguments)
        assert run.code == 2, arguments
        assert message in run.err
        assert len(run.complaints) == 1, run.err
    monkeypatch.setattr(computation, "find_spec", lambda name: None)
    run = cijkl("compute", silicon, "--temperature", "300")
    assert (run.code, len(run.complaints)) == (2, 1)
    assert "pip install 'cijkl[thermal]'" in run.err
