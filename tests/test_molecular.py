"""The record's `packing`: contacts of molecules beside Young's modulus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from pydantic import TypeAdapter

import cijkl
from cijkl import layout
from cijkl.elasticity import ElasticTensor
from cijkl.molecular import relaxation_facts
from cijkl.response import Group
from cijkl.structures import read, symmetrise, symmetry
from cijkl.structures.hydrogen_bonds import hydrogen_bonds
from cijkl.structures.packing import packing_similarity
from tests.response.harmonic_crystal import HarmonicCrystal

EXAMPLES = Path(__file__).parents[1] / "examples"

#: urea, GPa, measured: S. Haussuehl, Z. Kristallogr. 216, 339 (2001)
UREA = {"C11": 11.73, "C33": 53.98, "C12": 10.72, "C13": 9.16, "C44": 6.19, "C66": 10.63}


def urea() -> Atoms:
    return next(iter(read(EXAMPLES / "urea.cif"))).atoms  # type: ignore[union-attr]


def urea_tensor() -> ElasticTensor:
    return ElasticTensor.from_constants("tetragonal", **UREA)


def packing(atoms: Atoms, tensor: ElasticTensor | None = None, **options):
    return cijkl.analyze(urea_tensor() if tensor is None else tensor, atoms, **options).record[
        "packing"
    ]


def test_urea_is_stiff_along_its_chains() -> None:
    found = packing(urea())
    TypeAdapter(layout.Packing).validate_python(found)
    assert found["molecules"] == 2
    assert [(b["donor"], b["acceptor"], b["count"]) for b in found["hydrogen_bonds"]] == [
        ("N", "O", 4),
        ("N", "O", 4),
    ]
    assert found["hydrogen_bond_network"]["dimensionality"] == 3
    assert (found["rings"], found["stacks"], found["stack_network"]) == (0, [], None)
    first, second, third = found["axes"]
    assert first["E"] == pytest.approx(second["E"])
    assert third["E"] == pytest.approx(1.0 / urea_tensor().compliance[2, 2])
    assert third["E"] > 10 * first["E"]
    assert third["hydrogen_bonds"] > first["hydrogen_bonds"]
    # axes at right angles share out every bond
    assert sum(axis["hydrogen_bonds"] for axis in found["axes"]) == pytest.approx(1.0)
    assert all(axis["stacks"] is None for axis in found["axes"])


def test_shares_are_those_of_the_bonds_one_by_one() -> None:
    bonds = hydrogen_bonds(urea())
    expected = np.mean([np.array(bond.direction) ** 2 for bond in bonds], axis=0)
    found = [axis["hydrogen_bonds"] for axis in packing(urea())["axes"]]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("repeat", [(2, 1, 1), (1, 1, 3)])
def test_a_larger_cell_holds_more_of_the_same(repeat) -> None:
    one, many = packing(urea()), packing(urea().repeat(repeat))
    times = int(np.prod(repeat))
    assert many["molecules"] == times * one["molecules"]
    for few, all_ in zip(one["hydrogen_bonds"], many["hydrogen_bonds"], strict=True):
        assert all_["count"] == times * few["count"]
        assert all_["distance"] == pytest.approx(few["distance"])
    for few, all_ in zip(one["axes"], many["axes"], strict=True):
        assert all_["E"] == pytest.approx(few["E"])
        assert all_["hydrogen_bonds"] == pytest.approx(few["hydrogen_bonds"])


def test_the_frame_of_the_tensor_does_not_matter() -> None:
    """The same crystal turned, its tensor in the standard orientation."""
    turned = urea()
    turned.rotate(50, (1, 2, 3), rotate_cell=True)
    expected, found = packing(urea()), packing(turned, frame="ieee")
    for one, other in zip(expected["axes"], found["axes"], strict=True):
        assert other["E"] == pytest.approx(one["E"])
        assert other["hydrogen_bonds"] == pytest.approx(one["hydrogen_bonds"])


def test_stacks_of_a_triclinic_cell() -> None:
    """One benzene molecule a cell: a column along c, which is oblique."""
    atoms = molecule("C6H6")
    atoms.set_cell([[9, 0, 0], [0, 9, 0], [1.5, 0, 3.4]])
    atoms.pbc = True
    isotropic = ElasticTensor.from_constants("isotropic", C11=10.0, C12=4.0)
    found = packing(atoms, isotropic)
    assert found["hydrogen_bonds"] == []
    assert found["hydrogen_bond_network"] is None
    assert found["rings"] == 1
    (stack,) = found["stacks"]
    assert stack["count"] == 1
    assert stack["distance"] == pytest.approx(np.hypot(1.5, 3.4))
    assert (stack["separation"], stack["offset"]) == pytest.approx((3.4, 1.5), abs=1e-6)
    assert found["stack_network"] == {
        "dimensionality": 1, "count": 1, "directions": [[0, 0, 1]], "planes": [],
    }  # fmt: skip
    cosine = 1.5 / np.hypot(1.5, 3.4)
    shares = [axis["stacks"] for axis in found["axes"]]
    assert shares == pytest.approx([cosine**2, 0.0, 1.0], abs=1e-6)
    assert len({round(axis["E"], 9) for axis in found["axes"]}) == 1


def test_an_unstable_tensor_has_contacts_but_no_modulus() -> None:
    soft = ElasticTensor.from_constants("tetragonal", **{**UREA, "C44": -1.0})
    found = packing(urea(), soft)
    assert [axis["E"] for axis in found["axes"]] == [None] * 3
    assert len(found["hydrogen_bonds"]) == 2


def test_other_crystals_have_none() -> None:
    silicon = ElasticTensor.from_constants("cubic", C11=165.7, C12=63.9, C44=79.6)
    assert "packing" not in cijkl.analyze(silicon, bulk("Si")).record
    assert "packing" not in cijkl.analyze(urea_tensor()).record


def test_a_relaxation_reports_packing_and_cell() -> None:
    """A centred cell is given, the primitive one relaxed; molecules keep their shape."""
    given = urea().repeat((1, 1, 2))
    start = urea()
    strain = np.diag([0.01, 0.01, -0.02])
    relaxed = start.copy()
    relaxed.set_cell(start.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    found = relaxation_facts(given.cell.array, start, relaxed)
    change = found["cell_change"]
    assert change["before"] == pytest.approx([5.565, 5.565, 2 * 4.684, 90, 90, 90])
    assert change["lengths_percent"] == pytest.approx([1, 1, -2])
    assert change["angles_degrees"] == pytest.approx([0, 0, 0], abs=1e-9)
    assert change["density_percent"] == pytest.approx(100 / (1.01**2 * 0.98) - 100)
    assert found["matched15"] == 15
    assert found["rmsd15"] == pytest.approx(packing_similarity(start, relaxed).rmsd)


def test_a_broken_molecule_has_no_packing_to_compare() -> None:
    broken = urea()
    oxygen = int(np.flatnonzero(broken.numbers == 8)[0])
    broken.positions[oxygen, 2] += 0.9
    found = relaxation_facts(urea().cell.array, urea(), broken)
    assert (found["rmsd15"], found["matched15"]) == (None, 0)
    assert found["cell_change"]["lengths_percent"] == pytest.approx([0, 0, 0])


def test_compute_says_how_far_the_packing_moved() -> None:
    """A potential whose minimum is a stretched cell, from the cell that was given."""
    stretched = urea()
    strain = np.diag([0.005, 0.005, -0.01])
    stretched.set_cell(stretched.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    found = symmetry(stretched)
    stretched = symmetrise(stretched, found)
    group = Group(found.rotations, found.permutations)
    potential = HarmonicCrystal(stretched, group, seed=3)
    (result,) = cijkl.compute(urea(), potential, cell="relaxed")
    relaxation = result.record["relaxation"]
    assert relaxation["converged"], result.record["error"]
    TypeAdapter(layout.RelaxationFacts).validate_python(relaxation)
    change = relaxation["cell_change"]
    assert change["lengths_percent"] == pytest.approx([0.5, 0.5, -1.0], abs=0.01)
    expected = packing_similarity(urea(), stretched)
    assert relaxation["rmsd15"] == pytest.approx(expected.rmsd, abs=1e-3)
    assert relaxation["matched15"] == 15
