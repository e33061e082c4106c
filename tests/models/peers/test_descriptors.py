from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read
from pymatgen.core import Composition
from pymatgen.io.ase import AseAtomsAdaptor
from scipy.spatial.transform import Rotation

from cijkl.errors import InputError
from cijkl.models.peers.descriptors import DESCRIPTORS, descriptors

from ..measured import measured


def test_halite_by_hand():
    """Na 22.990, Cl 35.45 u; 0.93 and 3.16; four formula units in 5.64 A cubed."""
    values = descriptors([bulk("NaCl", "rocksalt", a=5.64)])[0]
    row = dict(zip(dict(DESCRIPTORS), values, strict=True))
    assert row["mean_atomic_number"] == 14.0
    assert row["mean_atomic_mass"] == pytest.approx(29.22, abs=0.01)
    assert row["mean_electronegativity"] == pytest.approx(2.045)
    assert row["space_group_number"] == 225
    assert row["density"] == pytest.approx(4 * 58.44 / 6.02214e23 / (5.64e-8) ** 3, rel=1e-4)
    assert row["volume_per_atom"] == pytest.approx(5.64**3 / 8)


def test_against_pymatgen():
    crystals, _ = measured()
    for atoms, row in zip(crystals, descriptors(crystals), strict=True):
        structure = AseAtomsAdaptor.get_structure(atoms)
        composition: Composition = structure.composition
        expected = [
            sum(e.Z * n for e, n in composition.items()) / composition.num_atoms,
            composition.weight / composition.num_atoms,
            composition.average_electroneg,
            structure.get_space_group_info()[1],
            structure.density,
            structure.volume / len(structure),
        ]
        np.testing.assert_allclose(row, expected, rtol=2e-3)


def test_cell_does_not_matter():
    quartz = read(Path(__file__).parents[3] / "examples/alpha-quartz.cif")
    rotated = quartz.copy()
    rotation = Rotation.random(random_state=0).as_matrix()
    rotated.set_cell(quartz.cell.array @ rotation.T, scale_atoms=True)
    table = descriptors([quartz, rotated, quartz.repeat((2, 1, 2))[::-1]])
    assert table[0, 3] in (152, 154)
    np.testing.assert_allclose(table[1:], table[[0, 0]], rtol=1e-10)


def test_noble_gases():
    mixed = bulk("NaCl", "rocksalt", a=5.64)
    mixed.symbols = ["Xe", "Ne"]
    assert descriptors([mixed])[0, 2] == 2.6
    with pytest.raises(InputError, match="no atom of 'Ar' has a Pauling electronegativity"):
        descriptors([bulk("Ar")])


@pytest.mark.parametrize("number", [0, 101])
def test_unknown_elements(number):
    with pytest.raises(InputError, match="elements 1 to 100"):
        descriptors([Atoms([number], cell=[3, 3, 3], pbc=True)])


def test_nothing():
    assert descriptors([]).shape == (0, 6)
