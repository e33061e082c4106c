"""Which cells are layers, however they are written down, and which are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, graphene, molecule, mx2, nanotube
from ase.lattice.hexagonal import Graphite
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cijkl.structures import layer, read

EXAMPLES = Path(__file__).parents[2] / "examples"


def phosphorene(vacuum=12.0):
    """Half the cell of black phosphorus (Brown and Rundqvist 1965, Acta Cryst. 19, 684)."""
    a, b, thickness = 3.3136, 4.3763, 2.1453
    c = thickness + vacuum
    heights = np.array([0.0, thickness, thickness, 0.0])
    positions = np.column_stack(
        [[0.0, 0.0, a / 2, a / 2], np.array([0.0806, -0.0806, 0.5806, 0.4194]) * b, heights]
    )
    return Atoms("P4", positions, cell=[a, b, c], pbc=True)


def oblique():
    cell = [[3.0, 0, 0], [-1.1, 4.2, 0], [0, 0, 15.0]]
    frac = [[0, 0, 0.5], [0.31, 0.22, 0.55], [0.61, 0.77, 0.46]]
    return Atoms("SiOC", scaled_positions=frac, cell=cell, pbc=True)


LAYERS = {
    "graphene": (graphene(a=2.46, vacuum=7.5), "hexagonal", 15.0, 0.0),
    "MoS2": (mx2("MoS2", a=3.18, thickness=3.19, vacuum=8.0), "hexagonal", 19.19, 3.19),
    "phosphorene": (phosphorene(), "rectangular", 14.1453, 2.1453),
    "oblique": (oblique(), "oblique", 15.0, 1.35),
    "slab of copper": (fcc111("Cu", (1, 1, 9), a=3.6, vacuum=5.0), "hexagonal", None, None),
}
for atoms, *_ in LAYERS.values():
    atoms.pbc = True


def unimodular(seed):
    """Integer matrix of determinant 1: another set of lattice vectors."""
    rng = np.random.default_rng(seed)
    matrix = np.eye(3, dtype=int)
    for _ in range(3):
        i, j = rng.choice(3, 2, replace=False)
        matrix[i] += rng.integers(-2, 3) * matrix[j]
    return matrix[rng.permutation(3)]


@pytest.mark.parametrize("name", LAYERS)
def test_recognised_with_its_period_and_vacuum(name):
    atoms, kind, period, thickness = LAYERS[name]
    found = layer(atoms)
    assert found.symmetry_class == kind
    if period is None:
        heights = atoms.positions[:, 2]
        period, thickness = atoms.cell[2, 2], np.ptp(heights)
    assert found.period == pytest.approx(period, abs=1e-9)
    assert found.thickness == pytest.approx(thickness, abs=1e-9)
    assert found.vacuum == pytest.approx(period - thickness, abs=1e-9)
    assert np.abs(found.normal) == pytest.approx([0, 0, 1], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(LAYERS)), st.integers(0, 10**6))
def test_the_same_however_the_cell_is_written(name, seed):
    """Rotated, shifted through the cell's faces, with other lattice vectors: one layer."""
    rng = np.random.default_rng(seed)
    rotation = Rotation.random(random_state=seed).as_matrix()
    atoms = LAYERS[name][0].copy()
    straight = layer(atoms)
    atoms.positions += rng.uniform(-20, 20, 3)
    atoms.set_cell(unimodular(seed) @ atoms.cell.array)
    atoms.set_cell(atoms.cell.array @ rotation.T, scale_atoms=False)
    atoms.positions = atoms.positions @ rotation.T
    atoms.wrap()
    found = layer(atoms)
    assert found.symmetry_class == straight.symmetry_class
    assert found.period == pytest.approx(straight.period, abs=1e-6)
    assert found.vacuum == pytest.approx(straight.vacuum, abs=1e-6)
    assert abs(np.dot(found.normal, rotation @ straight.normal)) == pytest.approx(1, abs=1e-9)
    axes = np.array(found.axes)
    assert np.cross(*axes) == pytest.approx(found.normal, abs=1e-9)
    cosines = np.abs(axes @ (rotation @ np.array(straight.axes).T))
    if straight.symmetry_class in ("rectangular", "oblique"):
        assert cosines == pytest.approx(np.eye(2), abs=1e-6)


