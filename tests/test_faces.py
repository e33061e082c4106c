"""Stiffness of faces: by hand, under symmetry, in other cells and frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell

from cijkl import ElasticTensor, analyze
from cijkl.directions import along
from cijkl.errors import InputError
from cijkl.faces import add_faces, cell_of_result, faces
from cijkl.record import Result
from cijkl.structures import read
from cijkl.structures.miller import equivalent_faces

EXAMPLES = Path(__file__).parents[1] / "examples"
SILICON = ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)
ZINC = ElasticTensor.from_constants("hexagonal", C11=163.7, C12=36.4, C13=53.0, C33=63.5, C44=38.8)


@pytest.fixture
def quartz() -> Result:
    (crystal,) = read(EXAMPLES / "alpha-quartz.cif")
    c = np.loadtxt(EXAMPLES / "quartz.txt")
    return analyze(c, crystal.atoms)


def test_silicon_by_hand():
    found = {tuple(face["hkl"]): face for face in faces(SILICON, bulk("Si", cubic=True))}
    s = np.linalg.inv(SILICON.voigt)
    assert found[1, 0, 0]["E"] == pytest.approx(1 / s[0, 0])
    assert found[1, 1, 1]["E"] == pytest.approx(
        1 / (s[0, 0] - 2 / 3 * (s[0, 0] - s[0, 1] - s[3, 3] / 2))
    )
    assert found[1, 0, 0]["G"] == pytest.approx([79.6, 79.6])
    # on (110): along the edge of the cube, and across it
    assert found[1, 1, 0]["G"] == pytest.approx([(165.7 - 63.9) / 2, 79.6])
    assert found[2, 2, 1]["spacing"] == pytest.approx(bulk("Si", cubic=True).cell[0, 0] / 3)
    # the crystal is stiffest along (111), softest along (100), by either modulus
    for key in ("E", "M"):
        order = sorted(found, key=lambda face: found[face][key])
        assert (order[0], order[-1]) == ((1, 0, 0), (1, 1, 1))
    # an indenter sees less of the difference
    assert found[1, 1, 1]["M"] / found[1, 0, 0]["M"] < found[1, 1, 1]["E"] / found[1, 0, 0]["E"]


def test_faces_that_are_asked_for_agree_with_the_directions(quartz):
    wanted = [(1, 0, 0), (1, 0, -1, 1), (0, 1, 1), (2, -1, 3)]
    found = faces(quartz.tensor, quartz.atoms, wanted)
    assert [face["hkl"] for face in found] == [[1, 0, 0], [1, 0, 1], [0, 1, 1], [2, -1, 3]]
    assert [face["multiplicity"] for face in found] == [6, 6, 6, 12]
    for face in found:
        same = along(quartz.tensor, face["hkl"], "hkl", quartz.atoms.cell.array)
        assert face["E"] == pytest.approx(same["E"])
        assert face["M"] == pytest.approx(same["M"])
        assert face["direction"] == pytest.approx(same["direction"])
        # shear with that normal is shear along it with the roles exchanged
        assert face["G"] == pytest.approx(same["G"])
    # the two rhombohedra of quartz are different faces
    assert found[1]["E"] != pytest.approx(found[2]["E"], rel=0.1)


def test_equivalent_faces_are_equal(quartz):
    from cijkl.structures import symmetry

    group = symmetry(quartz.atoms).point_operations
    for face in faces(quartz.tensor, quartz.atoms):
        alike = sorted(equivalent_faces(face["hkl"], quartz.atoms.cell.array, group))
        assert len(alike) == face["multiplicity"]
        for other in faces(quartz.tensor, quartz.atoms, alike):
            for key in ("E", "M", "spacing"):
                assert other[key] == pytest.approx(face[key], rel=1e-4)


def test_the_record_refers_to_the_cell_as_given():
    """A result in the primitive cell, strained, of a crystal given by a supercell."""
    given = make_supercell(bulk("Si", cubic=True), np.diag([1, 2, 1]))
    relaxed = bulk("Si")
    relaxed.set_cell(relaxed.cell.array * 1.03, scale_atoms=True)
    cell = cell_of_result(relaxed, given)
    assert cell == pytest.approx(1.03 * given.cell.array)
    result = add_faces(analyze(SILICON, relaxed), [(0, 1, 0), (1, 2, 1)], given=given, table=True)
    edge, body = result.record["directions"]
    assert edge["direction"] == pytest.approx([0, 1, 0])
    assert body["direction"] == pytest.approx(np.full(3, 3**-0.5))
    spacing = {tuple(face["hkl"]): face["spacing"] for face in result.record["faces"]}
    assert spacing[0, 1, 0] == pytest.approx(1.03 * given.cell[1, 1])


def test_a_relaxed_triclinic_cell_keeps_its_indices():
    given = Atoms(
        "NaF", [[0, 0, 0], [1.9, 1.6, 2.1]], cell=[[5, 0, 0], [1, 6, 0], [2, 1, 7]], pbc=True
    )
    moved = given.copy()
    moved.set_cell(given.cell.array @ (np.eye(3) + 0.04 * np.ones((3, 3))), scale_atoms=True)
    assert cell_of_result(moved, given) == pytest.approx(moved.cell.array)


def test_the_ieee_frame_is_followed(quartz):
    from cijkl.properties import ieee_rotation
    from cijkl.structures import symmetry

    zinc = bulk("Zn")
    zinc.rotate(40, (1, 2, 3), rotate_cell=True)
    turn = ieee_rotation(zinc, symmetry(zinc))
    assert not np.allclose(turn, np.eye(3))
    as_input = add_faces(analyze(ZINC.rotate(turn.T), zinc), [(0, 0, 0, 1)], table=True)
    as_ieee = add_faces(analyze(ZINC, zinc, frame="ieee"), [(0, 0, 0, 1)], table=True)
    for one, other in zip(as_input.record["faces"], as_ieee.record["faces"], strict=True):
        assert one["hkl"] == other["hkl"]
        assert one["M"] == pytest.approx(other["M"], rel=1e-6)
    assert as_ieee.record["directions"][0]["direction"] == pytest.approx([0, 0, 1], abs=1e-9)
    assert as_input.record["directions"][0]["M"] == pytest.approx(69.2, abs=0.1)


def test_a_face_that_the_crystal_lacks_is_a_warning():
    result = add_faces(analyze(SILICON, bulk("Si", cubic=True)), [(1, 0, -1, 0), (1, 0, 0)])
    assert len(result.record["directions"]) == 1
    (warning,) = result.record["warnings"]
    assert warning["code"] == "face_unknown"
    assert "hexagonal" in warning["message"]


def test_results_without_faces_come_back_as_they_are():
    unstable = analyze(np.diag([100.0, 100, 100, 30, 30, -1]), bulk("Si"))
    bare = analyze(SILICON)
    for result in (unstable, bare):
        assert add_faces(result, [(1, 0, 0)], table=True) is result
    whole = analyze(SILICON, bulk("Si"))
    assert add_faces(whole) is whole


@pytest.mark.parametrize(
    ("tensor", "hkl", "message"),
    [
        (ElasticTensor([SILICON.voigt] * 2), None, "one tensor"),
        (ElasticTensor(np.diag([100.0, 100, 100, 30, 30, -1])), None, "unstable"),
        (SILICON, [(0, 0, 0)], "no face"),
        (SILICON, [(0.5, 0, 0)], "whole numbers"),
    ],
)
def test_bad_input(tensor, hkl, message):
    with pytest.raises(InputError, match=message):
        faces(tensor, bulk("Si"), hkl)
    assert faces(SILICON, bulk("Si"), []) == []
