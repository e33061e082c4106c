"""The argument `hkl` of the routes."""

from __future__ import annotations

import pytest
from ase.build import bulk

from cijkl import compute, predict
from cijkl.asked_faces import asked_faces
from cijkl.errors import InputError


def test_texts_and_numbers_are_faces():
    assert asked_faces("1 1 0") == asked_faces([(1, 1, 0)]) == asked_faces(["1 1 0"])
    assert not asked_faces(())
    assert asked_faces("all").table


@pytest.mark.parametrize("hkl", ["0 0 0", [(1, 2)], ["x"]])
def test_what_is_no_face_is_refused_at_once(hkl):
    with pytest.raises(InputError):
        predict(bulk("Si"), hkl=hkl)
    with pytest.raises(InputError):
        compute(bulk("Si"), hkl=hkl)


def test_faces_need_the_order_of_the_crystals():
    with pytest.raises(InputError, match="ordered"):
        compute(bulk("Si"), hkl="1 0 0", ordered=False)


def test_each_result_has_the_faces_of_its_own_cell():
    cubic, primitive = bulk("Si", cubic=True), bulk("Si")
    first, second = predict([cubic, primitive], hkl=["1 1 1", (1, 0, 0)])
    assert [d["hkl"] for d in first.record["directions"]] == [[1, 1, 1], [1, 0, 0]]
    # the face (100) of the primitive cell is a (111) face of the cubic one
    one_eleven, other = first.record["directions"][0], second.record["directions"][1]
    assert other["E"] == pytest.approx(one_eleven["E"], rel=1e-6)
    assert other["M"] == pytest.approx(one_eleven["M"], rel=1e-6)
