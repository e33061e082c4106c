"""Forms of one compound side by side."""

from __future__ import annotations

import numpy as np
from ase.build import bulk

import cijkl
from cijkl.cli.output import Output, write_results
from cijkl.faces import add_faces
from cijkl.polymorphs import form_of, polymorphs


def stiffness(c11, c12, c44):
    tensor = np.diag([c11 - c12] * 3 + [c44] * 3)
    tensor[:3, :3] += c12
    return tensor


def analysed(tensor, atoms):
    """Result with the table of faces."""
    return add_faces(cijkl.analyze(tensor, atoms), table=True)


def test_softest_and_stiffest_face():
    """Of copper, Young's modulus and M are largest along <111> and smallest along <100>."""
    copper = bulk("Cu", cubic=True)
    record = analysed(stiffness(168.4, 121.4, 75.4), copper).record
    form = form_of(record)
    assert (form.formula, form.spacegroup) == ("Cu", 225)
    assert [abs(i) for i in form.stiffest["hkl"]] == [1, 1, 1]
    assert sorted(map(abs, form.softest["hkl"])) == [0, 0, 1]
    assert form.stiffest["M"] == max(face["M"] for face in record["faces"])
    assert form_of(cijkl.analyze(stiffness(168.4, 121.4, 75.4), copper).record) is None


def test_forms_of_one_formula_only():
    tensor = stiffness(168.4, 121.4, 75.4)
    records = [
        analysed(tensor, bulk("Cu", structure, a=a, cubic=True)).record
        for structure, a in (("fcc", 3.8), ("bcc", 2.87))
    ]
    records.append(analysed(tensor, bulk("Al", cubic=True)).record)
    (forms,) = polymorphs(map(form_of, records)).values()
    assert [form.spacegroup for form in forms] == [229, 225]
    assert forms[0].density > forms[1].density


def test_the_table_follows_several_forms(capsys):
    tensor = stiffness(168.4, 121.4, 75.4)
    results = [
        analysed(tensor, bulk("Cu", structure, a=a, cubic=True))
        for structure, a in (("fcc", 3.8), ("bcc", 2.87))
    ]
    write_results(results, Output(json=None, html=None, quiet=False))
    shown = capsys.readouterr().out
    table = shown[shown.index("forms of one formula") :]
    # one tensor in one setting of the axes: both have the same faces at the ends
    assert table.count("(1 1 1) 152") == 2
    assert table.count("(1 0 0) 134") == 2
    for results_, quiet in ((results[:1], False), (results, True)):
        write_results(results_, Output(json=None, html=None, quiet=quiet))
        assert "forms of one formula" not in capsys.readouterr().out
