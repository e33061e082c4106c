"""Changes of cells: exact for known strains, whatever cell describes the crystal."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.structures.cell_change import cell_parameters, change_of_lattice, compare_cells


def strained(atoms: Atoms, strain: np.ndarray) -> Atoms:
    other = atoms.copy()
    other.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    return other


def test_parameters_are_those_of_ase() -> None:
    cell = np.array([[4.1, 0.2, -0.5], [1.0, 5.0, 0.3], [-0.7, 0.9, 6.2]])
    atoms = Atoms("C", cell=cell, pbc=True)
    np.testing.assert_allclose(cell_parameters(cell), atoms.cell.cellpar(), rtol=1e-12)


@pytest.mark.parametrize("name", ["urea", "benzene", "dry_ice"])
@pytest.mark.parametrize("repeat", [(1, 1, 1), (2, 1, 1)])
def test_a_known_strain_is_found_in_any_setting(crystals, name: str, repeat) -> None:
    atoms = getattr(crystals, name)()
    changed = strained(atoms, np.diag([0.02, -0.01, 0.03]))
    expected = compare_cells(atoms, changed)
    np.testing.assert_allclose(expected.lengths_percent, [2, -1, 3], atol=1e-9)
    np.testing.assert_allclose(expected.angles_degrees, 0, atol=1e-9)
    growth = 1.02 * 0.99 * 1.03
    assert expected.volume_percent == pytest.approx(100 * (growth - 1))
    assert expected.density_percent == pytest.approx(100 * (1 / growth - 1))
    other = crystals.rearranged(changed, 4, crystals.OTHER_CELL).repeat(repeat)
    found = compare_cells(atoms, other)
    if name == "benzene":
        # axes of three lengths cannot be exchanged
        np.testing.assert_allclose(found.lengths_percent, [2, -1, 3], atol=1e-6)
        np.testing.assert_allclose(found.after, expected.after, atol=1e-6)
    assert sorted(found.after[:3]) == pytest.approx(sorted(expected.after[:3]), abs=1e-6)
    assert found.volume_percent == pytest.approx(expected.volume_percent, abs=1e-6)


def test_angles_change_with_shear(crystals) -> None:
    atoms = crystals.benzene()
    shear = np.zeros((3, 3))
    shear[0, 2] = shear[2, 0] = 0.01
    found = compare_cells(atoms, crystals.rearranged(strained(atoms, shear), 7))
    # tan of half the closing angle is the strain, to first order
    closed = 90 - np.degrees(2 * np.arctan(0.01))
    np.testing.assert_allclose(found.after[3:], [90, closed, 90], atol=1e-6)
    assert abs(found.angles_degrees[1]) == pytest.approx(90 - closed, abs=1e-6)


def test_a_primitive_cell_is_compared_with_a_centred_one() -> None:
    found = compare_cells(bulk("Cu", cubic=True), bulk("Cu", a=3.70))
    before = bulk("Cu", cubic=True).cell.array[0, 0]
    assert found.before == pytest.approx((before, before, before, 90, 90, 90))
    assert found.after == pytest.approx((3.7, 3.7, 3.7, 90, 90, 90))


def test_lattices_alone_conserve_mass() -> None:
    found = change_of_lattice(np.eye(3) * 4.0, np.diag([4.0, 4.0, 5.0]))
    assert found.volume_percent == pytest.approx(25.0)
    assert found.density_percent == pytest.approx(-20.0)


def test_isotopes_change_the_density_only(crystals) -> None:
    heavy = crystals.urea()
    heavy.set_masses(np.where(heavy.numbers == 1, 2.014, heavy.get_masses()))
    found = compare_cells(crystals.urea(), heavy)
    assert found.volume_percent == pytest.approx(0.0)
    assert found.density_percent == pytest.approx(100 * (8 * (2.014 - 1.008)) / 120.11, rel=1e-3)


def test_different_crystals_are_refused(crystals) -> None:
    with pytest.raises(InputError, match="different substances"):
        compare_cells(crystals.urea(), crystals.benzene())
    with pytest.raises(InputError, match="different crystals"):
        compare_cells(bulk("Cu"), bulk("Cu", a=5.5))
    with pytest.raises(InputError, match="2 and 1 atoms"):
        compare_cells(bulk("Ti"), bulk("Ti", "fcc", a=4.1))
