"""Datasets by name or path."""

from __future__ import annotations

import json

import pytest
from ase.build import bulk

from cijkl.datasets import NAMES, load
from cijkl.errors import InputError


def test_a_path_is_read_with_its_options(tmp_path):
    atoms = bulk("Si")
    record = {
        "id": "a", "lattice": atoms.cell.array.tolist(), "species": ["Si", "Si"],
        "frac": atoms.get_scaled_positions().tolist(), "K_VRH": 2.0,
    }  # fmt: skip
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(record))
    (example,) = load(path, log10=True)
    assert example.moduli["K_VRH"] == pytest.approx(100.0)
    assert load(str(path), log10=False)[0].moduli["K_VRH"] == 2.0


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("matbench_log_kvhr", "did you mean matbench_log_kvrh"),
        ("elastic", "known are matbench_log_kvrh, matbench_log_gvrh"),
        ("data/absent", "no such file"),
        ("absent.jsonl", "no such file"),
    ],
)
def test_what_is_neither(name, match, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=match):
        load(name)


def test_names_take_few_options():
    assert NAMES == ("matbench_log_kvrh", "matbench_log_gvrh")
    with pytest.raises(InputError, match="takes no option log10"):
        load(NAMES[0], log10=True)
