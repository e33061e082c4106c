"""Hydrogen atoms that are missing: seen, refused with their names, or put where they belong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from scipy.optimize import linear_sum_assignment

from cijkl.errors import InputError
from cijkl.structures import Crystal, read
from cijkl.structures.cif_checks import STATED
from cijkl.structures.hydrogens import (
    add_hydrogens,
    check_choice,
    complete,
    refuse_missing_hydrogens,
)
from cijkl.structures.riding import LENGTHS


def boxed(name: str) -> Atoms:
    atoms = molecule(name)
    atoms.set_cell([11.0, 12.0, 13.0])
    atoms.pbc = True
    # across faces of the cell
    atoms.wrap()
    return atoms


def without(atoms: Atoms, drop: np.ndarray | None = None) -> Atoms:
    """The crystal without some of its hydrogen atoms, or all."""
    keep = atoms.numbers != 1
    if drop is not None:
        keep = np.ones(len(atoms), dtype=bool)
        keep[drop] = False
    return atoms[keep]


def largest_miss(before: Atoms, after: Atoms, kept: int) -> float:
    """How far the hydrogen atoms added are from those that were there, the worst, A."""
    there = before.positions[before.numbers == 1]
    added = after.positions[kept:]
    steps = added[:, None] - there[None]
    fractional = steps @ np.linalg.inv(before.cell.array)
    fractional -= np.rint(fractional)
    distances = np.linalg.norm(fractional @ before.cell.array, axis=-1)
    rows, columns = linear_sum_assignment(distances)
    return float(distances[rows, columns].max())


#: molecules of the G2 set, geometry optimised at MP2 level: CH, CH2, CH3, =CH2, triple-bonded CH
@pytest.mark.parametrize(
    "name",
    [
        "C6H6",
        "C2H2",
        "C4H4O",
        "C4H4S",
        "C5H5N",
        "cyclobutane",
        "cyclobutene",
        "isobutane",
        "C3H8",
        "trans-butane",
        "butadiene",
        "methylenecyclopropane",
        "CH3OCH3",
        "CH3SCH3",
        "CH3CH2OCH3",
    ],
)
def test_molecules_of_one_solution_are_completed(name: str) -> None:
    atoms = boxed(name)
    bare = without(atoms)
    bare.info[STATED] = int((atoms.numbers == 1).sum())
    try:
        found, notes = add_hydrogens(bare)
    except InputError as error:
        pytest.fail(f"{name}: {error}")
    assert found.get_chemical_formula() == atoms.get_chemical_formula()
    assert [note.code for note in notes] == ["added_hydrogens"]
    # furan bends its CH beside oxygen by 9 degrees
    assert largest_miss(atoms, found, len(bare)) < (0.18 if name == "C4H4O" else 0.12)
    np.testing.assert_array_equal(found.positions[: len(bare)], bare.positions)
    assert STATED not in found.info


def test_benzene_is_completed_whatever_is_missing(crystals) -> None:
    atoms = crystals.benzene()
    hydrogens = np.flatnonzero(atoms.numbers == 1)
    for drop in (hydrogens, hydrogens[:1], hydrogens[::3]):
        bare = without(atoms, drop)
        found, notes = add_hydrogens(bare)
        assert len(found) == len(atoms)
        assert notes[0].message.startswith(f"{len(drop)} hydrogen atoms were missing")
        assert largest_miss(atoms, found, len(bare)) < 0.1
        carbon = found.positions[found.numbers == 6]
        arms = np.linalg.norm(found.positions[len(bare) :][:, None] - carbon, axis=-1)
        assert np.isclose(arms, LENGTHS[6], atol=1e-9).sum() >= len(drop) // 2


def test_symmetry_is_kept(crystals) -> None:
    from cijkl.structures import symmetry

    found, _ = add_hydrogens(without(crystals.benzene()))
    assert symmetry(found).number == 61
    other, _ = add_hydrogens(without(crystals.rearranged(crystals.benzene(), 8)))
    assert symmetry(other).number == 61


def test_nitrogen_of_urea_is_flat(crystals) -> None:
    atoms = crystals.urea()
    found, _ = add_hydrogens(without(atoms))
    assert len(found) == len(atoms)
    assert largest_miss(atoms, found, 8) < 0.1


@pytest.mark.parametrize(
    ("atoms", "words"),
    [
        (without(boxed("CH3CH2OH")), "on O.* and cannot be added by geometry: hydrogen on oxygen"),
        (without(boxed("CH3COF")), "flat atom can turn"),
        (without(boxed("CH3CH2NH2")), "amino groups"),
        (without(boxed("C2H4")), "double bond whose plane is not known"),
        (without(boxed("H2CO")), "double bond whose plane is not known"),
    ],
)
def test_what_has_no_single_place_is_refused_by_name(atoms: Atoms, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        add_hydrogens(atoms)
    assert "\n" not in str(caught.value)
    assert "complete the structure" in str(caught.value)


def pyrrole_and_pyridine() -> tuple[Atoms, Atoms]:
    return boxed("C4H4NH"), boxed("C5H5N")


def test_the_formula_decides_where_lengths_do_not() -> None:
    """Nitrogen bears hydrogen in pyrrole, none in pyridine."""
    for atoms in pyrrole_and_pyridine():
        bare = without(atoms)
        with pytest.raises(InputError, match=r"whether N\d bear hydrogen cannot be told"):
            add_hydrogens(bare)
        bare.info[STATED] = int((atoms.numbers == 1).sum())
        found, _ = add_hydrogens(bare)
        assert found.get_chemical_formula() == atoms.get_chemical_formula()
        assert largest_miss(atoms, found, len(bare)) < 0.1
        bare.info[STATED] += 2
        with pytest.raises(InputError, match="more than its sites"):
            add_hydrogens(bare)


def test_an_acid_or_its_ion() -> None:
    """Carboxyl oxygen without hydrogen beside CH that lacks it."""
    atoms = boxed("HCOOH")
    bare = without(atoms)
    with pytest.raises(InputError, match="O"):
        add_hydrogens(bare)


def test_no_room_for_hydrogen_is_no_place_for_it() -> None:
    small = molecule("C6H6")
    small = small[small.numbers == 6]
    small.set_cell([4.3, 9.0, 9.0])
    small.pbc = True
    with pytest.raises(InputError, match="there is another atom"):
        add_hydrogens(small)


def test_complete_crystals_are_left_alone(crystals) -> None:
    for atoms in (crystals.benzene(), crystals.urea(), crystals.dry_ice(), boxed("C5H5N")):
        refuse_missing_hydrogens(atoms)
        found, notes = add_hydrogens(atoms)
        assert found is atoms
        assert notes == ()
        crystal = Crystal("id", atoms, "here")
        for how in ("refuse", "add", "keep"):
            assert complete(crystal, how) is crystal


def test_choices(crystals) -> None:
    bare = Crystal("id", without(crystals.benzene()), "here")
    with pytest.raises(InputError, match="hydrogen is missing on C1, C2, C3, C4, C5, C6 and 18 m"):
        complete(bare)
    assert complete(bare, "keep") is bare
    added = complete(bare, "add")
    assert len(added.atoms) == 48
    assert [note.code for note in added.diagnostics] == ["added_hydrogens"]
    # minerals and metals are no concern of it
    for atoms in (bulk("Si"), bulk("C"), bulk("TiC", "rocksalt", a=4.33)):
        assert complete(Crystal("id", atoms, "here")).atoms is atoms
    with pytest.raises(InputError, match="'refuse', 'add' or 'keep', not 'drop'"):
        check_choice("drop")


CIF = """data_benzene
_chemical_formula_sum 'C6 H6'
_cell_length_a 7.44
_cell_length_b 9.55
_cell_length_c 6.92
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'P b c a'
_space_group_IT_number 61
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
C1 -0.0569 0.1387 -0.0054
C2 -0.1335 0.0460 0.1264
C3 -0.0774 -0.0925 0.1295
"""


def test_a_cif_without_hydrogen(tmp_path) -> None:
    path = tmp_path / "benzene.cif"
    path.write_text(CIF)
    (crystal,) = read(path)
    assert crystal.atoms.info[STATED] == 24
    assert "missing_hydrogens" in [note.code for note in crystal.diagnostics]
    with pytest.raises(InputError, match="hydrogen is missing on"):
        complete(crystal)
    added = complete(crystal, "add")
    assert added.atoms.get_chemical_formula() == "C24H24"
    codes = [note.code for note in added.diagnostics]
    assert "added_hydrogens" in codes
    assert "missing_hydrogens" not in codes
    # a formula that asks for more is not met by geometry
    path.write_text(CIF.replace("C6 H6", "C6 H7"))
    (crystal,) = read(path)
    with pytest.raises(InputError, match="24 hydrogen atoms can be added by geometry, but"):
        complete(crystal, "add")


def test_a_formula_with_more_hydrogen_is_refused_even_where_valences_are_met(crystals) -> None:
    atoms = crystals.benzene()
    atoms.info[STATED] = 4
    with pytest.raises(InputError, match="formula has 4 more hydrogen atoms"):
        complete(Crystal("id", atoms, "here"))
    note = replace(complete(Crystal("id", atoms, "here"), "keep"), id="other")
    assert note.atoms is atoms


def test_routes_refuse_or_add(tmp_path, small_model) -> None:
    import cijkl

    path = tmp_path / "benzene.cif"
    path.write_text(CIF)
    (refused,) = cijkl.predict(path, small_model)
    assert not refused.ok
    assert refused.record["error"].startswith("hydrogen is missing on C1, ")
    (added,) = cijkl.predict(path, small_model, hydrogens="add")
    assert added.ok
    assert added.record["structure"]["natoms"] == 48
    assert "added_hydrogens" in [note["code"] for note in added.record["warnings"]]
    assert added.record["engine"]["settings"]["hydrogens"] == "add"
    (kept,) = cijkl.predict(path, small_model, hydrogens="keep")
    assert kept.record["structure"]["natoms"] == 24
    assert "missing_hydrogens" in [note["code"] for note in kept.record["warnings"]]


def test_nothing_is_computed_of_a_crystal_that_lacks_hydrogen(tmp_path) -> None:
    import cijkl

    path = tmp_path / "benzene.cif"
    path.write_text(CIF)
    asked: list[Atoms] = []

    class Counting:
        name, version = "counting", "test"
        settings: dict[str, str] = {}  # noqa: RUF012  # read only

        def evaluate(self, structures):
            asked.extend(structures)
            raise InputError("no answer")

    (refused,) = cijkl.compute(path, Counting())
    assert refused.record["error"].startswith("hydrogen is missing on C1, ")
    assert not asked
    (added,) = cijkl.compute(path, Counting(), hydrogens="add")
    assert len(asked[0]) == 48
    assert "added_hydrogens" in [note["code"] for note in added.record["warnings"]]
    with pytest.raises(InputError, match="hydrogens must be"):
        cijkl.compute(path, Counting(), hydrogens="perhaps")
