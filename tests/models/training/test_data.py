from __future__ import annotations

import numpy as np
import pytest
import torch
from ase import Atoms
from ase.build import bulk

from cijkl.datasets import Example, load_dataset
from cijkl.elasticity import from_constants
from cijkl.errors import InputError
from cijkl.models import graph_cache
from cijkl.models.batches import MODULI
from cijkl.models.graph_cache import cached_graphs, graphs_or_none
from cijkl.models.graphs import GraphSettings, crystal_graph
from cijkl.models.training.data import batches, labelled_graphs, merged
from cijkl.structures import Crystal

from .crystals import CUBIC, write

SHELLS = GraphSettings("shells", 24)
SILICON = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})
TWICE = Atoms("H2", cell=3 * np.eye(3), positions=np.zeros((2, 3)), pbc=True)


def example(name: str, atoms: Atoms, stiffness: np.ndarray | None = None, **moduli: float):
    return Example(Crystal(name, atoms, "here"), moduli, stiffness)


def test_labels_of_one_crystal_are_put_together():
    first = example("a", bulk("Si"), K_VRH=98.0)
    second = example("a", bulk("Si"), SILICON, K_VRH=1.0, G_VRH=66.0)
    (found,) = merged([[first], [second]])
    assert found.moduli == {"K_VRH": 98.0, "G_VRH": 66.0}
    assert found.stiffness is SILICON


def test_a_tensor_stays_with_its_axes():
    """The same crystal in another cell: the cell comes with the tensor."""
    turned = bulk("Si")
    turned.rotate(30, "z", rotate_cell=True)
    first = example("a", bulk("Si"), K_VRH=98.0)
    second = example("a", turned, SILICON)
    (found,) = merged([[first], [second]])
    np.testing.assert_array_equal(found.crystal.atoms.cell.array, turned.cell.array)
    assert found.stiffness is SILICON
    assert found.moduli == {"K_VRH": 98.0}


def test_ids_that_are_equal_by_chance():
    parts = [[example("set#1", bulk(name), K_VRH=50.0)] for name in ("Si", "Cu", "Cu")]
    found = merged(parts)
    assert [(e.id, e.formula) for e in found] == [("set#1", "Si"), ("set#1#2", "Cu")]


def test_crystals_without_a_graph_are_left_out():
    rows = [example("H", TWICE, K_VRH=1.0), example("Si", bulk("Si"), K_VRH=98.0)]
    found = labelled_graphs(rows, SHELLS, ("dft",))
    assert found.ids == ["Si"]
    np.testing.assert_allclose(10 ** found.targets.log10_moduli[0, MODULI.index("K_VRH")], 98.0)
    with pytest.raises(InputError, match="none of the crystals"):
        labelled_graphs(rows[:1], SHELLS, ("dft",))


def test_an_epoch_holds_every_crystal_once(tmp_path):
    data = labelled_graphs(load_dataset(write(tmp_path / "set.jsonl")), SHELLS, ("dft",))
    torch.manual_seed(0)
    seen, orders = [], []
    for _ in range(2):
        order = []
        for graphs, targets in batches(data, 5, shuffle=True):
            assert len(graphs) == len(targets) <= 5
            for row in range(len(graphs)):
                atoms = graphs.crystal == row
                order.append(
                    (tuple(graphs.numbers[atoms].tolist()), float(targets.stiffness[row, 0, 0, 0]))
                )
        seen.append(sorted(order))
        orders.append(order)
    expected = sorted(
        (tuple(atoms.numbers.tolist()), constants[0]) for atoms, constants in CUBIC.values()
    )
    assert seen == [expected, expected]
    assert orders[0] != orders[1]


def test_no_crystal_is_left_by_itself_where_that_cannot_be():
    rows = [example(f"Si {n}", bulk("Si"), K_VRH=98.0) for n in range(9)]
    data = labelled_graphs(rows, SHELLS, ("dft",))

    def sizes(part, size, **options):
        return [len(targets) for _, targets in batches(part, size, shuffle=True, **options)]

    assert sizes(data, 4) == [4, 4, 1]
    assert sizes(data, 4, alone=False) == [4, 4]
    assert sizes(data, 5, alone=False) == [5, 4]
    assert sizes(data.subset(np.arange(9) < 1), 4, alone=False) == [1]


def test_subset():
    rows = [example(name, CUBIC[name][0], K_VRH=10.0) for name in ("Si", "Cu", "W")]
    data = labelled_graphs(rows, SHELLS, ("dft",))
    part = data.subset(np.array([True, False, True]))
    assert part.ids == ["Si", "W"]
    assert part.formulas == ["Si", "W"]
    assert len(part) == len(part.targets) == 2
    assert part.graphs[1].numbers.tolist() == [74]


def structures() -> list[Atoms]:
    return [*(atoms.copy() for atoms, _ in CUBIC.values()), TWICE]


def same(first, second) -> None:
    assert (first is None) == (second is None)
    if first is not None:
        for name in ("numbers", "crystal", "volumes", "first", "second", "vectors"):
            left, right = getattr(first, name), getattr(second, name)
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)


def test_graphs_from_the_disk_are_the_same(tmp_path, monkeypatch):
    fresh = cached_graphs(structures(), SHELLS, tmp_path / "cache")
    assert fresh[-1] is None
    assert len(list((tmp_path / "cache").iterdir())) == 1
    monkeypatch.setattr(graph_cache, "graphs_or_none", None)  # nothing is made anew
    for atoms, graph, again in zip(
        structures(), fresh, cached_graphs(structures(), SHELLS, tmp_path / "cache"), strict=True
    ):
        same(graph, again)
        if graph is not None:
            same(graph, crystal_graph(atoms, SHELLS))


def test_other_crystals_or_settings_are_other_files(tmp_path):
    moved = structures()
    moved[0].positions[1] += 1e-9
    for rows, settings in (
        (structures(), SHELLS),
        (moved, SHELLS),
        (structures()[1:], SHELLS),
        (structures(), GraphSettings("shells", 23)),
        (structures(), GraphSettings("nearest", 24)),
    ):
        cached_graphs(rows, settings, tmp_path)
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("damage", ["cut", "noise", "empty", "other"])
def test_a_damaged_file_is_made_anew(tmp_path, damage):
    fresh = cached_graphs(structures(), SHELLS, tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "noise":
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    elif damage == "empty":
        file.write_bytes(b"")
    else:
        np.savez(file, atoms=np.array([1]))
    for graph, again in zip(fresh, cached_graphs(structures(), SHELLS, tmp_path), strict=True):
        same(graph, again)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert len(file.read_bytes()) == len(whole)


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    found = cached_graphs(structures()[:2], SHELLS, tmp_path)
    for graph, expected in zip(found, graphs_or_none(structures()[:2], SHELLS), strict=True):
        same(graph, expected)
    assert list(tmp_path.iterdir()) == []
