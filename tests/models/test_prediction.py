"""The route `predict`, with networks whose weights are random: what holds whatever they learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene, make_supercell
from scipy.spatial.transform import Rotation

import cijkl
from cijkl.elasticity import ElasticTensor, project
from cijkl.errors import InputError
from cijkl.models import load_model, predict, prediction
from cijkl.structures import Crystal, Unreadable, read, symmetry

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("silicon", "corundum", "alpha-quartz", "rutile", "urea", "FeSi4P4", "wurtzite-ZnO")


@pytest.fixture(scope="module")
def model(small_model):
    return load_model(small_model)


@pytest.fixture(scope="module")
def crystals() -> dict[str, Atoms]:
    return {name: next(read(EXAMPLES / f"{name}.cif")).atoms for name in NAMES}


def tensor_of(atoms: Atoms, model) -> ElasticTensor:
    (result,) = predict(atoms, model)
    assert result.ok, result.record["error"]
    return result.tensor


def distance(one: ElasticTensor, other: ElasticTensor) -> float:
    return float(np.linalg.norm(one.mandel - other.mandel) / np.linalg.norm(other.mandel))


@pytest.mark.parametrize("name", NAMES)
def test_the_symmetry_is_that_of_the_crystal(name, crystals, model):
    atoms = crystals[name]
    tensor, operations = tensor_of(atoms, model), symmetry(atoms).point_operations
    for operation in operations:
        assert distance(tensor.rotate(operation), tensor) < 1e-5
    # the networks have it by themselves: the projection takes out rounding only
    raw = model.ensemble.predict([atoms]).stiffness[0]
    assert distance(ElasticTensor(project(raw, operations)), ElasticTensor(raw)) < 1e-5
    assert distance(tensor, ElasticTensor(raw)) < 1e-4
    assert tensor.universal_anisotropy() > 1e-4


@pytest.mark.parametrize("name", ["corundum", "urea", "FeSi4P4"])
def test_neither_cell_nor_origin_nor_order_matters(name, crystals, model):
    atoms = crystals[name]
    tensor = tensor_of(atoms, model)
    assert distance(tensor_of(atoms.repeat((2, 1, 1)), model), tensor) < 1e-5
    skew = make_supercell(atoms, [[1, 2, 0], [0, 1, -1], [0, 0, 1]])
    assert distance(tensor_of(skew, model), tensor) < 1e-5
    moved = atoms.copy()
    moved.positions += [0.3, -1.7, 12.1]
    moved.wrap()
    assert distance(tensor_of(moved[::-1], model), tensor) < 1e-5


@pytest.mark.parametrize("name", ["corundum", "urea", "FeSi4P4"])
def test_the_tensor_turns_with_the_crystal(name, crystals, model):
    turn = Rotation.from_rotvec([0.4, -1.1, 2.0]).as_matrix()
    turned = crystals[name].copy()
    turned.set_cell(turned.cell.array @ turn.T, scale_atoms=True)
    expected = tensor_of(crystals[name], model).rotate(turn)
    assert distance(tensor_of(turned, model), expected) < 1e-5


def test_a_conventional_cell_and_a_primitive_one(model):
    for conventional in (bulk("NaCl", "rocksalt", a=5.64, cubic=True), bulk("Fe", cubic=True)):
        primitive = cijkl.structures.primitive(conventional)
        assert len(primitive) < len(conventional)
        expected = tensor_of(primitive, model)
        assert distance(tensor_of(conventional, model), expected) < 1e-5


def test_rounded_coordinates_cost_no_symmetry(crystals, model):
    exact = crystals["alpha-quartz"]
    rounded = exact.copy()
    rounded.set_scaled_positions(exact.get_scaled_positions().round(3))
    rounded.set_cell(exact.cell.array.round(3))
    tensor = tensor_of(rounded, model)
    for operation in symmetry(rounded).point_operations:
        assert distance(tensor.rotate(operation), tensor) < 1e-5
    assert distance(tensor, tensor_of(exact, model)) < 0.01


def test_the_record_is_what_analyze_says_of_the_tensor(crystals, model):
    for result in predict(crystals.values(), model):
        expected = cijkl.analyze(result.tensor, result.atoms).record
        for key in ("C", "structure", "stable", "symmetry_class", "criteria"):
            assert result.record[key] == expected[key]
        for key in ("eigenvalues", "moduli", "anisotropy", "acoustics", "engineering"):
            same(result.record[key], expected[key])
        # of directions that symmetry makes equal another may be named
        for quantity, ends in expected["directional"].items():
            for side, extreme in ends.items():
                found = result.record["directional"][quantity][side]
                assert list(found) == list(extreme)
                assert found["value"] == pytest.approx(extreme["value"], rel=1e-8)


def same(found, expected) -> None:
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for key in expected:
            same(found[key], expected[key])
    elif expected is None or isinstance(expected, str):
        assert found == expected
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7)


def test_the_uncertainty_is_that_of_the_calibration(crystals, model, small_model):
    atoms = crystals["urea"]
    (result,) = predict(atoms, model)
    said = model.ensemble.predict([atoms])
    half = model.calibration.half_widths(said.moduli, said.spread, ["tetragonal"])[0]
    found = result.record["uncertainty"]
    assert [found["K_90"], found["G_90"]] == pytest.approx(list(half), rel=1e-3)
    for key, value in (("K", said.moduli[0, 2]), ("G", said.moduli[0, 5])):
        low, high = found[f"{key}_range"]
        assert 0.5 * (high - low) == pytest.approx(found[f"{key}_90"])
        assert low * high == pytest.approx(value**2, rel=1e-3)
    deviation = model.calibration.deviation_factor * said.deviation[0]
    np.testing.assert_allclose(found["C_std"], deviation, rtol=1e-2, atol=1e-3)
    assert found["members"] == 2
    assert found["crystals"] == 30
    assert found["level"] == 0.9
    assert found["reference"] == "nothing at all"
    (alone,) = predict(atoms, load_model(small_model / "0.safetensors"))
    assert alone.record["uncertainty"] is None


def test_the_engine_is_the_model(model):
    (result,) = predict(bulk("Cu"), model, symprec=0.02)
    engine = result.record["engine"]
    assert engine["name"] == "small"
    assert engine["version"] == f"cijkl {cijkl.__version__}, weights 0.1"
    assert engine["settings"]["symprec"] == 0.02
    assert engine["settings"]["members"] == 2
    assert engine["evaluations"] is None
    assert engine["seconds"] > 0.0
    assert result.record["frame"] == "input"


def bad_ones() -> dict[str, tuple[Atoms, str]]:
    sheet = graphene(a=2.46, vacuum=7.0)
    sheet.pbc = True
    return {
        "oganesson": (bulk("Og", "fcc", a=6.0), "does not know Og (atomic number 118"),
        "layer": (sheet, "cijkl compute"),
        "empty": (Atoms(cell=np.eye(3), pbc=True), "no atoms"),
        "molecule": (Atoms("H2", [[0, 0, 0], [0, 0, 0.74]]), "periodic"),
        "collision": (Atoms("Si2", [[0, 0, 0], [0, 0, 0.3]], cell=[4, 4, 4], pbc=True), "apart"),
        "lost": (Atoms("Si", [[np.nan, 0, 0]], cell=[3, 3, 3], pbc=True), "finite"),
        "thin": (bulk("Ar", "fcc", a=15.0), "volume per atom"),
    }


def test_a_bad_crystal_fails_alone_and_in_its_place(model):
    good, bad = bulk("Cu"), bad_ones()
    items = [Crystal("first", good, "here"), Unreadable("torn", "torn.cif", "no data block")]
    for name, (atoms, _) in bad.items():
        items += [Crystal(name, atoms, "here"), Crystal(f"after {name}", good, "here")]
    results = list(predict(items, model))
    assert [result.record["id"] for result in results] == [item.id for item in items]
    for result in results:
        name = result.record["id"]
        assert result.ok == (name == "first" or name.startswith("after"))
        if name in bad:
            assert bad[name][1] in result.record["error"]
            assert result.record["C"] is None
    assert results[1].record["error"] == "no data block"


def test_a_batch_that_breaks_loses_only_what_breaks_it(model, monkeypatch):
    honest = type(model.ensemble).predict_graphs

    def frail(self, graphs):
        if any((graph.numbers == 79).any() for graph in graphs):
            raise MemoryError("gold is heavy")
        return honest(self, graphs)

    monkeypatch.setattr(type(model.ensemble), "predict_graphs", frail)
    copper, gold, silver = predict([bulk("Cu"), bulk("Au"), bulk("Ag")], model)
    assert copper.ok
    assert silver.ok
    error = "unexpected MemoryError while predicting: gold is heavy"
    assert gold.record["error"] == error
    monkeypatch.undo()
    np.testing.assert_allclose(silver.tensor, tensor_of(bulk("Ag"), model).voigt, rtol=1e-5)


def test_a_tensor_that_is_not_finite_is_no_result(model, monkeypatch):
    honest = type(model.ensemble).predict_graphs

    def broken(self, graphs):
        said = honest(self, graphs)
        said.stiffness[[(graph.numbers == 79).any() for graph in graphs]] = np.nan
        return said

    monkeypatch.setattr(type(model.ensemble), "predict_graphs", broken)
    copper, gold = predict([bulk("Cu"), bulk("Au")], model)
    assert copper.ok
    assert "finite" in gold.record["error"]


@pytest.mark.parametrize("limits", [(0, 256, 9.0), (10**9, 3, 9.0), (10**9, 256, -1.0)])
def test_crystals_are_read_a_batch_at_a_time(model, monkeypatch, limits):
    for name, limit in zip(("_EDGES", "_CRYSTALS", "_PATIENCE"), limits, strict=True):
        monkeypatch.setattr(prediction, name, limit)
    taken = []

    def source():
        for number in range(10**6):
            taken.append(number)
            yield Crystal(str(number), bulk("Cu", a=3.6 + 0.01 * (number % 7)), "here")

    results = predict(source(), model)
    assert next(results).record["id"] == "0"
    assert len(taken) == (3 if limits[1] == 3 else 1)
    found = [next(results).record["id"] for _ in range(7)]
    assert found == [str(number) for number in range(1, 8)]


def test_doubts_travel_with_the_result(model):
    (result,) = predict(bulk("Cu", a=2.8), model)
    assert result.ok
    assert "unusual_volume" in [warning["code"] for warning in result.record["warnings"]]


def test_what_cannot_be_asked():
    with pytest.raises(InputError, match="no model or file is called 'nonsense'"):
        predict(bulk("Cu"), "nonsense")
    with pytest.raises(InputError, match="symprec"):
        predict(bulk("Cu"), symprec=0.0)


def test_the_threads_of_the_user_are_restored(model, monkeypatch):
    import torch

    honest, seen = type(model.ensemble).predict_graphs, []

    def watched(self, graphs):
        seen.append(torch.get_num_threads())
        return honest(self, graphs)

    monkeypatch.setattr(type(model.ensemble), "predict_graphs", watched)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert next(predict(bulk("Cu"), model)).ok
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == [1]
