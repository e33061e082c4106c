from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.plots import structure_view
from cijkl.plots.drawing import drawing
from cijkl.plots.meshes import cylinders, icosphere, spheres


def volume(points: np.ndarray, triangles: np.ndarray) -> float:
    """Volume inside a closed mesh; positive if its triangles turn outwards."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6.0)


def test_icosphere_is_closed_round_and_turned_outwards() -> None:
    mesh = icosphere(8)
    assert len(mesh.points) == 10 * 64 + 2
    assert len(mesh.triangles) == 20 * 64
    np.testing.assert_allclose(np.linalg.norm(mesh.points, axis=1), 1.0)
    assert volume(mesh.points, mesh.triangles) == pytest.approx(4 / 3 * np.pi, rel=0.02)


def test_spheres_are_copies() -> None:
    unit = icosphere(8)
    mesh = spheres(np.array([[0.0, 0, 0], [5, 0, 0]]), np.array([1.0, 2.0]), unit)
    expected = volume(unit.points, unit.triangles) * (1 + 8)
    assert volume(mesh.points, mesh.triangles) == pytest.approx(expected)


def test_cylinder_has_its_length_and_radius() -> None:
    mesh = cylinders(np.zeros((1, 3)), np.array([[0.0, 0, 3]]), 0.5, sides=24)
    np.testing.assert_allclose(np.hypot(mesh.points[:, 0], mesh.points[:, 1]), 0.5)
    assert set(np.round(mesh.points[:, 2], 9)) == {0.0, 3.0}


def test_rock_salt_shows_closed_faces_and_no_bond_between_metals() -> None:
    parts = drawing(bulk("NaCl", "rocksalt", 5.64, cubic=True))
    assert len(parts.numbers) == 27
    assert len(parts.bonds) == 54
    assert {frozenset(parts.numbers[b].tolist()) for b in parts.bonds} == {frozenset({11, 17})}


def test_iron_is_bonded_to_nearest_neighbours_only() -> None:
    parts = drawing(bulk("Fe", cubic=True))
    assert len(parts.numbers) == 9
    assert len(parts.bonds) == 8


def test_molecule_cut_by_the_cell_is_made_whole() -> None:
    water = Atoms(
        "OH2",
        positions=[[0.05, 3.0, 3.0], [-0.7, 3.6, 3.0], [0.8, 3.6, 3.0]],
        cell=[6.0, 6.0, 6.0],
        pbc=True,
    )
    water.wrap()
    parts = drawing(water)
    assert len(parts.numbers) == 3
    assert len(parts.bonds) == 2
    lengths = np.linalg.norm(
        parts.positions[parts.bonds[:, 0]] - parts.positions[parts.bonds[:, 1]], axis=1
    )
    assert (lengths < 1.1).all()


def test_view_names_elements_once_and_all_atoms_on_hover() -> None:
    figure = structure_view(bulk("NaCl", "rocksalt", 5.64, cubic=True))
    assert [t.name for t in figure.data if t.type == "scatter3d" and t.name] == ["Na", "Cl"]
    hover = next(t for t in figure.data if t.text is not None and len(t.text) == 27)
    assert hover.text[0].startswith("Na1<br>(0.0000, 0.0000, 0.0000)")
    assert len(figure.to_json()) < 800_000


def test_large_cell_is_drawn_with_markers() -> None:
    figure = structure_view(bulk("Si", cubic=True) * (3, 3, 3), max_spheres=100)
    assert not any(t.type == "mesh3d" for t in figure.data)
    assert len(figure.to_json()) < 300_000


def test_crystal_of_one_atom_without_bonds() -> None:
    figure = structure_view(Atoms("Ar", cell=[5.0, 5.0, 5.0], pbc=True))
    assert sum(t.type == "mesh3d" for t in figure.data) == 1
