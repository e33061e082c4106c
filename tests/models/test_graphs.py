"""Graphs against neighbours that are counted over all images of a cell."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell
from ase.io import read

from cijkl.errors import InputError
from cijkl.models.batches import collate
from cijkl.models.graphs import Graph, GraphSettings, crystal_graph, join

EXAMPLES = Path(__file__).parents[2] / "examples"
QUARTZ = read(EXAMPLES / "alpha-quartz.cif")
SHELLS = GraphSettings("shells", 24)


def around(atoms: Atoms, cutoff: float) -> list[np.ndarray]:
    """Vectors from each atom to all others within the cutoff, by running over images."""
    cell = atoms.cell.array
    # heights of the cell say how many images a sphere reaches
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    reach = np.ceil(cutoff / heights).astype(int) + 1
    found: list[list[np.ndarray]] = [[] for _ in atoms]
    for image in itertools.product(*(range(-n, n + 1) for n in reach)):
        shift = np.array(image) @ cell
        for i, j in itertools.product(range(len(atoms)), repeat=2):
            vector = atoms.positions[j] + shift - atoms.positions[i]
            if 1e-8 < np.linalg.norm(vector) < cutoff:
                found[i].append(vector)
    return [np.array(vectors) for vectors in found]


def vectors_of(graph: Graph, atom: int) -> np.ndarray:
    return graph.vectors[graph.first == atom]


def ordered(vectors: np.ndarray) -> np.ndarray:
    rounded = np.round(vectors, 6) + 0.0
    return rounded[np.lexsort(rounded.T)]


def skewed(seed: int) -> Atoms:
    rng = np.random.default_rng(seed)
    cell = 3.5 * np.eye(3) + rng.normal(scale=0.8, size=(3, 3))
    return Atoms("NaClO", cell=cell, scaled_positions=rng.random((3, 3)), pbc=True)


@pytest.mark.parametrize("seed", range(3))
def test_within_finds_every_image(seed):
    atoms = skewed(seed)
    graph = crystal_graph(atoms, GraphSettings("within", cutoff=5.0))
    expected = around(atoms, 5.0)
    for atom, vectors in enumerate(expected):
        np.testing.assert_allclose(ordered(vectors_of(graph, atom)), ordered(vectors), atol=1e-6)
    assert len(graph.first) == sum(map(len, expected))


@pytest.mark.parametrize("atoms", [QUARTZ, skewed(0), skewed(5)], ids=["quartz", "a", "b"])
def test_shells_are_the_nearest_and_whole(atoms):
    graph = crystal_graph(atoms, SHELLS)
    for atom, vectors in enumerate(around(atoms, 7.0)):
        lengths = np.sort(np.linalg.norm(vectors, axis=1))
        kept = np.linalg.norm(vectors_of(graph, atom), axis=1)
        count = len(kept)
        assert 24 / 3 <= count <= 24
        np.testing.assert_allclose(kept, lengths[:count], atol=1e-8)
        assert lengths[count] - lengths[count - 1] > 0.01
        # a further shell would have been too many
        gaps = np.flatnonzero(np.diff(lengths) > 0.01) + 1
        assert gaps[gaps > count].min() > 24


@pytest.mark.parametrize(
    ("atoms", "count"),
    [
        (bulk("Cu"), 12 + 6),  # the third shell of fcc has 24
        (bulk("Fe"), 8 + 6),  # the third of bcc 12, together 26
        (bulk("Si"), 4 + 12),  # the third of diamond 12
        (bulk("NaCl", "rocksalt", a=5.64), 6 + 12),  # the third 8
    ],
    ids=["fcc", "bcc", "diamond", "rocksalt"],
)
def test_shells_of_simple_crystals(atoms, count):
    graph = crystal_graph(atoms, SHELLS)
    np.testing.assert_array_equal(np.bincount(graph.first), count)


@pytest.mark.parametrize(("neighbours", "count"), [(1, 12), (12, 12), (13, 18), (19, 42)])
def test_nearest_ends_with_the_shell_of_the_last(neighbours, count):
    graph = crystal_graph(bulk("Cu"), GraphSettings("nearest", neighbours, 8.0))
    assert len(graph.first) == count


def test_nearest_ends_at_the_cutoff():
    # lattice parameter 3.61: shells at 2.55 and 3.61 A
    assert len(crystal_graph(bulk("Cu"), GraphSettings("nearest", 40, 3.7)).first) == 18


def test_edges_are_sorted_and_point_both_ways():
    graph = crystal_graph(QUARTZ, SHELLS)
    lengths = np.linalg.norm(graph.vectors, axis=1)
    assert (np.diff(graph.first) >= 0).all()
    same = np.diff(graph.first) == 0
    assert (np.diff(lengths)[same] > -1e-9).all()
    # the end of each edge is an image of the atom that is named
    ends = QUARTZ.positions[graph.first] + graph.vectors - QUARTZ.positions[graph.second]
    images = ends @ np.linalg.inv(QUARTZ.cell.array)
    np.testing.assert_allclose(images, np.round(images), atol=1e-8)
    np.testing.assert_array_equal(graph.numbers, QUARTZ.numbers)
    assert graph.volumes == pytest.approx([QUARTZ.get_volume()])


@pytest.mark.parametrize("settings", [SHELLS, GraphSettings("nearest", 12, 8.0)])
@pytest.mark.parametrize("case", ["supercell", "other cell", "origin"])
def test_surroundings_do_not_depend_on_the_description(settings, case):
    graph = crystal_graph(QUARTZ, settings)
    if case == "origin":
        other = QUARTZ.copy()
        other.translate([0.37, -1.2, 2.9])
        other.wrap()
    elif case == "supercell":
        other = make_supercell(QUARTZ, [[2, 0, 0], [0, 1, 0], [0, 1, 1]])
    else:
        other = make_supercell(QUARTZ, [[1, 1, 0], [0, 1, 0], [1, 0, 1]])
    again = crystal_graph(other, settings)
    assert len(again.first) == len(graph.first) * len(other) // len(QUARTZ)
    known = {(n, ordered(vectors_of(graph, i)).tobytes()) for i, n in enumerate(graph.numbers)}
    found = {(n, ordered(vectors_of(again, i)).tobytes()) for i, n in enumerate(again.numbers)}
    assert found == known


def test_join_and_collate_put_crystals_side_by_side():
    graphs = [crystal_graph(atoms, SHELLS) for atoms in (QUARTZ, bulk("Cu"), bulk("Si"))]
    both = join(graphs)
    np.testing.assert_array_equal(both.counts, [9, 1, 2])
    np.testing.assert_array_equal(both.numbers, [*QUARTZ.numbers, 29, 14, 14])
    np.testing.assert_array_equal(both.crystal, [0] * 9 + [1] + [2] * 2)
    copper = both.first == 9
    np.testing.assert_array_equal(both.second[copper], 9)
    np.testing.assert_array_equal(both.vectors[copper], graphs[1].vectors)
    # no edge joins two crystals
    np.testing.assert_array_equal(both.crystal[both.first], both.crystal[both.second])
    batch = collate(graphs)
    assert len(batch) == 3
    values = np.arange(12.0)
    mean = batch.mean(batch.numbers.float() * 0 + batch.counts.new_tensor(values))
    np.testing.assert_allclose(mean.numpy(), [values[:9].mean(), 9.0, 10.5])


def test_atoms_at_one_place_are_refused():
    atoms = Atoms("H2", cell=3 * np.eye(3), positions=[[0, 0, 0], [0, 0, 1e-5]], pbc=True)
    with pytest.raises(InputError, match="share a place"):
        crystal_graph(atoms, SHELLS)


def test_atoms_without_neighbours_are_refused():
    atoms = Atoms("He", cell=9 * np.eye(3), pbc=True)
    with pytest.raises(InputError, match="no neighbour within 8 A"):
        crystal_graph(atoms, GraphSettings("within", cutoff=8.0))


def test_shells_know_no_length():
    """A crystal ten times as large has the same neighbours, ten times as far."""
    small, large = bulk("Cu", a=3.6), bulk("Cu", a=36.0)
    near, far = crystal_graph(small, SHELLS), crystal_graph(large, SHELLS)
    np.testing.assert_allclose(ordered(far.vectors / 10.0), ordered(near.vectors), atol=1e-6)
