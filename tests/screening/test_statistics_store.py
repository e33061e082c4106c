"""From a store to its pages, and to crystals again."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.screening import Store, screen
from cijkl.screening.statistics import load_columns
from cijkl.screening.statistics_page import write_report
from cijkl.structures import read

pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def store(cluster, frail, tmp_path_factory):
    """Eleven crystals by an engine that was asked for first with other settings."""
    from ase.build import bulk

    crystals = []
    for number in range(11):
        atoms = bulk("NaCl" if number % 2 else "MgO", "rocksalt", a=4.0 + 0.05 * number)
        atoms.info.update(id=f"c{number:02d}", band_gap=0.1 * number)
        crystals.append(atoms)
    path = tmp_path_factory.mktemp("store") / "all.duckdb"
    screen(crystals[:4], path, engine=frail.Frail(factor=9.0), scheduler=cluster)
    screen(crystals, path, engine=frail.Frail(), scheduler=cluster)
    return path


def test_columns_are_those_of_the_last_engine(store):
    with Store(store) as opened:
        columns = load_columns(opened)
    assert list(columns["id"]) == [f"c{number:02d}" for number in range(11)]
    for index, volume in enumerate(columns["volume"]):
        assert columns["K_hill"][index] == pytest.approx(2000.0 / volume)
        shear = 2000.0 / volume
        expected = np.diag([2 * shear] * 3 + [shear] * 3)
        expected[:3, :3] += shear / 3
        np.testing.assert_allclose(columns["C"][index], expected)
    assert columns["v_l"].dtype == float


def test_a_condition(store):
    with Store(store) as opened:
        assert list(load_columns(opened, "band_gap > 0.85")["id"]) == ["c09", "c10"]
        with pytest.raises(InputError, match="meets the condition"):
            load_columns(opened, "band_gap > 85")


def test_the_report(store, tmp_path):
    index = write_report(store, tmp_path / "report")
    assert "11 crystals" in index.read_text(encoding="utf-8")
    text = (tmp_path / "report" / "crystals" / "0.js").read_text(encoding="utf-8")
    crystals = json.loads(re.fullmatch(r"cijklCrystals\(0,(.*)\);", text).group(1))
    assert [crystal["id"] for crystal in crystals] == [f"c{number:02d}" for number in range(11)]
    for number, crystal in enumerate(crystals):
        a = 4.0 + 0.05 * number
        assert abs(np.linalg.det(crystal["lattice"])) == pytest.approx(a**3 / 4, rel=1e-3)
        assert crystal["species"] == (["Na", "Cl"] if number % 2 else ["Mg", "O"])


def test_a_store_is_a_source(store):
    found = list(read(f"store:{store}?where=band_gap < 0.25"))
    assert [crystal.id for crystal in found] == ["c00", "c01", "c02"]
    assert found[1].columns["band_gap"] == pytest.approx(0.1)
    assert found[1].atoms.get_volume() == pytest.approx(4.05**3 / 4)
    with pytest.raises(InputError, match="no such store"):
        read(f"store:{store}x")