def test_the_axes_of_an_oblique_layer_do_not_depend_on_the_side_it_is_seen_from():
    atoms = oblique()
    found = layer(atoms)
    assert found.axes[0] == pytest.approx([1, 0, 0])
    assert found.axes[1] == pytest.approx([0, 1, 0])
    atoms.set_cell(atoms.cell.array[[1, 0, 2]], scale_atoms=False)
    again = layer(atoms)
    assert np.outer(again.axes[0], again.axes[1]) == pytest.approx(
        np.outer(found.axes[0], found.axes[1])
    )


def test_x_of_a_rectangular_layer_is_its_shorter_axis():
    atoms = phosphorene()
    assert np.abs(layer(atoms).axes[0]) == pytest.approx([1, 0, 0])
    atoms.rotate(90, "z", rotate_cell=True)
    assert np.abs(layer(atoms).axes[0]) == pytest.approx([0, 1, 0])


def test_x_of_a_centred_layer_is_along_a_mirror_line_not_the_shortest_vector():
    atoms = Atoms("C", cell=[[3.0, 2.0, 0], [3.0, -2.0, 0], [0, 0, 12.0]], pbc=True)
    found = layer(atoms)
    assert found.symmetry_class == "rectangular"
    assert np.abs(found.axes[0]) == pytest.approx([0, 1, 0])


def test_a_square_layer():
    atoms = Atoms("PbS", [[0, 0, 6], [2.1, 2.1, 6]], cell=[4.2, 4.2, 12], pbc=True)
    assert layer(atoms).symmetry_class == "square"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.cif")), ids=lambda path: path.stem)
def test_no_example_of_a_crystal_is_a_layer(path):
    for crystal in read(path):
        assert layer(crystal.atoms) is None


def test_neither_layered_bulk_nor_an_expanded_stack_is_a_layer():
    graphite = Graphite("C", latticeconstant={"a": 2.46, "c": 6.71})
    assert layer(graphite) is None
    # a stack whose layers are all far apart is no slab
    stack = graphene(a=2.46, vacuum=4.0)
    stack.pbc = True
    stack += stack.copy()
    stack.set_cell([*stack.cell[:2], [0, 0, 16.0]])
    stack.positions[2:] += [0, 1.42, 8.0]
    assert layer(stack) is None


def test_neither_molecules_nor_chains_are_layers():
    water = molecule("H2O", cell=[12, 13, 14], pbc=True)
    tube = nanotube(4, 0, length=1, vacuum=6)
    tube.pbc = True
    crowded = Atoms("C2", [[0, 0, 0], [1.3, 0, 0]], cell=[2.6, 5.8, 20], pbc=True)
    skewed = Atoms("C2", [[0, 0, 0], [0, 0, 1.3]], cell=[[9, 0, 0], [4, 8, 0], [3, 2, 2.6]], pbc=1)
    for atoms in (water, tube, crowded, skewed):
        assert layer(atoms) is None


def test_molecules_close_together_in_a_plane_are_a_layer():
    flat = Atoms("He2", [[0, 0, 0], [1.5, 1.5, 1.0]], cell=[3.0, 3.2, 18.0], pbc=True)
    assert layer(flat).vacuum == pytest.approx(17.0)


def test_a_thin_gap_is_not_vacuum():
    slab = bulk("Si", cubic=True).repeat((1, 1, 2))
    for gap, expected in ((5.0, False), (6.4, False), (6.6, True), (30.0, True)):
        atoms = slab.copy()
        top = np.ptp(atoms.positions[:, 2])
        atoms.set_cell([*atoms.cell.array[:2], [0, 0, top + gap]])
        assert (layer(atoms) is not None) == expected
