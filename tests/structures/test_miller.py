"""Low-index faces, equivalent ones and four indices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk, make_supercell
from ase.spacegroup import crystal

from cijkl.errors import InputError
from cijkl.structures import read, symmetry
from cijkl.structures.miller import (
    equivalent_faces,
    low_index_faces,
    spacings,
    three_indices,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
HEXAGONAL = np.array([[3.0, 0, 0], [-1.5, 1.5 * 3**0.5, 0], [0, 0, 5.0]])


def faces_of(atoms, largest=2):
    return low_index_faces(atoms.cell.array, symmetry(atoms).point_operations, largest)


def test_cubic():
    """The six forms of the hexoctahedral class up to 2, with the numbers of their faces."""
    found = dict(faces_of(bulk("Si", cubic=True)))
    assert found == {
        (1, 0, 0): 6, (1, 1, 0): 12, (1, 1, 1): 8, (2, 1, 0): 24, (2, 1, 1): 24, (2, 2, 1): 24,
    }  # fmt: skip


def test_pyrite_tells_210_from_120():
    """Point group m-3 has no fourfold axis: (210), the pentagonal dodecahedron, is not (120)."""
    pyrite = crystal(
        ["Fe", "S"], [(0, 0, 0), (0.385,) * 3], spacegroup=205, cellpar=[5.418] * 3 + [90] * 3
    )
    found = dict(faces_of(pyrite))
    # (120) is one of those of (201)
    assert found[2, 1, 0] == found[2, 0, 1] == 12
    assert len(found) == 7


def test_a_polar_crystal_has_as_many_as_its_laue_class():
    (zno,) = read(EXAMPLES / "wurtzite-ZnO.cif")
    found = dict(faces_of(zno.atoms))
    assert found[0, 0, 1] == 2
    assert found[1, 0, 0] == 6
    assert found[1, 0, 1] == 12
    group = symmetry(zno.atoms).point_operations
    assert (0, 1, -1) in equivalent_faces((1, 0, 1), zno.atoms.cell.array, group)


@pytest.mark.parametrize(
    "name", ["silicon", "NaCl", "corundum", "alpha-quartz", "rutile", "urea", "FeSi4P4"]
)
def test_every_face_is_in_one_set_and_spacings_are_equal_in_it(name):
    (found,) = read(EXAMPLES / f"{name}.cif")
    cell, group = found.atoms.cell.array, symmetry(found.atoms).point_operations
    faces = low_index_faces(cell, group)
    distances = spacings([face for face, _ in faces], cell)
    assert (np.diff(distances) < 1e-5).all()
    seen = set()
    for (face, count), distance in zip(faces, distances, strict=True):
        alike = equivalent_faces(face, cell, group)
        assert len(alike) == count
        assert not alike & seen
        assert spacings(sorted(alike), cell) == pytest.approx(np.full(count, distance), rel=1e-3)
        seen |= alike
    span = range(-2, 3)
    box = {(h, k, m) for h in span for k in span for m in span if np.gcd.reduce([h, k, m]) == 1}
    assert box <= seen


def test_another_cell_gives_the_same_faces_by_other_names():
    """The primitive cell of silicon: a face of one cell is a face of the other."""
    cubic, primitive = bulk("Si", cubic=True), bulk("Si")
    group = symmetry(primitive).point_operations
    cell = primitive.cell.array
    # primitive (100) is cubic (-1 1 1), the octahedron
    alike = equivalent_faces((1, 0, 0), cell, group)
    assert len(alike) == 8
    for face in alike:
        normal = face @ np.linalg.inv(cell).T
        assert np.abs(normal) == pytest.approx(np.abs(normal).max())
    assert len(faces_of(cubic, 1)) == 3


def test_a_supercell_keeps_only_what_its_lattice_has():
    atoms = make_supercell(bulk("Cu", cubic=True), np.diag([1, 1, 2]))
    found = dict(faces_of(atoms, 1))
    # as a cell of copper doubled along z, but its point group is cubic: x and y are still alike
    assert found[1, 0, 0] == 4
    assert found[0, 0, 1] == 2


def test_spacings_by_hand():
    # 1/d^2 = 4/3 (h^2 + hk + k^2)/a^2 + l^2/c^2
    expected = [(4 / 3 * n / 9 + m / 25) ** -0.5 for n, m in ((1, 0), (0, 1), (3, 4))]
    assert spacings([(1, 0, 0), (0, 0, 1), (1, 1, 2)], HEXAGONAL) == pytest.approx(expected)


def test_four_indices():
    assert three_indices((1, 0, -1, 0), HEXAGONAL) == (1, 0, 0)
    assert three_indices((1, 1, -2, 3), HEXAGONAL) == (1, 1, 3)
    assert three_indices((1, 2, 3), np.eye(3)) == (1, 2, 3)


@pytest.mark.parametrize(
    ("indices", "cell", "message"),
    [
        ((1, 0, 1, 0), HEXAGONAL, r"third is -\(h \+ k\)"),
        ((1, 0, -1, 0), np.eye(3), "hexagonal"),
        ((1, 0), np.eye(3), "three indices"),
        ((1, 0, 0, 0, 0), np.eye(3), "three indices"),
    ],
)
def test_indices_that_are_none(indices, cell, message):
    with pytest.raises(InputError, match=message):
        three_indices(indices, cell)


def test_largest():
    with pytest.raises(InputError, match="at least 1"):
        low_index_faces(np.eye(3), np.eye(3)[None], 0)
