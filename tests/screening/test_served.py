"""A store written for an OPTIMADE server: one that ships with `optimade` serves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk

from cijkl.screening import Store, screen
from cijkl.screening.export import export
from cijkl.structures import read

pytest.importorskip("duckdb")
pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def served(cluster, frail, optimade_server, tmp_path_factory) -> tuple[str, Path]:
    """Address of a server of twelve crystals, and the store that it has them from."""
    folder = tmp_path_factory.mktemp("served")
    crystals = []
    for number in range(12):
        atoms = bulk(("NaCl", "MgO", "Cu")[number % 3], ("rocksalt", "rocksalt", "fcc")[number % 3],
                     a=4.0 + 0.1 * number)  # fmt: skip
        atoms.info["id"] = f"c{number:02d}"
        crystals.append(atoms)
    store = folder / "all.duckdb"
    screen(crystals, store, engine=frail.Frail(), scheduler=cluster)
    with Store(store) as opened:
        assert export(opened, "SELECT * FROM screened", folder / "all.jsonl", "optimade") == 12
    fields = {"structures": ["K_hill"]}
    return optimade_server(folder / "all.jsonl", aliases={}, provider_fields=fields), store


@pytest.mark.slow  # a server starts
def test_a_server_gives_the_crystals_that_the_store_holds(served, monkeypatch, tmp_path):
    address, store = served
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("CIJKL_CACHE", str(tmp_path))
    found = {crystal.id: crystal for crystal in read(f"optimade:{address}")}
    with Store(store) as opened:
        expected = {crystal.id: crystal for crystal in opened.crystals()}
    assert found.keys() == expected.keys()
    for name, crystal in found.items():
        np.testing.assert_allclose(crystal.atoms.cell.array, expected[name].atoms.cell.array)
        np.testing.assert_allclose(crystal.atoms.positions, expected[name].atoms.positions)
        assert list(crystal.atoms.symbols) == list(expected[name].atoms.symbols)
    salts = read(f'optimade:{address}?filter=elements HAS "Cl" AND nsites=2')
    assert {crystal.id for crystal in salts} == {"c00", "c03", "c06", "c09"}
